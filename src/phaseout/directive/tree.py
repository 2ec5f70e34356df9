"""A YAML file as a tree of texts that know where they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

Step = str | int
"""One step into the tree: a key, or a place in a list."""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the file: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One text, exactly as written; nothing is taken for a number, a date or a truth.

    Attributes:
        mark: where it begins.
        text: what it says.
        blank: whether nothing is written there, or ``null``.
    """

    mark: Mark
    text: str
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list; ``cut`` when something in it did not fit and was taken out."""

    mark: Mark
    nodes: tuple[Node, ...] = ()
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One key with its value."""

    key: Mark
    node: Node


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values, in the file's order; ``cut`` when something in it did not fit and was taken out."""

    mark: Mark
    entries: Mapping[str, Entry] = field(default_factory=dict)
    cut: bool = False


Node = Scalar | Items | Table


def data(node: Node) -> object:
    """Return the tree without its places: texts, lists, and dictionaries."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [data(part) for part in node.nodes]
    return {key: data(entry.node) for key, entry in node.entries.items()}


def child(node: Node, step: Step) -> Node | None:
    """Return the node one step further in, or None.

    A single value stands wherever a list may: the number of a list's item leads from a single value to itself.
    """
    if isinstance(step, int):
        if not isinstance(node, Items):
            return node
        return node.nodes[step] if 0 <= step < len(node.nodes) else None
    entry = node.entries.get(step) if isinstance(node, Table) else None
    return entry.node if entry else None


def find(node: Node, path: Sequence[Step]) -> Node | None:
    """Return the node at the end of a path, or None."""
    found: Node | None = node
    for step in path:
        found = child(found, step) if found is not None else None
    return found


def mark_at(node: Node, path: Sequence[Step]) -> Mark:
    """Return where the value at the end of a path stands, or where the last thing on the way to it does."""
    for step in path:
        further = child(node, step)
        if further is None:
            break
        node = further
    return node.mark


def key_mark(node: Node, path: Sequence[Step]) -> Mark:
    """Return where the last key of a path stands; where the value stands when the path does not end in a key."""
    parent = find(node, path[:-1]) if path else None
    last = path[-1] if path else None
    if isinstance(parent, Table) and isinstance(last, str) and last in parent.entries:
        return parent.entries[last].key
    return mark_at(node, path)


def without(node: Node, path: Sequence[Step]) -> Node | None:
    """Return the tree without what stands at the end of a path; None when that is all of it."""
    if not path:
        return None
    step, rest = path[0], path[1:]
    if isinstance(node, Items) and isinstance(step, int):
        nodes = [without(part, rest) if place == step else part for place, part in enumerate(node.nodes)]
        return replace(node, nodes=tuple(part for part in nodes if part is not None), cut=True)
    if isinstance(node, Table) and isinstance(step, str):
        entries = {key: entry for key, entry in node.entries.items() if key != step}
        kept = without(node.entries[step].node, rest) if step in node.entries else None
        if kept is None:
            return replace(node, entries=entries, cut=True)
        changed = {key: replace(entry, node=kept) if key == step else entry for key, entry in node.entries.items()}
        return replace(node, entries=changed, cut=True)
    return without(node, rest) if isinstance(step, int) else node

"""A YAML file as a tree of texts that know where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

Step = str | int
"""One step into the tree: a key, or a place in a list."""


class Mark(Struct, frozen=True, order=True):
    """A place in the file: line and column, both from 1."""

    line: int
    column: int


class Scalar(Struct, frozen=True):
    """One text, exactly as written; nothing is taken for a number, a date or a truth.

    Attributes:
        mark: where it begins.
        text: what it says.
        blank: whether nothing is written there, or ``null``.
        told: whether it stands for something that could not be read, which is told already.
    """

    mark: Mark
    text: str
    blank: bool = False
    told: bool = False


class Items(Struct, frozen=True):
    """A list; ``cut`` when something in it did not fit and was taken out."""

    mark: Mark
    nodes: tuple[Node, ...] = ()
    cut: bool = False


class Entry(Struct, frozen=True):
    """One key with its value."""

    key: Mark
    node: Node


class Table(Struct, frozen=True):
    """Keys with their values, in the file's order; ``cut`` when something in it did not fit and was taken out."""

    mark: Mark
    entries: Mapping[str, Entry] = {}
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


def with_text(node: Node, path: Sequence[Step], text: str) -> Node:
    """Return the tree with a text at the end of a path, which stands for something that is told already."""
    if not path:
        return Scalar(node.mark, text, told=True)
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        if not isinstance(node, Items):
            return with_text(node, rest, text)
        parts = (with_text(part, rest, text) if place == step else part for place, part in enumerate(node.nodes))
        return replace(node, nodes=tuple(parts), cut=True)
    if not isinstance(node, Table):
        return node
    entry = node.entries.get(step, Entry(node.mark, node))
    return replace(node, entries={**node.entries, step: replace(entry, node=with_text(entry.node, rest, text))}, cut=True)


def is_told(node: Node, path: Sequence[Step]) -> bool:
    """Whether at the end of a path something stands for what could not be read, which is told already."""
    found = find(node, path)
    return isinstance(found, Scalar) and found.told


def without(node: Node, paths: Iterable[Sequence[Step]]) -> Node | None:
    """Return the tree without what stands at the ends of some paths; None when that is all of it."""
    below: dict[Step, list[Sequence[Step]]] = {}
    for path in paths:
        if not path:
            return None
        below.setdefault(path[0], []).append(path[1:])
    if not below:
        return node
    if isinstance(node, Items):
        parts = [without(part, below.get(place, ())) for place, part in enumerate(node.nodes)]
        return replace(node, nodes=tuple(part for part in parts if part is not None), cut=True)
    alone = [path for step, further in below.items() if isinstance(step, int) for path in further]
    if alone:  # a single value that stands for a list of one
        return without(node, alone)
    if not isinstance(node, Table):
        return node
    kept = {key: (entry, without(entry.node, below.get(key, ()))) for key, entry in node.entries.items()}
    entries = {key: replace(entry, node=part) for key, (entry, part) in kept.items() if part is not None}
    return replace(node, entries=entries, cut=True)

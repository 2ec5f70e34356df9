"""The names that a directive's file holds, as written, whether or not what stands around them is right.

Names are looked up here and not in what fitted the shape: a wrong date in a clause must not hide that the clause also names a
source that there is not, and must not make the device class look unused that the clause names.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from phaseout.directive.fields import is_id
from phaseout.directive.tree import Items, Mark, Node, Scalar, Table, child


class Name(Struct, frozen=True):
    """A name and where it stands."""

    text: str
    mark: Mark


def names_at(node: Node | None, key: str) -> tuple[Name, ...]:
    """Return the names under a key of a table, be it one value or a list."""
    found = child(node, key) if isinstance(node, Table) else None
    parts = found.nodes if isinstance(found, Items) else (found,)
    return tuple(
        Name(part.text.strip(), part.mark)
        for part in parts
        if isinstance(part, Scalar) and part.text.strip() and not (part.blank or part.told)
    )


def ids_at(node: Node | None, key: str) -> tuple[Name, ...]:
    """Return the names under a key that could be ids; others are told as what they are not."""
    return tuple(name for name in names_at(node, key) if is_id(name.text))


def tables_in(tree: Table, section: str) -> tuple[Table, ...]:
    """Return the tables of a section that is a list, or one of them."""
    found = child(tree, section)
    parts = found.nodes if isinstance(found, Items) else (found,)
    return tuple(part for part in parts if isinstance(part, Table))


def defined_in(tree: Table, section: str) -> dict[str, Name]:
    """Return what a section defines, by id: the keys of a table, or the ids of a list's tables, the first of equal ones."""
    found = child(tree, section)
    if isinstance(found, Table) and section not in {"clauses", "sources", "amendments"}:
        return {key: Name(key, entry.key) for key, entry in found.entries.items()}
    named = (name for table in tables_in(tree, section) for name in names_at(table, "id"))
    first: dict[str, Name] = {}
    for name in named:
        first.setdefault(name.text, name)
    return first


def tests_of(tree: Table) -> Iterator[Table]:
    """Give every device test of the file, the outer ones before those within them."""
    devices = child(tree, "devices")
    for entry in devices.entries.values() if isinstance(devices, Table) else ():
        yield from _tests_within(child(entry.node, "is") if isinstance(entry.node, Table) else None)


def _tests_within(node: Node | None) -> Iterator[Table]:
    if isinstance(node, Items):
        for part in node.nodes:
            yield from _tests_within(part)
    elif isinstance(node, Table):
        yield node
        for key in ("any", "all", "not"):
            yield from _tests_within(child(node, key))

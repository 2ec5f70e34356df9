"""A tree held against a shape: every misfit with its place and code, and what is left when the misfits are cut out.

What is left is checked further, so that one wrong date does not hide the unknown name three clauses below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import replace
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from phaseout.directive.collected import Collected
from phaseout.directive.tree import Entry, Node, Scalar, Step, Table, data, find, key_mark, mark_at, with_text, without
from phaseout.directive.wording import quote

AnyShape = TypeVar("AnyShape", bound=BaseModel)


class Fitted(Struct, Generic[AnyShape], frozen=True):
    """A tree that fits its shape.

    Attributes:
        shape: the values.
        tree: the same with places; what did not fit is cut out of both.
        original: the tree before that.
        whole: whether nothing had to be cut out.
    """

    shape: AnyShape
    tree: Table
    original: Table
    whole: bool


def fit(
    tree: Table, shape: type[AnyShape], stand_ins: Mapping[str, Node], faults: Collected, within: Mapping[str, str] | None = None
) -> Fitted[AnyShape] | None:
    """Hold a tree against a shape.

    Args:
        tree: what was written.
        shape: what may be written.
        stand_ins: what to go on with where a key at the top that must be there is missing or wrong.
        faults: where misfits are told.
        within: the same for keys of what stands in a list at the top: one that is told says nothing more, and the rest of its
            table is checked all the same.

    Returns:
        What fits, or None when nothing does.
    """
    kept, whole = tree, True
    while True:
        try:
            found = shape.model_validate(data(kept), context=None if whole else {"cut": True})
        except ValidationError as error:
            details = error.errors(include_url=False)
        else:
            return Fitted(found, kept, tree, whole)
        if whole:
            _tell(details, shape, tree, faults)
        cut = _cut(kept, details, stand_ins, within or {})
        if cut is None or cut == kept:
            return None
        kept, whole = cut, False


_ITEM: Final = 3
"""Steps to a key of what stands in a list at the top: the list's key, the place, the key."""


def _cut(tree: Table, details: Sequence[ErrorDetails], stand_ins: Mapping[str, Node], within: Mapping[str, str]) -> Table | None:
    """Return the tree without what does not fit; None when that is all of it."""
    paths: set[tuple[Step, ...]] = set()
    for detail in details:
        path = _path(detail)
        if detail["type"] == "missing" and len(path) == 1 and path[0] in stand_ins:
            key = str(path[0])
            tree = replace(tree, entries={**tree.entries, key: Entry(tree.mark, stand_ins[key])})
        elif detail["type"] == "missing" and len(path) == _ITEM and path[-1] in within:
            found = with_text(tree, path, within[str(path[-1])])
            tree = found if isinstance(found, Table) else tree
        else:
            paths.add(path[:-1] if detail["type"] == "missing" else path)
    kept = without(tree, paths)
    return kept if isinstance(kept, Table) else None


def _path(detail: ErrorDetails) -> tuple[Step, ...]:
    """Return where an error is, in steps of the tree."""
    return detail["loc"][:-1] if _of_key(detail) else detail["loc"]


def _of_key(detail: ErrorDetails) -> bool:
    """Tell whether a key itself is wrong, not what stands under it."""
    return detail["loc"][-1:] == ("[key]",) and detail["type"] == "PO128"


_KINDS: Final = {
    "string_type": "one value",
    "dict_type": "a table of keys",
    "model_type": "a table of keys",
    "model_attributes_type": "a table of keys",
    "tuple_type": "a list",
}


def _tell(details: Sequence[ErrorDetails], shape: type[BaseModel], tree: Table, faults: Collected) -> None:
    """Tell each misfit with its place, its code, and what to do."""
    from phaseout.directive.published import described, known_keys  # noqa: PLC0415 - nothing is said of what fits

    for detail in details:
        path, kind = _path(detail), detail["type"]
        node = find(tree, path)
        if (
            isinstance(node, Scalar)
            and (node.told or node.blank)
            and kind not in {"missing", "extra_forbidden"}
            and not _of_key(detail)
        ):
            if node.blank:
                way_out = "Write a value, or leave the key out; put the word null into quotes."
                faults.add("PO116", key_mark(tree, path), "Nothing is written here.", way_out)
        elif kind == "missing":
            message = f"The key {quote(str(path[-1]))} is missing."
            faults.add("PO121", mark_at(tree, path[:-1]), message, described(shape, path))
        elif kind == "extra_forbidden":
            unknown = str(path[-1])
            way_out = (
                "Merge what it stands for by hand."
                if unknown == "<<"
                else faults.instead(unknown, known_keys(shape, path[:-1]), "")
            )
            faults.add("PO120", key_mark(tree, path), f"The key {quote(unknown)} is not known here.", way_out)
        elif kind.startswith("PO"):
            mark = key_mark(tree, path) if _of_key(detail) else mark_at(tree, path)
            said = detail["ctx"]
            way_out = faults.instead(said["word"], said["known"], "") if "known" in said else said["way_out"]
            faults.add(kind, mark, said["message"], way_out)
        else:
            keys = known_keys(shape, path)
            way_out = f"Write its keys: {', '.join(keys)}." if keys else described(shape, path)
            faults.add("PO122", mark_at(tree, path), f"Here belongs {_KINDS.get(kind, 'another kind of value')}.", way_out)

"""The way in: a directive's text into a ``Directive``, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from phaseout.directive.build import build
from phaseout.directive.checks.classes import check_classes
from phaseout.directive.checks.days import check_days
from phaseout.directive.checks.names import check_names
from phaseout.directive.checks.reach import check_reach
from phaseout.directive.checks.sources import check_sources
from phaseout.directive.collected import Collected
from phaseout.directive.compose import compose
from phaseout.directive.draft import Draft
from phaseout.directive.fields import FIRST_YEAR
from phaseout.directive.fit import fit
from phaseout.directive.shape import DirectiveShape
from phaseout.directive.tree import Items, Mark, Node, Scalar, Table
from phaseout.model.directive import Directive
from phaseout.model.fault import Fault

_NOWHERE: Final = Mark(1, 1)

_STAND_INS: Final[Mapping[str, Node]] = {
    **{key: Scalar(_NOWHERE, "unknown") for key in ("id", "title", "issuer", "version")},
    "time_zone": Scalar(_NOWHERE, "UTC"),
    "devices": Table(_NOWHERE),
    "clauses": Items(_NOWHERE),
}
"""What the checks go on with where a key at the top is missing, so that one run tells everything."""


_WITHIN: Final[Mapping[str, str]] = {"from": f"{FIRST_YEAR}-01-01", "strength": "must"}
"""The same for a clause: with a first day before all others, and the strength that says most, nothing is told that is not so."""


def load(text: str, file: str) -> Directive:
    """Read a directive.

    Args:
        text: the YAML text; ``source.read_text`` reads it from the disk.
        file: its name as faults should say it.

    Raises:
        FaultsError: with all errors at once. Warnings stop nothing.
    """
    return load_with_warnings(text, file)[0]


def load_with_warnings(text: str, file: str) -> tuple[Directive, tuple[Fault, ...]]:
    """Read a directive, and return what in it is mostly a mistake beside it.

    Args:
        text: the YAML text.
        file: its name as faults should say it.

    Raises:
        FaultsError: with all errors at once.
    """
    shape, faults = _checked(text, file)
    if shape is None or faults.stopped:
        raise faults.error()
    return build(shape, file), faults.faults


def check(text: str, file: str) -> tuple[Fault, ...]:
    """Return everything that is wrong with a directive, errors and warnings, in the order of the file.

    Args:
        text: the YAML text.
        file: its name as faults should say it.

    Example:
        >>> print(check("id: [", "d.yaml")[0].code)
        PO106
    """
    return _checked(text, file)[1].faults


def _checked(text: str, file: str) -> tuple[DirectiveShape | None, Collected]:
    faults = Collected(file)
    tree = compose(text, faults)
    fitted = fit(tree, DirectiveShape, _STAND_INS, faults, _WITHIN) if tree is not None else None
    if fitted is None:
        return None, faults
    draft = Draft(fitted, faults)
    for part in (check_names, check_classes, check_days, check_reach, check_sources):
        part(draft)
    return fitted.shape, faults

"""Ibis, imported when something of it is first used: where every plan is at hand already, nothing has to wait for it.

``from phaseout.reading.on_demand import ibis, ir`` stands for ``import ibis`` and ``import ibis.expr.types as ir``. What those
names are to a checker of types, stands beside this file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class _OnDemand:
    """Stands for a module.

    Args:
        imported: imports and returns it.
    """

    def __init__(self, imported: Callable[[], Any]) -> None:
        self._imported = imported

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the module has
        if name.startswith("__"):
            raise AttributeError(name)  # what asks for such a name looks at the thing itself
        return getattr(self._imported(), name)


def _ibis() -> Any:  # noqa: ANN401 - a module without types
    import ibis  # noqa: PLC0415 - this file's purpose

    return ibis


def _datatypes() -> Any:  # noqa: ANN401 - a module without types
    import ibis.expr.datatypes as dt  # noqa: PLC0415 - this file's purpose

    return dt


def _types() -> Any:  # noqa: ANN401 - a module without types
    import ibis.expr.types as ir  # noqa: PLC0415 - this file's purpose

    return ir


ibis = _OnDemand(_ibis)
dt = _OnDemand(_datatypes)
ir = _OnDemand(_types)

"""Functions that engines have, to be used in expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any, ParamSpec

from phaseout.reading.on_demand import dt, ibis

Parameters = ParamSpec("Parameters")

Type = str | Callable[[], Any]
"""A type in Ibis's words, such as ``int64``, or what makes one."""


def function(name: str, *takes: str, gives: Type) -> Callable[[Callable[Parameters, Any]], Callable[Parameters, Any]]:
    """Return a decorator for a function that the engine has; what is decorated says what it does, and has no body.

    Args:
        name: the engine's.
        takes: the types of the arguments.
        gives: the type of the result.
    """
    return _engines("scalar", name, takes, gives)


def aggregate(name: str, *takes: str, gives: Type) -> Callable[[Callable[Parameters, Any]], Callable[Parameters, Any]]:
    """Return a decorator for an aggregate function that the engine has, as ``function`` does for others."""
    return _engines("agg", name, takes, gives)


def _engines(
    kind: str, name: str, takes: tuple[str, ...], gives: Type
) -> Callable[[Callable[Parameters, Any]], Callable[Parameters, Any]]:
    def decorated(described: Callable[Parameters, Any]) -> Callable[Parameters, Any]:
        @cache
        def made() -> Callable[Parameters, Any]:
            signature = (tuple(map(dt.dtype, takes)), dt.dtype(gives) if isinstance(gives, str) else gives())
            return getattr(ibis.udf, kind).builtin(name=name, signature=signature)(described)

        @wraps(described)
        def called(*args: Parameters.args, **named: Parameters.kwargs) -> Any:  # noqa: ANN401 - an expression
            return made()(*args, **named)

        return called

    return decorated

"""A predicate over a device: the tree that a device class is made of. Each part has a tag, by which a file tells them apart."""

from __future__ import annotations

from msgspec import Struct


class VersionRange(Struct, frozen=True):
    """Platform versions from one on and below another; None leaves that side open.

    Attributes:
        at_least: the lowest version that is in.
        below: the lowest version that is out again.
    """

    at_least: tuple[int, ...] | None = None
    below: tuple[int, ...] | None = None


class Is(Struct, frozen=True, tag="is", omit_defaults=True):
    """Every field that is set must hold; within a field, any of its values.

    Attributes:
        maker: names of makers with their brands and affiliates already expanded, case-folded; empty is no test.
        platform: platforms; empty is no test.
        version: platform versions, or None.
        form_factor: shapes; empty is no test.
        model: shell patterns over the maker's identifier or the trade name (``iPhone1?,*``), case-folded; empty is no test.
        app: names of programs, case-folded; empty is no test.
    """

    maker: frozenset[str] = frozenset()
    platform: frozenset[str] = frozenset()
    version: VersionRange | None = None
    form_factor: frozenset[str] = frozenset()
    model: tuple[str, ...] = ()
    app: frozenset[str] = frozenset()


class AnyOf(Struct, frozen=True, tag="any"):
    """At least one part holds."""

    parts: tuple[Predicate, ...]


class AllOf(Struct, frozen=True, tag="all"):
    """Every part holds."""

    parts: tuple[Predicate, ...]


class Not(Struct, frozen=True, tag="not"):
    """The part does not hold."""

    part: Predicate


Predicate = Is | AnyOf | AllOf | Not

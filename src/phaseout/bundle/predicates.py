"""Predicates as a bundle writes them: each with a tag, without which the encoding can't tell them apart."""

from __future__ import annotations

import msgspec

from phaseout.model.predicate import AllOf, AnyOf, Is, Named, Not, Predicate, VersionRange


class _Is(msgspec.Struct, tag="is", frozen=True, omit_defaults=True):
    maker: frozenset[str] = frozenset()
    platform: frozenset[str] = frozenset()
    version: VersionRange | None = None
    form_factor: frozenset[str] = frozenset()
    model: tuple[str, ...] = ()
    app: frozenset[str] = frozenset()


class _AnyOf(msgspec.Struct, tag="any", frozen=True):
    parts: tuple[PackedPredicate, ...]


class _AllOf(msgspec.Struct, tag="all", frozen=True):
    parts: tuple[PackedPredicate, ...]


class _Not(msgspec.Struct, tag="not", frozen=True):
    part: PackedPredicate


PackedPredicate = _Is | _AnyOf | _AllOf | _Not


def packed(predicate: Predicate) -> PackedPredicate:
    """Return the form that is written.

    Raises:
        ValueError: the predicate still names another class; the directive room resolves such names away.
    """
    match predicate:
        case Is(maker, platform, version, form_factor, model, app):
            return _Is(maker, platform, version, form_factor, model, app)
        case AnyOf(parts):
            return _AnyOf(tuple(map(packed, parts)))
        case AllOf(parts):
            return _AllOf(tuple(map(packed, parts)))
        case Not(part):
            return _Not(packed(part))
        case Named(name):
            message = f"The device class '{name}' was not resolved."
            raise ValueError(message)


def unpacked(form: PackedPredicate) -> Predicate:
    """Return what was written."""
    match form:
        case _Is():
            return Is(form.maker, form.platform, form.version, form.form_factor, form.model, form.app)
        case _AnyOf():
            return AnyOf(tuple(map(unpacked, form.parts)))
        case _AllOf():
            return AllOf(tuple(map(unpacked, form.parts)))
        case _Not():
            return Not(unpacked(form.part))

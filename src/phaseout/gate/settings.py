"""The gate's configuration file: TOML, every key known, every mistake told with its place and a way out."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from phaseout.gate.address import networks_of, port_of
from phaseout.gate.policy import Policy
from phaseout.gate.words import languages
from phaseout.model.access import PROTOCOLS
from phaseout.model.effect import Effect
from phaseout.model.fault import Fault, FaultsError

LONGEST_KEY: Final = 512
"""Bytes of an API key at most."""

SHORTEST_KEY: Final = 16
"""Bytes of an API key at least; what is shorter can be guessed."""

LONGEST_MEMORY: Final = 24 * 60
"""Minutes for which words of a client may stand for others at most: a day, the longest for which any are looked back on."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one caller may take of the gate.

    Attributes:
        head: bytes of a request's line and headers at most.
        body: bytes of a request's body at most.
        seconds: that a request may take from its first byte to its last.
        idle: seconds for which a connection may stay open without a request.
        connections: open at once at most.
    """

    head: Annotated[int, msgspec.Meta(ge=256, le=1 << 20)] = 32_768
    body: Annotated[int, msgspec.Meta(ge=256, le=1 << 26)] = 65_536
    seconds: Annotated[float, msgspec.Meta(gt=0, le=3600)] = 5.0
    idle: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 120.0
    connections: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 4_096


class Texts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What people are told.

    Attributes:
        language: of the short texts, and of pages for browsers that ask for none that there is.
        contact: whom to ask, such as an address or a telephone number; one text, or one for each language.
        waiver: how to ask for an exception; the same.
    """

    language: str = "en"
    contact: str | dict[str, str] = ""
    waiver: str | dict[str, str] = ""

    def contact_in(self, language: str) -> str:
        """Return whom to ask, in a language as far as there is a text in it."""
        return self._in(self.contact, language)

    def waiver_in(self, language: str) -> str:
        """Return how to ask for an exception, in a language as far as there is a text in it."""
        return self._in(self.waiver, language)

    def _in(self, text: str | dict[str, str], language: str) -> str:
        return text if isinstance(text, str) else text.get(language) or text.get(self.language) or next(iter(text.values()), "")


class _Doveadm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    at: str = ""
    key: str = ""
    remember_minutes: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_MEMORY)] = 10


class _Tls(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    certificate: str = ""
    key: str = ""
    client_ca: str = ""


class _Caller(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keys: list[str] = []


class _Door(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cannot_tell: Effect = Effect.ALLOW
    at_most: Effect = Effect.BLOCK
    quarantine_as: Effect = Effect.WARN
    exempt: list[str] = []


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trusted_keys: list[str] = []
    reuse_port: bool = False
    without_log: str = "answer"
    limits: Limits = Limits()
    texts: Texts = Texts()
    callers: dict[str, _Caller] = {}
    doors: dict[str, _Door] = {}
    doveadm: _Doveadm = _Doveadm()
    tls: _Tls = _Tls()


class Doveadm(Struct, frozen=True):
    """Dovecot's HTTP interface, through which sessions are ended.

    Attributes:
        host: an address.
        port: of it.
        key: its API key.
    """

    host: str
    port: int
    key: bytes


class Tls(Struct, frozen=True):
    """What places that are asked over TLS are secured with; PEM files.

    Attributes:
        certificate: the gate's, and those between it and the root.
        key: of the certificate.
        client_ca: whose certificates callers must show, or None where they need none.
    """

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Settings(Struct, frozen=True):
    """What the operator chose.

    Attributes:
        trusted_keys: the public keys' files.
        reuse_port: whether two gates may listen at one address; the system shares connections out, and when one gate is gone
            the other takes all.
        answers_without_log: whether the gate goes on answering while the decision log can't be written.
        limits: of requests.
        texts: what people are told.
        keys: API keys by caller; a caller that has none here asks without one.
        policies: by door.
        doveadm: where sessions are ended, or None where they are not.
        remembers: for how long what a client said of itself stands for its next logins that say nothing.
        tls: what places that are asked over TLS are secured with, or None.
        files: the configuration's own and all that it names, which must not be written to.
    """

    trusted_keys: tuple[Path, ...] = ()
    reuse_port: bool = False
    answers_without_log: bool = True
    limits: Limits = Limits()
    texts: Texts = Texts()
    keys: Mapping[str, tuple[bytes, ...]] = {}
    policies: Mapping[str, Policy] = {}
    doveadm: Doveadm | None = None
    remembers: timedelta = timedelta(minutes=10)
    tls: Tls | None = None
    files: tuple[Path, ...] = ()

    def trusting(self, keys: Sequence[Path]) -> Settings:
        """Return the same with further trusted keys."""
        return replace(self, trusted_keys=(*self.trusted_keys, *keys), files=(*self.files, *keys))


def load_settings(path: Path, callers: tuple[str, ...]) -> Settings:
    """Read the configuration file; paths in it are meant from its own folder.

    Args:
        path: of the file.
        callers: the ids of those that there are.

    Raises:
        FaultsError: PO520 it can't be opened; PO521 it is no TOML; PO522 an unknown key or a wrong value; PO523 an API key
            can't be used.
    """
    found, faults = _read(path)
    faults += [_wrong(path, *told) for told in _unknown_words(found, callers)]
    policies = {}
    for name, door in found.doors.items():
        try:
            policies[name] = _policy(door)
        except ValueError as error:
            way_out = "Write addresses or networks, such as 192.0.2.10 or 192.0.2.0/24."
            faults.append(_wrong(path, f"doors.{name}.exempt: {error}.", way_out))
    keys = {}
    for name, caller in found.callers.items():
        if not caller.keys:
            way_out = "Name a key's file, or leave the table out: then it asks without a key."
            faults.append(_wrong(path, f"callers.{name}.keys names no file.", way_out))
        keys[name] = tuple(key for file in caller.keys if (key := _key(path.parent / file, faults)))
    doveadm = _doveadm(path, found.doveadm, faults)
    if faults:
        raise FaultsError(tuple(faults))
    return Settings(
        trusted_keys=tuple(path.parent / name for name in found.trusted_keys),
        reuse_port=found.reuse_port,
        answers_without_log=found.without_log == "answer",
        limits=found.limits,
        texts=found.texts,
        keys={name: each for name, each in keys.items() if each},
        policies=policies,
        doveadm=doveadm,
        remembers=timedelta(minutes=found.doveadm.remember_minutes),
        tls=_tls(path, found.tls),
        files=(path, *(path.parent / name for name in _named(found) if name)),
    )


def _named(found: _File) -> Iterator[str]:
    """Give each file that the configuration names; empty where it names none."""
    yield from found.trusted_keys
    for caller in found.callers.values():
        yield from caller.keys
    yield from (found.doveadm.key, found.tls.certificate, found.tls.key, found.tls.client_ca)


def _wrong(path: Path, message: str, way_out: str) -> Fault:
    return Fault(str(path), 0, 0, "PO522", message, way_out)


def _unknown_words(found: _File, callers: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give a sentence and a way out for each word that stands for nothing."""
    for name in sorted(set(found.callers) - set(callers)):
        yield f'There is no caller "{name}".', f"Write one of these: {', '.join(callers)}."
    for name in sorted(set(found.doors) - set(PROTOCOLS)):
        yield f'There is no door "{name}".', f"Write one of these: {', '.join(PROTOCOLS)}."
    if bool(found.tls.certificate) != bool(found.tls.key) or (found.tls.client_ca and not found.tls.key):
        yield "tls.certificate and tls.key belong together.", "Write both, or neither and no tls.client_ca."
    if found.without_log not in _WITHOUT_LOG:
        yield f'without_log can\'t be "{found.without_log}".', "Write answer or no-opinion."
    named = (found.texts.contact, found.texts.waiver)
    asked = (found.texts.language, *(language for each in named if isinstance(each, dict) for language in each))
    for language in dict.fromkeys(asked):
        if language not in languages():
            yield f'There is no language "{language}".', f"Write one of these: {', '.join(languages())}."


def _doveadm(path: Path, given: _Doveadm, faults: list[Fault]) -> Doveadm | None:
    """Read where sessions are ended."""
    if not given.at:
        return None
    host, _, text = given.at.rpartition(":")
    try:
        port = port_of(text)
    except ValueError:
        port = 0
    if not host or not port:
        faults.append(
            _wrong(path, f'doveadm.at can\'t be "{given.at}".', "Write an address and a port, such as 127.0.0.1:10880.")
        )
        return None
    return Doveadm(host.strip("[]"), port, _key(path.parent / given.key, faults))


def _tls(path: Path, given: _Tls) -> Tls | None:
    """Say where the files are; they are read when they are served."""
    if not given.certificate:
        return None
    authority = path.parent / given.client_ca if given.client_ca else None
    return Tls(path.parent / given.certificate, path.parent / given.key, authority)


_WITHOUT_LOG: Final = ("answer", "no-opinion")


def _read(path: Path) -> tuple[_File, list[Fault]]:
    """Read the file; what does not fit is told and left out, so that one mistake does not hide another."""
    try:
        tables = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        message, way_out = f"The configuration can't be opened: {error.strerror}.", "Check the path."
        raise FaultsError((Fault(str(path), 0, 0, "PO520", message, way_out),)) from None
    except (ValueError, RecursionError) as error:  # tomllib's own, and those of numbers and depths without end
        raise FaultsError((Fault(str(path), 0, 0, "PO521", f"It is no TOML: {error}.", "Mend the line."),)) from None
    faults = list[Fault]()
    fitting = {name: value for name, value in tables.items() if _fits({name: value}, path, faults)}
    return msgspec.convert(fitting, _File), faults


def _fits(tables: dict[str, object], path: Path, faults: list[Fault]) -> bool:
    """Whether a table, and each door or caller in it, has known keys and right values; tell what has not."""
    ((name, value),) = tables.items()
    before = len(faults)
    for key, part in [(key, {name: {key: each}}) for key, each in value.items()] if isinstance(value, dict) else [("", tables)]:
        try:
            msgspec.convert(part, _File)
        except msgspec.ValidationError as error:
            told = str(error).replace(f"$.{name}[...]", f"$.{name}.{key}")  # msgspec keeps the door's name to itself
            faults.append(_wrong(path, f"{told}.", "The keys and their values stand in docs/gate."))
    return len(faults) == before


def _policy(door: _Door) -> Policy:
    """Make a door's policy.

    Raises:
        ValueError: an address is none.
    """
    return Policy(
        cannot_tell=door.cannot_tell,
        at_most=door.at_most,
        quarantine_as=door.quarantine_as,
        exempt=tuple(network for text in door.exempt for network in networks_of(text)),
    )


def _key(path: Path, faults: list[Fault]) -> bytes:
    """Read an API key: the only line of its file."""
    try:
        key = path.read_bytes()[: LONGEST_KEY + 2].strip()
    except (OSError, ValueError) as error:  # a path with a null in it is the latter
        message = f"The API key can't be opened: {getattr(error, 'strerror', None) or error}."
        faults.append(Fault(str(path), 0, 0, "PO523", message, "Check the path, and that the gate's account may read it."))
        return b""
    if not (SHORTEST_KEY <= len(key) <= LONGEST_KEY and key.isascii() and key.decode().isprintable()):
        way_out = "Make one with: openssl rand -hex 32."
        message = f"An API key is one line of {SHORTEST_KEY} to {LONGEST_KEY} printable ASCII characters."
        faults.append(Fault(str(path), 0, 0, "PO523", message, way_out))
        return b""
    return key

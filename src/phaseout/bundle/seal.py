"""The file around a content: its signature, checked before a byte of the content is read.

``phaseout bundle 1`` and a line end; the signing key's fingerprint (32 bytes); the Ed25519 signature (64 bytes) over the line,
the fingerprint and the content; the content to the end of the file. All zeros instead of fingerprint and signature: not signed.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from phaseout.bundle.content import Content, NoContentError, decode, encode
from phaseout.bundle.keys import TrustedKey, trusted
from phaseout.bundle.refusal import DAMAGED, FORGED, MISSING, NEWER_FORMAT, UNSIGNED, UNTRUSTED

FORMAT: Final = 1
"""Rises when older gates could misread what is written."""

LARGEST: Final = 512 << 20
"""Bytes of a bundle at most; a million people take some 100 MB."""

_NAME: Final = b"phaseout bundle "
_MAGIC: Final = b"%b%d\n" % (_NAME, FORMAT)
_PRINT: Final = slice(len(_MAGIC), len(_MAGIC) + 32)
_SIGNATURE: Final = slice(_PRINT.stop, _PRINT.stop + 64)


class Bundle(Struct, frozen=True):
    """A bundle that was opened.

    Attributes:
        content: what it holds.
        digest: SHA-256 of the content's bytes, in hexadecimal; the same for the same content, whoever signed it.
        signer: the fingerprint of the key that signed it, in hexadecimal.
    """

    content: Content
    digest: str
    signer: str


def seal(content: Content, key: Ed25519PrivateKey) -> bytes:
    """Return a content as a signed bundle."""
    body = encode(content)
    fingerprint = trusted(key.public_key()).fingerprint
    return _MAGIC + fingerprint + key.sign(_MAGIC + fingerprint + body) + body


def unseal(data: bytes, file: str, keys: Iterable[TrustedKey]) -> Bundle:
    """Open a bundle.

    Args:
        data: all bytes of the file.
        file: its name, for what is refused.
        keys: those that are trusted.

    Raises:
        FaultsError: PO502 damaged; PO503 not signed; PO504 signed by a key that is not trusted; PO505 changed after it was
            signed; PO507 of a newer format.
    """
    fingerprint, signature, body = _cut(data, file)
    if not any(fingerprint) and not any(signature):
        raise UNSIGNED(file, "Nobody signed it.")
    key = next((each for each in keys if each.fingerprint == fingerprint), None)
    if key is None:
        raise UNTRUSTED(file, f"The key that signed it is not trusted; its fingerprint is {fingerprint.hex()}.")
    if not key.accepts(signature, _MAGIC + fingerprint + body):
        raise FORGED(file, "Its signature does not fit its content: it was changed after it was signed, or cut off.")
    try:
        content = decode(body)
    except NoContentError as error:
        raise DAMAGED(file, f"Its content can't be read: {error}.") from None
    return Bundle(content, hashlib.sha256(body).hexdigest(), fingerprint.hex())


def open_bundle(path: Path, keys: Iterable[TrustedKey]) -> Bundle:
    """Read and open a bundle's file.

    Raises:
        FaultsError: PO501 it can't be opened, and all of ``unseal``.
    """
    return unseal(read_bundle(path), str(path), keys)


def read_bundle(path: Path) -> bytes:
    """Read a bundle's bytes.

    Raises:
        FaultsError: PO501 it can't be opened, or is no regular file; PO502 it is too large.
    """
    try:
        with open(path, "rb", opener=_without_waiting) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise MISSING(str(path), "The bundle can't be opened: it is no regular file.")
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise MISSING(str(path), f"The bundle can't be opened: {error.strerror}.") from None
    if len(data) > LARGEST:
        raise DAMAGED(str(path), f"It is larger than {LARGEST >> 20} MB.")
    return data


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; opening a pipe would wait until somebody writes, for ever perhaps."""
    return os.open(path, flags | os.O_NONBLOCK)


def signer_of(data: bytes, file: str) -> str:
    """Return the fingerprint that a bundle names, in hexadecimal; nothing is checked but the form.

    Raises:
        FaultsError: PO502, PO507.
    """
    return _cut(data, file)[0].hex()


def _cut(data: bytes, file: str) -> tuple[bytes, bytes, bytes]:
    """Cut the file into fingerprint, signature and content."""
    if not data.startswith(_NAME):
        raise DAMAGED(file, "It is no bundle." if data else "It is empty.")
    if not data.startswith(_MAGIC):
        raise NEWER_FORMAT(file, "It is of a format that this version does not know.")
    if len(data) <= _SIGNATURE.stop:
        raise DAMAGED(file, "It is cut off.")
    return data[_PRINT], data[_SIGNATURE], data[_SIGNATURE.stop :]

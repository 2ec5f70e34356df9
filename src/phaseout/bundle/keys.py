"""Keys that bundles are signed with and checked by: Ed25519, in PEM files as other programs read them too."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from msgspec import Struct

from phaseout.bundle.refusal import KEY_EXISTS, MISSING, NO_KEY, UNWRITTEN

LARGEST_KEY: Final = 4096
"""Bytes of a key file that are read; an Ed25519 key has some 120."""


class TrustedKey(Struct, frozen=True):
    """The public half: what the gate trusts.

    Attributes:
        key: of the library.
        fingerprint: SHA-256 of its 32 raw bytes; names it inside a bundle.
    """

    key: Ed25519PublicKey
    fingerprint: bytes

    def accepts(self, signature: bytes, data: bytes) -> bool:
        """Whether the signature was made over this data with this key's other half."""
        try:
            self.key.verify(signature, data)
        except InvalidSignature:
            return False
        return True


def make_keys(path: Path) -> Path:
    """Make a pair of keys: the secret half in ``path``, for its owner's eyes only, the other beside it with ``.pub`` added.

    Raises:
        FaultsError: PO511 one of the files exists; PO501 one can't be written.
    """
    public_path = path.with_name(f"{path.name}.pub")
    for each in (path, public_path):
        if each.exists():
            raise KEY_EXISTS(str(each), "The file exists.")
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - all of SSH's formats come along
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )

    key = Ed25519PrivateKey.generate()
    _write(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    _write(public_path, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)
    return public_path


def signing_key(path: Path) -> Ed25519PrivateKey:
    """Read the secret half.

    Raises:
        FaultsError: PO501 it can't be opened; PO510 it holds no such key.
    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415 - as above

    text = _read(path)
    try:
        key = load_pem_private_key(text, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise NO_KEY(str(path), "It holds no secret Ed25519 key.")
    return key


def trusted_key(path: Path) -> TrustedKey:
    """Read the public half.

    Raises:
        FaultsError: PO501 it can't be opened; PO510 it holds no such key.
    """
    text = _read(path)
    found = _PUBLIC.fullmatch(text)
    if found:
        return trusted(Ed25519PublicKey.from_public_bytes(base64.b64decode(found[1] + found[2])[len(_PUBLIC_HEAD) :]))
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415 - as above

    try:
        key = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise NO_KEY(str(path), "It holds no public Ed25519 key.")
    return trusted(key)


_PUBLIC_HEAD: Final = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes of a public Ed25519 key in every file that holds one (RFC 8410)."""

_PUBLIC: Final = re.compile(
    rb"-----BEGIN PUBLIC KEY-----\n(" + base64.b64encode(_PUBLIC_HEAD) + rb")([A-Za-z0-9+/]{43}=)\n-----END PUBLIC KEY-----\n?"
)
"""Such a file as nearly every program writes it; others are left to the library, which takes its time to load."""


def trusted(key: Ed25519PublicKey) -> TrustedKey:
    """Name a public key by its fingerprint."""
    return TrustedKey(key, hashlib.sha256(key.public_bytes_raw()).digest())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST_KEY)
    except OSError as error:
        raise MISSING(str(path), f"The key can't be opened: {error.strerror}.") from None


def _write(path: Path, text: bytes, mode: int) -> None:
    """Write a file that did not exist, with its mode from the first moment on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise KEY_EXISTS(str(path), "The file exists.") from None
    except OSError as error:
        raise UNWRITTEN(str(path), f"The key can't be written: {error.strerror}.") from None
    with open(handle, "wb") as stream:  # noqa: PTH123 - a descriptor, no path
        stream.write(text)

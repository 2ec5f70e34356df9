"""The certificates of both ends of TLS, their keys, and whose the other end must show: read and checked."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from msgspec import Struct

from phaseout.gate.settings import Tls
from phaseout.model.fault import Fault, FaultsError


def context_of(files: Tls, at: datetime) -> tuple[ssl.SSLContext, datetime]:
    """Make what connections are secured with; TLS 1.2 at least.

    Args:
        files: PEM files; the certificate's may have those between it and the root behind it.
        at: the time now, in UTC.

    Returns:
        The context, and the end of the certificate's time.

    Raises:
        FaultsError: PO541 the certificate, PO542 its key, or PO545 the callers' authority can't be used; PO543 the key is
            another certificate's; PO544 the certificate's time is over, or to come. All at once.
    """
    faults: list[Fault] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["http/1.1"])
    certificate = _show(context, files.certificate, files.key, at, faults)
    if files.client_ca:
        context.verify_mode = ssl.CERT_REQUIRED  # nobody gets in without a certificate of it
        _trust(context, files.client_ca, faults, "PO545", "callers")
    if certificate is None or faults:
        raise FaultsError(tuple(faults))
    return context, certificate.not_valid_after_utc


class Asking(Struct, frozen=True):
    """With what a gate is asked over TLS; PEM files.

    Attributes:
        gates_ca: who signed the gates' certificates, or None for the authorities that this machine trusts.
        certificate: that the gates are shown, or None where they want none.
        key: of it.
    """

    gates_ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


def context_for_asking(files: Asking, at: datetime) -> ssl.SSLContext:
    """Make what a gate is asked with: TLS 1.2 at least, and nobody is believed whose certificate is not the gate's by name.

    Args:
        files: PEM files.
        at: the time now, in UTC.

    Raises:
        FaultsError: PO541 to PO544 for the certificate and its key; PO546 the gates' authority can't be used. All at once.
    """
    faults: list[Fault] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if files.gates_ca is None:
        context.load_default_certs()
    else:
        _trust(context, files.gates_ca, faults, "PO546", "gates")
    if files.certificate and files.key:
        _show(context, files.certificate, files.key, at, faults)
    if faults:
        raise FaultsError(tuple(faults))
    return context


def _show(context: ssl.SSLContext, certificate: Path, key: Path, at: datetime, faults: list[Fault]) -> x509.Certificate | None:
    """Let a certificate be shown; return it, unless it can't be read."""
    found, secret = _certificate(certificate, faults), _key(key, faults)
    if found:
        _check_time(certificate, found, at, faults)
    if found and secret:
        _load(context, certificate, key, faults, is_a_pair=found.public_key() == secret.public_key())
    return found


def _certificate(path: Path, faults: list[Fault]) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        faults.append(_unusable(path, error.strerror or str(error)))
    except ValueError:
        faults.append(_unusable(path, "it is no certificate in PEM form"))
    return None


def _unusable(path: Path, why: str) -> Fault:
    way_out = "Name a PEM file with the certificate that is shown first, and those between it and the root behind it."
    return Fault(str(path), 0, 0, "PO541", f"The certificate can't be used: {why}.", way_out)


def _key(path: Path, faults: list[Fault]) -> PrivateKeyTypes | None:
    try:
        return load_pem_private_key(path.read_bytes(), None)
    except OSError as error:
        why = error.strerror or str(error)
    except TypeError:
        why = "it is locked with a password"
    except (ValueError, UnsupportedAlgorithm):
        why = "it is no private key in PEM form"
    way_out = "Name a PEM file with the key, without a password, that this program's account alone may read."
    faults.append(Fault(str(path), 0, 0, "PO542", f"The certificate's key can't be used: {why}.", way_out))
    return None


def _check_time(path: Path, certificate: x509.Certificate, at: datetime, faults: list[Fault]) -> None:
    begins, ends = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    if begins <= at <= ends:
        return
    message = f"The certificate is valid from {begins.isoformat()} to {ends.isoformat()}, and not now."
    faults.append(
        Fault(str(path), 0, 0, "PO544", message, "Have a new one made; if it should be valid, set this machine's clock.")
    )


def _load(context: ssl.SSLContext, certificate: Path, key: Path, faults: list[Fault], *, is_a_pair: bool) -> None:
    if not is_a_pair:
        way_out = "Name the key that the certificate was made for; when both are renewed, put both in place."
        message = f"It is not the key of the certificate {certificate}."
        faults.append(Fault(str(key), 0, 0, "PO543", message, way_out))
        return
    try:
        context.load_cert_chain(certificate, key, password="")  # a question on the terminal would stop everything
    except OSError as error:  # what OpenSSL finds too weak, and files that were changed this very moment
        faults.append(_unusable(certificate, getattr(error, "reason", None) or error.strerror or str(error)))


def _trust(context: ssl.SSLContext, authority: Path, faults: list[Fault], code: str, whose: str) -> None:
    try:
        context.load_verify_locations(authority)
    except (OSError, ValueError) as error:  # a path with a null in it is the latter
        why = "it is no certificate in PEM form" if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None) or error
        way_out = f"Name a PEM file with the certificate of the authority that signs the {whose}' certificates."
        faults.append(Fault(str(authority), 0, 0, code, f"The {whose}' authority can't be used: {why}.", way_out))

"""The certificate that the gate shows over TLS, its key, and whose certificates callers must show: read and checked."""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key

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
    certificate, key = _certificate(files.certificate, faults), _key(files.key, faults)
    if certificate:
        _check_time(files.certificate, certificate, at, faults)
    if certificate and key:
        _load(context, files, faults, is_a_pair=certificate.public_key() == key.public_key())
    if files.client_ca:
        _trust(context, files.client_ca, faults)
    if certificate is None or faults:
        raise FaultsError(tuple(faults))
    return context, certificate.not_valid_after_utc


def _certificate(path: Path, faults: list[Fault]) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except OSError as error:
        faults.append(_unusable(path, error.strerror or str(error)))
    except ValueError:
        faults.append(_unusable(path, "it is no certificate in PEM form"))
    return None


def _unusable(path: Path, why: str) -> Fault:
    way_out = "Name a PEM file with the gate's certificate first, and those between it and the root behind it."
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
    way_out = "Name a PEM file with the key, without a password, that the gate's account alone may read."
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


def _load(context: ssl.SSLContext, files: Tls, faults: list[Fault], *, is_a_pair: bool) -> None:
    if not is_a_pair:
        way_out = "Name the key that the certificate was made for; when both are renewed, put both in place."
        message = f"It is not the key of the certificate {files.certificate}."
        faults.append(Fault(str(files.key), 0, 0, "PO543", message, way_out))
        return
    try:
        context.load_cert_chain(files.certificate, files.key, password="")  # a question on the terminal would stop everything
    except OSError as error:  # what OpenSSL finds too weak, and files that were changed this very moment
        faults.append(_unusable(files.certificate, getattr(error, "reason", None) or error.strerror or str(error)))


def _trust(context: ssl.SSLContext, authority: Path, faults: list[Fault]) -> None:
    """Let nobody in without a certificate of an authority."""
    context.verify_mode = ssl.CERT_REQUIRED
    try:
        context.load_verify_locations(authority)
    except (OSError, ValueError) as error:  # a path with a null in it is the latter
        why = "it is no certificate in PEM form" if isinstance(error, ssl.SSLError) else getattr(error, "strerror", None) or error
        way_out = "Name a PEM file with the certificate of the authority that signs the callers' certificates."
        faults.append(Fault(str(authority), 0, 0, "PO545", f"The callers' authority can't be used: {why}.", way_out))

"""Makes certificates: an authority of the tests' own, and what it signs."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "gate.example.org"


class Authority:
    """Signs certificates for 127.0.0.1 and gate.example.org, good for clients and servers.

    Args:
        folder: takes the files, each as ``NAME.pem`` and ``NAME.key``.
        name: of the authority.
    """

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.file = folder / f"{name}.pem"
        now = datetime.now(UTC)
        built = self._begun(self.name, self.key.public_key(), now - timedelta(days=1), now + timedelta(days=30))
        own = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(self.key, hashes.SHA256())
        self.file.write_bytes(own.public_bytes(Encoding.PEM))

    def sign(
        self, name: str, begins: datetime | None = None, ends: datetime | None = None, password: bytes = b"", host: str = ""
    ) -> int:
        """Write a certificate and its key, for another host when one is named, and return its serial number."""
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        begun = self._begun(subject, key.public_key(), begins or now - timedelta(days=1), ends or now + timedelta(days=20))
        own = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        names = x509.SubjectAlternativeName([x509.DNSName(host)] if host else own)
        signed = begun.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        lock = BestAvailableEncryption(password) if password else NoEncryption()
        (self.folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock))
        (self.folder / f"{name}.pem").write_bytes(signed.public_bytes(Encoding.PEM))
        return signed.serial_number

    def client(self, name: str = "") -> ssl.SSLContext:
        """Return what a caller asks with: it trusts this authority, and shows a certificate when one is named."""
        context = ssl.create_default_context(cafile=self.file)
        if name:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return context

    def _begun(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
    ) -> x509.CertificateBuilder:
        begun = x509.CertificateBuilder(self.name, subject, key, x509.random_serial_number())
        return begun.not_valid_before(begins).not_valid_after(ends)

"""The demo site's certificate authority and the certificates of its BMCs, made for one run.

Extensions as RFC 5280 asks and as Python's strict verification wants them: key usage and key
identifiers on the authority, its identifier and the address on the leaf.
"""

from __future__ import annotations

import ipaddress
import ssl
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_GOOD_FOR = timedelta(days=7)
_SKEW = timedelta(hours=1)


class Authority:
    """A certificate authority whose key never leaves the process."""

    def __init__(self, name: str, now: datetime) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._now = now
        self.certificate = self._own()

    @property
    def pem(self) -> bytes:
        """The authority's certificate, for a site file's `ca:`."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue(self, name: str, address: str) -> bytes:
        """A key and a certificate for a server at this IP address, PEM, the key first."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        san = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        use = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        leaf = (
            self._begin(subject, key.public_key(), ca=False)
            .add_extension(san, critical=False)
            .add_extension(use, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        return _key_pem(key) + leaf.public_bytes(serialization.Encoding.PEM)

    def _own(self) -> x509.Certificate:
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = self._begin(self._name, self._key.public_key(), ca=True)
        return builder.add_extension(usage, critical=True).sign(self._key, hashes.SHA256())

    def _begin(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, ca: bool
    ) -> x509.CertificateBuilder:
        own = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _SKEW)
            .not_valid_after(self._now + _GOOD_FOR)
            .add_extension(
                x509.BasicConstraints(ca=ca, path_length=0 if ca else None), critical=True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(own, critical=False)
        )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def server_context(pem: Path) -> ssl.SSLContext:
    """TLS 1.2 or newer, with the key and certificate in this file."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(pem)
    return context

"""TLS that proves who answers before a word of ours is sent, on the connection that is used."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Literal, TypeVar

from preflight.files.site import Tls
from preflight.probes.unanswered import TICK_S, Deadline, Unanswered
from preflight.words import UnknownCause

T = TypeVar("T")
System = Literal["system"]
SYSTEM: System = "system"
"""Proof by the authorities that this machine trusts; no site file says so."""

_ONLY_OLD = frozenset(
    {
        "UNSUPPORTED_PROTOCOL",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
        "WRONG_SIGNATURE_TYPE",
        "DH_KEY_TOO_SMALL",
        "EE_KEY_TOO_SMALL",
        "CA_KEY_TOO_SMALL",
        "CA_MD_TOO_WEAK",
    }
)
"""OpenSSL's names for what a peer that knows only old TLS or old ciphers ends in."""
_VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1}
_OLD_CIPHERS = "ALL:!aNULL:!eNULL:@SECLEVEL=0"
"""Without a security level OpenSSL 3 speaks no TLS below 1.2 (SSL_CTX_set_security_level(3))."""
_LEGACY_SERVER = getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
"""Servers from before RFC 5746. Python has the name since 3.12."""


class _Refused(ssl.SSLError):
    """Ends a handshake that TLS itself was content with; the reason stands in `Guard.fault`."""


class Guard:
    """Proof and deadline for every connection to one thing.

    With a pinned digest only the digest of the DER certificate is compared, so that any name and
    any date will do (contract 9.8). With a CA file chain, dates and name or IP address are checked,
    and so they are by the authorities that this machine trusts (`SYSTEM`).
    """

    def __init__(self, tls: Tls | System, base: Path, deadline: Deadline) -> None:
        """Raises Unanswered(tls) when the CA file cannot be used."""
        self.deadline = deadline
        self.fault: Unanswered | None = None
        self.proven = False
        self.digest = ""
        """SHA-256 of the certificate that the last handshake showed."""
        self._pin = None if tls == SYSTEM else tls.sha256
        self._old = tls != SYSTEM and tls.min is not None
        self.context = self._context(tls, base)

    def _context(self, tls: Tls | System, base: Path) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _socket_class(self)
        if tls == SYSTEM:
            context.load_default_certs()
            return context
        if tls.min is not None:
            take_old(context, tls.min)
        if tls.ca is not None:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            _load(context, base / tls.ca, tls.ca)
        else:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def check(self, certificate: bytes | None) -> None:
        """Called after each handshake. Raises ssl.SSLError when this is not the pinned thing."""
        shown = self.digest = hashlib.sha256(certificate or b"").hexdigest()
        self.proven = self._pin in {None, shown}
        if not self.proven:
            detail = f"it shows certificate {shown}, but the site file pins {self._pin}"
            self.fault = Unanswered(UnknownCause.WRONG_SITE, detail)
            raise _Refused(detail)

    def refusal(self, error: ssl.SSLError, where: str) -> Unanswered:
        """What a failed handshake says: chain, date, name, or no TLS at all."""
        if isinstance(error, ssl.SSLCertVerificationError):
            reason = error.verify_message
        else:
            reason = (error.reason or "the handshake failed").replace("_", " ").lower()
        detail = f"{where} does not prove who it is: {reason}"
        if error.reason in _ONLY_OLD and not self._old:
            detail += (
                '; where it knows only old TLS or old ciphers, `min: "1.0"` beside its pin '
                "(`tls` in the site file) takes them from this one alone"
            )
        return Unanswered(UnknownCause.TLS, detail)

    def waiting(self, sock: socket.socket, step: Callable[[], T]) -> T:
        """Does a step that waits for the peer. Raises TimeoutError past the deadline."""
        while not self.deadline.passed:
            sock.settimeout(TICK_S)
            with contextlib.suppress(TimeoutError):
                return step()
        raise TimeoutError


def take_old(context: ssl.SSLContext, version: str) -> None:
    """TLS from this version on ("1.0" or "1.1"), and the ciphers of that time."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # this is what somebody asked for
        context.minimum_version = _VERSIONS[version]
    context.set_ciphers(_OLD_CIPHERS)
    context.options |= _LEGACY_SERVER


def _load(context: ssl.SSLContext, path: Path, name: str) -> None:
    try:
        context.load_verify_locations(path)
    except ssl.SSLError as error:
        detail = f"the ca file {name} holds no certificate in PEM"
        raise Unanswered(UnknownCause.TLS, detail) from error
    except OSError as error:
        detail = f"the ca file {name} cannot be read: {error.strerror}"
        raise Unanswered(UnknownCause.TLS, detail) from error


def _socket_class(guard: Guard) -> type[ssl.SSLSocket]:
    """For `SSLContext.sslsocket_class`: what every TLS socket of the context is."""

    class Guarded(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as in ssl
            guard.waiting(self, lambda: super(Guarded, self).do_handshake(block))
            guard.check(self.getpeercert(binary_form=True))

        def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
            return guard.waiting(self, lambda: super(Guarded, self).recv(buflen, flags))

    return Guarded

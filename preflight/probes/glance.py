"""A stranger's first look at a BMC: its certificate, and the Redfish service root, which needs no
login (DSP0266, 9.2); at a manager of virtual machines: its certificate alone. Nothing secret is
said, so that it need not prove who it is."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

from cryptography import x509

from preflight.doors import speaks_redfish
from preflight.evidence import Answer, Ask, Certificate, NoAnswer, ServiceRoot
from preflight.files.site import Tls
from preflight.probes import redfish_paths as paths
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.dial import connector
from preflight.probes.handshake import REQUEST, shake
from preflight.probes.redfish_http import Service, Target
from preflight.probes.silence import unresolved
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Deadline, Unanswered, no_answer
from preflight.text import one_line
from preflight.words import UnknownCause

_NOBODYS = Tls(sha256="0" * 64)
_NOBODYS_OLD = Tls(sha256="0" * 64, min="1.0")
_NAME_CHARS = 300


class _Onlooker(Guard):
    """Takes any certificate, remembers it, and calls nothing proven."""

    def __init__(self, deadline: Deadline, *, legacy: bool) -> None:
        super().__init__(_NOBODYS_OLD if legacy else _NOBODYS, Path(), deadline)
        self.shown: Certificate | None = None

    def check(self, certificate: bytes | None) -> None:
        """Keeps what the certificate says."""
        self.shown = described(certificate) if certificate else None


class GlanceProbe:
    """Facts `certificate` and `service-root`, by one connection and, of Redfish, one GET."""

    protocol: ClassVar[str] = "http"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def __init__(self, *, legacy: bool = False) -> None:
        """With `legacy` also things are looked at that know only old TLS."""
        self.legacy = legacy

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """Tells what is asked of both facts, or for each why not."""
        question = asks[0].question
        ip = way.addresses.get(question.address)
        if ip is None:
            for ask in asks:
                tell(ask, unresolved(question.address))
            return
        guard = _Onlooker(Deadline(way.limits.question_s), legacy=self.legacy)
        target = Target(asks[0].thing, question.address, ip, question.port or 443)
        zero = time.monotonic()
        root = _met(target, guard, way)
        took_us = int((time.monotonic() - zero) * 1_000_000)
        for ask in asks:
            wanted = ask.question.fact == "certificate" and guard.shown
            tell(ask, Reply(guard.shown if wanted and guard.shown else root, took_us))

    def templates(self, ask: Ask) -> Sequence[str]:
        """The one request."""
        return (f"GET {paths.ROOT}" if speaks_redfish(ask.thing) else REQUEST,)


def described(der: bytes) -> Certificate:
    """What a certificate says of itself. One that cannot be read is still told by its digest."""
    sha256 = hashlib.sha256(der).hexdigest()
    try:
        read = x509.load_der_x509_certificate(der)
        return Certificate(
            sha256=sha256,
            subject=one_line(read.subject.rfc4514_string(), _NAME_CHARS),
            issuer=one_line(read.issuer.rfc4514_string(), _NAME_CHARS),
            not_before=read.not_valid_before_utc,
            not_after=read.not_valid_after_utc,
        )
    except (ValueError, TypeError):  # what cryptography, or our own model, raises for odd ones
        return Certificate(sha256=sha256)


def _met(target: Target, guard: Guard, way: Way) -> Answer | NoAnswer:
    if speaks_redfish(target.thing):
        connect = connector(way, target.thing, target.address, target.port)
        return _root(Service(target, guard, way.send, way.limits, connect))
    try:
        shake(target, guard, way)
    except Unanswered as why:
        return why.no_answer
    return no_answer(UnknownCause.UNSUPPORTED, "a manager has no Redfish service root")


def _root(service: Service) -> Answer | NoAnswer:
    try:
        fields = service.get(paths.ROOT, paths.ROOT).fields
    except Unanswered as why:
        return why.no_answer
    finally:
        service.close()
    if not isinstance(fields.get("RedfishVersion"), str):
        return no_answer(UnknownCause.PARSE, "what answers there names no Redfish version")
    return ServiceRoot(
        status=200,
        version=_text(fields.get("RedfishVersion")),
        uuid=_text(fields.get("UUID")),
        vendor=_text(fields.get("Vendor")),
    )


def _text(value: object) -> str | None:
    return one_line(value, 100) if isinstance(value, str) and value.strip() else None

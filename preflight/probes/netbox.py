"""NetBox: what people wrote there about the hosts of a site. All of it is a claim."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import ClassVar, Literal

from preflight.evidence import Answer, Ask, NoAnswer
from preflight.files.site import Netbox, Tls
from preflight.inventory.model import Inventory
from preflight.inventory.records import Records
from preflight.probes import netbox_paths
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.https import Target
from preflight.probes.netbox_http import NetboxHttp
from preflight.probes.netbox_read import meet, read
from preflight.probes.tls import Guard, System
from preflight.probes.unanswered import Deadline, Unanswered, not_asked
from preflight.words import UnknownCause

SITE_AS_QUESTIONS = 6
"""The whole site may take as long as so many questions: it answers for every host."""
_requests = lru_cache(maxsize=16)(netbox_paths.requests)


class NetboxProbe:
    """All hosts of the site with one sequence of requests. The token goes nowhere before the server
    has proved itself."""

    protocol: ClassVar[str] = "netbox"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """Reads the site once, then tells of each host."""
        Visit(asks[0].thing, way).answer(asks, tell)

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause, from where NetBox lives."""
        return _requests(ask.thing.partition(":")[2])


class Visit:
    """One look at one NetBox."""

    def __init__(self, thing: str, way: Way, tls: Tls | System | None = None) -> None:
        """`tls`: what proves it, where that does not stand in the site file."""
        self.thing, self.way = thing, way
        self.shown = ""
        """SHA-256 of its certificate."""
        self._tls = tls
        self._zero = time.monotonic()
        self._proven = False
        self._attempts = 0

    def answer(self, asks: Sequence[Ask], tell: Tell) -> None:
        """Tells a reply to each. Raises nothing that a peer can cause."""
        try:
            records = Records(self.inventory(), self.way.site)
        except Unanswered as why:
            for ask in asks:
                tell(ask, self._reply(why.no_answer))
        else:
            for ask in asks:
                tell(ask, self._reply(records.of(ask.question.argument)))

    def inventory(self) -> Inventory:
        """Everything that NetBox lists for the site. Raises Unanswered."""
        netbox = self.way.site.netbox
        if netbox is None:
            raise not_asked("the site file has no netbox")
        http = self._http(netbox, self._guard(netbox))
        try:
            with self.way.login(netbox.credential or "", self.thing, http.guard.deadline):
                version = meet(http)
            return read(http, netbox.site, version)
        finally:
            self._proven, self._attempts = http.guard.proven, min(http.attempts, 1)
            self.shown = http.guard.digest
            http.close()

    def _guard(self, netbox: Netbox) -> Guard:
        tls = self._tls or netbox.tls
        if tls is None:
            detail = (
                "the site file pins no certificate and names no ca for NetBox, so that no token is"
                " sent: write `tls: {ca: FILE}` or `tls: {sha256: ...}` under `netbox:`"
            )
            raise Unanswered(UnknownCause.TLS, detail)
        over = self.way.logins
        whole = self.way.limits.question_s * SITE_AS_QUESTIONS
        return Guard(tls, self.way.base, Deadline(whole, lambda: over.ended))

    def _http(self, netbox: Netbox, guard: Guard) -> NetboxHttp:
        ip = self.way.addresses.get(netbox.address)
        if ip is None:
            detail = f"{netbox.address} does not resolve to an address"
            raise Unanswered(UnknownCause.UNREACHABLE, detail)
        target = Target(self.thing, netbox.address, ip, netbox.port)
        nothing = "the site file names no credential for NetBox: its token"
        token = self.way.secret(netbox.credential, nothing).password
        return NetboxHttp(target, guard, self.way.send, self.way.limits, netbox.path, token)

    def _reply(self, answer: Answer | NoAnswer) -> Reply:
        return Reply(
            answer=answer,
            duration_us=int((time.monotonic() - self._zero) * 1_000_000),
            attempts=self._attempts,
            proven=self._proven,
        )

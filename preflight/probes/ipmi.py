"""IPMI 2.0 over LAN: what a BMC says of its server's power, where the site file asks it that way.

A BMC proves itself by the password, before anything made of it is sent (decision 0011).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from preflight.evidence import Answer, Ask, Login, NoAnswer, Power, Present, Supplies
from preflight.files.site import Bmc
from preflight.jumps import jump_of
from preflight.probes.base import Reply, Secret, Tell, Way
from preflight.probes.ipmi_commands import CHASSIS_STATUS, REQUESTS
from preflight.probes.ipmi_presence import present
from preflight.probes.kept import raw
from preflight.probes.unanswered import Deadline, Unanswered, not_asked
from preflight.words import SILENCE, UnknownCause

if TYPE_CHECKING:
    from preflight.probes.ipmi_session import Line

_LOGOUT_SHARE = 0.1
"""Of the time for a BMC, what is kept back for ending the session."""
_ORDER = ("login", "power", "system", "supplies", "chassis", "neighbours")
"""What takes longest comes last: a slow walk costs nobody else an answer."""
_NAME_BYTES, _PASSWORD_BYTES = 16, 20
"""IPMI 2.0, 22.28 and 22.30."""
Told = tuple[Answer, bytes | None]


class IpmiProbe:
    """All questions to one BMC in one session of privilege level User, one request at a time."""

    protocol: ClassVar[str] = "ipmi"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """First whether something is there, by no credential; then one login for the rest."""
        _Visit(tuple(dict.fromkeys(asks)), way, tell).run()

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause."""
        return REQUESTS[ask.question.fact]


class _Visit:
    """One BMC's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        self.way, self._tell = way, tell
        self.thing = asks[0].thing
        self._open = sorted(asks, key=lambda ask: ask.question.fact != "presence")
        self._zero = time.monotonic()
        self._attempts = 0
        self._proven = False

    def run(self) -> None:
        """Answers every ask. Raises nothing that a BMC can cause."""
        try:
            bmc, ip = self._target()
            for ask in [a for a in self._open if a.question.fact == "presence"]:
                self._answer(ask, self._presence(ip, ask.question.port or bmc.ipmi.port))
            if self._open:
                self._inside(bmc, ip)
        except Unanswered as why:
            for ask in tuple(self._open):
                self._answer(ask, why.no_answer)

    def _target(self) -> tuple[Bmc, str]:
        bmc = self.way.site.hosts[self.thing.partition(":")[2]].bmc
        if bmc is None or bmc.protocol != "ipmi":
            raise not_asked("the site file names no BMC for this host that is asked by IPMI")
        if jump := jump_of(self.way.site, self.thing):
            raise not_asked(f"the way goes through host:{jump}, which carries no UDP, so no IPMI")
        address = self._open[0].question.address
        ip = self.way.addresses.get(address)
        if ip is None:
            detail = f"{address} does not resolve to an address"
            raise Unanswered(UnknownCause.UNREACHABLE, detail)
        return bmc, ip

    def _presence(self, ip: str, port: int) -> Present:
        for request in REQUESTS["presence"]:
            if not self.way.send(self.thing, request):
                raise not_asked(f"{request} is not part of the approved plan; it was not sent")
        self._attempts = 1
        return present(ip, port, self.way.limits)

    def _inside(self, bmc: Bmc, ip: str) -> None:
        from preflight.probes.ipmi_session import Line, Log

        secret = self._secret(bmc)
        if ":" in ip:
            detail = "IPMI is spoken over IPv4 only, and this address is IPv6"
            raise Unanswered(UnknownCause.UNSUPPORTED, detail)
        limits, log = self.way.limits, Log(self.thing, self.way.send)
        deadline = Deadline(limits.question_s * (1 - _LOGOUT_SHARE))
        port = self._open[0].question.port or bmc.ipmi.port
        line = Line(ip, port, bmc.ipmi.cipher, secret, deadline, limits, log)
        self._attempts = 1
        try:
            with self.way.login(secret.id, self.thing, deadline):
                line.open()
            self._proven = line.proven
            self._told_inside(_facts(line))
        finally:
            self._proven = line.proven
            line.close(Deadline(limits.question_s * _LOGOUT_SHARE))

    def _told_inside(self, facts: dict[str, Callable[[], Told]]) -> None:
        for ask in sorted(self._open, key=lambda ask: _ORDER.index(ask.question.fact)):
            self._answer(ask, *_told(facts[ask.question.fact]))

    def _secret(self, bmc: Bmc) -> Secret:
        """A password that proves the BMC, for an empty one everybody knows."""
        secret = self.way.secret(bmc.credential, "the site file names no credential for this BMC")
        if not 1 <= len(secret.username.encode()) <= _NAME_BYTES:
            raise not_asked(f"IPMI takes user names of 1 to {_NAME_BYTES} bytes")
        if not 1 <= len(secret.password.encode()) <= _PASSWORD_BYTES:
            raise not_asked(f"IPMI takes passwords of 1 to {_PASSWORD_BYTES} bytes")
        return secret

    def _answer(self, ask: Ask, answer: Answer | NoAnswer, body: bytes | None = None) -> None:
        self._open.remove(ask)
        self._tell(
            ask,
            Reply(
                answer=answer,
                duration_us=int((time.monotonic() - self._zero) * 1_000_000),
                attempts=self._attempts,
                proven=self._proven,
                raw=None if body is None else raw(body),
            ),
        )


def _told(fact: Callable[[], Told]) -> tuple[Answer | NoAnswer, bytes | None]:
    """A BMC that fell silent is not asked the rest."""
    try:
        return fact()
    except Unanswered as why:
        if why.no_answer.cause in SILENCE:
            raise
        return why.no_answer, None


def _facts(line: Line) -> dict[str, Callable[[], Told]]:
    """Fact -> how to learn it: the answer, and in hexadecimal the bytes it was read from."""
    from preflight.probes.ipmi_fru import Fru
    from preflight.probes.ipmi_supplies import Repository

    def power() -> Told:
        status = line.ask(CHASSIS_STATUS)
        if len(status) < 3:
            raise Unanswered(UnknownCause.PARSE, "the chassis status is cut off")
        return Power(state="On" if status[0] & 1 else "Off"), _hex([status])

    def system() -> Told:
        fru = Fru(line)
        return fru.system(), _hex(fru.read)

    def supplies() -> Told:
        repository = Repository(line)
        return Supplies(supplies=tuple(repository.supplies())), _hex(repository.read)

    def chassis() -> Told:
        detail = "IPMI does not tell which chassis a server is in, or where it stands"
        raise Unanswered(UnknownCause.UNSUPPORTED, detail)

    def neighbours() -> Told:
        detail = "IPMI does not tell which switches a server is cabled to"
        raise Unanswered(UnknownCause.UNSUPPORTED, detail)

    return {
        "login": lambda: (Login(method="rakp"), None),
        "power": power,
        "system": system,
        "supplies": supplies,
        "chassis": chassis,
        "neighbours": neighbours,
    }


def _hex(read: Sequence[bytes]) -> bytes:
    """What came, one line each."""
    return "\n".join(part.hex(" ") for part in read).encode()

"""SNMP: what a PDU, a UPS or a switch says of itself, its outlets and its battery."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from preflight.evidence import Answer, Ask, Login, NoAnswer, Present
from preflight.files.site import Snmp
from preflight.probes import snmp_facts as facts
from preflight.probes import snmp_usm as usm
from preflight.probes.base import Reply, Secret, Tell, Way
from preflight.probes.kept import raw
from preflight.probes.snmp_ber import Oid, Value, dotted
from preflight.probes.snmp_mibs import system
from preflight.probes.snmp_neighbours import neighbours
from preflight.probes.snmp_questions import Questions, get_request
from preflight.probes.snmp_socket import Agent, agent
from preflight.probes.snmp_speaker import Community, Speaker, User, discovered
from preflight.probes.snmp_v3 import Engine
from preflight.probes.unanswered import Deadline, Unanswered, not_asked
from preflight.words import UnknownCause

IN_CLEAR = "2c"
"""As the argument of a question: it is put in version 2c."""
_SHARE = 1 / 3
"""Of the time for a question, how long one request may wait: a second one may still come through.
"""
_FACTS: dict[str, Callable[[Questions], Answer]] = {
    "outlets": facts.outlets,
    "battery": facts.battery,
    "device": facts.device,
    "neighbours": neighbours,
}


class SnmpProbe:
    """All questions to one device over one socket, one request at a time."""

    protocol: ClassVar[str] = "snmp"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """Is somebody there, are we let in, and then a reply for each ask."""
        _Visit(tuple(dict.fromkeys(asks)), way, tell).run()

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; the one discovered index as `{index}`."""
        rest = facts.REQUESTS[ask.question.fact]
        if ask.question.argument == IN_CLEAR:
            first = (facts.IN_CLEAR, get_request(system.UP_TIME))
            return tuple(dict.fromkeys((*first, *rest)))
        return facts.DISCOVERY, *rest


class _Visit:
    """One device's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        self.way, self.thing = way, asks[0].thing
        self.deadline = Deadline(way.limits.question_s)
        self._question = asks[0].question
        self._tell, self._open = tell, list(asks)
        self._zero, self._attempts = time.monotonic(), 0
        self._speaker: Speaker | None = None

    def run(self) -> None:
        """Answers every ask. Raises nothing that a device can cause."""
        try:
            self._visit(self._snmp())
        except Unanswered as why:
            for ask in tuple(self._open):
                self._answer(ask, why.no_answer)

    def _snmp(self) -> Snmp:
        device = self.way.site.device(self.thing)
        if device is None or device.snmp is None:
            raise not_asked("the site file does not say how this device is asked by SNMP")
        return device.snmp

    def _visit(self, snmp: Snmp) -> None:
        address = self._question.address
        ip = self.way.addresses.get(address)
        if ip is None:
            detail = f"{address} does not resolve to an address"
            raise Unanswered(UnknownCause.UNREACHABLE, detail)
        port = self._question.port or snmp.port
        with agent(ip, port, self.way.limits, self.deadline) as found:
            meet = self._by_community if snmp.version == "2c" else self._by_user
            meet(snmp, found)

    # --- who is there, and are we let in ---

    def _by_community(self, snmp: Snmp, found: Agent) -> None:
        """Nobody takes turns: a wrong community is silence, and locks nothing."""
        secret = self.way.secret(
            snmp.credential, "the site file names no credential for this device"
        )
        if not secret.password:
            raise not_asked(f"{secret.id} has no password, which is the community of version 2c")
        self._send(facts.IN_CLEAR)
        questions = self._questions(Community(found, secret.password), self.way.limits.connect_s)
        started = self._started()
        try:
            questions.get([system.UP_TIME])
        except Unanswered as why:
            raise _unheard(why, found.where) from why
        self._answer_fact("presence", Present(rtt_us=_since(started)))
        self._answer_fact("login", Login(method="community"))
        self._ask_facts(questions)

    def _by_user(self, snmp: Snmp, found: Agent) -> None:
        self._send(facts.DISCOVERY)
        started = self._started()
        engine = discovered(found, self.way.limits.connect_s)
        self._answer_fact("presence", Present(rtt_us=_since(started)))
        if self._open:
            speaker = User(found, engine, *self._user(snmp, engine))
            questions = self._questions(speaker, self.way.limits.question_s * _SHARE)
            self._log_in(snmp, questions, found.where)
            self._answer_fact("login", Login(method="usm"))
            self._ask_facts(questions)

    def _user(self, snmp: Snmp, engine: Engine) -> tuple[str, usm.Keys]:
        if why := usm.unsupported(snmp.auth, snmp.privacy):
            raise Unanswered(UnknownCause.UNSUPPORTED, why)
        secret = self.way.secret(
            snmp.credential, "the site file names no credential for this device"
        )
        if lacking := _lacking(secret):
            raise not_asked(f"{secret.id} {lacking}")
        words = secret.password, secret.privacy
        return secret.username, usm.keys_for(engine.id, snmp.auth, snmp.privacy, *words)

    def _log_in(self, snmp: Snmp, questions: Questions, where: str) -> None:
        with self.way.login(snmp.credential or "", self.thing, self.deadline):
            try:
                questions.get([system.UP_TIME])
            except Unanswered as why:
                raise _unopened(why, where) from why

    def _questions(self, speaker: Speaker, within_s: float) -> Questions:
        self._speaker = speaker
        return Questions(self.thing, speaker, self.way.send, within_s)

    # --- facts ---

    def _ask_facts(self, questions: Questions) -> None:
        for ask in tuple(self._open):
            before = len(questions.said)
            answer: Answer | NoAnswer
            try:
                answer = _FACTS[ask.question.fact](questions)
            except Unanswered as why:
                answer = why.no_answer
            self._answer(ask, answer, _written(questions.said[before:]))

    def _started(self) -> float:
        self._attempts = 1
        return time.monotonic()

    def _send(self, request: str) -> None:
        if not self.way.send(self.thing, request):
            raise not_asked(f"{request} is not part of the approved plan; it was not sent")

    def _answer_fact(self, fact: str, answer: Answer) -> None:
        for ask in tuple(self._open):
            if ask.question.fact == fact:
                self._answer(ask, answer)

    def _answer(self, ask: Ask, answer: Answer | NoAnswer, said: bytes = b"") -> None:
        self._open.remove(ask)
        speaker = self._speaker
        self._tell(
            ask,
            Reply(
                answer=answer,
                duration_us=_since(self._zero),
                attempts=self._attempts,
                proven=speaker is not None and speaker.proven,
                raw=raw(said) if said else None,
            ),
        )


def _lacking(secret: Secret) -> str:
    """What a credential lacks for version 3; empty when nothing."""
    for value, words in (
        (secret.username, "names no username, and version 3 wants one"),
        (secret.password, "has no password, with which version 3 signs"),
        (secret.privacy, "has no privacy password, with which version 3 hides what is said"),
    ):
        if not value:
            return words
    if min(len(secret.password), len(secret.privacy)) < usm.LEAST_PASSWORD:
        return f"has a password of less than {usm.LEAST_PASSWORD} characters (RFC 3414, 11.2)"
    return ""


def _unheard(why: Unanswered, where: str) -> Unanswered:
    if why.no_answer.cause is not UnknownCause.TIMEOUT:
        return why
    detail = (
        f"{why.no_answer.detail}; in version 2c a wrong community, an access list that keeps this "
        f"machine out, and a device that is dead all look like this from here ({where})"
    )
    return Unanswered(UnknownCause.TIMEOUT, detail)


def _unopened(why: Unanswered, where: str) -> Unanswered:
    if why.no_answer.cause is not UnknownCause.TIMEOUT:
        return why
    detail = (
        f"{where} answers discovery and not the encrypted question: the privacy password or its "
        "algorithm is probably wrong"
    )
    return Unanswered(UnknownCause.TIMEOUT, detail)


def _written(said: Sequence[tuple[Oid, Value]]) -> bytes:
    """What came back, a line for each object."""
    return b"\n".join(dotted(oid).encode() + b" = " + _shown(value) for oid, value in said)


def _shown(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    return dotted(value).encode() if isinstance(value, tuple) else str(value).encode()


def _since(started: float) -> int:
    """Microseconds."""
    return int((time.monotonic() - started) * 1_000_000)

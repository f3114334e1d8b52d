"""Redfish: what a BMC says of its server, its power and where it stands; a PDU of its outlets."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from preflight.doors import door_of
from preflight.evidence import Answer, Ask, Fact, Login, NoAnswer, Outlets, Supplies
from preflight.probes import redfish_read as reading
from preflight.probes.admission import guard_of, not_asked, secret_of, target_of
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.dial import connector
from preflight.probes.kept import raw
from preflight.probes.redfish_choice import Wanted
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_login import Entry
from preflight.probes.redfish_outlets import PowerStrip
from preflight.probes.redfish_paths import depth, requests
from preflight.probes.redfish_tree import Tree
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import DECLINED, UnknownCause

_LOGOUT_SHARE = 0.1
"""Of the time for a thing, what is kept back for ending the session."""
Told = tuple[Answer, bytes | None]
Facts = dict[Fact, Callable[[], Told]]
"""How to learn each fact: the answer and the JSON it was read from."""


class RedfishProbe:
    """All questions to one thing with one login. Nothing is sent to one that proved nothing."""

    protocol: ClassVar[str] = "redfish"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One login, then a reply for each ask, then the logout."""
        _Visit(tuple(dict.fromkeys(asks)), way, tell).run()

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; discovered segments as `{name}`."""
        return requests(ask.thing, ask.question.fact)


class _Visit:
    """One thing's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        self.thing, self.way = asks[0].thing, way
        # What hangs far from the root must not keep what is near from being told.
        self.asks = sorted(asks, key=lambda ask: depth(ask.thing, ask.question.fact))
        self._tell = tell
        self._open = list(self.asks)
        self._zero = time.monotonic()
        self._service: Service | None = None

    def run(self) -> None:
        """Answers every ask. Raises nothing that a peer can cause."""
        try:
            self._visit()
        except Unanswered as why:
            for ask in tuple(self._open):
                self._answer(ask, why.no_answer)

    def _visit(self) -> None:
        door = door_of(self.way.site, self.thing)
        if door is None:
            raise not_asked("the site file does not say that it speaks Redfish")
        whole = self.way.limits.question_s
        over = self.way.logins
        deadline = Deadline(whole * (1 - _LOGOUT_SHARE), lambda: over.ended)
        guard = guard_of(door, self.way.base, deadline)
        secret, target = secret_of(door, self.way), target_of(self.asks[0], door, self.way)
        connect = connector(self.way, self.thing, target.address, target.port)
        self._service = Service(target, guard, self.way.send, self.way.limits, connect)
        entry = Entry(self._service, secret)
        try:
            self._inside(entry, self._service, secret.id)
        finally:
            guard.deadline = Deadline(whole * _LOGOUT_SHARE)
            entry.leave()
            self._service.close()

    def _inside(self, entry: Entry, service: Service, credential: str) -> None:
        entry.meet()
        with self.way.login(credential, self.thing, service.guard.deadline):
            root, method = entry.enter()
            place = self._place(service, root)
            if method == "basic":
                _decide(place)
        facts = _facts(place, method)
        for ask in self.asks:
            self._answer(ask, *_told(facts[ask.question.fact]))

    def _place(self, service: Service, root: Resource) -> Tree | PowerStrip:
        kind, _, name = self.thing.partition(":")
        if kind == "pdu":
            return PowerStrip(service, root, name)
        host = self.way.site.hosts[name]
        names = frozenset({name.casefold(), host.address.casefold()})
        return Tree(service, root, Wanted(names, host.serial))

    def _answer(self, ask: Ask, answer: Answer | NoAnswer, body: bytes | None = None) -> None:
        self._open.remove(ask)
        service = self._service
        self._tell(
            ask,
            Reply(
                answer=answer,
                duration_us=int((time.monotonic() - self._zero) * 1_000_000),
                attempts=1 if service and service.attempts else 0,
                proven=service.guard.proven if service else False,
                raw=None if body is None else raw(body),
            ),
        )


def _decide(place: Tree | PowerStrip) -> None:
    """Basic authentication is only decided at a resource that wants it."""
    try:
        place.decide()
    except Unanswered as why:
        if why.no_answer.cause not in DECLINED:
            raise
        # Nobody has let us in yet, so this is not the thing's word on a fact.
        raise Unanswered(UnknownCause.PARSE, why.no_answer.detail) from why


def _told(fact: Callable[[], Told]) -> tuple[Answer | NoAnswer, bytes | None]:
    try:
        return fact()
    except Unanswered as why:
        return why.no_answer, None


def _facts(place: Tree | PowerStrip, method: str) -> Facts:
    more = _of_bmc(place) if isinstance(place, Tree) else _of_pdu(place)
    return {"login": lambda: (Login(method=method), None), **more}


def _of_bmc(tree: Tree) -> Facts:
    def system() -> Told:
        found = tree.system()
        return reading.system(found.system.fields, found.by), found.system.body

    def power() -> Told:
        found = tree.system().system
        return reading.power(found.fields), found.body

    def chassis() -> Told:
        found = tree.chassis()
        box = {"enclosure_serial": tree.enclosure(found)}
        return reading.chassis(found.fields).model_copy(update=box), found.body

    def supplies() -> Told:
        rows, body = tree.supplies()
        return Supplies(supplies=tuple(rows)), body

    return {"system": system, "power": power, "chassis": chassis, "supplies": supplies}


def _of_pdu(strip: PowerStrip) -> Facts:
    def device() -> Told:
        found = strip.pdu()
        return reading.device(found.fields), found.body

    def outlets() -> Told:
        rows, body = strip.outlets()
        return Outlets(outlets=tuple(rows)), body

    return {"device": device, "outlets": outlets}

"""Redfish: what a BMC says of its server, its power and where it stands; a PDU of its outlets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, Fact, Login, Neighbours, Outlets, Supplies
from preflight.files.site import Site
from preflight.probes import redfish_read as reading
from preflight.probes.base import Secret, Tell, Way
from preflight.probes.redfish_choice import Wanted
from preflight.probes.redfish_housed import chassis as chassis_of
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_login import Entry
from preflight.probes.redfish_outlets import PowerStrip
from preflight.probes.redfish_paths import depth, requests
from preflight.probes.redfish_place import place
from preflight.probes.redfish_tree import Tree
from preflight.probes.unanswered import Unanswered
from preflight.probes.visit import Line, Told, visit
from preflight.words import DECLINED, UnknownCause

Facts = dict[Fact, Callable[[], Told]]
"""How to learn each fact: the answer and the JSON it was read from."""


class RedfishProbe:
    """All questions to one thing with one login. Nothing is sent to one that proved nothing."""

    protocol: ClassVar[str] = "redfish"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One login, then a reply for each ask, then the logout."""
        # What hangs far from the root must not keep what is near from being told.
        near_first = sorted(asks, key=lambda ask: depth(ask.thing, ask.question.fact))
        visit(near_first, way, tell, lambda line, own: _Talk(line, own, way.site), "Redfish")

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; discovered segments as `{name}`."""
        return requests(ask.thing, ask.question.fact)


class _Talk:
    """With one BMC or PDU."""

    def __init__(self, line: Line, secret: Secret, site: Site) -> None:
        self.service = Service(line.target, line.guard, line.send, line.limits, line.connect)
        self._entry = Entry(self.service, secret)
        self._site = site
        self._facts: Facts = {}

    def meet(self) -> None:
        """Reads the service root."""
        self._entry.meet()

    def enter(self) -> None:
        """A session, or basic authentication."""
        root, method = self._entry.enter()
        place = self._place(root)
        if method == "basic":
            _decide(place)
        self._facts = _facts(place, method)

    def tell(self, ask: Ask) -> Told:
        """One fact."""
        return self._facts[ask.question.fact]()

    def leave(self) -> None:
        """Ends the session, if there is one."""
        self._entry.leave()

    def _place(self, root: Resource) -> Tree | PowerStrip:
        kind, _, name = self.service.target.thing.partition(":")
        if kind == "pdu":
            return PowerStrip(self.service, root, name)
        host = self._site.hosts[name]
        names = frozenset({name.casefold(), host.address.casefold()})
        return Tree(self.service, root, Wanted(names, host.serial))


def _decide(place: Tree | PowerStrip) -> None:
    """Basic authentication is only decided at a resource that wants it."""
    try:
        place.decide()
    except Unanswered as why:
        if why.no_answer.cause not in DECLINED:
            raise
        # Nobody has let us in yet, so this is not the thing's word on a fact.
        raise Unanswered(UnknownCause.PARSE, why.no_answer.detail) from why


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
        return chassis_of(found), found.body

    def supplies() -> Told:
        rows, body = tree.supplies()
        return Supplies(supplies=tuple(rows)), body

    def neighbours() -> Told:
        rows, body = tree.neighbours()
        return Neighbours(neighbours=rows), body

    return {
        "system": system,
        "power": power,
        "chassis": chassis,
        "supplies": supplies,
        "neighbours": neighbours,
    }


def _of_pdu(strip: PowerStrip) -> Facts:
    def device() -> Told:
        found = strip.pdu()
        stands = place(found.fields)
        told = reading.device(found.fields, (stands.hall, stands.row, stands.rack))
        return told, found.body

    def outlets() -> Told:
        rows, body = strip.outlets()
        return Outlets(outlets=tuple(rows)), body

    return {"device": device, "outlets": outlets}

"""The best answers that machines and persons could give with this access, as evidence."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Literal

from preflight import evidence as said
from preflight.evidence import Answer, Ask, Evidence, NoAnswer
from preflight.files.releases import Build
from preflight.files.site import Host, Site
from preflight.jumps import chain_of, entry_ask
from preflight.kinds import delivered
from preflight.kinds.base import Context
from preflight.kinds.builds import items_of
from preflight.kinds.question import Question as Asking
from preflight.kinds.sources import declared
from preflight.plan import Due, asks_of, context_of, due_findings
from preflight.probes.facts import SUDO, needs_root
from preflight.provable import devices, managers, surroundings
from preflight.provable.means import Means
from preflight.report import Inputs
from preflight.words import UnknownCause

_UNPINNED = {
    "ssh": (UnknownCause.HOST_KEY, "its host key is not known"),
    **dict.fromkeys(
        ("redfish", "proxmox", "vsphere", "netbox"),
        (UnknownCause.TLS, "its certificate is not known"),
    ),
}


_BY_LOGIN = frozenset({*_UNPINNED, "ipmi", "snmp"})
_NOT_BY_IPMI = frozenset({"chassis", "neighbours"})
_NOT_CARRIED = frozenset({"icmp", "ipmi"})
"""By no jump host."""


@dataclass(frozen=True)
class State:
    """A plan, and what is at hand for it."""

    inputs: Inputs
    means: Means

    def declared(self, fact: str) -> frozenset[str]:
        """The declared labels of racks, halls or feeds."""
        return self._labels[fact]

    @cached_property
    def context(self) -> Context:
        """What kinds may know of these inputs."""
        return context_of(self.inputs)

    @cached_property
    def _labels(self) -> Mapping[str, frozenset[str]]:
        return {fact: declared(self.inputs.site, fact) for fact in ("rack", "hall", "feed")}


def best(state: State, at: datetime, world: int = 0, *, people: bool = True) -> list[Evidence]:
    """Every ask of the plan, answered as well as can be. In each `world` another build of every
    release list is installed. Without `people` nobody runs the self-check."""
    due = due_findings(state.inputs)
    teller = _Teller(state, world, _expected(due))
    context = context_of(state.inputs)
    found = [
        _evidence(ask, teller.through(ask), at, "vendor", teller.proven(ask))
        for ask in asks_of(state.inputs, due)
        if ask.question.protocol != "person"
    ]
    if people:
        theirs = (a for d in due for a in _of_customer(d, context))
        sealed = True
        found += [
            _evidence(a, teller.tell(a), at, "customer", sealed) for a in dict.fromkeys(theirs)
        ]
    return found


def worlds(inputs: Inputs) -> int:
    """How many there are that differ; at least one."""
    return max((len(r.builds) for r in inputs.releases.values()), default=0) or 1


def _of_customer(due: Due, context: Context) -> Iterator[Ask]:
    """What only the self-check answers: questions to persons, and looks from the other side."""
    asks = due.kind.asks(due.subject, context) if due.subject else ()
    theirs = getattr(getattr(due.kind, "parameters", None), "vantage", "") == "customer"
    yield from (a for a in asks if theirs or a.question.protocol == "person")


def _expected(due: Sequence[Due]) -> Mapping[str, str]:
    """Words of a question -> an accepted answer."""
    kinds = (d.kind for d in due)
    return {
        k.parameters.text: k.parameters.expect[0]
        for k in kinds
        if isinstance(k, Asking) and k.parameters.expect
    }


@lru_cache(maxsize=1 << 16)  # trial after trial, most machines say the same
def _evidence(
    ask: Ask,
    told: Answer | NoAnswer,
    at: datetime,
    vantage: Literal["vendor", "customer"],
    proven: bool,  # noqa: FBT001 - a field of the evidence
) -> Evidence:
    silent = isinstance(told, NoAnswer)
    return Evidence(
        id=said.evidence_id(ask, vantage, at),
        thing=ask.thing,
        question=ask.question,
        controller=said.controller_of(ask),
        vantage=vantage,
        taken=at,
        duration_us=0,
        attempts=1,
        good_for_s=said.good_for_s(ask.question.fact),
        proven=proven,
        answer=None if silent else told,
        no_answer=told if silent else None,
    )


class _Teller:
    """All machines of the site, on their best day."""

    def __init__(self, state: State, world: int, expected: Mapping[str, str]) -> None:
        self._site, self._means = state.inputs.site, state.means
        self._context = state.context
        self._expected = expected
        self._items: dict[tuple[str, str], str] = {}
        for releases in state.inputs.releases.values():
            if releases.builds:
                build = _newest_first(releases.builds)[world % len(releases.builds)]
                self._items |= items_of(build)

    def proven(self, ask: Ask) -> bool:
        if ask.question.protocol == "ipmi":  # its proof is the login itself
            return ask.thing in self._means.accounts
        if ask.question.protocol == "snmp":  # signed, unless the argument says that it is not
            return not ask.question.argument and ask.thing in self._means.accounts
        return ask.thing in self._means.pinned

    def through(self, ask: Ask) -> Answer | NoAnswer:
        """What comes back to us, by the way that the site file names."""
        chain = chain_of(self._site, ask.thing)
        for name in chain:
            if shut := self._shut(entry_ask(self._site, name)):
                detail = f"the way goes through host:{name}, and there: {shut.detail}"
                because = shut.because or f"host:{name}"
                return NoAnswer(cause=UnknownCause.NOT_ASKED, detail=detail, because=because)
        if chain and ask.question.protocol in _NOT_CARRIED:
            detail = f"host:{chain[-1]} on the way carries no {ask.question.protocol.upper()}"
            return NoAnswer(cause=UnknownCause.NOT_ASKED, detail=detail)
        return self.tell(ask)

    def tell(self, ask: Ask) -> Answer | NoAnswer:
        protocol = ask.question.protocol
        if protocol in _BY_LOGIN:
            return self._shut(ask) or _TOLD[ask.question.fact](self, ask)
        if protocol == "person":
            return said.Statement(value=self._word(ask))
        if protocol in _PLAIN:
            return _PLAIN[protocol]
        detail = "this sheet does not know what a best answer would be"
        return NoAnswer(cause=UnknownCause.UNSUPPORTED, detail=detail)

    def _shut(self, ask: Ask) -> NoAnswer | None:
        """What keeps the fact from us."""
        if ask.question.fact in {"host-key", "presence"}:
            return None
        if ask.question.protocol in _UNPINNED and ask.thing not in self._means.pinned:
            cause, detail = _UNPINNED[ask.question.protocol]
            return NoAnswer(cause=cause, detail=detail)
        if ask.thing not in self._means.accounts:
            why = self._means.shut.get(ask.thing, "")
            return NoAnswer(cause=UnknownCause.NOT_ASKED, detail=why)
        if ask.question.protocol == "ipmi" and ask.question.fact in _NOT_BY_IPMI:
            return NoAnswer(cause=UnknownCause.UNSUPPORTED, detail="IPMI does not tell it")
        root = ask.question.argument == SUDO or self._means.accounts[ask.thing] == "root"
        if needs_root(ask) and not root:
            return NoAnswer(cause=UnknownCause.PERMISSION, detail="only root may read it")
        return None

    def outlets(self, ask: Ask) -> Answer:
        return devices.outlets(self._site, ask.thing)

    def guests(self, ask: Ask) -> Answer:
        inside = self._means.pinned & self._means.accounts.keys()
        return managers.guests(self._site, ask, managers.telling(self._site, inside), _uuid_of)

    def about(self, ask: Ask, tell: Callable[[Site, str], Answer]) -> Answer:
        """What stands around a thing."""
        return tell(self._site, ask.thing)

    def row(self, ask: Ask) -> str | None:
        return surroundings.row(self._site, ask.thing.partition(":")[2])

    def host(self, ask: Ask) -> Host:
        return self.named(ask.thing.partition(":")[2])

    def named(self, name: str) -> Host:
        return self._site.hosts[name]

    @cached_property
    def boxes(self) -> Mapping[str, str]:
        """Host -> serial number of the box that was delivered as it. Of boxes that the note names
        no host for, each host that lacks one is another."""
        declared = {n: h.serial for n, h in self._site.hosts.items() if h.serial}
        named = {n: box.serial for n, box in delivered.named(self._context).items()}
        known = {**named, **declared}
        others = [name for name in self._site.hosts if name not in known]
        free = (box.serial for box in delivered.nobodys(self._context))
        return {**known, **dict(zip(others, free, strict=False))}

    def item(self, ask: Ask) -> str | None:
        """Digest of a file or version of a package, in this world."""
        return self._items.get((ask.question.fact, ask.question.argument))

    def _word(self, ask: Ask) -> str:
        name = ask.thing.partition(":")[2]
        words = ask.question.argument
        wanted = (e for text, e in self._expected.items() if text.replace("{name}", name) == words)
        rack = surroundings.place(self._site, name, "rack")
        usual = {"rack-label": rack or f"the rack of {name}", "power-seen": "lit"}
        return next(wanted, usual.get(ask.question.fact, "yes"))


def _newest_first(builds: Sequence[Build]) -> list[Build]:
    return sorted(builds, key=lambda b: (str(b.released), b.version), reverse=True)


_PLAIN: dict[str, Answer] = {
    "route": said.Route(source="192.0.2.1"),
    "tcp": said.Connected(rtt_us=1000),
    "icmp": said.Echo(sent=3, received=3, rtt_us=(1000, 1000, 1000), way="datagram"),
}


def _serial(teller: _Teller, ask: Ask) -> str:
    name = ask.thing.partition(":")[2]
    return teller.boxes.get(name) or f"serial number of {name}"


def _uuid(ask: Ask) -> str:
    return _uuid_of(ask.thing.partition(":")[2])


def _uuid_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def _host_key(teller: _Teller, ask: Ask) -> Answer:
    own = f"SHA256:key of {ask.thing}"
    return said.HostKey(algorithm="ssh-ed25519", fingerprint=teller.host(ask).ssh.host_key or own)


def _system(teller: _Teller, ask: Ask) -> Answer:
    return said.System(serial=_serial(teller, ask), uuid=_uuid(ask))


def _chassis(teller: _Teller, ask: Ask) -> Answer:
    host, row = teller.host(ask), teller.row(ask)
    return said.Chassis(
        serial=_serial(teller, ask),
        enclosure_serial=f"number of {host.enclosure}" if host.enclosure else None,
        chassis_type="Blade" if host.enclosure else "RackMount",
        rack=host.rack,
        row=row,
        hall=host.hall,
    )


def _record(teller: _Teller, ask: Ask) -> Answer:
    """NetBox says what the site file says: a claim beside a claim."""
    host = teller.named(ask.question.argument)
    return said.Record(
        name=ask.question.argument, serial=host.serial, rack=host.rack, hall=host.hall,
        feeds=host.feeds[:64], runs_on=host.runs_on,
    )  # fmt: skip


def _file(teller: _Teller, ask: Ask) -> Answer:
    digest = teller.item(ask)
    return said.FileState(present=digest is not None, sha256=digest, size_bytes=digest and 1)


def _package(teller: _Teller, ask: Ask) -> Answer:
    version = teller.item(ask)
    return said.PackageState(installed=version is not None, version=version)


def _machine_id(_: _Teller, ask: Ask) -> Answer:
    return said.Text(value=hashlib.sha256(ask.thing.encode()).hexdigest()[:32])


_METHOD = {
    "ssh": "publickey",
    "redfish": "session",
    "ipmi": "rakp",
    "snmp": "usm",
    "proxmox": "token",
    "vsphere": "session",
}
_TOLD: dict[str, Callable[[_Teller, Ask], Answer]] = {
    "host-key": _host_key,
    "login": lambda _, ask: said.Login(method=_METHOD[ask.question.protocol]),
    "presence": lambda _, ask: said.Present(rtt_us=1000),  # noqa: ARG005
    "machine-id": _machine_id,
    "product-uuid": lambda _, ask: said.Text(value=_uuid(ask)),
    "product-serial": lambda teller, ask: said.Text(value=_serial(teller, ask)),
    "chassis-serial": lambda teller, ask: said.Text(value=_serial(teller, ask)),
    "boot-id": lambda _, ask: said.Text(value=_uuid(ask)),
    "file": _file,
    "package": _package,
    "system": _system,
    "power": lambda _, ask: said.Power(state="On"),  # noqa: ARG005 - all are told alike
    "chassis": _chassis,
    "supplies": lambda _, ask: devices.SUPPLIES,  # noqa: ARG005
    "outlets": lambda teller, ask: teller.outlets(ask),
    "battery": lambda _, ask: devices.battery(),  # noqa: ARG005
    "device": lambda _, ask: devices.device(ask.thing),
    "record": _record,
    "guests": lambda teller, ask: teller.guests(ask),
    "asset-tag": lambda _, ask: said.Text(value=f"asset tag of {ask.thing}"),
    "virtual": lambda teller, ask: teller.about(ask, surroundings.virtual),
    "interfaces": lambda teller, ask: teller.about(ask, surroundings.interfaces),
    "gateway": lambda _, ask: surroundings.gateway(ask.thing),
    "storage": lambda _, ask: surroundings.storage(),  # noqa: ARG005
    "neighbours": lambda teller, ask: teller.about(ask, surroundings.neighbours),
}

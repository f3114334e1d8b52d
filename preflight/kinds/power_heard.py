"""What the sources of a server's power said, sorted by meaning."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from preflight.evidence import Ask, Evidence, HostKey, NoAnswer, Power
from preflight.files.site import Host
from preflight.kinds import asks
from preflight.kinds.base import Case
from preflight.kinds.feeding import Plugged, plugged
from preflight.kinds.power_seen import Sight, sights
from preflight.kinds.reading import SCRIPT, Silent, read, read_from
from preflight.kinds.sources import quoted, who
from preflight.words import Assurance, Controller, UnknownCause

ON = frozenset({"On", "Paused"})
"""Redfish PowerState values (DSP0268) under which the system has power."""
OFF = "Off"
_TELL = frozenset({Controller.BMC, Controller.PDU})
"""Controllers that say something of the server; the host itself shows it."""


@dataclass(frozen=True)
class Statement:
    """What one source says, and that it is on, off or in between."""

    evidence: Evidence
    state: str

    def __str__(self) -> str:
        evidence = self.evidence
        if evidence.controller in _TELL:
            return f"{who(evidence)} says {quoted(self.state)}"
        if evidence.vantage == "customer":
            return f"{SCRIPT} {self.state} of {evidence.thing}"
        return f"{evidence.thing} {self.state}"


@dataclass
class Sources:
    """What the sources said, by meaning."""

    on: list[Statement] = field(default_factory=list)
    off: list[Statement] = field(default_factory=list)
    between: list[Statement] = field(default_factory=list)
    blocking: list[Silent] = field(default_factory=list)
    """Silence that may hide an Off."""
    missing: list[Silent] = field(default_factory=list)
    instead: Assurance | None = None
    """The customer's word in place of our own silent look at the BMC."""
    seen: tuple[Sight, ...] = ()
    """What persons say of the display of a power strip."""


def hear(case: Case, wanted: Collection[str]) -> Sources:
    """All that the wanted sources (`bmc`, `host`, `outlet`), and persons, said of this host."""
    host = case.context.site.hosts[case.subject.name]
    heard = Sources(seen=sights(case))
    if host.bmc and "bmc" in wanted:
        _hear_bmc(heard, case, asks.bmc(case.subject.name, host.bmc, "power"))
    if "outlet" in wanted:
        _hear_outlets(heard, case, host)
    if "host" in wanted:
        key = asks.ssh(case.subject.name, host, "host-key")
        _hear_host(heard, case, key)
        _hear_script(heard, case, key, host.ssh.host_key)
    return heard


def _hear_bmc(heard: Sources, case: Case, ask: Ask) -> None:
    reading = read(case.replies, ask, Power)
    heard.blocking.extend(s for s in reading.silent if s in reading.blocking or _at_the_door(s))
    heard.instead = reading.instead
    heard.missing.extend(s for s in reading.silent if s.declined and not _at_the_door(s))
    for answer, evidence in ((h.answer, h.evidence) for h in reading.heard):
        statement = Statement(evidence, answer.state or "")
        if not answer.state:
            null = NoAnswer(cause=UnknownCause.MISSING_ATTRIBUTE, detail="it tells no power state")
            heard.missing.append(Silent(ask, null, evidence))
        elif answer.state in ON:
            heard.on.append(statement)
        else:
            (heard.off if answer.state == OFF else heard.between).append(statement)


def _at_the_door(silent: Silent) -> bool:
    """It declined before it had proved who it is, as a BMC that refuses the cipher suite. What it
    would have told inside, nobody knows."""
    evidence = silent.evidence
    return silent.declined and not silent.theirs and evidence is not None and not evidence.proven


def _hear_host(heard: Sources, case: Case, ask: Ask) -> None:
    reading = read_from("vendor", case.replies, ask, HostKey)
    heard.missing.extend(reading.silent)
    for item in reading.heard:
        if item.evidence.proven:
            heard.on.append(Statement(item.evidence, "shows its pinned host key"))
        else:
            unpinned = NoAnswer(cause=UnknownCause.HOST_KEY, detail="its host key is not pinned")
            heard.missing.append(Silent(ask, unpinned, item.evidence))


def _hear_outlets(heard: Sources, case: Case, host: Host) -> None:
    """One outlet that is on feeds the server; all of them off is off. Until one is known to be on,
    a PDU that keeps silent may hide an outlet that is off."""
    found = plugged(case, host)
    if not any(plug.reading for plug in found):
        return
    on = [plug for plug in found if plug.on]
    if on:
        heard.on.extend(_fed_by(plug) for plug in on)
    elif all(plug.on is False for plug in found):
        heard.off.extend(_fed_by(plug) for plug in found)
    else:
        silent = [s for plug in found if plug.reading for s in plug.reading.silent]
        heard.blocking.extend(s for s in silent if not (s.declined or s.theirs))
        heard.missing.extend(s for s in silent if s.declined)


def _fed_by(plug: Plugged) -> Statement:
    """Of what several vantages were told, the best."""
    best = max(plug.evidence, key=lambda e: e.assurance.rank)
    return Statement(best, f"outlet {plug.outlet.outlet} is {'on' if plug.on else 'off'}")


def _hear_script(heard: Sources, case: Case, ask: Ask, pin: str | None) -> None:
    """The customer's script knows no pins: a key that it saw counts when it is the site file's,
    unless the host showed another one to us."""
    if pin is None or any(s.no_answer.cause is UnknownCause.WRONG_SITE for s in heard.missing):
        return
    for item in read_from("customer", case.replies, ask, HostKey).heard:
        if item.evidence.proven and item.answer.fingerprint == pin:
            heard.on.append(Statement(item.evidence, "saw the pinned host key"))

"""Claims and observations of the same facts: who says where a host stands and which one it is."""

from __future__ import annotations

from dataclasses import dataclass

from preflight.evidence import Chassis, Evidence, HostKey, System, Text
from preflight.files.site import Host, Site
from preflight.finding import Said
from preflight.kinds.base import cut
from preflight.text import one_line
from preflight.words import Assurance

SITE_FILE = "site file"
FACTS = ("serial", "rack", "hall", "host-key")
"""Facts of a host that the site file claims and that something can observe."""


@dataclass(frozen=True)
class Observation:
    """One fact of one host, as something that answered says it."""

    host: str
    fact: str
    value: str
    evidence: Evidence

    @property
    def who(self) -> str:
        """The thing that said it."""
        return self.evidence.thing

    def said(self) -> Said:
        """As a line of a contradiction."""
        return Said(
            who=self.who,
            value=quoted(self.value),
            assurance=self.evidence.assurance,
            evidence=self.evidence.id,
        )


def claimed(value: str) -> Said:
    """The site file's word, as a line of a contradiction."""
    return Said(who=SITE_FILE, value=quoted(value), assurance=Assurance.CLAIMED)


def observations(evidence: Evidence) -> tuple[Observation, ...]:
    """What one piece of evidence says about its host. Blank says nothing; never raises."""
    if evidence.no_answer is not None:
        return ()
    host = evidence.thing.partition(":")[2]
    return tuple(
        Observation(host, fact, value, evidence)
        for fact, value in _values(evidence)
        if value and value.strip()
    )


def _values(evidence: Evidence) -> tuple[tuple[str, str | None], ...]:
    fact, answer = evidence.question.fact, evidence.answer
    if fact == "product-serial" and isinstance(answer, Text):
        return (("serial", answer.value),)
    if fact == "system" and isinstance(answer, System):
        return (("serial", answer.serial),)
    if fact == "host-key" and isinstance(answer, HostKey):
        return (("host-key", answer.fingerprint),)
    if fact == "chassis" and isinstance(answer, Chassis):
        return (("rack", answer.rack), ("hall", answer.hall))
    return ()


def claim(host: Host, fact: str) -> str | None:
    """What the site file says about one of `FACTS`; blank is nothing."""
    claims = {"serial": host.serial, "rack": host.rack, "hall": host.hall}
    value = {**claims, "host-key": host.ssh.host_key}[fact]
    return value if value and value.strip() else None


def declared(site: Site, fact: str) -> frozenset[str]:
    """The labels of racks, halls or feeds that the site file declares under `halls:`."""
    if fact == "hall":
        return frozenset(site.halls)
    if fact == "rack":
        return frozenset(label for hall in site.halls.values() for label in hall.racks)
    return frozenset(label for hall in site.halls.values() for label in hall.feeds)


def differs(site: Site, fact: str, said: str, seen: str) -> bool:
    """Whether a claim and an observation cannot both be right.

    Serial numbers are compared without case and outer blanks, host keys to the letter. Two labels
    differ only when both are declared: free text proves nothing (contract 4).
    """
    if fact == "serial":
        return not same_serial(said, seen)
    if fact == "host-key":
        return said != seen
    return said != seen and {said, seen} <= declared(site, fact)


def same_serial(one: str, other: str) -> bool:
    """Vendors, labels and delivery notes disagree about case and padding only."""
    return one.strip().casefold() == other.strip().casefold()


def quoted(value: str) -> str:
    """Foreign text, made safe for one line of a report."""
    return cut(one_line(value), 1000)

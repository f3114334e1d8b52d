"""Claims and observations of the same facts: who says where a host stands and which one it is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from preflight.evidence import (
    Certificate,
    Chassis,
    Evidence,
    HostKey,
    Record,
    Statement,
    System,
    Text,
)
from preflight.files.site import Host, Site
from preflight.finding import Said
from preflight.kinds.base import cut
from preflight.kinds.reading import SCRIPT, SOMEBODY
from preflight.text import one_line
from preflight.words import Assurance, Controller

SITE_FILE = "site file"
NETBOX = "NetBox"
FACTS = ("serial", "rack", "hall", "host-key")
"""Facts of a host that the site file claims and that a run can observe."""
_LABELS = frozenset({"rack", "row", "hall"})
_OF_A_HOST = frozenset({"host", "bmc"})
_ROLE_CHARS = 60


@dataclass(frozen=True)
class Observation:
    """One fact of one host, as something or somebody that answered says it."""

    host: str
    fact: str
    value: str
    evidence: Evidence

    @property
    def who(self) -> str:
        """The thing that said it, the customer's script, or a person by role."""
        return who(self.evidence)

    @property
    def is_claim(self) -> bool:
        """A person's word, or an answer that anybody may have altered on its way (law 2)."""
        return self.evidence.assurance is Assurance.CLAIMED

    @property
    def is_written(self) -> bool:
        """Written beforehand by somebody, as the site file is; nobody was asked in this run."""
        return isinstance(self.evidence.answer, Record)

    def said(self) -> Said:
        """As a line of a contradiction."""
        return Said(
            who=self.who,
            value=quoted(self.value),
            assurance=self.evidence.assurance,
            evidence=self.evidence.id,
        )


def who(evidence: Evidence) -> str:
    """`bmc:db1`; `the customer's own script at bmc:db1`; `somebody on site (electrician)`;
    `NetBox`."""
    if evidence.question.protocol == "netbox":
        return NETBOX
    if evidence.controller is Controller.PERSON:
        role = evidence.answer.by if isinstance(evidence.answer, Statement) else ""
        return f"{SOMEBODY} ({one_line(role, _ROLE_CHARS)})" if role.strip() else SOMEBODY
    return f"{SCRIPT} at {evidence.thing}" if evidence.vantage == "customer" else evidence.thing


def claimed(value: str) -> Said:
    """The site file's word, as a line of a contradiction."""
    return Said(who=SITE_FILE, value=quoted(value), assurance=Assurance.CLAIMED)


def observations(evidence: Evidence, site: Site) -> tuple[Observation, ...]:
    """What one piece of evidence says about its host. Blank says nothing; never raises."""
    type_, _, host = evidence.thing.partition(":")
    if type_ == "netbox":
        host = evidence.question.argument
    elif type_ not in _OF_A_HOST:
        return ()
    if evidence.no_answer is not None:
        return ()
    return tuple(
        Observation(host, fact, value, evidence)
        for fact, value in _values(evidence, site)
        if value and value.strip()
    )


def _values(evidence: Evidence, site: Site) -> tuple[tuple[str, str | None], ...]:
    fact, answer = evidence.question.fact, evidence.answer
    if fact in _TEXTS and isinstance(answer, Text):
        return ((_TEXTS[fact], answer.value),)
    if fact == "system" and isinstance(answer, System):
        return (("serial", answer.serial),)
    if fact == "host-key" and isinstance(answer, HostKey):
        return (("host-key", answer.fingerprint),)
    if fact == "chassis" and isinstance(answer, Chassis):
        return (("rack", answer.rack), ("row", answer.row), ("hall", answer.hall))
    if fact == "record" and isinstance(answer, Record):
        return tuple((name, getattr(answer, name)) for name in ("serial", "rack", "row", "hall"))
    if fact == "certificate" and isinstance(answer, Certificate):
        return ((fact, answer.sha256),)
    if fact == "rack-label" and isinstance(answer, Statement):
        return (("rack", answer.value and _as_declared(answer.value.strip(), site)),)
    return ()


_TEXTS = {"product-serial": "serial", "machine-id": "machine-id", "product-uuid": "product-uuid"}


def _as_declared(text: str, site: Site) -> str:
    """People read `Rack N1.` off a rack that is declared as `N1`. What can be read as one declared
    label and no other is that label; any other text stays what it is."""
    labels = [label for label in declared(site, "rack") if _letters(label) == _letters(text)]
    return labels[0] if len(labels) == 1 else text


def _letters(text: str) -> str:
    """ASCII letters and digits alone, in one case, without the word before a label."""
    plain = _NO_LETTER.sub("", text.lower())
    return plain.removeprefix("rack").removeprefix("cabinet") or plain


_NO_LETTER = re.compile(r"[^a-z0-9]")


def claim(host: Host, fact: str) -> str | None:
    """What the site file says about one of `FACTS`; blank is nothing."""
    pin = host.bmc.tls.sha256 if host.bmc and host.bmc.tls else None
    claims = {"serial": host.serial, "rack": host.rack, "hall": host.hall}
    value = {**claims, "host-key": host.ssh.host_key, "certificate": pin}.get(fact)
    return value if value and value.strip() else None


def declared(site: Site, fact: str) -> frozenset[str]:
    """The labels of racks, rows, halls or feeds that the site file declares under `halls:`."""
    if fact == "hall":
        return frozenset(site.halls)
    if fact == "row":
        return frozenset(row for hall in site.halls.values() for row in hall.rows)
    if fact == "rack":
        return frozenset(label for hall in site.halls.values() for label in hall.racks)
    return frozenset(label for hall in site.halls.values() for label in hall.feeds)


def differs(site: Site, fact: str, said: str, seen: str) -> bool:
    """Whether two statements of one fact cannot both be right.

    Serial numbers and ids are compared without case and outer blanks, host keys to the letter. Two
    labels differ only when both are declared: free text proves nothing (contract 4).
    """
    if fact in _LABELS:
        return said != seen and comparable(site, fact, said, seen)
    return said != seen if fact == "host-key" else not same_serial(said, seen)


def comparable(site: Site, fact: str, one: str, other: str) -> bool:
    """Whether two statements of one fact can agree or differ at all: free text on a label can do
    neither, unless it is the very same."""
    return fact not in _LABELS or one == other or {one, other} <= declared(site, fact)


def same_serial(one: str, other: str) -> bool:
    """Vendors, labels and delivery notes disagree about case and padding only."""
    return folded(one) == folded(other)


def folded(serial: str) -> str:
    """What all ways to write a serial number or an id have in common."""
    return serial.strip().casefold()


def quoted(value: str) -> str:
    """Foreign text, made safe for one line of a report."""
    return cut(one_line(value), 1000)

"""One box for both? By the serial number of the enclosure that each BMC says it sits in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from preflight.evidence import Chassis, Evidence
from preflight.finding import Said
from preflight.junk import real
from preflight.kinds import asks
from preflight.kinds.base import Case
from preflight.kinds.reading import read
from preflight.kinds.sources import quoted, who
from preflight.words import Assurance


@dataclass(frozen=True)
class Enclosure:
    """The box that two hosts share."""

    found: str
    serial: str
    evidence: tuple[Evidence, ...]

    def said(self) -> tuple[Said, ...]:
        """As lines of a contradiction."""
        value = f"enclosure {quoted(self.serial)}"[:1000]
        return tuple(
            Said(who=who(e), value=value, assurance=e.assurance, evidence=e.id)
            for e in self.evidence
        )


def enclosure(case: Case, one: str, other: str) -> Enclosure | None:
    """The box that both were seen in; None when no serial number of theirs is the same.

    A server's own chassis has its own number. Nodes of one multi-node chassis show that chassis,
    or one that is contained by it.
    """
    first, second = (
        case.once(("boxes", name), partial(_boxes_of, case, name)) for name in (one, other)
    )
    shared = sorted(first.keys() & second.keys())
    if not shared:
        return None
    number, evidence = first[shared[0]]
    found = f"{one} and {other} sit in one enclosure (serial {quoted(number)})"
    return Enclosure(found, number, (evidence, second[shared[0]][1]))


def _boxes_of(case: Case, name: str) -> Mapping[str, tuple[str, Evidence]]:
    return dict(_boxes(case, name))


def _boxes(case: Case, name: str) -> Iterator[tuple[str, tuple[str, Evidence]]]:
    """Folded serial number -> as written, and who says so. Only what we saw ourselves."""
    bmc = case.context.site.hosts[name].bmc
    heard = read(case.replies, asks.bmc(name, bmc, "chassis"), Chassis).heard if bmc else ()
    for item in (h for h in heard if h.evidence.assurance is Assurance.OBSERVED):
        for number in (item.answer.enclosure_serial, item.answer.serial):
            if serial := real(number):
                yield serial.casefold(), (serial, item.evidence)

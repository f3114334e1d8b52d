"""What a thing showed, beside what is pinned for it. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from preflight.evidence import Certificate, HostKey, ServiceRoot


class State(str, Enum):
    """How what is shown stands to what is pinned."""

    UNPINNED = "unpinned"
    PINNED = "pinned"
    BY_CA = "by-ca"
    WRONG_SITE = "wrong-site"
    SILENT = "silent"


@dataclass(frozen=True)
class Shown:
    """One thing: `host:db1` and its SSH keys, or `bmc:db1`, `pdu:n1-a` or `hypervisor:pve` and its
    certificate."""

    thing: str
    where: str
    """`address:port`."""
    keys: tuple[HostKey, ...] = ()
    """Best first."""
    certificate: Certificate | None = None
    root: ServiceRoot | None = None
    pins: frozenset[str] = frozenset()
    pinned_by: str = ""
    """`the site file`, `known_hosts` or `ca`; empty when nothing knows it."""
    old: bool = False
    """It could only be met with old algorithms."""
    why: str = ""
    """Why nothing was shown."""

    @property
    def name(self) -> str:
        """In the site file."""
        return self.thing.partition(":")[2]

    @property
    def values(self) -> tuple[str, ...]:
        """All that could be pinned, the best first."""
        return (
            (self.certificate.sha256,)
            if self.certificate
            else tuple(k.fingerprint for k in self.keys)
        )

    @property
    def state(self) -> State:
        """What `known_hosts` knows is compared, but is still to be written into the site file."""
        if not self.values:
            return State.SILENT
        if self.pinned_by == "ca":
            return State.BY_CA
        if self.pins and not self.pins & set(self.values):
            return State.WRONG_SITE
        return State.PINNED if self.pinned_by == "the site file" else State.UNPINNED

    @property
    def to_pin(self) -> str:
        """The best of what is shown that nothing contradicts."""
        return next(v for v in self.values if not self.pins or v in self.pins)


def shared(shown: Iterable[Shown]) -> Mapping[str, tuple[str, ...]]:
    """Key or digest -> the things that show it, where they are several: one machine, or copies."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in shown:
        for value in item.values:
            found[value].append(item.thing)
    return {value: tuple(things) for value, things in found.items() if len(things) > 1}

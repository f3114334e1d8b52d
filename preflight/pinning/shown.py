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


def key_sort(algorithm: str) -> str:
    """The sort of a host key as `ssh-keygen -l` writes it: `ED25519`, `ECDSA`, `RSA` or `DSA`."""
    first = algorithm.split("-")[1 if algorithm.startswith("ssh-") else 0]
    return {"dss": "DSA"}.get(first, first.upper())


@dataclass(frozen=True)
class Claim:
    """A fingerprint that the customer's list gives to a thing."""

    value: str
    """`SHA256:...` of a host key, or 64 lower-case hex digits of a certificate."""
    sort: str = ""
    """As `key_sort`, where the list says it."""
    line: int = 0
    """From 1."""

    def may_be_of_sort(self, sort: str) -> bool:
        """Whether both may speak of one key: somebody who says no sort may mean any."""
        return not self.sort or not sort or self.sort == sort


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
    listed: tuple[Claim, ...] = ()
    """What the customer's list says of it."""

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
    def agrees(self) -> bool | None:
        """Whether the list says what is shown: every key of a sort that is shown, and at least one.
        None: it stands in no list, or shows nothing."""
        if not self.listed or not self.values:
            return None
        sorts = {key_sort(key.algorithm) for key in self.keys}
        compared = [c.value for c in self.listed if not c.sort or c.sort in sorts]
        return bool(compared) and set(compared) <= set(self.values)

    @property
    def to_pin(self) -> str:
        """The best of what is shown that the list confirms and nothing contradicts."""
        listed = {claim.value for claim in self.listed}
        wanted = [v for v in self.values if not self.agrees or v in listed]
        return next((v for v in wanted if v in self.pins), wanted[0])


def shared(shown: Iterable[Shown]) -> Mapping[str, tuple[str, ...]]:
    """Key or digest -> the things that show it, where they are several: one machine, or copies."""
    found: dict[str, list[str]] = defaultdict(list)
    for item in shown:
        for value in item.values:
            found[value].append(item.thing)
    return {value: tuple(things) for value, things in found.items() if len(things) > 1}

"""Several faults at once, each at one thing and for a while, drawn by a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from tests.lab.world.truth import DEMO, READY, Truth

HOSTS = tuple(host.name for host in READY.hosts)
CONTROL = "control"
SILENT = frozenset({"drop", "refuse", "unreachable"})
"""Nobody gets a connection."""
SLOW = frozenset({"delay", "loss"})
"""Everything still works, or may."""
DIVERTED = frozenset({"rst", "garbage", "trickle", "stranger", "drip"})
"""Somebody else takes the connection."""
FACES = frozenset({"html", "hanging", "expired"})
"""What a BMC shows to everybody; for a whole run."""
STEPS_S = (3600, -3600, 20, -20, 86400)
"""By how much somebody sets the clock of the machine that looks."""

_HOST = [*SILENT, *SLOW, "stop", "rst", "garbage", "trickle", "stranger"]
_BMC = [*SILENT, *SLOW, *DIVERTED, *FACES]
KINDS = {
    **{f"host:{name}": sorted(_HOST) for name in HOSTS},
    **{f"bmc:{name}": sorted(_BMC) for name in HOSTS},
    CONTROL: sorted([*SILENT, *SLOW]),
}
"""Thing -> what can go wrong with it."""

TRUTHS: dict[str, Truth] = {
    "ready": READY,
    "media1 is off": READY.machine("media1", power="Off"),
    "db2 has a demo build": READY.machine("db2", build=DEMO),
    "db2 stands beside db1": READY.machine("db2", hall="north", rack="N1"),
    "media1 is another machine": READY.machine("media1", serial="CZ29999Z"),
    "db1 has a new host key": READY.machine("db1", host_key="second"),
}
"""What the site really is, while the site file says that it is ready."""


@dataclass(frozen=True)
class Fault:
    """One thing goes wrong."""

    thing: str
    what: str
    begins_s: float = 0.0
    """After the first packet; 0 for before the run."""
    heals_s: float | None = None
    """None for never."""

    @property
    def lasts(self) -> bool:
        """For the whole run."""
        return self.begins_s == 0 and self.heals_s is None

    def __str__(self) -> str:
        begins = f" from {self.begins_s} s" if self.begins_s else ""
        heals = "" if self.heals_s is None else f" until {self.heals_s} s"
        return f"{self.what} at {self.thing}{begins}{heals}"


@dataclass(frozen=True)
class Combination:
    """All that is wrong in one run."""

    seed: int
    truth: str
    limit_s: int
    """`--timeout`."""
    password: bool
    """The login to the hosts is by password, which a stranger must never see."""
    faults: tuple[Fault, ...] = ()
    step: tuple[float, int] | None = None
    """When somebody sets the clock, and by how many seconds."""

    def of(self, thing: str) -> list[Fault]:
        """What is wrong with a thing."""
        return [fault for fault in self.faults if fault.thing == thing]

    def __str__(self) -> str:
        faults = "".join(f"\n  {fault}" for fault in self.faults) or "\n  no fault"
        clock = f"\n  clock set by {self.step[1]} s after {self.step[0]} s" if self.step else ""
        login = "password" if self.password else "key"
        return f"seed {self.seed}: {self.truth}, {self.limit_s} s, by {login}{faults}{clock}"


def combination(seed: int, limits_s: tuple[int, ...] = (3, 8, 15, 30, 60)) -> Combination:
    """The same for the same seed, always."""
    dice = random.Random(seed)  # noqa: S311 - a seed, no secret
    faults: dict[tuple[str, str], Fault] = {}
    if dice.random() < 0.1:
        for thing in KINDS:
            if thing != CONTROL or dice.random() < 0.5:
                faults[thing, "drop"] = Fault(thing, dice.choice(["drop", "unreachable"]))
    for _ in range(dice.choice([0, 1, 1, 2, 2, 3, 4, 6])):
        thing = dice.choice(sorted(KINDS))
        what = dice.choice(KINDS[thing])
        if not any(of == thing and (was == what or {was, what} <= FACES) for of, was in faults):
            faults[thing, what] = _for_a_while(dice, thing, what)
    return Combination(
        seed=seed,
        truth=dice.choice(["ready", "ready", "ready", *TRUTHS]),
        limit_s=dice.choice(limits_s),
        password=dice.random() < 0.5,
        faults=tuple(faults.values()),
        step=(round(dice.uniform(0.1, 3), 1), dice.choice(STEPS_S))
        if dice.random() < 0.2
        else None,
    )


def _for_a_while(dice: random.Random, thing: str, what: str) -> Fault:
    """Two of three last; the others begin or heal in the middle of the run."""
    if what in FACES or dice.random() < 0.66:
        return Fault(thing, what)
    begins = dice.choice([0.0, round(dice.uniform(0.05, 3), 2)])
    heals = round(begins + dice.uniform(0.3, 4), 2)
    return Fault(thing, what, begins, heals if begins == 0 or dice.random() < 0.5 else None)

"""What no run may say, told by somebody who knows the truth of the lab and all that went wrong.

It shares no rule with the product: it looks at faults and truth, never at evidence, except to
compare an observation with the truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.lab.world.chaos import CONTROL, HOSTS, SILENT, SLOW, TRUTHS, Combination
from tests.lab.world.truth import READY, RELEASE

Data = dict[str, Any]
ANSWERS, BMC_ANSWERS = "reach/answers@host:", "reach/bmc-answers@host:"
LOGIN, BMC_LOGIN = "reach/login-works@host:", "reach/bmc-login-works@host:"
POWER, IDENTITY = "power/powered-on@host:", "identity/as-delivered@host:"
BUILD = "software/released-build@host:"
APART = "redundancy/apart@group:database"
AGREE = "site/claims-agree@site:lagos-ikeja"
SAFE = "safety/safe-to-work@site:lagos-ikeja"
ONLY_A_PERSON_KNOWS = ("place/rack-label@host:", "power/display-lit@host:")

DUE = frozenset(
    {APART, AGREE, SAFE}
    | {f"{check}{name}" for name in HOSTS
       for check in (ANSWERS, BMC_ANSWERS, LOGIN, BMC_LOGIN, POWER, IDENTITY)}
    | {f"{check}{name}" for name in ("db1", "db2")
       for check in (BUILD, *ONLY_A_PERSON_KNOWS)}
)  # fmt: skip
"""Every finding but the needs, written down by hand."""


class Oracle:
    """Knows one combination."""

    def __init__(self, what: Combination) -> None:
        self.what = what
        self.truth = TRUTHS[what.truth]

    # --- what could be reached -----------------------------------------------------------------

    def off(self, thing: str) -> bool:
        """A host without power. Its BMC lives on."""
        kind, _, name = thing.partition(":")
        return kind == "host" and self.truth[name].machine.power != "On"

    def never_connects(self, thing: str) -> bool:
        """Nobody could open a connection to it, from before the run to its end."""
        faults = self.what.of(thing)
        return self.off(thing) or any(f.what in SILENT and f.lasts for f in faults)

    def always_connects(self, thing: str) -> bool:
        """Connections open at once or late, and never not."""
        faults = self.what.of(thing)
        return not self.off(thing) and not any(f.what in SILENT | {"loss"} for f in faults)

    def never_speaks(self, thing: str) -> bool:
        """Nobody could learn anything from inside it, whatever its port does."""
        if thing == "host:db1" and self.truth["db1"].machine.host_key != "first":
            return True
        faults = self.what.of(thing)
        return self.never_connects(thing) or any(f.what not in SLOW and f.lasts for f in faults)

    def control_lost(self) -> bool:
        """The way to the site was never shown to work."""
        return self.never_connects(CONTROL)

    def alone(self, thing: str) -> bool:
        """Nothing else at the site could answer."""
        others = [f"{kind}:{name}" for name in HOSTS for kind in ("host", "bmc")]
        return all(self.never_connects(other) for other in others if other != thing)

    # --- what may be said ----------------------------------------------------------------------

    def may_pass(self, finding: str, report: Data) -> bool:
        """Its fact is true, and what had to be reached for it could be."""
        check, _, name = finding.partition("@")
        name = name.partition(":")[2]
        host, bmc = f"host:{name}", f"bmc:{name}"
        rules: dict[str, Callable[[], bool]] = {
            "reach/answers": lambda: not self.never_connects(host),
            "reach/bmc-answers": lambda: not self.never_connects(bmc),
            "reach/login-works": lambda: not self.never_speaks(host),
            "reach/bmc-login-works": lambda: not self.never_speaks(bmc),
            "power/powered-on": lambda: (
                not (self.off(host) or self.never_speaks(host) or self.never_speaks(bmc))
            ),
            "identity/as-delivered": lambda: (
                not self.never_speaks(bmc) and self._machine(name).serial == _claimed(name).serial
            ),
            "software/released-build": lambda: (
                not self.never_speaks(host) and self._machine(name).build == RELEASE
            ),
            "redundancy/apart": lambda: self._both_known() and not _seen_otherwise(report, _PLACE),
            "site/claims-agree": lambda: not _seen_otherwise(report, _CLAIMED),
            "site/needs": lambda: True,
        }
        return rules[check]() if check in rules else False

    def may_fail(self, finding: str) -> bool:
        """Its fact is false, or silence came while the way to the site was good."""
        check, _, name = finding.partition("@")
        name = name.partition(":")[2]
        if check in {"reach/answers", "reach/bmc-answers"}:
            thing = f"{'host' if check == 'reach/answers' else 'bmc'}:{name}"
            return not (self.always_connects(thing) or self.control_lost() or self.alone(thing))
        rules: dict[str, Callable[[], bool]] = {
            "power/powered-on": lambda: self.off(f"host:{name}"),
            "identity/as-delivered": lambda: self._machine(name).serial != _claimed(name).serial,
            "software/released-build": lambda: self._machine(name).build != RELEASE,
            "redundancy/apart": lambda: self._machine("db1").rack == self._machine("db2").rack,
        }
        return rules[check]() if check in rules else False

    def must_pass(self, finding: str) -> bool:
        """Of a run that was not cut short: the thing connects, slowly at worst."""
        check, _, name = finding.partition("@host:")
        things = {"reach/answers": f"host:{name}", "reach/bmc-answers": f"bmc:{name}"}
        return check in things and self.always_connects(things[check])

    def may_go(self) -> bool:
        """The site is what the site file says, and everything could be seen."""
        things = [CONTROL, *(f"{kind}:{name}" for name in HOSTS for kind in ("host", "bmc"))]
        seen = not any(self.never_speaks(t) for t in things if t != CONTROL)
        return self.what.truth == "ready" and seen

    def must_go(self) -> bool:
        """Nothing at all is wrong, and there is time enough."""
        return self.what.truth == "ready" and not self.what.faults and self.what.limit_s >= 30

    def _machine(self, name: str) -> Any:
        return self.truth[name].machine

    def _both_known(self) -> bool:
        """Which machine each of the two is: from its system or from its BMC."""
        return not any(
            self.never_speaks(f"host:{name}") and self.never_speaks(f"bmc:{name}")
            for name in ("db1", "db2")
        )


def _claimed(name: str) -> Any:
    return READY[name].machine


_PLACE = {
    ("bmc:db2", "chassis", "rack"): READY["db2"].machine.rack,
    ("bmc:db2", "chassis", "hall"): READY["db2"].machine.hall,
}
"""(thing, fact, field) -> what the site file says of the one server that may stand elsewhere."""
_CLAIMED = _PLACE | {("bmc:media1", "system", "serial"): READY["media1"].machine.serial}


def _seen_otherwise(report: Data, claims: dict[tuple[str, str, str], str]) -> bool:
    """Something proven told the truth where the site file tells another thing."""
    return any(
        item["answer"][field] != claim
        for item in report["evidence"]
        if item["proven"] and item["answer"]
        for (thing, fact, field), claim in claims.items()
        if (item["thing"], item["question"]["fact"]) == (thing, fact)
    )

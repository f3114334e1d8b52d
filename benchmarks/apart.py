"""What it costs to judge that the members of a group share nothing.

python -m benchmarks.apart [MEMBERS]

Nothing is contacted. Processor time of one thread, best of three: for the four dimensions that a
cluster usually wants, and for all.
"""

from __future__ import annotations

import sys
from typing import Any

from benchmarks.judging import START, best
from preflight.evidence import Ask, Evidence, controller_of, evidence_id, good_for_s
from preflight.files.site import Site
from preflight.kinds.base import Case, Context, Replies, Subject
from preflight.kinds.separated import Separated, SeparatedParameters
from preflight.words import Dimension

USUAL = (Dimension.MACHINE, Dimension.RACK, Dimension.HALL, Dimension.FEED)
LIMIT_S = 1.0
"""What the project promises for a group of 200."""


def site(members: int) -> Site:
    """One group, each member in a hall, a rack and on a feed of its own."""
    numbers = range(members)
    data = {
        "site": "large", "customer": "Example Telecom", "profile": "base-servers",
        "authorised": {"by": "C. Eze, security", "on": "2026-11-10", "from": "2026-11-15",
                       "until": "2026-12-12", "networks": ["127.0.0.0/8"]},
        "halls": {f"h{n}": {"racks": [f"R{n}"], "feeds": [f"F{n}"]} for n in numbers},
        "hosts": {f"db{n}": {"address": f"127.1.{n // 250}.{n % 250 + 1}", "hall": f"h{n}",
                             "rack": f"R{n}", "feeds": [f"F{n}"]} for n in numbers},
        "groups": {"database": {"hosts": [f"db{n}" for n in numbers]}},
    }  # fmt: skip
    return Site.model_validate(data)


def answer(ask: Ask, number: int) -> dict[str, Any]:
    """What a member says that has everything to itself."""
    mac = f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"
    network = f"{ask.question.address}/32"
    port = {"name": "eth0", "mac": mac, "up": True, "physical": True, "networks": [network]}
    told: dict[str, dict[str, Any]] = {
        "host-key": {"type": "host-key", "algorithm": "ssh-ed25519", "fingerprint": mac},
        "virtual": {"type": "virtual", "virtual": False},
        "interfaces": {"type": "interfaces", "interfaces": [port]},
        "neighbours": {
            "type": "neighbours",
            "neighbours": [{"port": "eth0", "chassis_id": f"s{mac}"}],
        },
        "storage": {"type": "storage", "sources": [f"nfs:filer{number}"]},
        "gateway": {"type": "gateways", "gateways": [{"address": f"127.3.0.{number}", "mac": mac}]},
    }
    return told.get(ask.question.fact, {"type": "text", "value": f"{number:032x}"})


def case(where: Site, kind: Separated) -> Case:
    """Every question of the kind, answered."""
    subject, context = Subject("group", "database"), Context(where, {})
    numbers = {name: number for number, name in enumerate(where.hosts)}
    found = [
        Evidence(
            id=evidence_id(ask, "vendor", START), thing=ask.thing, question=ask.question,
            controller=controller_of(ask), taken=START, duration_us=900, attempts=1,
            good_for_s=good_for_s(ask.question.fact), proven=True,
            answer=answer(ask, numbers[ask.thing.partition(":")[2]]),
        )
        for ask in kind.asks(subject, context)
    ]  # fmt: skip
    return Case(subject, context, Replies(found), site_alive=True, answering=frozenset())


def main() -> None:
    """Prints one line for the usual dimensions and one for all."""
    members = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    where = site(members)
    for name, by in (("usual", USUAL), ("all", tuple(Dimension))):
        kind = Separated(SeparatedParameters(by=by))
        replies = case(where, kind)
        seconds, _ = best(lambda k=kind, r=replies: k.judge(_fresh(r)))  # type: ignore[misc]
        pairs = members * (members - 1) // 2
        line = f"{name:6} {len(by):2} dimensions, {members} members, {pairs} pairs: {seconds:.3f} s"
        print(f"{line}   promised: {LIMIT_S} s for 200 members")


def _fresh(of: Case) -> Case:
    """Without what the last judgement kept."""
    return Case(of.subject, of.context, of.replies, site_alive=True, answering=frozenset())


if __name__ == "__main__":
    main()

"""What holds of groups whatever is said and seen: equal values never pass, missing ones neither."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from itertools import permutations, product
from typing import Any

import pytest

from preflight.evidence import Evidence
from preflight.files.site import Site
from preflight.finding import Part
from preflight.kinds.asks import bmc, ssh
from preflight.kinds.base import Case, Context, Replies, Subject
from preflight.kinds.separated import Separated, SeparatedParameters
from preflight.words import Dimension, Outcome

SITE = {
    "site": "lagos",
    "customer": "Example Telecom",
    "profile": "two-node-cluster",
    "authorised": {"by": "security", "on": "2026-11-10", "from": "2026-11-15",
                   "until": "2026-12-12", "networks": ["10.20.0.0/16"]},
    "halls": {"north": {"racks": ["N1", "N2"], "feeds": ["A", "B"], "rows": {"R1": ["N1"]}},
              "south": {"racks": ["S1"], "feeds": ["C"], "rows": {"R2": ["S1"]}}},
}  # fmt: skip
LABELS = (None, "N1", "S1", "the left one")
DECLARED = {"N1", "S1"}


def site(hosts: dict[str, dict[str, Any]], **more: Any) -> Site:
    """A site whose hosts are all in one group."""
    groups = {"database": {"hosts": list(hosts), **more.pop("group", {})}}
    return Site.model_validate({**SITE, "hosts": hosts, "groups": groups, **more})


def case_of(where: Site, evidence: Sequence[Evidence] = ()) -> Case:
    subject = Subject("group", "database")
    return Case(subject, Context(where, {}), Replies(evidence), True, frozenset())


def judged(case: Case, *by: Dimension) -> tuple[Part, ...]:
    return Separated(SeparatedParameters(by=by)).judge(case).parts


@pytest.mark.parametrize(("said", "seen"), list(product(product(LABELS, repeat=2), repeat=2)))
def test_two_places_pass_only_when_two_declared_labels_differ(
    said: tuple[str | None, str | None],
    seen: tuple[str | None, str | None],
    evidence_for: Callable[..., Evidence],
) -> None:
    """Every combination of a claim and an observation of two members, missing ones among them."""
    hosts = {
        name: {"address": f"10.20.0.1{n}", "rack": rack, "bmc": {"address": f"10.20.9.1{n}"}}
        for n, (name, rack) in enumerate(zip(("db1", "db2"), said, strict=True))
    }
    where = site(hosts)
    evidence = [
        evidence_for(
            bmc(name, where.hosts[name].bmc, "chassis"),  # type: ignore[arg-type]
            id=f"e-{name}",
            answer={"type": "chassis", "rack": rack},
        )
        for name, rack in zip(hosts, seen, strict=True)
    ]
    (part,) = judged(case_of(where, evidence), Dimension.RACK)
    known = [{claim, look} & DECLARED for claim, look in zip(said, seen, strict=True)]
    best = [look if look in DECLARED else claim for claim, look in zip(said, seen, strict=True)]
    if all(len(labels) == 1 for labels in known) and set(best) == DECLARED:
        assert part.outcome is Outcome.PASS
    elif best[0] == best[1] and best[0] is not None:
        assert part.outcome is Outcome.FAIL
        assert part.shared[0].members == ("host:db1", "host:db2")
    else:
        assert part.outcome is Outcome.UNKNOWN


def test_equal_values_never_keep_a_pass(all_examples: Sequence[Any]) -> None:
    """Every example that passes; then all that is said and seen of one member is said and seen of
    the other as well."""
    passing = [e for e in all_examples if e.kind == "separated" and "pass" in str(e.data["expect"])]
    tried = 0
    for example in passing:
        case, kind = example.case(), example.judging()
        group = case.context.site.groups["database"]
        if len(group.hosts) != 2 or group.things:
            continue
        for one, other in permutations(group.hosts):
            after = kind.judge(_alike(case, one, other)).parts
            tried += sum(not _of_many_values(part) for part in after)
            passed = [p for p in after if p.outcome is Outcome.PASS and not _of_many_values(p)]
            assert not passed, example.name
    assert tried > 90


def _of_many_values(part: Part) -> bool:
    """Two members may hang on the same two switches. That a machine is no virtual one, and that
    one uses nobody's storage, are no values that two could share."""
    nothing = "no virtual machine" in part.found or "of its own alone" in part.found
    return nothing or " on switches " in part.found


def _alike(case: Case, one: str, other: str) -> Case:
    """Two members that cannot be told apart by anything but their names and addresses."""
    hosts, names = dict(case.context.site.hosts), {f"host:{one}", f"bmc:{one}"}
    kept = {"address", "ssh", "bmc"}
    claims = {k: v for k, v in dict(hosts[one]).items() if k not in kept}
    hosts[other] = hosts[other].model_copy(update=claims)
    links = [
        link.model_copy(update={end: f"host:{other}"})
        for link in case.context.site.links
        for end in ("from_", "to")
        if getattr(link, end) == f"host:{one}"
    ]
    where = case.context.site.model_copy(update={"hosts": hosts, "links": tuple(links)})
    answers = {
        (e.thing, e.question.fact, e.vantage): e for e in case.replies.all if e.thing in names
    }
    return dataclasses.replace(
        case,
        context=Context(where, case.context.releases),
        replies=Replies([_as(e, one, other, answers) for e in case.replies.all]),
    )


def _as(item: Evidence, one: str, other: str, answers: dict[Any, Evidence]) -> Evidence:
    kind, _, name = item.thing.partition(":")
    same = answers.get((f"{kind}:{one}", item.question.fact, item.vantage))
    if name != other or same is None:
        return item
    return item.model_copy(
        update={"answer": same.answer, "no_answer": same.no_answer, "proven": same.proven}
    )


def _many_hosts(count: int, racks: int) -> Site:
    """So many hosts in so many racks of one hall each, each with its own feed."""
    halls = {f"h{n}": {"racks": [f"R{n}"], "feeds": [f"F{n}"]} for n in range(max(racks, count))}
    hosts = {
        f"db{n:03}": {
            "address": f"10.20.{n // 200}.{n % 200 + 1}",
            "rack": f"R{n % racks}",
            "hall": f"h{n % racks}",
            "feeds": [f"F{n}"],
        }
        for n in range(count)
    }
    return site(hosts, halls=halls)


def _ids(where: Site, evidence_for: Callable[..., Evidence]) -> list[Evidence]:
    found = []
    for n, (name, host) in enumerate(where.hosts.items()):
        key = {"type": "host-key", "algorithm": "ed25519", "fingerprint": f"SHA256:{n}"}
        answers = {
            "host-key": key,
            "machine-id": {"type": "text", "value": f"{n:032x}"},
            "product-uuid": {"type": "text", "value": None},
        }
        for fact, answer in answers.items():
            ask = ssh(name, host, fact)
            found.append(evidence_for(ask, id=f"e-{n}-{fact}", answer=answer))
    return found


def test_a_large_group_names_what_is_shared_and_no_pairs(
    evidence_for: Callable[..., Evidence],
) -> None:
    """19,900 pairs, ten racks: ten sentences, each short."""
    where = _many_hosts(200, 10)
    case = case_of(where, _ids(where, evidence_for))
    machine, rack, hall, feed = judged(
        case, Dimension.MACHINE, Dimension.RACK, Dimension.HALL, Dimension.FEED
    )
    assert machine.outcome is feed.outcome is Outcome.PASS
    assert machine.found.startswith("db000, db001, ")
    assert machine.found.endswith("and 192 more differ in machine-id")
    assert len(machine.evidence) == 400
    assert rack.outcome is hall.outcome is Outcome.FAIL
    assert rack.found.startswith("db000, db010, db020, ")
    assert "and 12 more share rack R0 (said by the site file); " in rack.found
    assert rack.found.endswith("and 2 more")
    assert len(rack.found) < 2000
    assert [s.what for s in rack.shared] == [f"rack R{n}" for n in range(10)]
    assert {len(s.members) for s in rack.shared} == {20}


def test_one_of_many_that_tells_nothing_is_named_alone(
    evidence_for: Callable[..., Evidence],
) -> None:
    where = _many_hosts(200, 200)
    evidence = [e for e in _ids(where, evidence_for) if e.thing != "host:db007"]
    hosts = {**where.hosts, "db007": where.hosts["db007"].model_copy(update={"rack": None})}
    case = case_of(where.model_copy(update={"hosts": hosts}), evidence)
    machine, rack = judged(case, Dimension.MACHINE, Dimension.RACK)
    assert machine.unknown == "not-run"
    assert "db007" in machine.found
    assert (rack.unknown, rack.found) == (
        "missing-attribute",
        "nothing says in which rack db007 stands",
    )


def test_two_of_many_that_are_one_machine_are_named(evidence_for: Callable[..., Evidence]) -> None:
    where = _many_hosts(200, 200)
    evidence = [
        e.model_copy(update={"answer": e.answer.model_copy(update={"value": f"{7:032x}"})})
        if e.thing == "host:db150" and e.question.fact == "machine-id" and e.answer
        else e
        for e in _ids(where, evidence_for)
    ]
    (part,) = judged(case_of(where, evidence), Dimension.MACHINE)
    assert part.outcome is Outcome.FAIL
    assert part.found == f"db007 and db150 are one machine: the same machine-id {7:032x}"


def test_power_is_followed_to_its_end_and_each_thing_once() -> None:
    """Twelve rows of twelve transfer switches, each fed by all of the next row."""
    rows = range(12)
    names = [[f"t{row}-{n}" for n in rows] for row in rows]
    links = [{"from": "host:db1", "to": "pdu:p1"}, {"from": "host:db2", "to": "pdu:p2"}]
    links += [{"from": "pdu:p1", "to": f"ats:{name}"} for name in names[0]]
    links += [{"from": "pdu:p2", "to": "ats:far"}]
    for lower, upper in zip(names, [*names[1:], ["far"]], strict=True):
        links += [{"from": f"ats:{one}", "to": f"ats:{two}"} for one in lower for two in upper]
    links += [{"from": "ats:far", "to": "ats:t0-0"}]
    ats: dict[str, dict[str, str]] = {name: {} for row in [*names, ["far"]] for name in row}
    pdus = {"p1": {"feeds": ["A"]}, "p2": {"feeds": ["C"]}}
    hosts = {f"db{n}": {"address": f"10.20.0.1{n}"} for n in (1, 2)}
    (part,) = judged(case_of(site(hosts, pdus=pdus, ats=ats, links=links)), Dimension.FEED)
    assert part.outcome is Outcome.FAIL
    assert "transfer switch" in part.shared[0].what

"""The laws over random plans and answers: silence and doubt never become GO."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from preflight.evidence import (
    Ask,
    Evidence,
    controller_of,
    evidence_id,
    good_for_s,
)
from preflight.files.check import Need, PlannedCheck, ProfileUsed
from preflight.files.site import Site
from preflight.judge import Judged, findings_of, judge
from preflight.kinds import KINDS
from preflight.plan import due_findings, make_plan
from preflight.report import Inputs, KindUsed, Trip
from preflight.words import (
    DECLINED,
    Assurance,
    Decision,
    Ended,
    Outcome,
    Severity,
    Stage,
    UnknownCause,
)

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
PERMIT = {"by": "C. Eze, security", "on": "2026-11-10", "from": "2026-11-15",
          "until": "2026-12-12", "networks": ["127.0.0.0/8"]}  # fmt: skip
TRIP = Trip.model_validate(
    {
        "booking": "B-1",
        "departs": "2026-12-06T05:40:00Z",
        "on_site": {"from": "2026-12-07T08:00:00Z", "to": "2026-12-11T16:00:00Z"},
        "decide_by": "2026-12-03T11:00:00Z",
    }
)
CLAIMED = [{"id": d, "least": "claimed"} for d in ("rack", "hall", "feed")]
CHECKS: dict[str, dict[str, Any]] = {
    "reach/answers": {"kind": "reachable", "on": ["all"]},
    "reach/bmc-answers": {
        "kind": "reachable", "on": ["all"], "parameters": [{"id": "of", "value": "bmc"}],
    },
    "reach/login-works": {"kind": "login", "on": ["all"]},
    "power/powered-on": {
        "kind": "powered", "on": ["all"], "parameters": [{"id": "sources", "value": "2"}],
    },
    "identity/as-delivered": {"kind": "identity", "on": ["all"]},
    "redundancy/apart": {
        "kind": "separated", "on": ["group:database"], "thresholds": CLAIMED,
        "parameters": [{"id": "by", "value": ["machine", "rack", "hall", "feed"]}],
    },
}  # fmt: skip
SAID = [{"id": "default", "least": "claimed"}]
AGREE = {"kind": "claims-agree", "on": ["site"], "needed_by": "book", "thresholds": SAID}
NEEDS = {"kind": "needs", "on": ["site"], "needed_by": "book", "thresholds": SAID}


def planned(name: str, fields: dict[str, Any], **more: Any) -> PlannedCheck:
    common = {"id": name, "check": name, "title": name, "severity": "blocker", "owner": "facility",
              "needed_by": "commit", "why": "w", "remedy": "r"}  # fmt: skip
    return PlannedCheck.model_validate({**common, **fields, **more})


def host(n: int, rack: str, hall: str, feeds: list[str]) -> dict[str, Any]:
    return {
        "address": f"127.0.0.{n}", "roles": ["db"], "rack": rack, "hall": hall, "feeds": feeds,
        "serial": f"SN-{n}", "ssh": {"user": "u", "credential": "c"},
        "bmc": {"address": f"127.0.1.{n}", "credential": "c"},
    }  # fmt: skip


def inputs(names: list[str] | None = None, advisory: frozenset[str] = frozenset()) -> Inputs:
    site = Site.model_validate(
        {
            "site": "s", "customer": "c", "profile": "p", "authorised": PERMIT,
            "halls": {
                "north": {"racks": ["N1"], "feeds": ["A"]},
                "south": {"racks": ["S1"], "feeds": ["C"]},
            },
            "hosts": {"db1": host(1, "N1", "north", ["A"]), "db2": host(2, "S1", "south", ["C"])},
            "groups": {"database": {"hosts": ["db1", "db2"]}},
        }
    )  # fmt: skip
    chosen = list(CHECKS) if names is None else names
    checks = [planned("site/claims-agree", AGREE), planned("site/needs", NEEDS)]
    checks += [
        planned(n, CHECKS[n], severity="advisory" if n in advisory else "blocker") for n in chosen
    ]
    return Inputs(
        site=site, booking=TRIP, stage=Stage.COMMIT, checks=tuple(checks),
        profile=ProfileUsed(
            id="p", version=1, sha256="0" * 64, needs=(Need(what="role:db", least=2),)
        ),
        kinds=tuple(KindUsed(id=k, version=v.version, distribution="t") for k, v in KINDS.items()),
    )  # fmt: skip


def evidence(
    ask: Ask, answer: dict[str, Any] | None, cause: UnknownCause | None = None
) -> Evidence:
    return Evidence.model_validate(
        {
            "id": evidence_id(ask, "vendor", START), "thing": ask.thing, "question": ask.question,
            "controller": controller_of(ask), "taken": START, "duration_us": 1, "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact), "proven": True, "answer": answer,
            "no_answer": {"cause": cause} if cause else None,
        }
    )  # fmt: skip


UUID = "4c4c4544-0000-4000-8000-00000000000"


def true_answer(ask: Ask) -> dict[str, Any]:
    """What a site that is all right answers."""
    n = ask.thing[-1]
    answers: dict[str, dict[str, Any]] = {
        "route": {"type": "route", "source": "127.0.0.1"},
        "connect": {"type": "connected", "rtt_us": 100},
        "host-key": {"type": "host-key", "algorithm": "ssh-ed25519", "fingerprint": f"SHA256:{n}"},
        "login": {"type": "login", "method": "publickey"},
        "machine-id": {"type": "text", "value": f"{n}" * 32},
        "boot-id": {"type": "text", "value": "b0070000-0000-4000-8000-00000000000" + n},
        "product-uuid": {"type": "text", "value": UUID + n},
        "product-serial": {"type": "text", "value": f"SN-{n}"},
        "system": {"type": "system", "serial": f"SN-{n}", "uuid": UUID + n},
        "power": {"type": "power", "state": "On"},
        "chassis": {"type": "chassis", "serial": f"CH-{n}"},
        "supplies": {"type": "supplies", "supplies": []},
        "certificate": {"type": "certificate", "sha256": n * 64},
        "service-root": {"type": "service-root", "status": 200},
    }  # fmt: skip
    return answers[ask.question.fact]


OTHER: dict[str, list[dict[str, Any]]] = {
    "power": [{"type": "power", "state": s} for s in ("Off", "PoweringOn", None)],
    "system": [{"type": "system", "serial": "SN-9"}, {"type": "system"}],
    "machine-id": [{"type": "text", "value": "0" * 32}, {"type": "text", "value": None}],
    "product-uuid": [{"type": "text", "value": UUID + "a"}],
    "product-serial": [{"type": "text", "value": "SN-9"}, {"type": "text", "value": None}],
    "host-key": [{"type": "host-key", "algorithm": "ssh-ed25519", "fingerprint": "SHA256:same"}],
    "chassis": [
        {"type": "chassis", "rack": r, "hall": h} for r, h in (("S1", "south"), ("X", None))
    ],
}


World = tuple[Inputs, list[Evidence]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A random plan, and for each of its questions the truth, another answer, or none."""
    names = draw(st.lists(st.sampled_from(list(CHECKS)), unique=True))
    given_inputs = inputs(names, draw(st.frozensets(st.sampled_from(list(CHECKS)))))
    out = []
    for ask in make_plan(given_inputs).asks:
        fate = draw(st.sampled_from(["true", "true", "true", "true", "other", "none"]))
        if fate == "none":
            out.append(evidence(ask, None, draw(st.sampled_from(UnknownCause))))
        elif fate == "other" and ask.question.fact in OTHER:
            out.append(evidence(ask, draw(st.sampled_from(OTHER[ask.question.fact]))))
        else:
            out.append(evidence(ask, true_answer(ask)))
    return given_inputs, out


def judged(
    given_inputs: Inputs, found: list[Evidence], later: timedelta = timedelta(seconds=9)
) -> Judged:
    return judge(given_inputs, found, started=START, judged_at=START + later, ended=Ended.NORMAL)


def all_true(given_inputs: Inputs) -> list[Evidence]:
    return [evidence(ask, true_answer(ask)) for ask in make_plan(given_inputs).asks]


RANDOM = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def test_the_ready_site_is_go() -> None:
    result = judged(inputs(), all_true(inputs()))
    assert result.verdict.decision is Decision.GO, [
        f for f in result.findings if f.outcome != "pass"
    ]
    assert result.causes == ()


@RANDOM
@given(worlds())
def test_a_plan_that_is_handed_on_changes_nothing(world: World) -> None:
    handed_on = judge(
        *world, started=START, judged_at=START, ended=Ended.NORMAL, plan=make_plan(world[0])
    )
    assert handed_on == judged(*world, later=timedelta())


@RANDOM
@given(worlds(), st.data())
def test_findings_alone_are_those_of_the_whole_judgement(world: World, data: st.DataObject) -> None:
    given_inputs, found = world
    some = [d for d in due_findings(given_inputs) if data.draw(st.booleans())]
    whole = {f.id: f for f in judged(given_inputs, found, timedelta()).findings}
    assert list(findings_of(given_inputs, some, found, START)) == [whole[d.id] for d in some]


@RANDOM
@given(worlds())
def test_every_planned_finding_ends_as_exactly_one_outcome(
    world: World,
) -> None:
    result = judged(*world)
    assert [f.id for f in result.findings] == [p.id for p in result.plan.findings]
    for finding in result.findings:
        assert (finding.unknown is not None) == (finding.outcome is Outcome.UNKNOWN)
        assert finding.found and finding.required


@RANDOM
@given(worlds())
def test_go_means_every_counted_finding_passed_at_its_assurance(
    world: World,
) -> None:
    result = judged(*world)
    checks = {c.id: c for c in world[0].checks}
    if result.verdict.decision is not Decision.GO:
        return
    for planned_one, finding in zip(result.plan.findings, result.findings, strict=True):
        check = checks[planned_one.check]
        if check.severity is Severity.ADVISORY or check.needed_by is Stage.DEPART:
            continue
        assert finding.outcome is Outcome.PASS
        for part in finding.parts:
            least = check.threshold(part.dimension)
            assert part.assurance and part.assurance.rank >= least.rank


@RANDOM
@given(worlds(), st.data())
def test_no_answer_never_makes_a_go(world: World, data: st.DataObject) -> None:
    """Taking away one answer that a counted finding rests on never turns a verdict into go. That
    the thing itself does not tell (DECLINED) is an answer: decision 0003."""
    given_inputs, found = world
    before = judged(given_inputs, found)
    counted = {c.id for c in given_inputs.checks if c.severity is not Severity.ADVISORY}
    resting = {
        i for p, f in zip(before.plan.findings, before.findings, strict=True)
        if p.check in counted and not p.id.startswith("site/") for i in f.evidence
    }  # fmt: skip
    answered = [n for n, e in enumerate(found) if e.answer and e.id in resting]
    assume(before.verdict.decision is not Decision.GO and answered)
    n = data.draw(st.sampled_from(answered))
    cause = data.draw(st.sampled_from([c for c in UnknownCause if c not in DECLINED]))
    ask = Ask(thing=found[n].thing, question=found[n].question)
    less = [*found[:n], evidence(ask, None, cause), *found[n + 1 :]]
    assert judged(given_inputs, less).verdict.decision is not Decision.GO


@RANDOM
@given(worlds())
def test_causes_cover_every_bad_finding_once(world: World) -> None:
    result = judged(*world)
    checks = {c.id: c for c in world[0].checks}
    counted = {
        f.id for p, f in zip(result.plan.findings, result.findings, strict=True)
        if f.outcome in {Outcome.FAIL, Outcome.UNKNOWN}
        and checks[p.check].severity is not Severity.ADVISORY
    }  # fmt: skip
    named = [i for c in result.causes for i in (c.root, *c.folded)]
    assert len(named) == len(set(named))
    assert counted <= set(named)
    outcomes = {f.id: f.outcome for f in result.findings}
    roots = [outcomes[c.root] for c in result.causes]
    assert roots == sorted(roots, key=lambda o: o is not Outcome.FAIL), "fails first"


def silenced(things: tuple[str, ...]) -> list[Evidence]:
    out = []
    for ask in make_plan(inputs()).asks:
        dead = ask.thing in things and ask.question.protocol != "route"
        out.append(
            evidence(ask, None, UnknownCause.TIMEOUT) if dead else evidence(ask, true_answer(ask))
        )
    return out


def test_a_silent_site_is_one_cause_and_not_proven() -> None:
    result = judged(inputs(), silenced(("host:db1", "host:db2", "bmc:db1", "bmc:db2")))
    assert result.verdict.decision is Decision.NOT_PROVEN
    assert [c.root for c in result.causes] == ["reach/answers@host:db1"]


def test_one_silent_host_fails_and_its_unknowns_fold_under_it() -> None:
    result = judged(inputs(), silenced(("host:db2",)))
    assert result.verdict.decision is Decision.NO_GO
    assert [c.root for c in result.causes] == ["reach/answers@host:db2"]
    assert "power/powered-on@host:db2" in result.causes[0].folded


def test_an_answer_kept_from_an_earlier_run_shows_neither_the_way_nor_the_site() -> None:
    """One host was asked today, and is silent: yesterday's answers of the others blame nobody."""
    site = [
        e if e.thing == "host:db2" else older(e, timedelta(hours=3))
        for e in silenced(("host:db2",))
    ]
    found = judged(inputs(), site)
    reach = next(f for f in found.findings if f.id == "reach/answers@host:db2")
    assert (reach.outcome, reach.unknown) == (Outcome.UNKNOWN, UnknownCause.TIMEOUT)
    assert found.verdict.decision is Decision.NOT_PROVEN


def older(item: Evidence, by: timedelta) -> Evidence:
    return item.model_copy(update={"taken": item.taken - by})


def test_silence_folds_under_the_power_that_is_known_to_be_off() -> None:
    found = silenced(("host:db2",))
    for n, e in enumerate(found):
        if e.thing == "bmc:db2" and e.question.fact == "power":
            ask = Ask(thing=e.thing, question=e.question)
            found[n] = evidence(ask, {"type": "power", "state": "Off"})
    result = judged(inputs(), found)
    assert [c.root for c in result.causes] == ["power/powered-on@host:db2"]
    assert "reach/answers@host:db2" in result.causes[0].folded


def test_old_evidence_is_unknown_expired() -> None:
    result = judged(inputs(), all_true(inputs()), later=timedelta(hours=25))
    power = next(f for f in result.findings if f.id == "power/powered-on@host:db1")
    assert power.unknown is UnknownCause.EXPIRED
    assert result.verdict.decision is Decision.NOT_PROVEN
    serial = next(f for f in result.findings if f.id == "identity/as-delivered@host:db1")
    assert serial.outcome is Outcome.PASS


def test_evidence_that_is_good_for_no_time_is_expired() -> None:
    base = inputs([])
    fields = {**CHECKS["reach/answers"], "good_for_s": 0}
    now = base.model_copy(update={"checks": (*base.checks, planned("reach/answers", fields))})
    result = judged(now, all_true(now))
    assert {f.unknown for f in result.findings if f.id.startswith("reach/")} == {
        UnknownCause.EXPIRED
    }


def test_nobody_is_blamed_for_a_thing_to_which_nothing_was_sent() -> None:
    """A name that does not resolve and an own kernel without a route are not silence there."""
    found = [
        e.model_copy(update={"attempts": 0}) if e.no_answer else e for e in silenced(("host:db2",))
    ]
    result = judged(inputs(), found)
    reach = next(f for f in result.findings if f.id == "reach/answers@host:db2")
    assert (reach.outcome, reach.unknown) == (Outcome.UNKNOWN, UnknownCause.TIMEOUT)
    assert "nothing was sent" in reach.found
    assert result.verdict.decision is Decision.NOT_PROVEN


def test_a_run_cut_short_and_a_report_grown_old_are_one_cause_each() -> None:
    for found, later in (([], timedelta()), (all_true(inputs()), timedelta(days=365))):
        result = judged(inputs(), found, later=later)
        assert len(result.causes) == 1, result.causes


def test_a_report_expires_with_its_shortest_lived_evidence() -> None:
    result = judged(inputs(), all_true(inputs()))
    assert result.expires == START + timedelta(hours=24)


def test_unproven_things_never_reach_observed() -> None:
    found = [e.model_copy(update={"proven": False}) for e in all_true(inputs())]
    result = judged(inputs(), found)
    assert result.verdict.decision is Decision.NOT_PROVEN
    identity = next(f for f in result.findings if f.id == "identity/as-delivered@host:db1")
    assert identity.unknown is UnknownCause.ASSURANCE_TOO_LOW
    assert identity.assurance is not None
    assert identity.assurance.rank < Assurance.OBSERVED.rank


def test_a_wrong_password_is_one_cause_per_thing() -> None:
    found = []
    for ask in make_plan(inputs()).asks:
        locked = (
            ask.thing == "host:db1"
            and ask.question.protocol == "ssh"
            and ask.question.fact != "host-key"
        )
        found.append(
            evidence(ask, None, UnknownCause.AUTH) if locked else evidence(ask, true_answer(ask))
        )
    result = judged(inputs(), found)
    assert result.verdict.decision is Decision.NOT_PROVEN
    assert [c.root for c in result.causes] == ["reach/login-works@host:db1"]


def test_of_two_checks_of_one_rung_the_bad_one_is_the_root() -> None:
    """The second looks at one port more; that port and the login are silent."""
    base = inputs(["reach/answers", "reach/login-works"])
    more = {"kind": "reachable", "on": ["all"], "parameters": [{"id": "ports", "value": ["5060"]}]}
    silent = {("host:db1", 5060, "connect"), ("host:db1", 22, "login")}
    for order in (0, 4):
        checks = list(base.checks)
        checks.insert(order, planned("reach/calls", more))
        both = base.model_copy(update={"checks": tuple(checks)})
        found = [
            evidence(ask, None, UnknownCause.TIMEOUT)
            if (ask.thing, ask.question.port, ask.question.fact) in silent
            else evidence(ask, true_answer(ask))
            for ask in make_plan(both).asks
        ]
        (cause,) = judged(both, found).causes
        assert cause.root == "reach/calls@host:db1"
        assert cause.folded == ("reach/login-works@host:db1",)


def test_an_undeclared_bmc_is_one_cause() -> None:
    base = inputs(["reach/answers", "reach/bmc-answers", "power/powered-on"])
    hosts = {**base.site.hosts, "db1": base.site.hosts["db1"].model_copy(update={"bmc": None})}
    without = base.model_copy(update={"site": base.site.model_copy(update={"hosts": hosts})})
    result = judged(without, all_true(without))
    assert [c.root for c in result.causes] == ["reach/bmc-answers@host:db1"]
    assert result.causes[0].folded == ("power/powered-on@host:db1",)


def test_an_empty_selection_is_unknown() -> None:
    base = inputs([])
    check = planned("reach/answers", {"kind": "reachable", "on": ["role:nobody"]})
    result = judged(base.model_copy(update={"checks": (*base.checks, check)}), [])
    empty = next(f for f in result.findings if f.id == "reach/answers@role:nobody")
    assert empty.unknown is UnknownCause.EMPTY_SELECTION
    assert result.verdict.decision is Decision.NOT_PROVEN


def test_where_nothing_was_seen_nothing_counts_as_seen() -> None:
    """`claims-agree` passes when there is nothing to compare: that shows nothing."""
    verdict = judged(inputs(), []).verdict
    assert (verdict.passed, verdict.seen) == (2, 0)


def test_missing_evidence_is_not_run_and_never_go() -> None:
    result = judged(inputs(), [])
    assert result.executed < len(result.findings)
    assert result.verdict.decision is Decision.NOT_PROVEN

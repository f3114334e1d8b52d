"""The laws over whole plans with PDUs, UPSs and outlets: what does not answer makes no GO, and
nobody at the site is blamed for what cannot be told from here."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from preflight.evidence import Ask, Evidence, controller_of, evidence_id, good_for_s
from preflight.files.check import PlannedCheck, ProfileUsed
from preflight.files.site import Redfish, Site, Tls
from preflight.judge import Judged, judge
from preflight.keeping import proven_by
from preflight.kinds import KINDS
from preflight.plan import make_plan
from preflight.report import Inputs, KindUsed
from preflight.words import DECLINED, Decision, Ended, Outcome, Owner, Stage, UnknownCause

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
CONTROL = "127.0.9.1:443"
CLAIMED = [{"id": "feed", "least": "claimed"}, {"id": "outlet", "least": "reported"}]
OFTEN_2C = [{"id": "default", "least": "reported"}]
CHECKS: dict[str, dict[str, Any]] = {
    "reach/answers": {"kind": "reachable", "owner": "network"},
    "reach/bmc-answers": {
        "kind": "reachable", "parameters": [{"id": "of", "value": "bmc"}], "owner": "customer-it",
    },
    "power/powered-on": {"kind": "powered", "parameters": [{"id": "sources", "value": "2"}]},
    "power/one-source": {"kind": "powered", "parameters": [{"id": "sources", "value": "1"}]},
    "power/supplies-fed": {"kind": "supplies"},
    "power/two-feeds": {"kind": "feeds", "thresholds": CLAIMED},
    "power/outlets-as-drawn": {"kind": "outlets", "thresholds": OFTEN_2C},
    "power/ups-healthy": {"kind": "ups", "thresholds": OFTEN_2C},
}  # fmt: skip
PLUGS = {"n1": 1, "n2": 2, "s1": 3}


def host(name: str) -> dict[str, Any]:
    n, hall = PLUGS[name], "north" if name[0] == "n" else "south"
    return {
        "address": f"127.0.0.{n}", "hall": hall, "ssh": {"user": "u", "credential": "c"},
        "bmc": {"address": f"127.0.1.{n}", "credential": "c"},
        "outlets": [{"pdu": f"{hall}-{f}", "outlet": n} for f in ("a", "b")],
    }  # fmt: skip


def pdu(hall: str, feed: str, n: int) -> dict[str, Any]:
    way = {"redfish": {"credential": "c"}} if feed == "a" else {"snmp": {"credential": "c"}}
    return {"address": f"127.0.2.{n}", "hall": hall, "feeds": [f"{hall}-{feed}"], **way}


SITE = Site.model_validate(
    {
        "site": "s", "customer": "c", "profile": "p", "control": [CONTROL],
        "authorised": {"by": "x", "on": "2026-11-10", "from": "2026-11-15", "until": "2026-12-12",
                       "networks": ["127.0.0.0/8"]},
        "halls": {h: {"feeds": [f"{h}-a", f"{h}-b"]} for h in ("north", "south")},
        "hosts": {name: host(name) for name in PLUGS},
        "pdus": {
            f"{hall}-{feed}": pdu(hall, feed, n)
            for n, (hall, feed) in enumerate(
                [(h, f) for h in ("north", "south") for f in ("a", "b")], start=1
            )
        },
        "ups": {"ups-n": {"address": "127.0.3.1", "hall": "north", "snmp": {"version": "2c"}}},
    }
)  # fmt: skip


def inputs(names: list[str]) -> Inputs:
    common = {"title": "t", "severity": "blocker", "needed_by": "commit", "why": "w",
              "remedy": "r", "on": ["all"], "owner": "facility"}  # fmt: skip
    return Inputs(
        site=SITE, booking=None, stage=Stage.COMMIT,
        checks=tuple(
            PlannedCheck.model_validate({**common, "id": n, "check": n, **CHECKS[n]}) for n in names
        ),
        profile=ProfileUsed(id="p", version=1, sha256="0" * 64, needs=()),
        kinds=tuple(KindUsed(id=k, version=v.version, distribution="t") for k, v in KINDS.items()),
    )  # fmt: skip


def evidence(ask: Ask, fate: UnknownCause | dict[str, Any], **more: Any) -> Evidence:
    cause = fate if isinstance(fate, UnknownCause) else None
    return Evidence.model_validate(
        {
            "id": evidence_id(ask, "vendor", START), "thing": ask.thing, "question": ask.question,
            "controller": controller_of(ask), "taken": START, "duration_us": 1, "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact), "proven": ask.question.argument != "2c",
            "answer": None if cause else fate,
            "no_answer": {"cause": cause, "detail": "d"} if cause else None, **more,
        }
    )  # fmt: skip


def strip(ask: Ask, *, on: bool = True) -> dict[str, Any]:
    hall = ask.thing.partition(":")[2].partition("-")[0]
    mine = [(name, n) for name, n in PLUGS.items() if (name[0] == "n") == (hall == "north")]
    told = [{"number": n, "name": name, "on": on} for name, n in mine]
    return {"type": "outlets", "outlets": told}


FED = [{"name": f"PSU{n}", "input_mv": 230000} for n in (1, 2)]


def true(ask: Ask) -> dict[str, Any]:
    answers: dict[str, dict[str, Any]] = {
        "route": {"type": "route", "source": "127.0.0.1"},
        "connect": {"type": "connected", "rtt_us": 100},
        "presence": {"type": "present", "rtt_us": 100},
        "host-key": {"type": "host-key", "algorithm": "a", "fingerprint": "SHA256:x"},
        "power": {"type": "power", "state": "On"},
        "supplies": {"type": "supplies", "supplies": FED},
        "outlets": strip(ask),
        "device": {"type": "device", "serial": ask.thing},
        "battery": {"type": "battery", "source": "normal", "battery": "normal",
                    "minutes_left": 20, "alarms": 0},
        "certificate": {"type": "certificate", "sha256": "0" * 64},
        "service-root": {"type": "service-root", "status": 200},
    }  # fmt: skip
    return answers[ask.question.fact]


def other(ask: Ask) -> list[dict[str, Any]]:
    unfed = {"type": "supplies", "supplies": [*FED, {"name": "PSU3", "input_mv": 0}]}
    worse: dict[str, list[dict[str, Any]]] = {
        "power": [{"type": "power", "state": s} for s in ("Off", "PoweringOn", None)],
        "supplies": [unfed, {"type": "supplies", "supplies": []}],
        "outlets": [strip(ask, on=False), {"type": "outlets", "outlets": []}],
        "battery": [{"type": "battery", "source": "battery"}, {"type": "battery"}],
        "device": [{"type": "device"}, {"type": "device", "serial": "one"}],
    }
    return worse.get(ask.question.fact, [true(ask)])


World = tuple[Inputs, list[Evidence]]


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Random checks, and for each question the truth, something worse, or none."""
    names = draw(st.lists(st.sampled_from(list(CHECKS)), unique=True, min_size=1))
    all_inputs, found = inputs(names), []
    dead = draw(st.sets(st.sampled_from(["control", "north", "south", "bmc", "host", "pdu"])))
    for ask in make_plan(all_inputs).asks:
        fate = draw(st.sampled_from(["true"] * 8 + ["other", "none"]))
        kind, _, name = ask.thing.partition(":")
        hall = "north" if name[0] == "n" or name == "ups-n" else "south"
        if {kind, hall} & dead and ask.question.protocol != "route":
            found.append(evidence(ask, UnknownCause.TIMEOUT))
        elif fate == "none" and ask.question.protocol != "route":
            found.append(evidence(ask, draw(st.sampled_from(UnknownCause)), proven=False))
        else:
            found.append(evidence(ask, true(ask) if fate == "true" else draw(chosen(ask))))
    return all_inputs, found


def chosen(ask: Ask) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(other(ask))


def judged(all_inputs: Inputs, found: list[Evidence]) -> Judged:
    return judge(
        all_inputs, found, started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip


RANDOM = settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))


def test_a_hall_that_is_all_right_is_go() -> None:
    whole = inputs(list(CHECKS))
    result = judged(whole, [evidence(ask, true(ask)) for ask in make_plan(whole).asks])
    assert result.verdict.decision is Decision.GO, [
        (f.id, f.found) for f in result.findings if f.outcome != "pass"
    ]


@RANDOM
@given(worlds(), st.data())
def test_silence_makes_no_go_and_improves_no_finding(world: World, data: st.DataObject) -> None:
    all_inputs, found = world
    before = judged(all_inputs, found)
    answered = [n for n, e in enumerate(found) if e.answer]
    assume(answered)
    n = data.draw(st.sampled_from(answered))
    cause = data.draw(st.sampled_from([c for c in UnknownCause if c not in DECLINED]))
    ask = Ask(thing=found[n].thing, question=found[n].question)
    silent = evidence(ask, cause, proven=False)
    after = judged(all_inputs, [*found[:n], silent, *found[n + 1 :]])
    for one, other_ in zip(before.findings, after.findings, strict=True):
        assert one.outcome is Outcome.PASS or other_.outcome is not Outcome.PASS, one.id
    assert before.verdict.decision is Decision.GO or after.verdict.decision is not Decision.GO


@RANDOM
@given(worlds(), st.sampled_from(sorted(DECLINED)))
def test_a_bmc_that_never_let_us_in_lets_no_power_pass(world: World, cause: UnknownCause) -> None:
    all_inputs, found = world
    shut = [
        evidence(Ask(thing=e.thing, question=e.question), cause, proven=False)
        if e.question.fact == "power"
        else e
        for e in found
    ]
    ids = ("power/powered-on@", "power/one-source@")
    power = [f for f in judged(all_inputs, shut).findings if f.id.startswith(ids)]
    assert all(f.outcome is not Outcome.PASS for f in power)


@RANDOM
@given(worlds())
def test_every_bad_finding_is_under_one_cause_and_nobody_is_blamed_blindly(world: World) -> None:
    all_inputs, found = world
    result = judged(all_inputs, found)
    bad = sorted(f.id for f in result.findings if f.outcome in {Outcome.FAIL, Outcome.UNKNOWN})
    assert sorted(i for c in result.causes for i in (c.root, *c.folded)) == bad
    answering = {e.thing for e in found if e.answer and e.question.protocol != "route"}
    mute = {e.thing for e in found} - answering - {f"control:{CONTROL}"}
    control = f"control:{CONTROL}" in answering
    for located in (c.located for c in result.causes if c.located):
        assert located.silent <= len(mute)
        if not control or not answering - {f"control:{CONTROL}"}:
            assert located.owner is not Owner.FACILITY
            assert "cannot tell from here" in located.says


@pytest.mark.parametrize("one", [True, False])
def test_two_strips_with_one_serial_number_are_no_two_feeds(*, one: bool) -> None:
    whole = inputs(["power/two-feeds"])
    agree = PlannedCheck.model_validate(
        {"id": "site/claims-agree", "check": "site/claims-agree", "kind": "claims-agree",
         "title": "t", "severity": "blocker", "needed_by": "book", "why": "w", "remedy": "r",
         "on": ["site"], "owner": "engineer", "thresholds": [{"id": "default", "least": "claimed"}]}
    )  # fmt: skip
    whole = whole.model_copy(update={"checks": (*whole.checks, agree)})
    found = [
        evidence(a, {"type": "device", "serial": "Z1" if one else a.thing})
        if a.question.fact == "device"
        else evidence(a, true(a))
        for a in make_plan(whole).asks
    ]
    decision = judged(whole, found).verdict.decision
    assert decision is (Decision.NOT_PROVEN if one else Decision.GO)


@pytest.mark.parametrize("same", [True, False])
def test_what_a_pdu_proved_by_another_pin_proves_nothing_here(*, same: bool) -> None:
    ask = next(a for a in make_plan(inputs(list(CHECKS))).asks if a.thing == "pdu:north-a")
    device = SITE.pdus["north-a"]
    pinned = Redfish(credential="c", tls=Tls(sha256="a" * 64))
    pdus = {**SITE.pdus, "north-a": device.model_copy(update={"redfish": pinned})}
    own = SITE.model_copy(update={"pdus": pdus})
    taken = proven_by(evidence(ask, true(ask)), own, own if same else SITE)
    assert taken.proven is same

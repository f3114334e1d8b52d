"""Where silence begins: every rung by name, one cause for all behind it, and nobody blamed for
what cannot be told from here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import Ask, Evidence, Question, controller_of, evidence_id, good_for_s
from preflight.files.check import PlannedCheck, ProfileUsed
from preflight.files.remedies import dangerous_order
from preflight.files.site import Hall, Site, Snmp
from preflight.finding import Cause, Located
from preflight.judge import Judged, judge
from preflight.kinds import KINDS
from preflight.plan import make_plan
from preflight.report import Inputs, KindUsed
from preflight.words import Decision, Ended, Outcome, Owner, Stage, UnknownCause

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
FAR, NEAR = "127.0.9.1:443", "127.0.9.2:443"
CHECKS: dict[str, dict[str, Any]] = {
    "reach/answers": {"kind": "reachable", "on": ["all"], "owner": "customer-it"},
    "reach/bmc-answers": {
        "kind": "reachable", "on": ["all"], "parameters": [{"id": "of", "value": "bmc"}],
        "owner": "customer-it",
    },
    "power/powered-on": {
        "kind": "powered", "on": ["all"], "parameters": [{"id": "sources", "value": "2"}],
        "owner": "facility",
    },
    "identity/as-delivered": {"kind": "identity", "on": ["all"], "owner": "vendor"},
}  # fmt: skip


def host(n: int, hall: str | None, rack: str | None) -> dict[str, Any]:
    return {
        "address": f"127.0.0.{n}", "hall": hall, "rack": rack, "serial": f"SN-{n}",
        "ssh": {"user": "u", "credential": "c", "port": 2200 + n},
        "bmc": {"address": f"127.0.1.{n}", "credential": "c"},
        "outlets": [{"pdu": "p1", "outlet": n}],
    }  # fmt: skip


def site(north: int = 4, south: int = 2, control: tuple[str, ...] = (FAR, NEAR)) -> Site:
    """Hall north with two racks, hall south with one."""
    hosts = {f"n{n}": host(n, "north", f"N{1 + n % 2}") for n in range(1, north + 1)}
    hosts |= {f"s{n}": host(100 + n, "south", "S1") for n in range(1, south + 1)}
    return Site.model_validate(
        {
            "site": "s", "customer": "c", "profile": "p", "control": control, "hosts": hosts,
            "authorised": {"by": "x", "on": "2026-11-10", "from": "2026-11-15",
                           "until": "2026-12-12", "networks": ["127.0.0.0/8"]},
            "halls": {"north": {"racks": ["N1", "N2"]}, "south": {"racks": ["S1"]}},
            "pdus": {"p1": {"address": "127.0.2.1", "hall": "north", "rack": "N1"}},
        }
    )  # fmt: skip


def inputs(given_site: Site) -> Inputs:
    common = {"title": "t", "severity": "blocker", "needed_by": "commit", "why": "w", "remedy": "r"}
    checks = [
        PlannedCheck.model_validate({**common, "id": name, "check": name, **fields})
        for name, fields in CHECKS.items()
    ]
    return Inputs(
        site=given_site, booking=None, stage=Stage.COMMIT, checks=tuple(checks),
        profile=ProfileUsed(id="p", version=1, sha256="0" * 64, needs=()),
        kinds=tuple(KindUsed(id=k, version=v.version, distribution="t") for k, v in KINDS.items()),
    )  # fmt: skip


def evidence(ask: Ask, fate: UnknownCause | dict[str, Any], **more: Any) -> Evidence:
    cause = fate if isinstance(fate, UnknownCause) else None
    return Evidence.model_validate(
        {
            "id": evidence_id(ask, "vendor", START), "thing": ask.thing, "question": ask.question,
            "controller": controller_of(ask), "taken": START, "duration_us": 1, "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact), "proven": True,
            "answer": None if cause else fate,
            "no_answer": {"cause": cause, "detail": "d"} if cause else None, **more,
        }
    )  # fmt: skip


def true(ask: Ask) -> dict[str, Any]:
    serial = f"SN-{ask.question.address.rpartition('.')[2]}"
    answers: dict[str, dict[str, Any]] = {
        "route": {"type": "route", "source": "127.0.0.1"},
        "connect": {"type": "connected", "rtt_us": 100},
        "host-key": {"type": "host-key", "algorithm": "a", "fingerprint": "SHA256:x"},
        "product-serial": {"type": "text", "value": serial},
        "machine-id": {"type": "text", "value": f"machine-id of {serial}"},
        "boot-id": {"type": "text", "value": f"boot id of {serial}"},
        "login": {"type": "login", "method": "m"},
        "system": {"type": "system", "serial": serial},
        "power": {"type": "power", "state": "On"},
        "chassis": {"type": "chassis"},
        "certificate": {"type": "certificate", "sha256": "0" * 64},
        "service-root": {"type": "service-root", "status": 200},
    }
    return answers[ask.question.fact]


def look(given_site: Site, dead: set[str], *extra: Evidence, routes: bool = True) -> Judged:
    """Everything is asked; the dead keep silent, and what PDUs say is given."""
    all_inputs = inputs(given_site)
    found = []
    for ask in make_plan(all_inputs).asks:
        if ask.thing.startswith("pdu:"):
            continue
        if ask.question.protocol == "route":
            fate: Any = true(ask) if routes else UnknownCause.UNREACHABLE
        else:
            fate = UnknownCause.TIMEOUT if ask.thing in dead else true(ask)
        found.append(evidence(ask, fate))
    return judge(
        all_inputs, [*found, *extra], started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip


def things(*names: str) -> set[str]:
    return {f"{kind}:{name}" for name in names for kind in ("host", "bmc")}


NORTH, SOUTH = things("n1", "n2", "n3", "n4"), things("s1", "s2")
CONTROL = {f"control:{FAR}", f"control:{NEAR}"}


def only(judged: Judged) -> tuple[Cause, Located]:
    """The one cause that silence has, and where it is located."""
    silent = [c for c in judged.causes if c.located]
    assert len(silent) == 1
    assert silent[0].located
    return silent[0], silent[0].located


def test_forty_silent_things_behind_a_dead_vpn_are_one_sentence() -> None:
    big = site(north=14, south=6)
    everything = things(*big.hosts) | CONTROL
    assert len(everything - CONTROL) == 40
    judged = look(big, everything)
    assert len(judged.causes) == 1
    _, located = only(judged)
    assert (located.rung, located.name, located.last) == ("control", f"control:{FAR}", "")
    assert located.silent == 40
    assert "40 devices silent" in located.says
    assert "cannot tell from here" in located.says
    assert located.owner is Owner.ENGINEER
    assert judged.verdict.decision is Decision.NOT_PROVEN


def test_the_last_control_point_that_answers_is_named() -> None:
    _, located = only(look(site(), NORTH | SOUTH | {f"control:{NEAR}"}))
    assert (located.name, located.last) == (f"control:{NEAR}", f"control:{FAR}")
    assert f"the last to answer on the way is control point {FAR}" in located.says
    assert located.owner is Owner.NETWORK


def test_a_control_point_alone_that_is_down_says_that_others_answer() -> None:
    judged = look(site(), {f"control:{FAR}", "host:n1"})
    _, located = only(judged)
    assert "answers all the same" in located.says
    assert judged.verdict.decision is Decision.NOT_PROVEN


def test_no_route_of_our_own() -> None:
    judged = look(site(control=()), NORTH | SOUTH, routes=False)
    assert len(judged.causes) == 1
    _, located = only(judged)
    assert (located.rung, located.owner) == ("route", Owner.ENGINEER)
    assert "Nothing could be sent to" in located.says


def test_a_silent_site_blames_nobody_and_asks_one_thing() -> None:
    judged = look(site(), NORTH | SOUTH)
    assert len(judged.causes) == 1
    _, located = only(judged)
    assert (located.rung, located.last) == ("site", f"control:{NEAR}")
    assert located.owner is Owner.ENGINEER
    assert "what does the display of PDU p1 (hall north, rack N1) show?" in located.to_do
    assert "cannot tell from here" in located.says
    assert judged.verdict.decision is Decision.NOT_PROVEN


def test_a_silent_site_that_the_customers_script_reaches_is_a_closed_way() -> None:
    ask = Ask(
        thing="host:n1",
        question=Question(protocol="tcp", fact="connect", address="127.0.0.1", port=22),
    )
    there = evidence(ask, true(ask), id="e-there", vantage="customer")
    _, located = only(look(site(), NORTH | SOUTH, there))
    assert "the customer's own script reached server n1" in located.says


def test_a_dark_hall_is_one_cause_of_the_facility() -> None:
    judged = look(site(), NORTH)
    assert len(judged.causes) == 1
    cause, located = only(judged)
    assert (located.rung, located.name, located.silent) == ("hall", "north", 8)
    assert located.headline == "No power or no network in hall north"
    assert "8 devices silent; BMC of s1 answers elsewhere" in located.says
    assert located.owner is Owner.FACILITY
    folded = {cause.root, *cause.folded}
    assert {f"{check}@host:n{n}" for check in CHECKS for n in range(1, 5)} == folded
    assert judged.verdict.decision is Decision.NO_GO


def test_a_dark_rack_in_a_hall_that_answers() -> None:
    judged = look(site(), things("n2", "n4"))
    assert len(judged.causes) == 1
    _, located = only(judged)
    assert (located.rung, located.name) == ("rack", "N1 in hall north")
    assert located.last == "bmc:n1" or located.owner is Owner.FACILITY


def outlets(**states: bool) -> Evidence:
    question = Question(protocol="snmp", fact="outlets", address="127.0.2.1", port=161)
    ask = Ask(thing="pdu:p1", question=question)
    told = [{"number": int(n[1:]), "on": on, "said": ""} for n, on in states.items()]
    return evidence(ask, {"type": "outlets", "outlets": told})


def test_a_pdu_that_answers_says_which_outlets_are_off() -> None:
    judged = look(site(), NORTH, outlets(o1=True, o2=False, o3=False, o4=True))
    _, located = only(judged)
    assert "PDU p1 answers and reports outlets 2, 3 off" in located.says
    assert (located.last, located.owner) == ("pdu:p1", Owner.FACILITY)


def asked_by_snmp() -> Site:
    """The site whose PDU can be asked: its outlets are a source of power."""
    given_site = site()
    pdu = given_site.pdus["p1"].model_copy(update={"snmp": Snmp(credential="c")})
    return given_site.model_copy(update={"pdus": {"p1": pdu}})


def test_outlets_that_are_all_off_are_what_the_dark_is() -> None:
    """They make the power of every server fail, and are no evidence of its own."""
    judged = look(asked_by_snmp(), NORTH, outlets(o1=False, o2=False, o3=False, o4=False))
    cause, located = only(judged)
    assert [c.id for c in judged.causes] == [cause.id]
    assert cause.root == "power/powered-on@host:n1"
    assert located.headline == "No power in hall north"
    assert "why the outlets of the servers in hall north are off" in located.to_do


def test_outlets_that_nobody_proved_leave_both() -> None:
    off = outlets(o1=False, o2=False, o3=False, o4=False)
    _, located = only(look(asked_by_snmp(), NORTH, off.model_copy(update={"proven": False})))
    assert located.headline == "No power or no network in hall north"
    assert "reports outlets 1, 2, 3, 4 off" in located.says


def test_a_silent_server_whose_outlets_are_off_is_no_riddle_of_the_network() -> None:
    """Its BMC says On: the two are at odds, and its silence belongs to them."""
    judged = look(asked_by_snmp(), {"host:n1"}, outlets(o1=False, o2=True, o3=True, o4=True))
    (cause,) = judged.causes
    assert cause.root == "power/powered-on@host:n1"
    assert "reach/answers@host:n1" in cause.folded


def test_outlets_that_are_all_on_leave_the_network() -> None:
    judged = look(site(), NORTH, outlets(o1=True, o2=True, o3=True, o4=True))
    _, located = only(judged)
    assert located.headline == "No network in hall north"
    assert located.owner is Owner.NETWORK


@pytest.mark.parametrize("source", ["battery", "normal"])
def test_a_ups_on_battery_is_said(source: str) -> None:
    given_site = site().model_copy(
        update={"ups": Site.model_validate({
            **site().model_dump(by_alias=True),
            "ups": {"u1": {"address": "127.0.2.2", "hall": "north"}},
        }).ups}
    )  # fmt: skip
    question = Question(protocol="snmp", fact="battery", address="127.0.2.2", port=161)
    ask = Ask(thing="ups:u1", question=question)
    judged = look(given_site, NORTH, evidence(ask, {"type": "battery", "source": source}))
    _, located = only(judged)
    assert "UPS u1 answers: it has power and network" in located.says
    assert ("feeds from its battery" in located.says) == (source == "battery")


def test_one_refusal_in_a_hall_shows_that_it_has_power() -> None:
    all_inputs = inputs(site())
    found = []
    for ask in make_plan(all_inputs).asks:
        fate: Any = true(ask)
        if ask.thing in NORTH and ask.question.protocol != "route":
            refused = ask.thing == "host:n1"
            fate = UnknownCause.REFUSED if refused else UnknownCause.TIMEOUT
        found.append(evidence(ask, fate))
    judged = judge(
        all_inputs, found, started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip
    assert "hall" not in {c.located.rung for c in judged.causes if c.located}


def test_one_silent_server_is_its_own_cause() -> None:
    judged = look(site(), {"host:n1"})
    assert [c.located for c in judged.causes] == [None]
    assert judged.causes[0].root == "reach/answers@host:n1"


def test_what_a_bmc_says_is_off_stays_a_cause_of_its_own() -> None:
    all_inputs, dead = inputs(site()), {"host:n1", "host:n2", "host:n3", "host:n4"}
    found = []
    for ask in make_plan(all_inputs).asks:
        fate: Any = true(ask)
        if ask.thing in NORTH and ask.question.fact == "power":
            fate = {"type": "power", "state": "Off"}
        elif ask.thing in dead and ask.question.protocol != "route":
            fate = UnknownCause.TIMEOUT
        found.append(evidence(ask, fate))
    judged = judge(
        all_inputs, found, started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip
    roots = {c.root for c in judged.causes}
    assert {f"power/powered-on@host:n{n}" for n in range(1, 5)} == roots
    assert judged.verdict.decision is Decision.NO_GO


ALL = sorted(NORTH | SOUTH | CONTROL)


@settings(deadline=None, max_examples=60)
@given(st.sets(st.sampled_from(ALL)))
def test_every_silence_is_somewhere_and_facility_only_where_the_site_answers(
    dead: set[str],
) -> None:
    judged = look(site(), dead)
    bad = {f.id for f in judged.findings if f.outcome in {Outcome.FAIL, Outcome.UNKNOWN}}
    named = [i for c in judged.causes for i in (c.root, *c.folded)]
    assert sorted(named) == sorted(bad), "each bad finding under exactly one cause"
    for located in (c.located for c in judged.causes if c.located):
        assert not dangerous_order(located.to_do)
        blind = bool(CONTROL & dead) or dead >= NORTH | SOUTH
        assert (located.owner is Owner.FACILITY) <= (not blind)
        assert ("cannot tell from here" in located.says) == blind


def fates(given_site: Site, fate: Callable[[Ask], Any], **more: Any) -> Judged:
    """Everything is asked, and ends as `fate` says; None leaves it unasked."""
    all_inputs, found = inputs(given_site), []
    for ask in make_plan(all_inputs).asks:
        if (end := fate(ask)) is not None:
            here = more if end is UnknownCause.UNREACHABLE else {}
            found.append(evidence(ask, end, **here))
    return judge(
        all_inputs, found, started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip


def routed(ask: Ask, fate: Any) -> Any:
    asked = ask.thing.startswith("control:") or ask.question.protocol == "route"
    return true(ask) if asked else fate


def test_a_site_that_refuses_everything_is_not_called_silent() -> None:
    _, located = only(fates(site(), lambda ask: routed(ask, UnknownCause.REFUSED)))
    assert (located.rung, located.silent) == ("site", 0)
    assert "12 refuse connections; a firewall, or services that do not run" in located.says
    assert "0 devices" not in located.says
    assert "firewall refuses connections" in located.to_do


def test_a_hall_of_which_others_were_not_asked_is_not_dark() -> None:
    """`run --only`: one silent server says nothing of three that nobody asked today."""

    def fate(ask: Ask) -> Any:
        if ask.thing in things("n2", "n3", "n4"):
            return None
        return routed(ask, UnknownCause.TIMEOUT if ask.thing in NORTH else true(ask))

    assert "hall" not in {c.located.rung for c in fates(site(), fate).causes if c.located}


def test_one_silent_server_with_its_bmc_makes_no_dark_rack() -> None:
    judged = look(site(north=3), things("n2"))
    _, located = only(judged)
    assert (located.rung, located.owner) == ("server", Owner.CUSTOMER_IT)


def test_a_rack_label_of_two_halls_is_no_place_without_its_hall() -> None:
    whole = site()
    halls = {**whole.halls, "south": Hall(racks=("N1", "S1"))}
    homeless = {n: whole.hosts[n].model_copy(update={"hall": None}) for n in ("n2", "n4")}
    moved = whole.model_copy(update={"halls": halls, "hosts": {**whole.hosts, **homeless}})
    judged = look(moved, things("n2", "n4"))
    assert {c.located.rung for c in judged.causes if c.located} == {"server"}


@pytest.mark.parametrize(
    ("ip", "headline"),
    [
        ("", "No address is known of BMC of n1 and server n1"),
        ("127.0.0.1", "This machine knows no way to BMC of n1 and server n1"),
    ],
)
def test_one_server_without_a_way_says_nothing_of_the_site(ip: str, headline: str) -> None:
    def fate(ask: Ask) -> Any:
        return UnknownCause.UNREACHABLE if ask.thing in things("n1") else true(ask)

    _, located = only(fates(site(), fate, ip=ip, attempts=0))
    assert (located.headline, located.owner) == (headline, Owner.ENGINEER)
    assert ("names in the site file" in located.to_do) == (not ip)


def test_one_outlet_that_is_on_clears_the_facility_of_no_other_server() -> None:
    judged = look(site(), NORTH, outlets(o1=True))
    _, located = only(judged)
    assert located.headline == "No power or no network in hall north"
    assert located.owner is Owner.FACILITY


def test_bmcs_alone_say_nothing_of_outlets() -> None:
    """The servers were not asked: what is known of their outlets is not known to be off."""

    def fate(ask: Ask) -> Any:
        if ask.thing.startswith("host:n") and ask.question.protocol != "route":
            return None
        return routed(ask, UnknownCause.TIMEOUT if ask.thing in NORTH else true(ask))

    _, located = only(fates(site(), fate))
    assert located.headline == "No power or no network in hall north"


def strangers(*unpinned: str) -> Judged:
    """Everything answers; these things have no pin and get no login."""
    all_inputs = inputs(site())
    found = []
    for ask in make_plan(all_inputs).asks:
        fate: Any = true(ask)
        behind = {"ssh": UnknownCause.HOST_KEY, "redfish": UnknownCause.TLS}
        if ask.thing in unpinned and ask.question.fact != "host-key":
            fate = behind.get(ask.question.protocol, fate)
        found.append(evidence(ask, fate))
    return judge(
        all_inputs, found, started=START, judged_at=START + timedelta(seconds=9),
        ended=Ended.NORMAL,
    )  # fmt: skip


def test_pins_that_nobody_took_are_one_cause_of_the_engineer() -> None:
    judged = strangers(*NORTH, *SOUTH)
    assert len(judged.causes) == 1
    _, located = only(judged)
    assert (located.rung, located.owner, located.silent) == ("pins", Owner.ENGINEER, 12)
    assert "preflight pin" in located.to_do
    assert "no pin for server n1, server n2, server n3 and 9 more" in located.says


def test_one_missing_pin_is_a_cause_of_its_own() -> None:
    assert [c.located for c in strangers("host:n1").causes] == [None]


def test_equal_looks_fold_alike_whenever_they_were_taken() -> None:
    """Ids hang on the time of asking; which of two silent things is blamed must not."""
    folds = set()
    for minute in range(12):
        taken = START + timedelta(minutes=minute)
        all_inputs = inputs(site())
        found = []
        for ask in make_plan(all_inputs).asks:
            dead = ask.thing in things("s1") and ask.question.protocol != "route"
            fate = UnknownCause.TIMEOUT if dead else true(ask)
            named = evidence_id(ask, "vendor", taken)
            found.append(evidence(ask, fate, taken=taken, id=named))
        judged = judge(
            all_inputs, found, started=START, judged_at=taken + timedelta(seconds=9),
            ended=Ended.NORMAL,
        )  # fmt: skip
        folds.add(tuple((c.root, c.folded) for c in judged.causes))
    assert len(folds) == 1


def test_a_server_that_is_not_there_at_all_is_one_cause() -> None:
    judged = look(site(), things("n1"))
    assert len(judged.causes) == 1
    cause, located = only(judged)
    assert (located.rung, located.name, located.silent) == ("server", "n1", 2)
    assert located.says == "neither it nor its BMC answers, while BMC of n3 in the same rack does"
    assert located.owner is Owner.CUSTOMER_IT
    assert {f"{check}@host:n1" for check in CHECKS} == {cause.root, *cause.folded}


def test_a_server_whose_outlet_is_off_is_the_facilitys() -> None:
    judged = look(site(), things("n1"), outlets(o1=False))
    _, located = only(judged)
    assert located.owner is Owner.FACILITY
    assert "outlet 1 of PDU p1 is off" in located.says

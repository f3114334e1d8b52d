"""The real command line at a site whose power is one truth: each story alone, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from preflight.words import Stage
from tests.lab.power.grid import READY, Grid
from tests.lab.power.hall import PowerLab
from tests.lab.world.lab import Result
from tests.lab.world.papers import SITE
from tests.lab.world.truth import NETWORK

GO, NO_GO, NOT_PROVEN = 0, 3, 4
Report = Mapping[str, Any]


@dataclass(frozen=True)
class Root:
    """One cause that is in the way: its root, who looks into it, and where silence begins."""

    finding: str
    owner: str
    rung: str = ""


@dataclass(frozen=True)
class Story:
    """What happened, and what the engineer reads."""

    exit: int
    causes: tuple[Root, ...]
    says: tuple[str, ...] = ()
    """Sentences on the screen, whatever its width."""
    grid: Grid = READY
    changes: Mapping[str, Any] = field(default_factory=dict)
    """Laid over the engineer's files, which tell `READY`."""
    environment: Mapping[str, str] = field(default_factory=dict)


def in_the_way(report: Report) -> tuple[Root, ...]:
    """Every cause of this stage, most urgent first."""
    check_of = {planned["id"]: planned["check"] for planned in report["plan"]["findings"]}
    checks = {check["id"]: check for check in report["inputs"]["checks"]}
    stage = Stage(report["inputs"]["stage"])
    found = []
    for cause in report["causes"]:
        check, located = checks[check_of[cause["root"]]], cause["located"]
        if Stage(check["needed_by"]).rank <= stage.rank:
            owner = located["owner"] if located else check["owner"]
            found.append(Root(cause["root"], owner, located["rung"] if located else ""))
    return tuple(found)


def finding(report: Report, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(f for f in report["findings"] if f["id"] == name)
    return found


def answers(report: Report, fact: str) -> dict[str, Any]:
    """Thing -> what it told."""
    told = (e for e in report["evidence"] if e["question"]["fact"] == fact)
    return {e["thing"]: e["answer"] for e in told}


def holds(story: Story, result: Result) -> None:
    assert result.rc == story.exit, result.said
    assert in_the_way(result.report) == story.causes, result.said
    screen = " ".join(result.stdout.split())
    for sentence in story.says:
        assert sentence in screen, result.said
    assert result.report["run"]["ended"] == "normal"


# --- what happens at the site -------------------------------------------------------------------

POWERED, SUPPLIES = "power/powered-on@host:", "power/supplies-fed@host:"
FEEDS = "power/two-feeds@host:"
SOUTH = ("db2", "media2")
WHY_OFF = (
    "Ask the person responsible for the electrical installation why it is off and when it may be"
    " switched on."
)

HAPPENS = {
    "a server is switched off": Story(
        NO_GO,
        (Root(f"{POWERED}media1", "facility"),),
        ("The server is not powered on", "found bmc:media1 says Off why", WHY_OFF),
        READY.server("media1", switched_on=False),
    ),
    "its BMC says On, and its outlets are off": Story(
        NO_GO,
        (Root(f"{FEEDS}db1", "facility"),),
        (
            "disagree power of server db1: PDU pdu-n-a says outlet 7 is off (seen by us); PDU"
            " pdu-n-b says outlet 7 is off (seen by us); BMC of db1 says On (seen by us)",
        ),
        READY.switched_off(*READY.outlets_of("db1")).server("db1", stale=True),
    ),
    "a cable is out": Story(
        NO_GO,
        (Root(f"{SUPPLIES}db1", "facility"), Root(f"{FEEDS}db1", "facility")),
        (
            "A power supply of the server has no power server db1",
            "bmc:db1 lists: PSU 2 is not fed",
        ),
        READY.server("db1", unplugged=frozenset({2})),
    ),
    "an outlet of each of three servers is switched off": Story(
        NO_GO,
        (
            Root(f"{SUPPLIES}db1", "facility"),
            Root(f"{FEEDS}db1", "facility"),
            Root(f"{SUPPLIES}media1", "facility"),
            Root(f"{SUPPLIES}media2", "facility"),
            Root(f"{FEEDS}media1", "facility"),
            Root(f"{FEEDS}media2", "facility"),
        ),
        (
            "pdu:pdu-n-a says outlet 7 is off; bmc:db1 lists: PSU 1 is not fed",
            "pdu:pdu-n-b says outlet 9 is off; bmc:media1 lists: PS2 Status is not fed",
            "bmc:media2 lists: PSU 2 is not fed (0 V",
        ),
        READY.switched_off(("pdu-n-a", 7), ("pdu-n-b", 9), ("pdu-s-d", 10)),
    ),
    "a hall is dark, and its BMCs live": Story(
        NO_GO,
        (
            Root(f"{POWERED}db2", "facility"),
            Root(f"{POWERED}media2", "facility"),
            Root(f"{SUPPLIES}db2", "facility"),
            Root(f"{FEEDS}db2", "facility"),
            Root(f"{SUPPLIES}media2", "facility"),
            Root(f"{FEEDS}media2", "facility"),
        ),
        ("found bmc:db2 says Off why", "found bmc:media2 says Off why", WHY_OFF),
        READY.without_mains("south", bmcs_apart=True),
    ),
    "a hall is dark altogether": Story(
        NO_GO,
        (Root("reach/answers@host:db2", "facility", "hall"),),
        (
            "1 No power or no network in hall south",
            "Every server known in hall south is silent: 6 devices silent; BMC of db1 answers"
            " elsewhere",
            "whether hall south has power; if not, why it is off and when it may be switched on",
        ),
        READY.without_mains("south"),
    ),
    "a hall is dark, and its outlets are off": Story(
        NO_GO,
        (Root(f"{POWERED}db2", "facility", "hall"),),
        (
            "1 No power in hall south",
            "Every server known in hall south is silent: 4 devices silent; PDU pdu-s-c answers and"
            " reports outlets 8, 10 off; PDU pdu-s-d answers and reports outlets 8, 10 off",
            "why the outlets of the servers in hall south are off, and when they may be switched",
        ),
        READY.switched_off(*READY.outlets_of(*SOUTH)),
    ),
    "a BMC alone is cut off": Story(
        NO_GO,
        (Root("reach/bmc-answers@host:db1", "customer-it"),),
        (
            "The server's management controller does not answer server db1",
            "nothing came back within 2 s), while host:db1 answers",
        ),
        READY.unreachable(["10.99.9.11"]),
    ),
    "nothing at the site answers": Story(
        NOT_PROVEN,
        (Root("reach/answers@host:db1", "engineer", "site"),),
        (
            "1 Nothing at the site answers",
            "13 devices silent; power, network or a firewall: cannot tell from here",
            "Ask somebody on site one thing: what does the display of PDU pdu-n-a (hall north)"
            " show?",
        ),
        READY.unreachable(READY.everything()),
    ),
    "a UPS runs on its battery": Story(
        NO_GO,
        (Root("power/ups-healthy@ups:ups-n", "facility"),),
        (
            "The uninterruptible power supply would not carry the servers through a power cut UPS"
            " ups-n",
            "battery",
        ),
        READY.ups("ups-n", mains=False),
    ),
}


@pytest.mark.parametrize("name", HAPPENS)
def test_what_happens_at_the_site(lab: PowerLab, tmp_path: Path, name: str) -> None:
    story = HAPPENS[name]
    lab.flip(story.grid)
    result = lab.run(lab.files(tmp_path))
    holds(story, result)
    if name in CLOSER:
        CLOSER[name](result.report)


def _off_is_seen(report: Report) -> None:
    """Its BMC is enough; what is silent because of it is no cause."""
    power = finding(report, f"{POWERED}media1")
    assert (power["outcome"], power["assurance"]) == ("fail", "observed")
    assert finding(report, "reach/answers@host:media1")["outcome"] == "fail"


def _both_are_named(report: Report) -> None:
    power = finding(report, f"{POWERED}db1")
    assert (power["outcome"], power["unknown"]) == ("unknown", "contradiction")
    said = [(line["who"], line["value"]) for line in power["contradiction"]["said"]]
    assert said == [
        ("pdu:pdu-n-a", "outlet 7 is off"),
        ("pdu:pdu-n-b", "outlet 7 is off"),
        ("bmc:db1", "On"),
    ]


def _every_view_flips(report: Report) -> None:
    """By Redfish, new and old, by IPMI, by SNMP of version 3 and 2c; and nobody lost power."""
    supplies, outlets = answers(report, "supplies"), answers(report, "outlets")
    lost = {"db1": 0, "media1": 1, "media2": 1}
    for name, place in lost.items():
        told = supplies[f"bmc:{name}"]["supplies"]
        unfed = [s["input_state"] == "LossOfInput" or s["input_mv"] == 0 for s in told]
        assert unfed == [n == place for n in range(2)], told
    off = {
        pdu: [o["number"] for o in told["outlets"] if not o["on"] and "psu" in o["name"]]
        for pdu, told in outlets.items()
    }
    assert off == {"pdu:pdu-n-a": [7], "pdu:pdu-n-b": [9], "pdu:pdu-s-c": [], "pdu:pdu-s-d": [10]}
    for name in (*lost, "db2"):
        assert finding(report, f"{POWERED}{name}")["outcome"] == "pass"


def _power_is_not_blamed(report: Report) -> None:
    outcomes = {f["outcome"] for f in report["findings"] if f["id"].startswith("power/")}
    assert outcomes <= {"pass", "unknown"}


def _dark_is_all_of_it(report: Report) -> None:
    """Everything in the other hall, and nothing of it, passed."""
    north = [f for f in report["findings"] if f["id"].endswith(("@host:db1", "@host:media1"))]
    asked = [f for f in north if not f["id"].startswith(("place/", "power/display"))]
    assert {f["outcome"] for f in asked} == {"pass"}
    assert finding(report, f"{POWERED}db2")["outcome"] == "unknown"


CLOSER: Mapping[str, Callable[[Report], None]] = {
    "a server is switched off": _off_is_seen,
    "its BMC says On, and its outlets are off": _both_are_named,
    "an outlet of each of three servers is switched off": _every_view_flips,
    "a hall is dark altogether": _dark_is_all_of_it,
    "a BMC alone is cut off": _power_is_not_blamed,
}
"""What else must be so."""


# --- what the engineer's files say --------------------------------------------------------------


def _other(password: str, **more: str) -> dict[str, Any]:
    """A credential of its own, so that one thing alone is asked with it."""
    return {"site-other": {"site": SITE, "networks": [NETWORK], "password": password, **more}}


LIKE_SILENCE = "in version 2c a wrong community, an access list that keeps this machine out, and a"

WELL = "all is well"
SHIPPED: Mapping[str, Any] = {"profile": {"checks": []}}
"""The shipped profile alone."""
FILES = {
    WELL: Story(GO, (), ("bmc:media1: asked by IPMI", "asked by SNMP version 2c")),
    "both feeds are one in the drawing": Story(
        NO_GO,
        (Root(f"{FEEDS}db1", "facility"),),
        ("outlet 7 of pdu-n-a is on feed A; outlet 7 of pdu-n-b is on feed A",),
        changes={"site": {"pdus": {"pdu-n-b": {"feeds": ["A"]}}}},
    ),
    "an outlet is drawn that is off, and every supply is fed": Story(
        NO_GO,
        (Root(f"{FEEDS}db1", "facility"),),
        ("PDU pdu-n-b says outlet 12 is off (seen by us); BMC of db1 says all 2 supplies are fed",),
        changes={"site": {"hosts": {"db1": {"outlets": [
            {"pdu": "pdu-n-a", "outlet": 7}, {"pdu": "pdu-n-b", "outlet": 12}]}}}},
    ),
    "an outlet is drawn that does not exist": Story(
        NOT_PROVEN,
        (Root(f"{FEEDS}db1", "facility"),),
        ("pdu:pdu-n-a lists no outlet 77",),
        changes={"site": {"hosts": {"db1": {"outlets": [
            {"pdu": "pdu-n-a", "outlet": 77}, {"pdu": "pdu-n-b", "outlet": 7}]}}}},
    ),
    "a wrong community": Story(
        NOT_PROVEN,
        (Root(f"{FEEDS}db2", "facility"),),
        ("pdu:pdu-s-d did not tell of its outlets by SNMP (timeout:", LIKE_SILENCE),
        environment={"SITE_SNMP_COMMUNITY": "no-such-community"},
    ),
    "a wrong SNMP password": Story(
        NOT_PROVEN,
        (Root(f"{POWERED}db1", "facility"),),
        (
            "does not take this user's password, or its digest",
            "The server is powered on server db1, not known: login refused",
            "the same login was refused by pdu:pdu-n-",
        ),
        changes={
            "site": {"pdus": {
                name: {"snmp": {"credential": "site-other"}} for name in ("pdu-n-a", "pdu-n-b")}},
            "credentials": _other("env:OTHER", username="ops", privacy="env:SITE_SNMP_PRIVACY"),
        },
        environment={"OTHER": "no-such-password"},
    ),
    "a wrong privacy password": Story(
        NOT_PROVEN,
        (Root(f"{FEEDS}db1", "facility"),),
        ("pdu:pdu-n-b did not tell of its outlets by SNMP (timeout:", "answers discovery and"),
        changes={
            "site": {"pdus": {"pdu-n-b": {"snmp": {"credential": "site-other"}}}},
            "credentials": _other("env:SITE_SNMP_AUTH", username="ops", privacy="env:OTHER"),
        },
        environment={"OTHER": "no-such-password"},
    ),
    "a wrong IPMI password": Story(
        NOT_PROVEN,
        (Root("reach/bmc-login-works@host:media1", "customer-it"),),
        ("the BMC does not know the password of site-ipmi: a wrong password, or another machine",),
        environment={"SITE_IPMI": "no-such-word"},
    ),
    "a cipher that the BMC does not take": Story(
        NOT_PROVEN,
        (Root("reach/bmc-login-works@host:media1", "customer-it"),),
        ('the BMC does not take cipher suite 17; cipher: "3" in the site file allows the older',),
        changes={"site": {"hosts": {"media1": {"bmc": {"ipmi": {"cipher": "17"}}}}}},
    ),
    "the credentials of another BMC": Story(
        NOT_PROVEN,
        (Root("reach/bmc-login-works@host:db1", "customer-it"),),
        ("the BMC does not let site-other in: HTTP 401", "repeated attempts may lock the account"),
        changes={
            "site": {"hosts": {"db1": {"bmc": {"credential": "site-other"}}}},
            "credentials": _other("env:SITE_IPMI", username="preflight"),
        },
    ),
}  # fmt: skip


Told = Callable[[str], Result]


@pytest.fixture(scope="module")
def told(halls: PowerLab, tmp_path_factory: pytest.TempPathFactory,
         request: pytest.FixtureRequest) -> Iterator[Told]:  # fmt: skip
    """Runs at the ready site, whose results are waited for together: most only wait for silence.
    But for the first they do not ask the BMC by IPMI for its records: whoever reads these ends the
    reading of all others (IPMI 2.0, 33.11)."""
    halls.flip(READY)
    wanted = [name for name in FILES if any(f"[{name}]" in i.name for i in request.session.items)]
    results: dict[str, Future[Result]] = {}
    with ThreadPoolExecutor(4) as pool:
        for number, name in enumerate(dict.fromkeys([WELL, *wanted])):
            changes = {**FILES[name].changes, **({} if name == WELL else SHIPPED)}
            files = halls.files(tmp_path_factory.mktemp(f"files-{number}"), **changes)
            results[name] = pool.submit(halls.run, files, **FILES[name].environment)
            if name == WELL:
                results[name].result()
    yield lambda name: results[name].result()


@pytest.mark.parametrize("name", FILES)
def test_what_the_files_say(told: Told, name: str) -> None:
    holds(FILES[name], told(name))


def test_what_is_on_is_said_by_three_controllers(told: Told) -> None:
    report = told(WELL).report
    assert {f["assurance"] for f in report["findings"] if f["id"].startswith(POWERED)} == {
        "corroborated"
    }
    told_by = {e["thing"].partition(":")[0] for e in report["evidence"] if e["answer"]}
    assert {"host", "bmc", "pdu", "ups"} <= told_by
    safety = finding(report, f"safety/safe-to-work@site:{SITE}")
    assert (safety["outcome"], safety["unknown"]) == ("unknown", "not-asked")
    decisions = {v["stage"]: v["decision"] for v in report["verdict"]["stages"]}
    assert decisions == {"book": "go", "commit": "go", "depart": "not-proven"}


# --- the truth itself ----------------------------------------------------------------------------


def test_one_truth_follows_from_the_outlets() -> None:
    db1 = READY.servers[0]
    one, none = READY.switched_off(db1.plugs[0]), READY.switched_off(*db1.plugs)
    assert [grid.fed(db1) for grid in (READY, one, none)] == [
        (True, True), (False, True), (False, False)]  # fmt: skip
    assert [grid.runs(db1) for grid in (READY, one, none)] == [True, True, False]
    assert [db1.bmc in grid.silent() for grid in (READY, one, none)] == [False, False, True]
    off = READY.server("db1", switched_on=False)
    assert not off.runs(off.servers[0])
    assert off.servers[0].bmc not in off.silent(), "standby"


def test_a_ups_carries_its_feed_until_it_is_flat() -> None:
    carried = READY.without_mains("north")
    flat = carried.ups("ups-n", charged=False)
    assert [grid.fed(grid.servers[0]) for grid in (carried, flat)] == [
        (True, False), (False, False)]  # fmt: skip
    assert {p.name for p in carried.pdus if p.address in carried.silent()} == {"pdu-n-b"}
    assert {"10.99.9.31", "10.99.9.32", "10.99.9.41"} <= flat.silent()

"""Many servers: the worst first, what is equal together, and the causes still on the screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import pytest
from rich.cells import cell_len

from preflight.evidence import NoAnswer
from preflight.finding import Cause, Part
from preflight.render import render
from preflight.render.alike import grouped
from preflight.render.cards import cards
from preflight.render.index import Index
from preflight.render.machines import rows
from preflight.render.order import counted, first_few, first_runs, in_order, natural
from preflight.render.page.markup import spans
from preflight.render.places import places
from preflight.render.terminal.findings import MANY
from preflight.report import PlannedFinding, Report
from preflight.words import Outcome, UnknownCause

NAMES = tuple(f"h{n}" for n in range(20))
HOSTS = ("db1", "db2", "media1")
ASKED = ("reach/answers", "power/powered-on", "identity/serial")
BAD = {
    "identity/serial@host:h4": (Outcome.FAIL, None),
    "reach/answers@host:h10": (Outcome.FAIL, None),
    "reach/answers@host:h2": (Outcome.FAIL, None),
    "power/powered-on@host:h10": (Outcome.UNKNOWN, UnknownCause.TIMEOUT),
}


@pytest.fixture(scope="module")
def many(stories: Mapping[str, Report]) -> Report:
    """Twenty servers of one unit each, of which three are bad, in the order of a dumb sort."""
    report = stories["go"]
    base = report.inputs.site.hosts["db1"]
    hosts = {
        name: base.model_copy(update={"rack": "S1" if n % 2 else "S10", "unit": str(n + 1)})
        for n, name in enumerate(NAMES)
    }
    site = report.inputs.site.model_copy(update={"hosts": hosts, "groups": {}})
    numbers = {c.id: n for n, c in enumerate(report.inputs.checks)}
    planned = [
        PlannedFinding(id=f"{c}@host:{h}", check=c, check_no=numbers[c], subject=f"host:{h}")
        for c in ASKED
        for h in sorted(NAMES)
    ]
    findings = tuple(_finding(report, p.id) for p in planned)
    causes = [p.id for p in planned if BAD.get(p.id, ("", 0))[0] is Outcome.FAIL]
    return report.model_copy(
        update={
            "inputs": report.inputs.model_copy(update={"site": site}),
            "plan": report.plan.model_copy(update={"findings": tuple(planned)}),
            "findings": findings,
            "evidence": (),
            "causes": tuple(Cause(id=f"c{n}", root=r) for n, r in enumerate(causes, start=1)),
        }
    )


def _finding(report: Report, name: str) -> object:
    outcome, cause = BAD.get(name, (Outcome.PASS, None))
    subject = name.partition("@")[2]
    update = {"id": name, "outcome": outcome, "unknown": cause, "found": f"{subject} says so (1)"}
    return report.findings[0].model_copy(update=update)


def _told(report: Report, *things: str, **update: object) -> Report:
    base = next(e for e in report.evidence if e.question.fact == "connect")
    told = (base.model_copy(update={"thing": t, "id": f"e-{t}", **update}) for t in things)
    return report.model_copy(update={"evidence": (*report.evidence, *told)})


def test_names_are_sorted_as_people_count() -> None:
    assert in_order(["h10", "h2", "h02", "h1", "g", "h2b3", "2", "10"]) == [
        "2", "10", "g", "h1", "h02", "h2", "h2b3", "h10",
    ]  # fmt: skip
    assert natural("h" + "9" * 9000) < natural("h1" + "0" * 9000)
    assert first_few(["h10", "h9", "h1", "h2"]) == "h1, h2, h9 and 1 more"
    assert first_few(["h10", "h9"]) == "h9, h10"
    assert first_runs(["h10", "h9", "h11", "h1", "h3", "h12", "h5"]) == "h1, h3, h5 and 4 more"
    assert first_runs([f"h{n:02}" for n in range(20)] + ["x"]) == "h00 to h19, x"
    assert [counted(n, "box", "boxes") for n in (1, 2)] == ["1 box", "2 boxes"]


def test_the_worst_servers_come_first(many: Report) -> None:
    table = rows(Index(many))
    assert [row.name for row in table[:4]] == ["h10", "h2", "h4", "h0"]
    assert [row.name for row in table[3:]] == in_order(row.name for row in table[3:])
    states = {row.name: {c: cell.state for c, cell in row.cells} for row in table}
    assert states["h4"]["Right box"] == "fail"
    assert list(states["h0"]) == ["Answers", "Power", "Right box", "Place"]


def test_a_cell_names_its_own_server_by_what_it_is(many: Report) -> None:
    cells = {row.name: dict(row.cells) for row in rows(Index(many))}
    assert cells["h1"]["Power"].text == "server says so"


def test_every_other_check_of_a_server_is_in_the_table(stories: Mapping[str, Report]) -> None:
    """What no column is made for must not leave a server green."""
    report = stories["go"]
    late = [f for f in report.findings if f.id == "time/clock@host:db2"]
    worse = late[0].model_copy(update={"outcome": Outcome.FAIL, "found": "an hour late"})
    findings = tuple(worse if f is late[0] else f for f in report.findings)
    first, *_ = rows(Index(report.model_copy(update={"findings": findings})))
    assert first.name == "db2"
    cell = dict(first.cells)["Other checks"]
    assert (cell.state, cell.text) == ("advice", "failed: an hour late")


def test_everything_is_listed_in_that_order(many: Report) -> None:
    index = Index(many)
    reached = [i.subject for i in index.items if i.check_id == "reach/answers"]
    assert reached == [f"host:{name}" for name in NAMES]
    assert [f.id for f in many.findings] == [p.id for p in many.plan.findings]
    assert [c.subject for c in cards(index)] == ["host:h2", "host:h10", "host:h4"]
    page = render(many, "html")
    assert page.index(">Rack S1<") < page.index(">Rack S10<")


def test_a_server_of_one_unit_is_drawn_as_one(many: Report) -> None:
    page = render(many, "html")
    assert page.count('<rect class="claimed"') == 20
    assert ", unit " not in page
    assert {line.partition('"')[0] for line in page.split('height="')[1:] if 'rx="1"' in line[:30]
            } == {"9.8"}  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "silent"),
    [((), {"db2"}), (("bmc:db2",), set()), (("host:db2",), set())],
)
def test_silent_is_who_answered_nothing(
    stories: Mapping[str, Report], answers: tuple[str, ...], silent: set[str]
) -> None:
    report = stories["go"]
    others = tuple(e for e in report.evidence if not e.thing.endswith(":db2"))
    no_answer = NoAnswer(cause=UnknownCause.REFUSED, detail="nobody there")
    base = _told(report, "host:db2", "bmc:db2", answer=None, no_answer=no_answer)
    told = base.model_copy(update={"evidence": (*others, *base.evidence[-2:])})
    told = _told(told, *answers)
    assert {p.name for p in places(Index(told)) if p.silent} == silent
    page = render(told, "html")
    assert ("did not answer at all" in page) == bool(silent)
    assert page.count('<path class="gone"') == len(silent)


def test_equal_exceptions_share_a_line() -> None:
    roots = [f"host:h{n}: facts were read under PREFLIGHT_ROOT=/srv/h{n}" for n in (0, 1, 10, 2)]
    ipmi = [f"bmc:h{n}: asked by IPMI; its password" for n in (1, 2)]
    alone = ["pdu:p1: asked by SNMP version 2c", "the clock was set", "the clock was set back"]
    assert grouped([*roots, *ipmi, *alone]) == (
        "4 servers (h0, h1, h2 and 1 more), each: facts were read under PREFLIGHT_ROOT=/srv/h0"
        " and 3 others",
        "2 BMCs (h1, h2), each: asked by IPMI; its password",
        *alone,
    )
    same = [f"host:{name}: facts were read under PREFLIGHT_ROOT=/srv" for name in "ab"]
    assert grouped(same) == ("2 servers (a, b), each: facts were read under PREFLIGHT_ROOT=/srv",)
    twice = [f"host:a: facts were read under PREFLIGHT_ROOT=/srv/{n}" for n in (1, 2)]
    assert grouped(twice) == tuple(twice)


def test_how_many_servers_it_is_about(many: Report) -> None:
    text = render(many, "text")
    assert "(lagos-ikeja, 20 servers)" in " ".join(text.split())
    assert "Example Telecom, lagos-ikeja, 20 servers" in text
    assert "<dt>Servers</dt><dd>20</dd>" in render(many, "html")


@pytest.mark.parametrize("width", [40, 60, 100, 200])
def test_a_short_screen_counts_what_passed(many: Report, width: int) -> None:
    *lines, _ = render(many, "text", width=width, brief=True).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []
    text = " ".join(" ".join(lines).split())
    assert "4 of 60 findings did not pass" in text
    assert "`preflight render REPORT` shows every one" in text
    whole = render(many, "text", width=width)
    assert f"All {len(many.findings)} findings" in whole
    assert len(lines) < len(whole.splitlines()) - 20


def test_a_short_screen_still_holds_all_that_is_bad(many: Report) -> None:
    text = render(many, "text", width=200, brief=True)
    table = text.partition("did not pass")[2]
    assert [w for w in ("server h2 ", "server h10 ", "server h4 ") if w not in table] == []
    assert "passed 18 of 20, seen" in table
    assert "server h5" not in table


def test_few_findings_are_all_shown(stories: Mapping[str, Report]) -> None:
    for name in ("go", "no-go"):
        assert len(stories[name].findings) <= MANY
        assert render(stories[name], "text", brief=True) == render(stories[name], "text")


def test_servers_that_stand_alike_share_a_line(many: Report) -> None:
    head = render(many, "text", width=120).partition("What is in the way")[0]
    table = [" ".join(line.split()) for line in head.partition("The servers\n")[2].splitlines()]
    assert table[0] == "Server Answers Power Right box Place"
    assert table[1].startswith("h10 \u2718 failed ? not known")
    assert table[4].startswith("h0, h1, h3 and 14 more \u25cf seen")


def test_the_page_folds_those_that_stand_alike(many: Report) -> None:
    """The bad ones stay alone, with what is wrong; of the others all names and all racks are
    told."""
    table = render(many, "html").partition("<h2>The servers</h2>")[2].partition("</table>")[0]
    names = re.findall(r"<td><b>([^<]*)</b>", table)
    assert names == ["h10", "h2", "h4", "h0, h1, h3, h5 to h9, h11 to h19"]
    assert "17 servers" in table
    assert "only said: hall south, racks S1 and S10" in table


def test_where_racks_are_not_drawn_the_table_tells_each_rack(many: Report) -> None:
    site = many.inputs.site
    hosts = {
        name: host.model_copy(update={"rack": f"R{n // 2 if n < 8 else n}"})
        for n, (name, host) in enumerate(site.hosts.items())
    }
    crowded = site.model_copy(update={"hosts": {**hosts, "h20": hosts["h19"], "h21": hosts["h19"]}})
    inputs = many.inputs.model_copy(update={"site": crowded})
    page = render(many.model_copy(update={"inputs": inputs}), "html")
    assert "see the rack of each server below" not in page, "16 are drawn"
    hosts["h5"] = hosts["h5"].model_copy(update={"rack": "R99"})
    crowded = crowded.model_copy(update={"hosts": hosts})
    inputs = many.inputs.model_copy(update={"site": crowded})
    page = render(many.model_copy(update={"inputs": inputs}), "html")
    assert "17 racks are in use: see the rack of each server below" in page
    names = re.findall(r"<td><b>([^<]*)</b>", page)
    assert "h0, h1" in names
    assert "h6, h7" in names
    assert {"h3", "h5"} <= set(names)


def test_few_servers_are_not_folded(stories: Mapping[str, Report]) -> None:
    page = render(stories["go"], "html")
    assert [name for name in HOSTS if f"<td><b>{name}</b>" not in page] == []


def test_what_is_only_advice_is_not_among_the_bad(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    ends = {
        "time/clock@host:db1": {"outcome": Outcome.FAIL, "found": "7 s late"},
        "reach/answers@host:media1": {"outcome": Outcome.UNKNOWN, "found": "it did not say"},
    }
    findings = tuple(f.model_copy(update=ends.get(f.id, {})) for f in report.findings)
    told = report.model_copy(update={"findings": findings})
    table = rows(Index(told))
    assert [(row.name, row.bad) for row in table] == [
        ("media1", True), ("db1", False), ("db2", False),
    ]  # fmt: skip
    page = render(told, "html")
    assert "<span>advice: failed: 7 s late</span>" in page
    assert "failed or not known, and only advice" in page


FED = "PSU 1 is fed (230 V)"
UNFED = "PSU 2 is not fed (0 V, LossOfInput, Critical)"


@pytest.mark.parametrize(
    ("outcome", "cause", "parts", "words"),
    [
        ("fail", None, [("pass", FED), ("fail", UNFED)], UNFED),
        ("fail", None, [("fail", f"bmc:db1 lists: {UNFED}; {FED}")],
         "BMC lists: PSU 2 is not fed; PSU 1 is fed"),
        ("fail", None, [("fail", f"{UNFED}; {FED}; {'and so on' * 9}")],
         "PSU 2 is not fed; PSU 1 is fed"),
        ("unknown", "timeout", [("fail", "x"), ("unknown", "bmc:db1 says On, but host:db1 was"
          " silent (timeout: nothing at all came back from (it))")],
         "BMC says On, but server was silent"),
        ("unknown", "expired", [("unknown", "bmc:db1 says On")],
         "the evidence is too old: BMC says On"),
        ("fail", None, [], "as required"),
        ("fail", None, [("fail", "x" * 300)], "x" * 109 + "…"),
    ],
)  # fmt: skip
def test_a_bad_cell_shows_what_is_wrong(
    stories: Mapping[str, Report],
    outcome: str,
    cause: str | None,
    parts: list[tuple[str, str]],
    words: str,
) -> None:
    report = stories["go"]
    made = tuple(
        Part(dimension="power", outcome=Outcome(o), required="", found=f) for o, f in parts
    )
    worse = {
        "outcome": Outcome(outcome),
        "unknown": UnknownCause(cause) if cause else None,
        "parts": made,
    }
    findings = tuple(
        f.model_copy(update=worse) if f.id == "power/powered-on@host:db1" else f
        for f in report.findings
    )
    table = rows(Index(report.model_copy(update={"findings": findings})))
    assert (table[0].name, dict(table[0].cells)["Power"].text) == ("db1", words)


def test_few_servers_need_no_table(stories: Mapping[str, Report]) -> None:
    assert "The servers\n" not in render(stories["no-go"], "text")


def test_words_in_backticks_are_code(hostile_report: Callable[[str], Report]) -> None:
    assert spans("say `a <b>` and ` alone") == "say <code>a &lt;b&gt;</code> and ` alone"
    assert spans("none") == "none"
    page = render(hostile_report("`<script>`"), "html")
    assert "<script>" not in page

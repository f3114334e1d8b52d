"""Where things stand: claims outlined, observations solid, and nothing drawn over another thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from preflight.evidence import Chassis
from preflight.files.site import Device
from preflight.finding import Part, Shared
from preflight.render.html import render
from preflight.render.index import Index
from preflight.render.machines import rows
from preflight.render.places import places
from preflight.report import Report
from preflight.words import Outcome


def _with(report: Report, **changes: Mapping[str, Any]) -> Report:
    """The report with these fields of these hosts changed."""
    site = report.inputs.site
    hosts = {n: h.model_copy(update=changes.get(n, {})) for n, h in site.hosts.items()}
    return _site(report, hosts=hosts)


def _site(report: Report, **fields: Any) -> Report:
    site = report.inputs.site.model_copy(update=fields)
    inputs = report.inputs.model_copy(update={"site": site})
    return report.model_copy(update={"inputs": inputs})


def _cells(report: Report, column: str) -> dict[str, tuple[str, str]]:
    return {
        row.name: (cell.state, cell.text)
        for row in rows(Index(report))
        for label, cell in row.cells
        if label == column
    }


def test_a_claim_is_outlined_and_an_observation_solid(stories: Mapping[str, Report]) -> None:
    assert _cells(stories["go"], "Place") == {
        "db1": ("seen", "hall south, rack S1, U21-22"),
        "db2": ("said", "hall north, rack N2, U24-25"),
        "media1": ("said", "hall north, rack N1, U12"),
    }
    page = render(stories["go"])
    assert page.count('<rect class="observed"') == 1
    assert page.count('<rect class="claimed"') == 2


def test_what_is_shared_is_marked(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    assert {p.name for p in places(Index(report)) if p.shared} == {"db1", "db2"}
    assert _cells(report, "Place")["db2"] == ("fail", "hall south, rack S1, U24-25; rack shared")
    assert '<path class="join"' in render(report)


def test_a_machine_that_names_another_rack_is_not_known(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    moved = tuple(
        e.model_copy(update={"answer": Chassis(rack="S2")}) if isinstance(e.answer, Chassis) else e
        for e in report.evidence
    )
    told = report.model_copy(update={"evidence": moved})
    state, text = _cells(told, "Place")["db1"]
    assert (state, text) == ("unknown", "hall south, rack S1, U21-22; its BMC says rack S2")
    assert "db1: its BMC says rack S2" in render(told)


def test_an_unproven_machine_proves_no_place(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    unproven = tuple(e.model_copy(update={"proven": False}) for e in report.evidence)
    assert _cells(report.model_copy(update={"evidence": unproven}), "Place")["db1"][0] == "said"


@pytest.mark.parametrize("unit", ["21-22", "22", "21", "1-42"])
def test_nothing_is_drawn_over_another_thing(stories: Mapping[str, Report], unit: str) -> None:
    page = render(_with(stories["go"], db2={"hall": "south", "rack": "S1", "unit": unit}))
    low, _, high = unit.partition("-")
    words = f"units {low} to {high}" if high else f"unit {low}"
    assert f"<b>db2</b>, {words}</p>" in page
    assert page.count('<rect class="claimed"') == 1


def test_high_racks_and_devices_are_drawn(stories: Mapping[str, Report]) -> None:
    switch = Device(hall="north", rack="N1", unit="47")
    page = render(_site(stories["go"], switches={"sa": switch}))
    assert "switch sa U47" in page


def test_what_nobody_stated_is_said_so(stories: Mapping[str, Report]) -> None:
    nowhere = {"hall": None, "rack": None, "unit": None}
    report = _with(stories["go"], media1=nowhere, db2={"unit": None})
    assert _cells(report, "Place")["media1"] == ("unknown", "not stated")
    page = render(report)
    assert "Rack not stated: media1" in page
    assert "<b>db2</b>, unit not stated" in page
    assert "Where the servers stand" not in render(
        _site(_with(report, db1=nowhere, db2=nowhere), halls={})
    )


def test_too_many_racks_are_left_to_the_table(stories: Mapping[str, Report]) -> None:
    base = stories["go"].inputs.site.hosts["db1"]
    hosts = {f"h{n}": base.model_copy(update={"rack": f"R{n}"}) for n in range(17)}
    page = render(_site(stories["go"], hosts=hosts))
    assert "17 racks are in use" in page
    assert "<figure" not in page


def _row(report: Report, groups: tuple[tuple[int, int], ...]) -> Report:
    """Ten servers above each other in one rack, of which these pairs must not share it."""
    base = report.inputs.site.hosts["db1"]
    hosts = {
        f"h{n}": base.model_copy(update={"rack": "S1", "hall": "south", "unit": str(n)})
        for n in range(1, 11)
    }
    parts = tuple(
        Part(
            dimension="rack",
            outcome=Outcome.FAIL,
            required="",
            found="",
            shared=(Shared(what="rack S1", members=(f"host:h{a}", f"host:h{b}"), source="x"),),
        )
        for a, b in groups
    )
    findings = tuple(
        f.model_copy(update={"outcome": Outcome.FAIL, "parts": parts}) if "group:" in f.id else f
        for f in report.findings
    )
    return _site(report.model_copy(update={"findings": findings}), hosts=hosts)


@pytest.mark.parametrize(
    ("groups", "brackets", "width"),
    [
        (((1, 3), (5, 7)), 2, 170),
        (((1, 2), (3, 4), (5, 6)), 3, 170),
        (((1, 5), (3, 7)), 2, 183),
        (((1, 10), (3, 5)), 2, 183),
        (((1, 3), (3, 1)), 1, 170),
        (((1, 6), (2, 7), (3, 8), (4, 9), (5, 10)), 4, 209),
    ],
)
def test_every_group_has_a_bracket_of_its_own(
    stories: Mapping[str, Report],
    groups: tuple[tuple[int, int], ...],
    brackets: int,
    width: int,
) -> None:
    """Two pairs in one rack are no group of four; what overlaps stands beside each other. Beyond
    four it would be a tangle, and the notes name all."""
    page = render(_row(stories["go"], groups))
    assert page.count('<path class="join"') == brackets
    assert f'viewBox="0 0 {width} ' in page
    for one, other in groups:
        assert f"h{min(one, other)} and h{max(one, other)} share this rack" in page


def test_who_fails_by_himself_is_marked_where_he_stands(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    ends = {"identity/serial@host:db2": "other", "time/clock@host:media1": "late"}
    findings = tuple(
        f.model_copy(update={"outcome": Outcome.FAIL, "found": ends[f.id]}) if f.id in ends else f
        for f in report.findings
    )
    page = render(report.model_copy(update={"findings": findings}))
    section = page.partition("Where the servers stand")[2].partition("</section>")[0]
    assert "db2: It is the machine that was delivered" in section
    assert section.count('<svg class="fail" x="135"') == 1, "an advisory is no fault"
    assert "a check of its own failed" in section
    assert "a check of its own failed" not in render(report)

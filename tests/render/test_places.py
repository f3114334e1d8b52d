"""Where things stand: claims outlined, observations solid, and nothing drawn over another thing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from preflight.evidence import Chassis
from preflight.files.site import Device
from preflight.render.html import render
from preflight.render.index import Index
from preflight.render.machines import rows
from preflight.render.places import places
from preflight.report import Report


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

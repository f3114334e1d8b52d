"""Halls and racks in letters: what is shared is marked where it stands, and everything is said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from preflight.evidence import (
    Chassis,
    Guest,
    Guests,
    Interface,
    Interfaces,
    Neighbour,
    Neighbours,
    Text,
    Virtual,
)
from preflight.render import render
from preflight.render.index import Index
from preflight.render.machines import rows
from preflight.render.order import all_of
from preflight.render.picture import picture
from preflight.render.places import Placed, places
from preflight.render.shared import Sharing, sharings
from preflight.render.terminal.picture import packed
from preflight.render.terminal.tone import plain
from preflight.report import Report, read_report, report_bytes
from preflight.text import shown

Described = Callable[..., Report]
HALLS = {
    "north": {"racks": ["N1", "N2", "N3"], "feeds": ["A", "B"], "rows": {"A": ["N1"]}},
    "south": {"racks": ["S1"]},
}
HOSTS: dict[str, dict[str, Any]] = {
    "db1": {
        "hall": "north",
        "rack": "N1",
        "unit": "21-22",
        "outlets": [{"pdu": "pa", "outlet": 1}],
    },
    "db2": {"rack": "N1", "unit": "23-24", "outlets": [{"pdu": "pa", "outlet": 2}]},
    "blade1": {"hall": "north", "rack": "N2", "unit": "1-10", "bmc": {"address": "10.20.9.3"}},
    "blade2": {"hall": "south", "rack": "S1", "unit": "1-10", "bmc": {"address": "10.20.9.4"}},
    "kvm1": {"hall": "north", "rack": "N2", "unit": "12", "hypervisor": "libvirt"},
    "vm1": {},
    "vm2": {"runs_on": "kvm1"},
    "vm3": {"runs_on": "pve-node-7"},
    "media1": {"hall": "south"},
    "spare": {},
}
GROUPS = {
    "database": {"hosts": ["db1", "db2"], "must_differ": ["rack", "row", "hall", "switch", "pdu"]},
    "media": {"hosts": ["blade1", "blade2"], "must_differ": ["rack", "chassis"]},
    "web": {"hosts": ["vm1", "vm2"], "must_differ": ["hypervisor"]},
}
UUIDS = {name: f"6f2e0b1c-6b1f-4d5a-9a51-0000000000{n}{n}" for n, name in enumerate(("vm1", "vm2"))}
BOX = {"enclosure_serial": "ENC7", "chassis_type": "Blade"}
TOLD = {
    ("bmc:blade1", "chassis"): Chassis(rack="N2", bay="3", serial="B1", **BOX),
    ("bmc:blade2", "chassis"): Chassis(bay="4", serial="B2", **BOX),
    ("host:kvm1", "guests"): Guests(
        guests=tuple(Guest(name=n, uuid=u, running=True) for n, u in UUIDS.items())
    ),
    **{(f"host:{n}", "product-uuid"): Text(value=u) for n, u in UUIDS.items()},
    **{(f"host:{n}", "virtual"): Virtual(virtual=True, technology="kvm") for n in UUIDS},
    ("host:db1", "interfaces"): Interfaces(interfaces=(Interface(name="e1", up=True),)),
    ("host:db1", "neighbours"): Neighbours(neighbours=(Neighbour(port="e1", system_name="sa"),)),
}


def _site(**changes: Any) -> dict[str, Any]:
    hosts = {n: {"address": f"10.20.0.{k + 1}", **h} for k, (n, h) in enumerate(HOSTS.items())}
    return {
        "halls": HALLS,
        "hosts": hosts,
        "groups": GROUPS,
        "switches": {"sa": {"pair": "p1", "hall": "north", "rack": "N1", "unit": "40"}, "sb": {}},
        "pdus": {"pa": {"feeds": ["A"], "hall": "north", "rack": "N1"}},
        "links": [{"from": "host:db2", "to": "switch:sa"}],
        **changes,
    }


@pytest.fixture(scope="module")
def world(described: Described) -> Report:
    """Everything that can be drawn, once each."""
    return described(_site(), TOLD)


def _drawn(report: Report, width: int, **how: bool) -> list[str]:
    text = render(report, "text", width=width, **how)
    start = text.index("Where things stand\n")
    return text[start:].partition("\nOnly said")[0].splitlines()[1:]


def test_everything_stands_where_it_is_said_or_seen_to_stand(world: Report) -> None:
    assert _drawn(world, 110) == [
        "north          feeds A, B",
        "  row A   <- db1 and db2 share row A (said by the site file)",
        "    N1         u21-22 db1   u23-24 db2   u40 switch sa   PDU pa",
        "      <- db1 and db2 share rack N1 (said by the site file)",
        "  N2           u1-10 blade1 (rack seen, enclosure ENC7 bay 3 seen)"
        "   u12 kvm1 (runs vm1 (seen) and vm2 (seen))",
        "    <- vm1 and vm2 share rack N2 (said by the site file, of kvm1 that it runs on)",
        "    <- vm1 and vm2 share physical machine kvm1 (seen by host:kvm1)",
        "  N3           (nothing)",
        "south",
        "  S1           u1-10 blade2 (enclosure ENC7 bay 4 seen)",
        "  no rack      media1",
        "nowhere        spare",
        "on pve-node-7  vm3",
        "switches",
        "  sa (pair p1)  db1 (seen)   db2"
        "   <- db1 and db2 share switch sa (seen by host:db1, said by the site file)",
        "outlets",
        "  pa (feed A)  db1:1   db2:2   <- db1 and db2 share PDU pa (said by the site file)",
        "shared besides",
        "    <- db1 and db2 share feed A (said by the site file)",
        "    <- blade1 and blade2 share enclosure ENC7 (seen by bmc:blade1, seen by bmc:blade2)",
        "    <- vm1 and vm2 share hall north (said by the site file, of kvm1 that it runs on)",
    ]


def test_on_a_narrow_terminal_notes_stand_below(world: Report) -> None:
    lines = _drawn(world, 60)
    assert lines[2:7] == [
        "    N1         u21-22 db1   u23-24 db2   u40 switch sa",
        "               PDU pa",
        "      <- db1 and db2 share rack N1 (said by the site file)",
        "  N2           u1-10 blade1 (rack seen, enclosure ENC7 bay 3",
        "               seen)",
    ]
    wide = " ".join(" ".join(_drawn(world, 110)).split())
    assert " ".join(" ".join(lines).split()) == wide


def test_a_terminal_of_ascii_without_colour_can_draw_it(world: Report) -> None:
    assert "\n".join(_drawn(world, 80)).isascii()
    assert "<- db1" in "\n".join(_drawn(world, 80))


def _crowded(described: Described) -> Report:
    """200 servers in one rack, all of one group, and 60 empty racks beside it."""
    hosts = {
        f"h{n}": {"address": f"10.20.{n // 200 + 1}.{n % 200 + 1}", "hall": "north", "rack": "R0"}
        for n in range(200)
    }
    halls = {"north": {"racks": [f"R{n}" for n in range(60)]}}
    groups = {"all": {"hosts": list(hosts), "must_differ": ["rack"]}}
    return described({"halls": halls, "hosts": hosts, "groups": groups}, {})


def test_two_hundred_servers_in_one_rack_are_folded(described: Described) -> None:
    report = _crowded(described)
    for width in (60, 110):
        lines = _drawn(report, width)
        assert len(lines) < 20
        assert max(map(cell_len, lines)) <= width
        text = " ".join(" ".join(lines).split())
        assert "h10 h11 and 188 more" in text
        assert "<- h0, h1, h2, h3, h4, h5, h6, h7 and 192 more share rack R0" in text
        assert "R1, R2, R3 and 56 more (nothing)" in text


def _spread(described: Described, shared: int) -> Report:
    """A server in each of 40 racks; one rack has two of a group."""
    place = {n: n if n != 39 else shared for n in range(40)}
    hosts = {
        f"h{n}": {"address": f"10.20.1.{n + 1}", "hall": "north", "rack": f"R{place[n]}"}
        for n in place
    }
    halls = {"north": {"racks": [f"R{n}" for n in range(40)]}}
    groups = {"all": {"hosts": list(hosts), "must_differ": ["rack"]}}
    return described({"halls": halls, "hosts": hosts, "groups": groups}, {})


def test_a_short_screen_shows_where_something_is_shared(described: Described) -> None:
    report = _spread(described, 7)
    short = _drawn(report, 80, brief=True)
    assert short[0] == "north"
    assert short[1].startswith("  <- h0, h1, h2, h3, h4, h5, h6, h7 and 32 more share hall north")
    assert short[-2:] == [
        "  R7   h7   h39   <- h7 and h39 share rack R7 (said by the site file)",
        "(39 more, of which nothing is shared)",
    ]
    assert len(_drawn(report, 80)) > 40
    page = render(report, "html")
    assert "39 racks are in use" in page
    assert "h7 and h39 share rack R7 (said by the site file)" in page


def test_where_a_file_knows_neither_groups_nor_halls_nothing_is_drawn(
    described: Described,
) -> None:
    report = described({"hosts": {"db1": {"address": "10.20.0.1", "rack": "N1"}}}, {})
    assert picture(Index(report)) is None
    assert "Where things stand" not in render(report, "text")


HOSTILE = ("\x1b[2J\u202edb", "<script>&", "a  b\nc", "x" * 90, "\u6f22" * 50, "N1 <- db1 and db2")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text_and_inside_the_terminal(described: Described, text: str) -> None:
    place = {"hall": "h", "rack": text, "enclosure": text}
    hosts = {f"db{n}": {"address": f"10.20.0.{n + 1}", **place} for n in range(2)}
    heard = Neighbour(port=text, system_name=text, chassis_id=text)
    data = {
        "halls": {"h": {"racks": [text], "feeds": [text], "rows": {"r": [text]}}},
        "hosts": hosts,
        "groups": {"pair": {"hosts": list(hosts), "must_differ": ["rack", "switch"]}},
    }
    report = described(data, {("host:db0", "neighbours"): Neighbours(neighbours=(heard,))})
    for width in (40, 60, 110):
        lines = _drawn(report, width)
        assert [line for line in lines if cell_len(line) > width] == []
        assert shown("\n".join(lines)) == "\n".join(lines)
        assert "".join(shown(" ".join(text.split())).split()) in "".join("".join(lines).split())
    page = render(report, "html")
    assert "\u202e" not in page
    assert "<script>" not in page


@settings(max_examples=30, deadline=None)
@given(
    words=st.lists(st.text(st.characters(codec="utf-8"), max_size=30), max_size=9),
    width=st.integers(1, 70),
)
def test_rows_hold_everything_and_nothing_more(words: list[str], width: int) -> None:
    rows = packed((plain(word) for word in words), width, "   ")
    assert "".join("".join(rows).split()) == "".join("".join(map(plain, words)).split())
    assert all(cell_len(row) <= max(width, 2) for row in rows)


def test_who_stands_where_with_whom(world: Report) -> None:
    placed = {p.thing: p for p in places(Index(world))}
    assert placed["host:db2"] == Placed(
        thing="host:db2",
        hall="north",
        rack="N1",
        units=(23, 24),
        row="A",
        shared=frozenset({"rack", "row"}),
    )
    blade = placed["host:blade1"]
    assert (blade.box, blade.bay, blade.box_seen, blade.observed) == ("ENC7", "3", True, True)
    assert not blade.shared, "it shares a box, and is said to stand in another rack"
    assert (placed["host:vm1"].runs_on, placed["host:vm1"].runs_seen) == (("kvm1",), True)
    assert (placed["host:vm3"].runs_on, placed["host:vm3"].runs_seen) == (("pve-node-7",), False)
    assert placed["pdu:pa"].name == "PDU pa"


def test_an_enclosure_that_no_proven_machine_tells_of_is_only_said(described: Described) -> None:
    data = _site()
    data["hosts"]["blade1"] |= {"enclosure": "E1"}
    report = described(data, {})
    found = {p.name: p for p in places(Index(report))}
    assert (found["blade1"].box, found["blade1"].box_seen, found["blade2"].box) == ("E1", False, "")
    assert "blade1 (enclosure E1)" in "\n".join(_drawn(report, 110))


def test_what_is_shared_is_told_once_whoever_finds_it(world: Report) -> None:
    found = sharings(Index(world))
    boxes = [s for s in found if s.what == "enclosure ENC7"]
    assert {s.dimension for s in boxes} == {"chassis", "rack", "hall"}
    assert "\n".join(_drawn(world, 110)).count("enclosure ENC7 (seen by") == 1


def test_a_kind_that_names_nothing_still_marks_the_rack(stories: Mapping[str, Report]) -> None:
    """Parts without `shared`, as other kinds make them: the site file's own words tell."""
    lines = "\n".join(_drawn(stories["no-go"], 110))
    assert "u24-25 db2   <- db1 and db2 share rack S1 (said by the site file)" in lines


def test_a_rule_that_is_missing_is_not_shared() -> None:
    nothing = "no rule that keeps them apart"
    sharing = Sharing("hypervisor", nothing, ("host:vm1", "host:vm2"), "seen by host:kvm1")
    assert sharing.words == f"vm1 and vm2: {nothing} (seen by host:kvm1)"


def test_names_of_many_are_counted() -> None:
    assert all_of(["b", "a"]) == "a and b"
    assert all_of(["a"]) == "a"
    assert all_of([f"h{n}" for n in range(9)], 8) == "h0, h1, h2, h3, h4, h5, h6, h7 and 1 more"


def test_the_page_says_the_same(world: Report) -> None:
    page = render(world, "html").replace("\n", " ")
    section = page.partition("Where the servers stand")[2].partition("</section>")[0]
    for words in (
        "db1 and db2 share this rack (said by the site file)",
        "Also here: PDU pa",
        'Rack N1<span class="muted"> row A</span>',
        "blade1 sits in enclosure ENC7, bay 3 (its BMC says)",
        "kvm1 runs vm1 (seen) and vm2 (seen)",
        "<b>sa (pair p1)</b>: db1 (seen), db2",
        "<b>pa (feed A)</b>: db1:1, db2:2",
        "db1 and db2 share row A (said by the site file)",
        "vm1 and vm2 share physical machine kvm1 (seen by host:kvm1)",
        "Rack not stated: spare, vm3 (runs on pve-node-7)",
    ):
        assert words in section
    assert section.count("share rack N1") == 0, "it is marked at the rack"


def test_a_virtual_machine_stands_where_it_runs(world: Report) -> None:
    cells = {r.name: dict(r.cells)["Place"] for r in rows(Index(world))}
    assert (cells["vm1"].state, cells["vm1"].text) == ("seen", "runs on kvm1")
    assert (cells["vm3"].state, cells["vm3"].text) == ("said", "runs on pve-node-7")


def test_all_that_is_drawn_is_in_the_report(world: Report) -> None:
    """The picture is made again from the stored bytes."""
    again = read_report(report_bytes(world))
    assert _drawn(again, 110) == _drawn(world, 110)

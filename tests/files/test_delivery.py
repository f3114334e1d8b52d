"""The delivery note: whatever program wrote it, read as it was meant, or told line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.errors import InputError
from preflight.files.delivery import MOST_BOXES, Box
from preflight.files.delivery_note import Delivered, delivery_of, load_delivery, understood
from preflight.files.lint import lint
from preflight.files.load import Loaded, load_site
from preflight.files.opened import Opened
from preflight.files.site import Site
from preflight.junk import real

SITE = """\
site: lagos
customer: c
profile: base-servers
authorised: {by: x, on: 2026-11-10, from: 2026-11-15, until: 2026-12-12, networks: [10.0.0.0/8]}
hosts:
  db1:
    address: 10.0.0.1
    serial: CZ1
  db2: {address: 10.0.0.2}
  web.north: {address: 10.0.0.3}
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Loaded[Site]:
    path = tmp_path_factory.mktemp("site") / "site.yaml"
    path.write_text(SITE)
    return load_site(path)


def boxes(site: Loaded[Site], data: bytes | str) -> list[tuple[int, str | None, str]]:
    raw = data.encode() if isinstance(data, str) else data
    note = understood(Path("delivery.csv"), raw, site).note
    return [(box.line, box.host, box.serial) for box in note.boxes]


def told(site: Loaded[Site], data: str) -> list[str]:
    """The first line of every mistake, without the file's name."""
    with pytest.raises(InputError) as caught:
        understood(Path("delivery.csv"), data.encode(), site)
    lines = [str(problem).splitlines()[0] for problem in caught.value.problems]
    assert all(line.startswith("delivery.csv:") for line in lines)
    return [line.removeprefix("delivery.csv:") for line in lines]


# --- read as it was meant


@pytest.mark.parametrize(
    "text",
    [
        "Host,Serial\ndb1,CZ1\n,CZ2\n",
        "Host;Serial\r\ndb1;CZ1\r\n;CZ2\r\n",
        "\ufeffHostname\tSerial number\ndb1\tCZ1\n\tCZ2\n",
        "Rechner;Seriennummer\nDB1;CZ1\n;CZ2",
        "Rechnername;Serien-Nr.\nDB1.example.com;CZ1\n;CZ2\n",
        "S/N|Server\nCZ1|db1\nCZ2|-\n",
        "Service Tag,Device\nCZ1,db1\nCZ2,n/a\n",
        'Ger\u00e4t;Seriennr\n"db1";"CZ1"\n;"=""CZ2"""\n',
        "Host,Serial,\ndb1,'CZ1,\n,CZ2,\n",
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_headings_delimiters_and_encodings(site: Loaded[Site], text: str, codec: str) -> None:
    if codec == "cp1252":
        text = text.removeprefix("\ufeff")
    found = boxes(site, text.encode(codec))
    assert found == [(2, "db1", "CZ1"), (3, None, "CZ2")]


def test_a_first_line_sep_and_titles_above_the_headings(site: Loaded[Site]) -> None:
    text = (
        "sep=;\nExample Systems Ltd;;\nDelivery 4711;;Page 1\n\nModel;Serial;Host\nR750;CZ1;db1\n"
    )
    assert boxes(site, text) == [(6, "db1", "CZ1")]


def test_blank_lines_repeated_headings_and_totals_are_no_boxes(site: Loaded[Site]) -> None:
    text = "Host,Serial\ndb1,CZ1\n\n,\nHost,Serial\n,CZ2\nTotal,\n"
    assert boxes(site, text) == [(2, "db1", "CZ1"), (6, None, "CZ2")]
    warnings = understood(Path("d.csv"), text.encode(), site).warnings
    assert [(p.code, p.line, p.severity) for p in warnings] == [("no-box", 7, "warning")]


def test_model_and_asset_stand_beside(site: Loaded[Site]) -> None:
    text = (
        "Pos;Artikelnummer;Bezeichnung;Menge;Seriennummer;Inventarnr;Bestellnummer\n"
        "1;210-AXXX;PowerEdge R750;1;CZ1;4711;PO-1\n"
    )
    (box,) = understood(Path("delivery.csv"), text.encode(), site).note.boxes
    assert box == Box(line=2, serial="CZ1", model="PowerEdge R750", asset="4711")


def test_a_domain_tells_no_host_from_another(site: Loaded[Site]) -> None:
    assert boxes(site, "Host,Serial\nWEB.example.com,CZ9\nDB2,CZ8\n,CZ1\n") == [
        (2, "web.north", "CZ9"), (3, "db2", "CZ8"), (4, None, "CZ1"),
    ]  # fmt: skip


def test_a_declared_number_that_is_on_no_line_is_a_warning(site: Loaded[Site]) -> None:
    found = understood(Path("delivery.csv"), b"Serial\nCZ7\n", site)
    (warning,) = found.warnings
    assert (warning.code, warning.severity) == ("not-delivered", "warning")
    assert warning.path == str(site.path)
    assert warning.line == 8
    assert "delivery.csv lists no box with the serial number of db1" in warning.message


# --- told line by line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1: error[no-serials]: no column is headed as serial numbers: the file is empty"]),
        ("Host,Rack\ndb1,N1\n",
         ["1:1: error[no-serials]: no column is headed as serial numbers; the first line says"
          " 'Host', 'Rack'"]),
        ("db1,CZ1\n",
         ["1:1: error[no-serials]: no column is headed as serial numbers; the first line says"
          " 'db1', 'CZ1'"]),
        ("Host,Serial\n", ["1:1: error[empty]: no box stands in it"]),
        ("Host,Serial\ndb1,CZ9\n",
         ['2:5: error[other-serial]: the delivery note says db1 is "CZ9", and SITE:8 says "CZ1"']),
        ("Host,Serial\ndb2,CZ8\nDB2,CZ9\n",
         ["3:1: error[same-host]: this host stands in line 2 already"]),
        ("Serial\nCZ8\ncz8\n",
         ["3:1: error[same-serial]: this serial number stands in line 2 already"]),
        ("Host,Serial\ndb7,CZ8\n", ['2:1: error[unknown-host]: the site file has no host "db7"']),
        ("Host,Serial\ndb2,\n",
         ["2:1: error[missing-serial]: no serial number stands beside db2"]),
        ("Serial\n1.23457E+11\n",
         ['2:1: error[impossible]: the serial "1.23457E+11" was rounded by the spreadsheet']),
        ("Serial\nTo be filled by O.E.M.\n",
         ['2:1: error[junk]: "To be filled by O.E.M." is on many boxes, and identifies none']),
        ("Host,Serial\ndb2,CZ8,R750\n",
         ["2:9: error[extra-cell]: there are more cells here than headings"]),
        ('Host,Serial\ndb2,"CZ8\n',
         ["2:5: error[open-quote]: a quoted cell begins here and never ends"]),
        ("Host,Serial\ndb7,CZ8\ndb2,none\ndb1,CZ9\n",
         ['2:1: error[unknown-host]: the site file has no host "db7"',
          "3:1: error[missing-serial]: no serial number stands beside db2",
          '4:5: error[other-serial]: the delivery note says db1 is "CZ9", and SITE:8 says "CZ1"']),
    ],
)  # fmt: skip
def test_every_mistake_has_its_place(site: Loaded[Site], text: str, expected: list[str]) -> None:
    assert told(site, text) == [line.replace("SITE", str(site.path)) for line in expected]


def test_two_hosts_before_one_domain_are_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(SITE + "  web.south: {address: 10.0.0.4}\n")
    found = told(load_site(path), "Host,Serial\nweb,CZ9\n")
    assert found == ['2:1: error[ambiguous-host]: "web" may be web.north or web.south']


def test_a_workbook_is_named_as_one(site: Loaded[Site]) -> None:
    with pytest.raises(InputError, match="this is a workbook, not a text file"):
        understood(Path("delivery.xlsx"), b"PK\x03\x04....", site)


def test_too_many_boxes_are_one_mistake(site: Loaded[Site]) -> None:
    lines = "\n".join(f"SN{n}" for n in range(MOST_BOXES + 2))
    assert told(site, f"Serial\n{lines}\n") == [
        f"{MOST_BOXES + 2}:1: error[too-large]: more than {MOST_BOXES} boxes"
    ]


def test_a_missing_file_is_told(site: Loaded[Site], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such file"):
        load_delivery(tmp_path / "delivery.csv", site)


# --- which note


def _with_key(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE + "delivery_note: notes/delivery.csv\n")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "delivery.csv").write_text("Host,Serial\ndb1,CZ1\n")
    return path


def _serials(found: Delivered | None) -> list[str]:
    return [box.serial for box in found.note.boxes] if found else []


def test_the_site_files_note_is_relative_to_it_and_the_option_wins(tmp_path: Path) -> None:
    loaded = load_site(_with_key(tmp_path))
    assert _serials(delivery_of(loaded, None)) == ["CZ1"]
    (tmp_path / "other.csv").write_text("Serial\nCZ1\nCZ2\n")
    found = delivery_of(loaded, tmp_path / "other.csv")
    assert _serials(found) == ["CZ1", "CZ2"]
    assert found
    assert found.note.file == "other.csv"


def test_without_a_note_there_is_none(site: Loaded[Site]) -> None:
    assert delivery_of(site, None) is None


def test_a_note_that_no_check_reads_is_a_warning(tmp_path: Path) -> None:
    found = delivery_of(load_site(_with_key(tmp_path)), None, {"reachable"})
    assert found
    assert [(p.code, p.severity) for p in found.warnings] == [("not-used", "warning")]


def test_lint_follows_the_site_file_to_its_note(tmp_path: Path) -> None:
    path = _with_key(tmp_path)
    note = tmp_path / "notes" / "delivery.csv"
    note.write_text("Host,Serial\ndb1,CZ9\n")
    problems = [p for p in lint(Opened([path])) if p.severity == "error"]
    assert [(p.path, p.line, p.code) for p in problems] == [(str(note), 2, "other-serial")]


# --- any bytes


CELLS = st.one_of(
    st.sampled_from(
        ["", "db1", "DB2.example.com", "CZ1", "cz1", "CZ2", "n/a", "=1+1", '="0012"', "'7", '"',
         "1E5", "none", "\u202e", "\x00", "Serial", "Total", "\ufeff", "0000"]
    ),
    st.text(max_size=12),
)  # fmt: skip
HEADINGS = st.sampled_from(
    ["Host", "Serial", "Seriennummer", "Model", "Asset tag", "S/N", "x", "", "Order number"]
)


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from(",;\t|"))
    rows: list[list[str]] = [draw(st.lists(HEADINGS, min_size=1, max_size=5))]
    rows += draw(st.lists(st.lists(CELLS, max_size=6), max_size=6))
    quoted = draw(st.booleans())
    cells = [[f'"{c.replace(chr(34), chr(34) * 2)}"' if quoted else c for c in r] for r in rows]
    text = "\n".join(delimiter.join(row) for row in cells)
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16", "latin-1"])), "replace")


some = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@some
@given(data=st.one_of(sheets(), st.binary(max_size=200)))
def test_any_bytes_are_a_note_that_holds_together_or_mistakes(
    site: Loaded[Site], data: bytes
) -> None:
    try:
        note = understood(Path("delivery.csv"), data, site).note
    except InputError as error:
        assert error.problems
        assert all(problem.line >= 1 for problem in error.problems)
        return
    assert note.boxes
    assert [box.line for box in note.boxes] == sorted(box.line for box in note.boxes)
    assert len({box.serial.strip().casefold() for box in note.boxes}) == len(note.boxes)
    hosts = [box.host for box in note.boxes if box.host]
    assert len(set(hosts)) == len(hosts)
    assert set(hosts) <= set(site.value.hosts)
    assert all(real(box.serial) == box.serial for box in note.boxes)
    assert all(box.serial.casefold() == "cz1" for box in note.boxes if box.host == "db1")


SERIALS = st.text("ABCDEFGHJKLMNPRSTUVWXYZ23456789-", min_size=5, max_size=20).filter(real)


@some
@given(data=st.data())
def test_what_is_written_comes_back(site: Loaded[Site], data: Any) -> None:
    """Any serial numbers, for any hosts, in any order of columns, by any delimiter."""
    serials = data.draw(st.lists(SERIALS, min_size=1, max_size=6, unique_by=str.casefold))
    names = data.draw(st.permutations(["db2", "web.north", *[""] * 6]))
    pairs = zip(names, serials, strict=False)
    rows = [{"Host": name, "Serial": serial, "Model": "R750"} for name, serial in pairs]
    order = data.draw(st.permutations(["Host", "Serial", "Model"]))
    delimiter = data.draw(st.sampled_from(",;\t|"))
    lines = [delimiter.join(order), *(delimiter.join(row[c] for c in order) for row in rows)]
    end = data.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    found = boxes(site, end.join(lines) + end)
    assert found == [(n, r["Host"] or None, r["Serial"]) for n, r in enumerate(rows, 2)]

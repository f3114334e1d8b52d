"""Spreadsheets of real people: what is understood, what is told, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from preflight.errors import InputError, PreflightError
from preflight.files.lint import lint

SHEET = """\
Server list Lagos;;;;;;;;
;;;;;;;;
Hostname;Mgmt IP;iLO IP;Room;Cabinet;U;Feed A;Feed B;Service Tag;Notes;Admin password;Role
db1;10.20.0.11;10.20.9.11;Hall North;N1;U21-22;A;B;CZ2100A7;"two
lines";hunter2;DB
db2;10.20.0.12;tbd;Hall South;S1;5;C;D;CZ2100A8;-;y;DB
;;;;;;;;;;;
;10.20.0.13;N/A;;;;;;;;;
"""


def codes(error: pytest.ExceptionInfo[InputError]) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.code) for p in error.value.problems]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
     ("utf-16-be", "UTF-16"), ("cp1252", "Windows-1252")],
)  # fmt: skip
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_way_of_saving_it(
    read: Any, encoding: str, name: str, delimiter: str, end: str
) -> None:
    text = SHEET.replace("CZ2100A8", "Größe 8").replace(";", delimiter).replace("\n", end)
    found = read(text.encode(encoding))
    assert name in found.told[0]
    assert [host.name for host in found.hosts] == ["db1", "db2", "10.20.0.13"]
    assert [host.serial for host in found.hosts] == ["CZ2100A7", "Größe 8", ""]


def test_columns_are_guessed_and_told(read: Any) -> None:
    found = read(SHEET)
    first = found.hosts[0]
    assert (first.address, first.bmc.address) == ("10.20.0.11", "10.20.9.11")
    assert (first.hall, first.rack, first.unit, first.feeds) == (
        "Hall-North", "N1", "21-22", ("A", "B"),
    )  # fmt: skip
    assert first.roles == ("db",)
    assert found.hosts[1].bmc is None
    assert "headers in line 3" in found.told[0]
    for line in ("Mgmt IP -> address", "iLO IP -> bmc", "Service Tag -> serial", "Notes: ignored",
                 "Admin password: ignored (no secret belongs into a site file)",
                 "the hall Hall North is called Hall-North"):  # fmt: skip
        assert f"  {line}" in found.told
    assert "hunter2" not in str(found)


def test_the_result_passes_lint(read: Any, draft: Any, written: Any) -> None:
    path = written(draft(read(SHEET)))
    assert [problem.code for problem in lint([path])] == ["not-compared"], "a sheet knows no groups"
    halls = read(SHEET).halls
    assert (halls["Hall-North"].racks, halls["Hall-South"].feeds) == (("N1",), ("C", "D"))


@pytest.mark.parametrize(
    ("header", "field"),
    [("Host name", "name"), ("SERVER", "name"), ("IP Address", "address"), ("Host IP", "address"),
     ("iDRAC IP", "bmc"), ("OOB", "bmc"), ("Out-of-band address", "bmc"), ("Rack", "rack"),
     ("Rack Unit", "unit"), ("RU", "unit"), ("Data Center", "hall"), ("PDU", "feeds"),
     ("S/N", "serial"), ("Serial no.", "serial"), ("Role", "roles"), ("SSH user", "user"),
     ("MAC address", None), ("Contact name", None), ("iLO user", None), ("Passwort pw", None),
     ("iLO Kennwörter", None), ("BMC credential", None), ("iDRAC PIN", None),
     ("iLO Passwords", None), ("Schlüssel iLO", None), ("Bauhöhe HE", None),
     ("Rack Schlüssel", None), ("U height", None), ("Server type", None), ("", None),
     ("HE", "unit"), ("Höheneinheit", "unit"), ("HOEHENEINHEITEN", "unit"), ("HE im Rack", "unit"),
     ("Rack-Unit", "unit"), ("Einbauplatz", "unit"), ("Schrank", "rack"), ("Rack-Nr.", "rack"),
     ("Serverschrank", "rack"), ("Raum", "hall"), ("Rechenzentrum", "hall"), ("RZ", "hall"),
     ("IP-Adresse", "address"), ("Adresse", "address"), ("Fernwartung IP", "bmc"),
     ("iLO5 IP", "bmc"), ("Remote management", "bmc"), ("Serien-Nr.", "serial"),
     ("Seriennummer", "serial"), ("Einspeisung", "feeds"), ("Stromkreise", "feeds"),
     ("Power circuit", "feeds"), ("Rolle", "roles"), ("Zweck", "roles"), ("Benutzer", "user"),
     ("Rechner", "name"), ("Gerät", "name"), ("Gera\u0308tename", "name"), ("Computer", "name"),
     ("Anzahl HE", None), ("Größe (HE)", None), ("Höhe HE", None), ("MAC-Adresse", None),
     ("Kennwort iLO", None), ("iLO-Benutzer", None), ("Server-Typ", None),
     ("Ansprechpartner Adresse", None), ("Bemerkung", None)],
)  # fmt: skip
def test_headers(header: str, field: str | None) -> None:
    from preflight.starting.columns import meaning

    assert meaning(header) == field


def test_a_german_sheet(read: Any, draft: Any, written: Any) -> None:
    text = (
        "Rechner;IP-Adresse;iLO;Raum;Schrank;HE;Einspeisungen;Seriennummer;Bemerkung\n"
        "srv01;10.0.0.1;10.0.1.1;Halle 1;S1;HE 21-22;A und B;CZ1;neu\n"
        "srv02;10.0.0.2;10.0.1.2;Halle 1;S2;7 HE;A/B;k.A.;\n"
    )
    found = read(text)
    first, second = found.hosts
    assert (first.name, first.address, first.rack, first.unit) == (
        "srv01",
        "10.0.0.1",
        "S1",
        "21-22",
    )
    assert (first.feeds, first.serial) == (("A", "B"), "CZ1")
    assert (second.unit, second.feeds, second.serial) == ("7", ("A", "B"), "")
    assert second.bmc
    assert second.bmc.address == "10.0.1.2"
    assert "  HE -> unit" in found.told
    assert lint([written(draft(found))]) == []


def test_map_overrides_a_guess(read: Any) -> None:
    text = "IP;Adres;Name\n10.0.0.1;10.0.0.2;a\n"
    assert read(text).hosts[0].address == "10.0.0.1"
    assert read(text, Adres="address").hosts[0].address == "10.0.0.2"
    assert read(text, **{"2": "address", "IP": "bmc"}).hosts[0].bmc.address == "10.0.0.1"
    for wrong in ({"Nix": "address"}, {"IP": "adress"}, {"IP": "ignore"}):
        with pytest.raises(PreflightError):
            read(text, **wrong)


def test_blank_cells_are_blank_unless_it_is_said_otherwise(read: Any) -> None:
    text = "Name,IP,Rack\na,10.0.0.1,N1\nb,10.0.0.2,\nc,10.0.0.3,n/a\n"
    plain = read(text)
    assert [host.rack for host in plain.hosts] == ["N1", "", ""]
    assert any("--fill rack" in line for line in plain.told)
    assert [host.rack for host in read(text, fill=("rack",)).hosts] == ["N1", "N1", ""]


def test_what_stands_twice_or_cannot_be_is_named_with_its_place(read: Any) -> None:
    text = (
        "Name,IP,BMC,Serial\n"
        "a,10.0.0.1,10.1.0.1,X1\n"
        "a,10.0.0.300,10.0.0.1,x1\n"
        "c,http://10.0.0.4,10.0.0.0/8,1.2E+11\n"
    )
    with pytest.raises(InputError) as error:
        read(text)
    assert codes(error) == [
        (3, 1, "same-name"), (3, 3, "impossible"), (3, 14, "same-address"), (3, 23, "same-serial"),
        (4, 3, "impossible"), (4, 19, "impossible"), (4, 30, "impossible"),
    ]  # fmt: skip


@pytest.mark.parametrize("other", ["n1", "N-01", "Rack N1", "N 1"])
def test_one_rack_in_two_spellings_is_no_two_racks(read: Any, other: str) -> None:
    """Declared both, they would prove a separation that is none."""
    text = f"Name,IP,Hall,Rack\na,10.0.0.1,x,N1\nb,10.0.0.2,x,{other}\n"
    with pytest.raises(InputError) as error:
        read(text)
    assert codes(error) == [(3, 14, "ambiguous-label")]
    assert len(read(text.replace(other, "N11")).hosts) == 2


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"PK\x03\x04rest", "not-text"), (b'Name,IP\n"a,10.0.0.1\n', "open-quote"),
     (b"Name,IP\n", "empty")],
)  # fmt: skip
def test_no_sheet(read: Any, data: bytes, code: str) -> None:
    with pytest.raises(InputError) as error:
        read(data)
    assert error.value.problems[0].code == code


@pytest.mark.parametrize("text", ["", "\n\n", "10.0.0.1\n10.0.0.2\n", "Foo,Bar\n1,2\n"])
def test_without_an_address_column_it_asks(read: Any, text: str) -> None:
    with pytest.raises(PreflightError, match="no column was understood"):
        read(text)


def test_no_server_is_lost_above_or_as_the_header(read: Any) -> None:
    bare = "a,10.0.0.1\nb,10.0.0.2\n"
    found = read(bare, **{"1": "name", "2": "address"})
    assert [host.name for host in found.hosts] == ["a", "b"]
    assert "no headers" in found.told[0]
    foreign = "Maszyna,Adres\na,10.0.0.1\nb,10.0.0.2 rack server\n"
    with pytest.raises(PreflightError, match="line 2 above it holds an address"):
        read(foreign)
    plain = foreign.replace(" rack server", "")
    assert len(read(plain, Maszyna="name", Adres="address").hosts) == 2


def test_a_delimiter_inside_a_cell_moves_nothing_unseen(read: Any) -> None:
    with pytest.raises(InputError) as error:
        read("Name,IP,Rack\na, old,10.0.0.1,N1\n")
    assert (2, 17, "extra-cell") in codes(error)


def test_formulas_and_control_characters_are_text(read: Any, draft: Any, loaded: Any) -> None:
    text = 'Name,IP,Serial\na,10.0.0.1,"=HYPERLINK(""x"")"\nb,10.0.0.2,+1\x1b[31m\n'
    hosts = loaded(draft(read(text)))["hosts"]
    assert hosts["a"]["serial"] == '=HYPERLINK("x")'
    assert hosts["b"]["serial"] == "+1[U+001B][31m"


def test_a_missing_address_is_a_blank_and_no_lost_server(
    read: Any, draft: Any, written: Any
) -> None:
    path = written(draft(read("Name,IP\na,10.0.0.1\nb,tbd\n")))
    assert [(p.code, p.message) for p in lint([path])] == [("blank", "hosts.b.address is blank")]


def test_a_thousand_rows(read: Any, draft: Any, written: Any) -> None:
    rows = [
        f"s{n},10.20.{n // 250}.{n % 250 + 1},hall{n % 2},N{n % 40}x{n % 2}" for n in range(1000)
    ]
    found = read("\n".join(["Name,IP,Hall,Rack", *rows]))
    assert len(found.hosts) == 1000
    assert [str(problem) for problem in lint([written(draft(found))])] == []

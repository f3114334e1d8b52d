"""What a column of a spreadsheet means, by its header. Pure.

Guessed in English and German, by the whole header and then by its words; what is guessed is told,
and `--map COLUMN=FIELD` overrides it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from preflight.errors import PreflightError
from preflight.files.addresses import ip_of
from preflight.starting.cells import Cell, Sheet
from preflight.text import one_line

FIELDS = ("name", "address", "bmc", "hall", "rack", "unit", "feeds", "serial", "roles", "user")
IGNORE = "ignore"
HEADER_ROWS = 20
"""So far down a header is looked for, under titles and logos."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_SECRET = _set("pass pwd pw pin pins token tokens zugang key keys")
_SECRET_STEM = re.compile("passw|passphr|kennw|secret|credential|zugangs|schlussel|schluessel")
"""Words that begin so or hold it, in every ending: `Kennwörter`, `Lizenzschlüssel`."""
_OTHER = _set(
    "mac mail email e gateway gw mask netmask subnet vlan dns ntp street contact customer owner"
    " person engineer phone mobile tel model type vendor manufacturer firmware version os cpu ram"
    " memory disk size height price cost date warranty status state comment comments note notes"
    " remarks port cable switch asset order weight quantity"
    " netzmaske maske subnetz strasse plz ort kontakt ansprechpartner kunde besitzer eigentumer"
    " telefon handy mobil modell typ hersteller betriebssystem speicher arbeitsspeicher festplatte"
    " bauhohe bauhoehe grosse groesse hohe hoehe preis kosten datum garantie wartung zustand"
    " bemerkung bemerkungen kommentar notiz notizen kabel inventar inventarnummer bestellung"
    " auftrag gewicht anzahl menge"
)
"""Words of columns that look like ours and are not: `Contact name`, `MAC address`, `Anzahl HE`.

As `_words` writes them: `Höhe` is `hohe`."""
_WORDS: tuple[tuple[str, frozenset[str]], ...] = (
    ("bmc", _set("bmc ilo ilo4 ilo5 ilo6 ilo7 idrac idrac8 idrac9 idrac10 drac ipmi oob xcc imm"
                 " cimc irmc ilom lom bmcip iloip idracip ipmiip fernwartung")),
    ("serial", _set("serial serialnumber serialno serialnr sn servicetag seriennummer seriennummern"
                    " seriennr serien sernr fabriknummer fabriknr")),
    ("feeds", _set("feed feeds pdu pdus powerfeed circuit circuits einspeisung einspeisungen"
                   " stromkreis stromkreise zuleitung zuleitungen")),
    ("unit", _set("unit units u ru position pos rackunit rackunits elevation he hoheneinheit"
                  " hoheneinheiten hoeheneinheit hoeheneinheiten einbauplatz einbauposition")),
    ("rack", _set("rack cabinet cab schrank serverschrank racknummer racknr rackname schranknummer"
                  " schranknr")),
    ("hall", _set("hall room dc datacenter datacentre datahall serverroom halle saal raum"
                  " serverraum rechenzentrum rz")),
    ("address", _set("ip ipv4 ipv6 ipaddress address addr mgmt management adresse adr ipadresse"
                     " ipadr hostip serverip mgmtip managementip")),
    ("roles", _set("role roles function purpose rolle rollen funktion zweck")),
    ("user", _set("user username login account benutzer benutzername nutzer anmeldename konto")),
    ("name", _set("name hostname host server servername device devicename node nodename machine"
                  " computer computername systemname fqdn rechner rechnername gerat geraet"
                  " geratename geraetename maschine knoten")),
)  # fmt: skip
"""In this order: `iDRAC IP` is a BMC's, `Rack unit` a unit, `Host IP` an address."""
_NOT_OF_BMCS = _set(
    "user username login account serial sn licence license benutzer benutzername nutzer konto"
    " seriennummer seriennr lizenz"
)
_PHRASES = {
    "s n": "serial",
    "service tag": "serial",
    "out of band": "bmc",
    "lights out": "bmc",
    "data center": "hall",
    "data centre": "hall",
    "remote management": "bmc",
}


@dataclass(frozen=True)
class Column:
    """One column: where it is, how it is headed, and what it was taken for."""

    number: int
    """From 0."""
    header: str
    field: str | None
    reason: str = ""
    """Why it is not read."""


@dataclass(frozen=True)
class Columns:
    """Every column of a sheet, and the row of their headers."""

    header_row: int
    """From 0; -1 when there is none."""
    columns: tuple[Column, ...]

    def numbers(self, field: str) -> tuple[int, ...]:
        """The columns of this meaning."""
        return tuple(column.number for column in self.columns if column.field == field)


def understand(sheet: Sheet, wanted: Mapping[str, str]) -> Columns:
    """The meaning of every column; `wanted` is header or number (from 1) -> field or `ignore`.

    Raises:
        PreflightError: a wanted column or field does not exist, or no column is an address.
    """
    at = _header_row(sheet, wanted)
    _refuse_servers_above(sheet, at)
    header = _header(sheet, at)
    own = _own(header, wanted)
    columns = Columns(at, _each_once(header, own))
    if not columns.numbers("address") and not columns.numbers("bmc"):
        raise PreflightError(
            f"{sheet.source.path}: no column was understood as the servers' addresses; "
            f"the columns are {_listed(header)}",
            help="name it, like --map 'COLUMN=address'; a column without a header by its number",
        )
    return columns


def meaning(header: str) -> str | None:
    """The field that a header speaks of."""
    words = _words(header)
    if not words or _is_secret(words) or _OTHER & set(words):
        return None
    if _WORDS[0][1] & set(words) and _NOT_OF_BMCS & set(words):
        return None
    spaced = " ".join(words)
    for phrase, field in _PHRASES.items():
        if f" {phrase} " in f" {spaced} ":
            return field
    return next((field for field, known in _WORDS if known & set(words)), None)


def _is_secret(words: Sequence[str]) -> bool:
    return any(word in _SECRET or _SECRET_STEM.search(word) for word in words)


def _words(text: str) -> list[str]:
    """In ASCII: `Höheneinheit` is `hoheneinheit`."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return re.findall("[a-z0-9]+", re.sub("[\u0300-\u036f]", "", plain))


def _header_row(sheet: Sheet, wanted: Mapping[str, str]) -> int:
    """The row with most columns that mean something, the first of equals."""
    rows = sheet.rows[:HEADER_ROWS]
    names = {tuple(_words(name)) for name in wanted}

    def known(row: Sequence[Cell]) -> int:
        fields = {meaning(cell.text) for cell in row} - {None}
        return len(fields) + sum(tuple(_words(c.text)) in names for c in row if c.text)

    best = max(range(len(rows)), key=lambda n: known(rows[n]), default=-1)
    return best if best >= 0 and known(rows[best]) else -1


def _header(sheet: Sheet, at: int) -> Sequence[Cell]:
    """Without a header every column is one without a name."""
    if at >= 0:
        return sheet.rows[at]
    first = sheet.rows[0] if sheet.rows else ()
    return [Cell("", cell.mark) for cell in first]


def _refuse_servers_above(sheet: Sheet, at: int) -> None:
    """What was taken for the header may be a server, and those above it would be lost."""
    for row in sheet.rows[: max(at, 0)]:
        for cell in row:
            if ip_of(cell.text) is not None:
                line, header = cell.mark.line + 1, sheet.rows[at][0].mark.line + 1
                raise PreflightError(
                    f"{one_line(sheet.source.path, 4096)}: line {header} reads like the headers, "
                    f"but line {line} above it holds an address",
                    help="say what the real headers mean, like --map 'Maszyna=name'",
                )


def _own(header: Sequence[Cell], wanted: Mapping[str, str]) -> dict[int, str]:
    """Column number -> what the user says it is."""
    own: dict[int, str] = {}
    for name, field in wanted.items():
        if field not in (*FIELDS, IGNORE):
            known = ", ".join((*FIELDS, IGNORE))
            raise PreflightError(f"{one_line(field)!r} is no field", help=f"write one of {known}")
        same = [n for n, cell in enumerate(header) if _words(cell.text) == _words(name) != []]
        if name.isdecimal() and not same and 0 < int(name) <= len(header):
            same = [int(name) - 1]
        if not same:
            raise PreflightError(
                f"there is no column {one_line(name)!r}", help=f"there are {_listed(header)}"
            )
        own.update(dict.fromkeys(same, field))
    return own


def _each_once(header: Sequence[Cell], own: Mapping[int, str]) -> tuple[Column, ...]:
    """Of two columns with one meaning the plainer header is read; feeds may have several."""
    guessed = {n: meaning(cell.text) for n, cell in enumerate(header) if n not in own}
    best: dict[str, int] = {field: n for n, field in sorted(own.items(), reverse=True)}
    for n, field in guessed.items():
        if field and (field not in best or _plainer(header, n, best[field], own)):
            best[field] = n
    columns = []
    for n, cell in enumerate(header):
        field = own.get(n, guessed.get(n))
        columns.append(_column(n, cell.text, field, best))
    return tuple(columns)


def _plainer(header: Sequence[Cell], n: int, other: int, own: Mapping[int, str]) -> bool:
    return other not in own and len(_words(header[n].text)) < len(_words(header[other].text))


def _column(n: int, header: str, field: str | None, best: Mapping[str, int]) -> Column:
    if field == IGNORE:
        return Column(n, header, None, "as you say")
    if field is None:
        secret = _is_secret(_words(header))
        return Column(n, header, None, "no secret belongs into a site file" if secret else "")
    if field != "feeds" and best[field] != n:
        return Column(n, header, None, f"column {best[field] + 1} is the {field} already")
    return Column(n, header, field)


def _listed(header: Sequence[Cell]) -> str:
    named = [one_line(c.text, 40) or f"number {n}" for n, c in enumerate(header, start=1)]
    return ", ".join(repr(name) for name in named[:30]) or "none: the file is empty"

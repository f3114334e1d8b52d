"""What a column of a delivery note means, by its heading in English or German. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from preflight.starting.cells import Cell, Sheet

HEADER_ROWS = 50
"""So far down the headings are looked for, under addresses, logos and order numbers."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_OTHER = _set(
    "qty quantity menge anzahl stuck pos position price preis date datum order bestellung auftrag"
    " mac ip address adresse customer kunde contact kontakt person phone telefon mail email"
    " warranty garantie status state comment comments note notes bemerkung vendor hersteller"
    " manufacturer firmware version cpu ram memory speicher"
)
"""Words of columns that look like ours and are not: `Order number`, `Contact name`."""
_NUMBER = _set("no nr number nummer num id")
"""`Article no.` is a part number, the same for all boxes of one sort."""
_MEANINGS: tuple[tuple[str, frozenset[str]], ...] = (
    ("serial", _set("serial serials serialnumber serialno sn servicetag seriennummer seriennummern"
                    " seriennr serien sernr fabriknummer fabriknr")),
    ("asset", _set("asset assettag inventory inventar inventarnummer inventarnr anlagennummer"
                   " anlagennr")),
    ("host", _set("host hostname servername rechnername fqdn")),
    ("model", _set("model modell type typ product produkt article artikel item description"
                   " bezeichnung beschreibung modellbezeichnung")),
    ("host", _set("name server device node machine system rechner gerat geraet maschine knoten")),
)  # fmt: skip
"""In this order: `Asset serial` is a serial number, `Product name` a model."""
_PHRASES = ("s n", "service tag")
FIELDS = ("host", "serial", "model", "asset")


def headings(sheet: Sheet) -> tuple[int, Mapping[str, int]] | None:
    """The row of the headings, from 0, and the column of each field; None where no heading speaks
    of serial numbers. Of several rows the one that says most, of equals the first."""
    found = [(n, _columns(row)) for n, row in enumerate(sheet.rows[:HEADER_ROWS])]
    telling = [(n, columns) for n, columns in found if "serial" in columns]
    return max(telling, key=lambda item: len(item[1]), default=None)


def _columns(row: Sequence[Cell]) -> dict[str, int]:
    """Of two columns with one meaning the plainer heading is read."""
    best: dict[str, tuple[int, int, int]] = {}
    for number, cell in enumerate(row):
        if ranked := _meaning(cell.text):
            field, rank = ranked
            weight = (rank, len(_words(cell.text)), number)
            best[field] = min(best.get(field, weight), weight)
    return {field: number for field, (*_, number) in best.items()}


def _meaning(heading: str) -> tuple[str, int] | None:
    """A field, and how plainly the heading speaks of it: the lower the plainer."""
    words = set(_words(heading))
    if words & _OTHER:
        return None
    if any(f" {phrase} " in f" {' '.join(_words(heading))} " for phrase in _PHRASES):
        return "serial", 0
    for rank, (field, known) in enumerate(_MEANINGS):
        if known & words:
            return None if field == "model" and words & _NUMBER else (field, rank)
    return None


def _words(text: str) -> list[str]:
    """In ASCII: `Gerät` is `gerat`."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.findall("[a-z0-9]+", plain)

"""The delivery note as people have it: a CSV of whatever program, read strictly. Every mistake has
its line."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from preflight.errors import InputError
from preflight.files.delivery import MOST_BOXES, Box, DeliveryNote
from preflight.files.delivery_columns import FIELDS, headings
from preflight.files.load import Loaded
from preflight.files.problems import Problem, errors_of, in_order
from preflight.files.site import Site
from preflight.files.source import START, Source, read_bytes
from preflight.files.suggest import one_of
from preflight.junk import real
from preflight.starting import values
from preflight.starting.cells import Cell, Sheet, read_sheet
from preflight.starting.values import Impossible
from preflight.text import one_line

_AS_TEXT = re.compile(r"""=\s*"(.*)"|'(.*)""", re.DOTALL)
"""How people keep a spreadsheet from making a number of it: `="0012"`, `'0012`."""
KIND = "identity"
"""What compares servers with a note."""
_Cells = Mapping[str, "Cell | None"]


@dataclass(frozen=True)
class Delivered:
    """A note that was read, and what looks odd about it."""

    note: DeliveryNote
    warnings: tuple[Problem, ...] = ()


def delivery_of(
    site: Loaded[Site], option: Path | None, kinds: Collection[str] = (KIND,)
) -> Delivered | None:
    """The note that was named on the command line, else the site file's; None without any. `kinds`
    are those of the checks that are planned.

    Raises:
        InputError: with every mistake of the note.
    """
    named = site.value.delivery_note
    if option is None and named is None:
        return None
    found = load_delivery(option or site.folder / str(named), site)
    return found if KIND in kinds else replace(found, warnings=(*found.warnings, _unused(found)))


def _unused(found: Delivered) -> Problem:
    message = "no check of the profile compares a server with the delivery note"
    help_ = "identity/as-delivered does"
    source = Source(found.note.file, "")
    return source.problem("not-used", message, help=help_, severity="warning")


def load_delivery(path: Path, site: Loaded[Site]) -> Delivered:
    """The note in this file, for this site.

    Raises:
        InputError: with every mistake of the note, and every serial number that the site file
            gives otherwise.
    """
    return understood(path, read_bytes(path), site)


def understood(path: Path, data: bytes, site: Loaded[Site]) -> Delivered:
    """The note in these bytes. Raises as `load_delivery`."""
    sheet = read_sheet(str(path), data)
    found = headings(sheet)
    if found is None:
        raise InputError([_no_serials(sheet)])
    at, columns = found
    reader = _Reader(sheet, site, columns, at)
    for row in sheet.rows[at + 1 :]:
        reader.read(row)
    reader.finish()
    problems = in_order(reader.problems)
    if errors_of(problems):
        raise InputError(problems)
    note = DeliveryNote(file=one_line(path.name, 200), boxes=tuple(reader.boxes))
    return Delivered(note, (*problems, *_not_listed(path, note, site)))


def _no_serials(sheet: Sheet) -> Problem:
    first = next((row for row in sheet.rows if any(cell.text for cell in row)), ())
    named = ", ".join(repr(one_line(cell.text, 40)) for cell in first[:20] if cell.text)
    message = "no column is headed as serial numbers"
    message += f"; the first line says {named}" if named else ": the file is empty"
    help_ = "head it `Serial number`, and the hosts' names, if it has them, `Host`"
    return sheet.source.problem("no-serials", message, first[0].mark if first else START, help_)


@dataclass
class _Reader:
    """Takes row after row."""

    sheet: Sheet
    site: Loaded[Site]
    columns: Mapping[str, int]
    header_row: int
    boxes: list[Box] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _too_many: bool = False
    _lines: dict[tuple[str, str], int] = field(default_factory=dict)
    """What may stand there once -> its line."""

    def read(self, row: Sequence[Cell]) -> None:
        """One box, unless the row holds none."""
        cells = {name: self._cell(row, name) for name in FIELDS}
        if not any(cells.values()) or self._is_header(row):
            return
        if len(self.boxes) >= MOST_BOXES:
            self._refuse_more_boxes(row)
            return
        self._refuse_more_cells(row)
        number, host = cells["serial"], cells["host"]
        if number is None:
            self._without_serial(row, host)
        elif serial := self._serial(number):
            self._keep(cells, number, serial, self._host(host) if host else None)

    def finish(self) -> None:
        """A note of nothing is a mistake."""
        if not self.boxes and not errors_of(self.problems):
            mark = self.sheet.rows[self.header_row][0].mark
            help_ = "below the headings stands one box a line"
            problem = self.sheet.source.problem("empty", "no box stands in it", mark, help_)
            self.problems.append(problem)

    def _keep(self, cells: _Cells, number: Cell, serial: str, host: str | None) -> None:
        said = self.site.value.hosts[host].serial if host else None
        if host and said and said.strip() and _folded(said) != _folded(serial):
            self._other_serial(number, host, said, serial)
        box = Box(
            line=number.mark.line + 1, host=host, serial=serial,
            model=_words(cells["model"]), asset=_words(cells["asset"]),
        )  # fmt: skip
        self.boxes.append(box)

    def _cell(self, row: Sequence[Cell], name: str) -> Cell | None:
        number = self.columns.get(name, len(row))
        cell = row[number] if number < len(row) else None
        return None if cell is None or values.is_blank(_bare(cell.text)) else cell

    def _is_header(self, row: Sequence[Cell]) -> bool:
        """Long notes repeat it on every page."""
        header = self.sheet.rows[self.header_row]
        return [cell.text for cell in row] == [cell.text for cell in header]

    def _refuse_more_cells(self, row: Sequence[Cell]) -> None:
        """A delimiter inside a cell has moved all that follows into the next columns."""
        for cell in row[len(self.sheet.rows[self.header_row]) :]:
            if cell.text:
                help_ = "a cell that holds a delimiter must stand in quotes"
                self._wrong(cell, "extra-cell", "there are more cells here than headings", help_)
                return

    def _refuse_more_boxes(self, row: Sequence[Cell]) -> None:
        if not self._too_many:
            self._too_many = True
            self._wrong(row[0], "too-large", f"more than {MOST_BOXES} boxes")

    def _without_serial(self, row: Sequence[Cell], host: Cell | None) -> None:
        """Of a host it is missing; a total, a title or a cable has none."""
        if host and _hosts_named(host.text, self.site.value):
            message = f"no serial number stands beside {one_line(host.text, 60)}"
            self._wrong(host, "missing-serial", message, "write it, or take the line out")
            return
        message, help_ = "no serial number stands here: no box", "nothing, if this line is none"
        cell = host or row[0]
        self._wrong(cell, "no-box", message, help_, severity="warning")

    def _serial(self, cell: Cell) -> str:
        text = _bare(cell.text)
        try:
            serial = values.serial(text)
        except Impossible as why:
            self._wrong(cell, "impossible", str(why), why.help)
            return ""
        if real(serial) is None:
            message = f'"{one_line(serial, 60)}" is on many boxes, and identifies none'
            self._wrong(cell, "junk", message, "write what stands on the box's own label")
            return ""
        self._once(cell, "serial", _folded(serial))
        return serial

    def _host(self, cell: Cell) -> str | None:
        found = _hosts_named(_bare(cell.text), self.site.value)
        if len(found) == 1:
            self._once(cell, "host", found[0])
            return found[0]
        name, known = one_line(cell.text, 60), self.site.value.hosts
        if found:
            message = f'"{name}" may be {" or ".join(found)}'
            self._wrong(cell, "ambiguous-host", message, "write the name as in the site file")
        else:
            help_ = one_of(cell.text, known) or "leave it blank where no host of the site is meant"
            self._wrong(cell, "unknown-host", f'the site file has no host "{name}"', help_)
        return None

    def _once(self, cell: Cell, sort: str, value: str) -> None:
        """Two boxes cannot share it."""
        here = cell.mark.line + 1
        line = self._lines.setdefault((sort, value), here)
        if line != here:
            what = "serial number" if sort == "serial" else "host"
            message = f"this {what} stands in line {line} already"
            help_ = "correct one of the two; parts of a server do not belong into the note"
            self._wrong(cell, f"same-{sort}", message, help_)

    def _other_serial(self, cell: Cell, host: str, said: str, serial: str) -> None:
        loc = ("hosts", host, "serial")
        line = self.site.document.mark(loc).line + 1
        message = (
            f'the delivery note says {host} is "{one_line(serial, 60)}", and'
            f' {one_line(str(self.site.path), 4096)}:{line} says "{one_line(said, 60)}"'
        )
        self._wrong(cell, "other-serial", message, "find out which one is right; keep one of them")

    def _wrong(
        self,
        cell: Cell,
        code: str,
        message: str,
        help_: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        problem = self.sheet.source.problem(code, message, cell.mark, help_, severity)
        self.problems.append(problem)


def _not_listed(path: Path, note: DeliveryNote, site: Loaded[Site]) -> Iterator[Problem]:
    """Warnings: a host whose serial number is on no line of the note was not delivered with it."""
    listed = {_folded(box.serial) for box in note.boxes}
    for name, host in site.value.hosts.items():
        if host.serial and host.serial.strip() and _folded(host.serial) not in listed:
            yield site.problem(
                "not-delivered",
                ("hosts", name, "serial"),
                f"{one_line(path.name, 200)} lists no box with the serial number of {name}",
                "correct one of the two, or say nothing of it if it came with another delivery",
                severity="warning",
            )


def _hosts_named(text: str, site: Site) -> list[str]:
    """The hosts that a cell may mean: by name, in either case, else by the name before a domain."""
    whole = text.casefold()
    same = [name for name in site.hosts if name.casefold() == whole]
    first = whole.partition(".")[0]
    return same or [n for n in site.hosts if n.casefold().partition(".")[0] == first]


def _bare(text: str) -> str:
    found = _AS_TEXT.fullmatch(text)
    return (found[1] or found[2] or "").strip() if found else text


def _words(cell: Cell | None) -> str | None:
    return one_line(_bare(cell.text), 200) if cell else None


def _folded(serial: str) -> str:
    return serial.strip().casefold()

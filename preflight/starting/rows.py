"""The rows below the headers: a server each, with the labels of where it stands. Pure.

Nothing is made up: a cell that is blank stays blank, also below a merged one, unless the user says
that the value above is meant.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from preflight.files.addresses import place_of
from preflight.files.problems import Problem
from preflight.starting import values
from preflight.starting.alike import folded
from preflight.starting.cells import Cell, Sheet
from preflight.starting.columns import FIELDS, Columns
from preflight.starting.draft import BMC_PORT, SSH_PORT, BmcDraft, HallDraft, HostDraft
from preflight.starting.values import Impossible
from preflight.text import one_line

MOST_SERVERS = 10_000
FILLABLE = ("hall", "rack", "roles", "user")
"""What one merged cell may mean for several servers."""
_OWN = ("name", "address", "bmc", "serial")
"""A row without any of these is no server: a title, a total, a merged heading."""
_Cells = Mapping[str, "Cell | None"]


@dataclass
class Reader:
    """Takes row after row."""

    sheet: Sheet
    columns: Columns
    fill: Collection[str]
    hosts: list[HostDraft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _notes: dict[str, None] = field(default_factory=dict)
    _blank_below: dict[str, int] = field(default_factory=dict)
    _above: dict[str, Cell] = field(default_factory=dict)
    _lines: dict[tuple[str, str], int] = field(default_factory=dict)
    """What may stand there once -> its line."""
    _labels: dict[tuple[str, str], Cell] = field(default_factory=dict)
    """Sort and folded label -> where it stands first."""
    _racks: dict[str, dict[str, None]] = field(default_factory=dict)
    _feeds: dict[str, dict[str, None]] = field(default_factory=dict)
    _homeless: set[str] = field(default_factory=set)
    """Racks and feeds without a hall."""

    def read(self, row: Sequence[Cell]) -> None:
        """One server, unless the row holds none."""
        cells = {name: self._cell(row, name) for name in FIELDS}
        self._above.update({name: cell for name, cell in cells.items() if cell})
        self._refuse_more_cells(row)
        if self._is_header(row) or not any(cells.values()):
            return
        if not any(cells[name] for name in _OWN):
            line = row[0].mark.line + 1
            self._note(f"line {line}: no name, address or serial, so no server")
        elif len(self.hosts) < MOST_SERVERS:
            filled = {name: cell or self._from_above(row, name) for name, cell in cells.items()}
            self.hosts.append(self._host(row, filled))
        elif len(self.hosts) == MOST_SERVERS and not self.problems:
            self._wrong(row[0], "too-large", f"more than {MOST_SERVERS} servers")

    def halls(self) -> dict[str, HallDraft]:
        """The labels found, by hall."""
        return {
            hall: HallDraft(tuple(racks), tuple(self._feeds[hall]))
            for hall, racks in self._racks.items()
        }

    def told(self) -> list[str]:
        """What was written otherwise than it stands there, and what was not guessed."""
        told = list(self._notes)
        if self._homeless:
            names = ", ".join(sorted(self._homeless)[:10])
            told.append(
                f"  no hall stands beside {names}: a rack or feed counts only as declared in a hall"
            )
        told += [
            f"  {count} blank cell{'s' * (count != 1)} below a {name} stayed blank; if the value "
            f"above is meant (merged cells): --fill {name}"
            for name, count in self._blank_below.items()
        ]
        return told

    def _cell(self, row: Sequence[Cell], name: str) -> Cell | None:
        numbers = self.columns.numbers(name)
        return self._at(row, numbers[0]) if numbers else None

    def _at(self, row: Sequence[Cell], number: int) -> Cell | None:
        cell = row[number] if number < len(row) else None
        return None if cell is None or values.is_blank(cell.text) else cell

    def _is_header(self, row: Sequence[Cell]) -> bool:
        """Long sheets repeat it on every page."""
        header = [column.header for column in self.columns.columns]
        return any(header) and [cell.text for cell in row] == header

    def _refuse_more_cells(self, row: Sequence[Cell]) -> None:
        """A delimiter inside a cell has moved all that follows into the next columns."""
        for cell in row[len(self.columns.columns) :]:
            if cell.text:
                help_ = "a cell that holds a delimiter must stand in quotes"
                self._wrong(cell, "extra-cell", "there are more cells here than headers", help_)
                return

    def _from_above(self, row: Sequence[Cell], name: str) -> Cell | None:
        """The value above a cell that is really empty: `n/a` was meant."""
        above = self._above.get(name)
        if above is None or name not in FILLABLE or self._is_written(row, name):
            return None
        if name in self.fill:
            return above
        self._blank_below[name] = self._blank_below.get(name, 0) + 1
        return None

    def _is_written(self, row: Sequence[Cell], name: str) -> bool:
        number = self.columns.numbers(name)[0]
        return number < len(row) and row[number].text != ""

    def _host(self, row: Sequence[Cell], cells: _Cells) -> HostDraft:
        address = self._place(cells["address"], SSH_PORT)
        bmc = self._place(cells["bmc"], BMC_PORT)
        hall, rack = self._hall(cells["hall"]), self._rack(cells["rack"])
        feeds = self._feeds_of(row)
        self._declare(hall, rack, feeds)
        return HostDraft(
            name=self._name(row, cells["name"], address),
            address=address,
            roles=self._roles(cells["roles"]),
            hall=hall,
            rack=rack,
            unit=self._value(cells["unit"], values.unit),
            feeds=feeds,
            serial=self._serial(cells["serial"]),
            user=self._value(cells["user"], values.user),
            bmc=BmcDraft(bmc) if bmc else None,
        )

    def _value(self, cell: Cell | None, convert: Callable[[str], str], text: str = "") -> str:
        """The cell's value; nothing, and a problem, when it cannot be one."""
        if cell is None:
            return ""
        try:
            return convert(text or cell.text)
        except Impossible as why:
            self._wrong(cell, "impossible", str(why), why.help)
            return ""

    def _wrong(self, cell: Cell, code: str, message: str, help_: str = "") -> None:
        self.problems.append(self.sheet.source.problem(code, message, cell.mark, help_))

    def _note(self, text: str) -> None:
        self._notes[f"  {text}"] = None

    def _once(self, cell: Cell, sort: str, value: str) -> None:
        """Two servers cannot share it."""
        line = self._lines.setdefault((sort, value), cell.mark.line + 1)
        if (sort, value) in self._lines and line != cell.mark.line + 1:
            help_ = "correct one of the two, or take one line out"
            self._wrong(cell, f"same-{sort}", f"this {sort} stands in line {line} already", help_)

    def _place(self, cell: Cell | None, port: int) -> str:
        address = self._value(cell, values.address)
        if cell and address:
            self._once(cell, "address", place_of(address, str(port)))
        return address

    def _serial(self, cell: Cell | None) -> str:
        serial = self._value(cell, values.serial)
        if cell and serial:
            self._once(cell, "serial", serial.casefold())
        return serial

    def _name(self, row: Sequence[Cell], cell: Cell | None, address: str) -> str:
        line = row[0].mark.line + 1
        if cell is None:
            name = values.named_by(address) or f"line-{line}"
        else:
            name = self._value(cell, lambda text: values.identifier(text, "name"))
            if name not in ("", cell.text):
                self._note(f"line {line}: {one_line(cell.text, 60)} is called {name}")
        if name:
            self._once(cell or row[0], "name", name.casefold())
        return name

    def _roles(self, cell: Cell | None) -> tuple[str, ...]:
        found = []
        for text in values.several(cell.text) if cell else ():
            role = self._value(cell, lambda text: values.identifier(text, "role").lower(), text)
            if role not in ("", text):
                self._note(f"the role {one_line(text, 60)} is called {role}")
            found.append(role)
        return tuple(dict.fromkeys(role for role in found if role))

    def _hall(self, cell: Cell | None) -> str:
        hall = self._value(cell, lambda text: values.identifier(text, "hall"))
        if cell and hall:
            if hall != cell.text:
                self._note(f"the hall {one_line(cell.text, 60)} is called {hall}")
            self._one_spelling(cell, "hall", cell.text)
        return hall

    def _rack(self, cell: Cell | None) -> str:
        rack = self._value(cell, values.label)
        if cell and rack:
            self._one_spelling(cell, "rack", rack)
        return rack

    def _feeds_of(self, row: Sequence[Cell]) -> tuple[str, ...]:
        found = []
        for cell in (self._at(row, number) for number in self.columns.numbers("feeds")):
            for text in values.several(cell.text) if cell else ():
                feed = self._value(cell, values.label, text)
                if cell and feed:
                    self._one_spelling(cell, "feed", feed)
                    found.append(feed)
        return tuple(dict.fromkeys(found))

    def _one_spelling(self, cell: Cell, sort: str, label: str) -> None:
        """Declared in two ways, one thing would count as two."""
        first = self._labels.setdefault((sort, folded(label)), Cell(label, cell.mark))
        if first.text != label:
            line = first.mark.line + 1
            message = f'{sort} "{label}" may be the {sort} "{first.text}" of line {line}'
            help_ = "write one thing in one way, exactly as it is labelled, and two as they differ"
            self._wrong(cell, "ambiguous-label", message, help_)

    def _declare(self, hall: str, rack: str, feeds: Sequence[str]) -> None:
        if not hall:
            self._homeless.update(label for label in (rack, *feeds) if label)
            return
        racks, own = self._racks.setdefault(hall, {}), self._feeds.setdefault(hall, {})
        racks.update({rack: None} if rack else {})
        own.update(dict.fromkeys(feeds))

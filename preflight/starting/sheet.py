"""Somebody's spreadsheet of servers as hosts and halls of a site file. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from preflight.errors import InputError
from preflight.files.problems import in_order
from preflight.starting.cells import DELIMITERS, Sheet, read_sheet
from preflight.starting.columns import Columns, understand
from preflight.starting.draft import HallDraft, HostDraft
from preflight.starting.rows import Reader
from preflight.text import one_line


@dataclass(frozen=True)
class Understood:
    """The servers and halls of a sheet, and how it was understood, for people."""

    hosts: tuple[HostDraft, ...]
    halls: Mapping[str, HallDraft]
    told: tuple[str, ...]


def understood(
    path: str, data: bytes, wanted: Mapping[str, str], fill: Collection[str] = ()
) -> Understood:
    """The sheet in these bytes.

    `wanted`: header or number of a column -> field, see `columns.FIELDS`. `fill`: fields whose
    blank cells repeat the value above.

    Raises:
        InputError: every impossible value and everything that stands there twice, with its place.
        PreflightError: the columns cannot be understood.
    """
    sheet = read_sheet(path, data)
    columns = understand(sheet, wanted)
    reader = Reader(sheet, columns, fill)
    for row in sheet.rows[columns.header_row + 1 :]:
        reader.read(row)
    if not reader.hosts and not reader.problems:
        message, help_ = "no server stands in it", "below the headers stands one server a line"
        reader.problems.append(sheet.source.problem("empty", message, help=help_))
    if reader.problems:
        raise InputError(in_order(reader.problems))
    told = (*_how(sheet, columns), *reader.told())
    return Understood(tuple(reader.hosts), reader.halls(), told)


def _how(sheet: Sheet, columns: Columns) -> list[str]:
    """One line on the file, one per column."""
    cut = DELIMITERS.get(sheet.delimiter) or repr(sheet.delimiter)
    at = columns.header_row
    headers = f"headers in line {sheet.rows[at][0].mark.line + 1}" if at >= 0 else "no headers"
    path = one_line(sheet.source.path, 4096)
    told = [f"{path}: {sheet.encoding}, cells end at a {cut}, {headers}"]
    for column in columns.columns:
        name = one_line(column.header, 40) or f"(column {column.number + 1})"
        why = f" ({column.reason})" if column.reason else ""
        told.append(f"  {name} -> {column.field}" if column.field else f"  {name}: ignored{why}")
    return told

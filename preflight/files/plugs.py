"""Outlets: each of a PDU of the site file, and with one plug in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, names, text, things
from preflight.files.problems import Problem
from preflight.files.suggest import did_you_mean


class _Plug(NamedTuple):
    host: str
    number: int
    pdu: str
    outlet: str
    """Empty where none, or no text, is written."""
    box: str | None
    """The enclosure of the host: its blades have its outlets in common."""

    @property
    def loc(self) -> Loc:
        """Where it stands."""
        return ("hosts", self.host, "outlets", self.number)


def plugs(document: Document) -> Iterator[Problem]:
    """Unknown PDUs, and outlets that two servers, or one server twice, are said to hang on."""
    known, first = dict.fromkeys(names(document.data, "pdus")), dict[tuple[str, str], _Plug]()
    for plug in _plugs(document):
        if plug.pdu not in known:
            message = f'host {plug.host} names an unknown PDU "{plug.pdu}"'
            help_ = did_you_mean(plug.pdu, known) or f"declare it: pdus: {{{plug.pdu}: {{}}}}"
            yield document.problem("unknown-pdu", (*plug.loc, "pdu"), message, help_)
        if plug.outlet:
            other = first.setdefault((plug.pdu, plug.outlet), plug)
            yield from _shared(document, plug, other)


def _shared(document: Document, plug: _Plug, other: _Plug) -> Iterator[Problem]:
    if other is plug or (other.host != plug.host and plug.box and plug.box == other.box):
        return
    what, help_ = f"outlet {plug.outlet} of {plug.pdu}", "correct one of the two"
    message = f"host {plug.host} names {what} twice"
    if other.host != plug.host:
        message = f"host {plug.host} hangs on {what}, and so does host {other.host}"
        help_ += ": one outlet takes one plug; servers in one box name it (enclosure: LABEL)"
    yield document.problem("same-outlet", (*plug.loc, "outlet"), message, help_)


def _plugs(document: Document) -> Iterator[_Plug]:
    for host, data in things(document.data, "hosts"):
        written = data.get("outlets")
        for index, entry in enumerate(written if isinstance(written, list) else []):
            if pdu := text(mapping(entry), "pdu"):
                yield _Plug(host, index, pdu, _number(mapping(entry)), text(data, "enclosure"))


def _number(entry: dict[str, Any]) -> str:
    return (text(entry, "outlet") or "").lstrip("0")

"""The table of servers."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.index import Index
from preflight.render.machines import Cell, Row, rows
from preflight.render.page.marks import mark
from preflight.render.page.markup import Html, block, section, tag

_WORDS = {
    "fail": "failed: ",
    "unknown": "not known: ",
    "seen": "",
    "collected": "collected by the customer: ",
    "unproven": "unproven machine: ",
    "said": "only said: ",
    "none": "",
}
_KEY = {
    "seen": "seen by our own look",
    "collected": "collected by the customer's self-check",
    "unproven": "told by a machine that did not prove which it is",
    "said": "only said",
    "unknown": "not known",
    "fail": "failed",
}
_ALWAYS = frozenset({"seen", "said", "unknown", "fail"})


def hosts(index: Index) -> Html:
    """Every server of the site file with what is known of it."""
    servers = rows(index)
    labels = ["Server", *(label for label, _ in servers[0].cells)] if servers else ["Server"]
    head = tag("thead", tag("tr", *(tag("th", label, scope="col") for label in labels)))
    body = block("tbody", *(_row(row) for row in servers))
    table = tag("table", head, body, class_="rows hosts")
    box = tag("div", table, class_="table", tabindex="0", role="region", aria_label="Servers")
    return section("The servers", box, _key(servers))


def _row(row: Row) -> Html:
    about = ", ".join((row.address, *row.roles))
    name = tag("td", tag("b", row.name), tag("span", about, class_="sub"))
    return block("tr", name, *(_cell(label, cell) for label, cell in row.cells))


def _cell(label: str, cell: Cell) -> Html:
    words = f"{_WORDS[cell.state]}{cell.text}"
    bold = " bold" if cell.state == "fail" else ""
    content = tag("span", mark(cell.state), tag("span", words), class_=f"state {cell.state}{bold}")
    return tag("td", content, data_label=label)


def _key(servers: Sequence[Row]) -> Html:
    used = _ALWAYS | {cell.state for row in servers for _, cell in row.cells}
    spans = (tag("span", mark(state), text) for state, text in _KEY.items() if state in used)
    return block("p", *spans, class_="key small muted")

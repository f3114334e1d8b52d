"""The table of servers."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.index import Index
from preflight.render.machines import FEW, PLACE, Cell, Row, alike, rows
from preflight.render.order import all_of, counted, in_order
from preflight.render.page.marks import mark
from preflight.render.page.markup import Html, block, section, tag
from preflight.render.page.racks import too_many
from preflight.render.places import NOWHERE, places
from preflight.series import series

_WORDS = {
    "fail": "failed: ",
    "unknown": "not known: ",
    "advice": "advice: ",
    "seen": "",
    "collected": "collected by the customer: ",
    "unproven": "unproven machine: ",
    "said": "only said: ",
    "none": "",
}
_ALONE = {
    "seen": "seen",
    "collected": "collected by the customer",
    "unproven": "told by unproven machines",
    "said": "only said",
    "none": "not asked, or not applicable",
    "advice": "advice",
}
"""Of several servers whose words differ."""
_KEY = {
    "seen": "seen by our own look",
    "collected": "collected by the customer's self-check",
    "unproven": "told by a machine that did not prove which it is",
    "said": "only said",
    "unknown": "not known",
    "fail": "failed",
    "advice": "failed or not known, and only advice",
}
_ALWAYS = frozenset({"seen", "said", "unknown", "fail"})


def hosts(index: Index) -> Html:
    """Every server of the site file with what is known of it. Of many, those that stand alike share
    a row; where the racks are not drawn, those of one rack, so that each one's place is told."""
    servers = rows(index)
    by_rack = too_many(places(index))
    shown = alike(servers, bad_alone=True, by_rack=by_rack) if len(servers) > FEW else ()
    labels = ["Server", *(label for label, _ in servers[0].cells)] if servers else ["Server"]
    head = tag("thead", tag("tr", *(tag("th", label, scope="col") for label in labels)))
    body = block("tbody", *map(_rows, shown or [(row,) for row in servers]))
    table = tag("table", head, body, class_="rows hosts")
    box = tag("div", table, class_="table", tabindex="0", role="region", aria_label="Servers")
    return section("The servers", box, _key(servers))


def _rows(same: Sequence[Row]) -> Html:
    first = same[0]
    many = counted(len(same), "server") if len(same) > 1 else first.address
    roles = dict.fromkeys(role for row in same for role in row.roles)
    names = series(in_order(row.name for row in same))
    name = tag("td", tag("b", names), tag("span", ", ".join((many, *roles)), class_="sub"))
    columns = zip(*(row.cells for row in same), strict=True)
    return block("tr", name, *(_cells(column, same) for column in columns))


def _cells(column: Sequence[tuple[str, Cell]], same: Sequence[Row]) -> Html:
    """Of several servers: what all say; else how well it is backed, and of places the racks."""
    label, cell = column[0]
    if len({other.text for _, other in column}) == 1:
        return _cell(label, cell.state, f"{_WORDS[cell.state]}{cell.text}")
    if label == PLACE and all(row.rack for row in same):
        return _cell(label, cell.state, f"{_WORDS[cell.state]}{_stand(same)}")
    return _cell(label, cell.state, _ALONE[cell.state])


def _stand(same: Sequence[Row]) -> str:
    """`hall north, rack N1`, `halls north and south, racks N1 and S1`."""
    halls, racks = ({getattr(row, what) for row in same} - {NOWHERE} for what in ("hall", "rack"))
    pairs = (("hall", halls), ("rack", racks))
    return ", ".join(f"{w}{'s' * (len(n) > 1)} {all_of(n)}" for w, n in pairs if n)


def _cell(label: str, state: str, words: str) -> Html:
    bold = " bold" if state == "fail" else ""
    content = tag("span", mark(state), tag("span", words), class_=f"state {state}{bold}")
    return tag("td", content, data_label=label)


def _key(servers: Sequence[Row]) -> Html:
    used = _ALWAYS | {cell.state for row in servers for _, cell in row.cells}
    spans = (tag("span", mark(state), text) for state, text in _KEY.items() if state in used)
    return block("p", *spans, class_="key small muted")

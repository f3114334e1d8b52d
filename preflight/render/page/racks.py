"""Where the servers stand: halls, and in them the racks from the front, units from the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.index import Index
from preflight.render.order import in_order
from preflight.render.page.elevation import elevation, spare, unit_height
from preflight.render.page.markup import Html, block, join, section, tag
from preflight.render.places import NOWHERE, Placed, places

DRAWN = 16
"""So many racks are drawn at most; beyond that the table of servers is clearer."""
SPARE = 4
"""So many declared racks without a server are drawn per hall; the others are listed."""


def racks(index: Index) -> Html | None:
    """Halls with their racks; None when nothing was stated about any place."""
    placed = places(index)
    used = {(p.hall, p.rack) for p in placed if p.rack}
    if not used and not any(p.hall for p in placed):
        return None
    if len(used) > DRAWN:
        text = f"{len(used)} racks are in use: see the place of each server below."
        return section("Where the servers stand", tag("p", text, class_="box"))
    halls = _halls(index, placed)
    unit = unit_height(placed)
    drawn = (_hall(hall, index, [p for p in placed if p.hall == hall], unit) for hall in halls)
    box = tag("div", block("div", *drawn, class_="halls"), _key(placed, index), class_="box")
    return section("Where the servers stand", box)


def _halls(index: Index, placed: Sequence[Placed]) -> list[str]:
    """Declared halls first, then those that hosts name, then the unstated one."""
    names = [*index.report.inputs.site.halls, *in_order(p.hall for p in placed)]
    known = [name for name in dict.fromkeys(names) if name != NOWHERE]
    return [*known, NOWHERE] if any(p.hall == NOWHERE for p in placed) else known


def _hall(hall: str, index: Index, placed: Sequence[Placed], unit: float) -> Html:
    declared = index.report.inputs.site.halls.get(hall)
    feeds = f"feeds {', '.join(declared.feeds)}" if declared and declared.feeds else ""
    used = _used(placed)
    empty = _empty(hall, placed, index)
    title = f"Hall {hall}" if hall != NOWHERE else "Hall not stated"
    return block(
        "div",
        tag("h3", title, " ", tag("span", feeds, class_="muted small") if feeds else None),
        _drawn(used, placed, empty[:SPARE], unit),
        _lines(placed, empty[SPARE:]),
        class_="hall" if placed else "hall free",
    )


def _used(placed: Sequence[Placed]) -> list[str]:
    return in_order({p.rack for p in placed if p.rack})


def _empty(hall: str, placed: Sequence[Placed], index: Index) -> list[str]:
    """Racks declared in a hall that hold nothing of this installation."""
    declared, used = index.report.inputs.site.halls.get(hall), _used(placed)
    return [rack for rack in (declared.racks if declared else ()) if rack not in used]


def _drawn(
    used: Sequence[str], placed: Sequence[Placed], empty: Sequence[str], unit: float
) -> Html | None:
    figures = [_rack(rack, [p for p in placed if p.rack == rack], unit) for rack in used]
    figures += [_spare(rack, unit) for rack in empty]
    return block("div", *figures, class_="racks") if figures else None


def _spare(rack: str, unit: float) -> Html:
    picture = spare(f"Rack {rack}: no server of this installation", unit=unit)
    return block("figure", tag("figcaption", rack), picture, class_="rack spare")


def _rack(rack: str, placed: Sequence[Placed], unit: float) -> Html:
    drawn, listed = _split(placed)
    notes = [_place_note(p) for p in listed]
    shared = [p for p in placed if "rack" in p.shared]
    if shared:
        what = "rack and hall" if all("hall" in p.shared for p in shared) else "rack"
        names = " and ".join(p.name for p in shared)
        notes.append(tag("p", f"{names} share this {what}", class_="shared-note"))
    notes += [_elsewhere(p, "its BMC", p.seen_rack) for p in placed if p.seen_rack]
    notes += [_elsewhere(p, "somebody on site", p.told_rack) for p in placed if p.told_rack]
    label = " and ".join(_spoken(p) for p in drawn) or "nothing drawn"
    return block(
        "figure",
        tag("figcaption", f"Rack {rack}"),
        elevation(drawn, label=f"Rack {rack}: {label}", unit=unit) if drawn else None,
        *notes,
        class_="rack",
    )


def _split(placed: Sequence[Placed]) -> tuple[list[Placed], list[Placed]]:
    """Those that can be drawn, and those without units or over another: nothing hides another."""
    drawn: list[Placed] = []
    listed: list[Placed] = []
    for thing in placed:
        fits = thing.units is not None and thing.units[0] >= 1
        free = fits and not any(_overlap(thing, other) for other in drawn)
        (drawn if free else listed).append(thing)
    return drawn, listed


def _overlap(one: Placed, other: Placed) -> bool:
    """They are said to be in the same unit."""
    if one.units is None or other.units is None:
        return False
    return one.units[0] <= other.units[1] and other.units[0] <= one.units[1]


def _spoken(thing: Placed) -> str:
    return f"{thing.name} (did not answer at all)" if thing.silent else thing.name


def _place_note(thing: Placed) -> Html:
    return tag("p", tag("b", _spoken(thing)), f", {_units(thing)}", class_="small")


def _units(thing: Placed) -> str:
    if thing.units is None:
        return "unit not stated"
    low, high = thing.units
    return f"unit {low}" if low == high else f"units {low} to {high}"


def _elsewhere(thing: Placed, who: str, rack: str) -> Html:
    return tag("p", f"{thing.name}: {who} says rack {rack}", class_="shared-note")


def _lines(placed: Sequence[Placed], empty: Sequence[str]) -> Html:
    """What has no picture: shared halls, hosts without a rack, racks without a host."""
    homeless = [_spoken(p) for p in placed if not p.rack]
    shared = [p.name for p in placed if p.shared == {"hall"}]
    lines = []
    if shared:
        lines.append(tag("p", f"{' and '.join(shared)} share this hall", class_="shared-note"))
    if homeless:
        lines.append(tag("p", f"Rack not stated: {', '.join(homeless)}", class_="small"))
    if empty:
        text = f"Without a server of this installation: {', '.join(empty)}"
        lines.append(tag("p", text, class_="small muted"))
    return join(*lines)


def _key(placed: Sequence[Placed], index: Index) -> Html:
    entries = [
        ("claimed", "only said"),
        ("observed", "seen: its BMC names this rack"),
    ]
    if any(p.shared for p in placed):
        entries.append(("shared", "shared, but must differ"))
    if any(p.silent for p in placed):
        entries.append(("silent", "did not answer at all"))
    if any(_empty(h, [p for p in placed if p.hall == h], index) for h in _halls(index, placed)):
        entries.append(("spare", "an empty rack: declared, with none of these servers"))
    spans = (tag("span", tag("i", "", class_=name), text) for name, text in entries)
    return tag("div", *spans, "Units count from the bottom.", class_="key small muted")

"""Where the servers stand: halls, and in them the racks from the front, units from the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.index import Index
from preflight.render.page.elevation import elevation, extent, height, spare
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
    drawn = (_hall(hall, index, [p for p in placed if p.hall == hall]) for hall in halls)
    box = tag("div", block("div", *drawn, class_="halls"), _key(placed), class_="box")
    return section("Where the servers stand", box)


def _halls(index: Index, placed: Sequence[Placed]) -> list[str]:
    """Declared halls first, then those that hosts name, then the unstated one."""
    names = [*index.report.inputs.site.halls, *sorted(p.hall for p in placed)]
    known = [name for name in dict.fromkeys(names) if name != NOWHERE]
    return [*known, NOWHERE] if any(p.hall == NOWHERE for p in placed) else known


def _hall(hall: str, index: Index, placed: Sequence[Placed]) -> Html:
    declared = index.report.inputs.site.halls.get(hall)
    feeds = f"feeds {', '.join(declared.feeds)}" if declared and declared.feeds else ""
    used = sorted({p.rack for p in placed if p.rack})
    empty = [r for r in (declared.racks if declared else ()) if r not in used]
    title = f"Hall {hall}" if hall != NOWHERE else "Hall not stated"
    return block(
        "div",
        tag("h3", title, " ", tag("span", feeds, class_="muted small") if feeds else None),
        _drawn(used, placed, empty[:SPARE]),
        _lines(placed, empty[SPARE:]),
        class_="hall" if placed else "hall free",
    )


def _drawn(used: Sequence[str], placed: Sequence[Placed], empty: Sequence[str]) -> Html | None:
    figures = [_rack(rack, [p for p in placed if p.rack == rack]) for rack in used]
    figures += [_spare(rack) for rack in empty]
    return block("div", *figures, class_="racks") if figures else None


def _spare(rack: str) -> Html:
    picture = spare(f"Rack {rack}: no server of this installation")
    return block("figure", tag("figcaption", rack), picture, class_="rack spare")


def _rack(rack: str, placed: Sequence[Placed]) -> Html:
    drawn, listed = _split(placed)
    notes = [_place_note(p) for p in listed]
    shared = [p for p in placed if "rack" in p.shared]
    if shared:
        what = "rack and hall" if all("hall" in p.shared for p in shared) else "rack"
        names = " and ".join(p.name for p in shared)
        notes.append(tag("p", f"{names} share this {what}", class_="shared-note"))
    notes += [_elsewhere(p, "its BMC", p.seen_rack) for p in placed if p.seen_rack]
    notes += [_elsewhere(p, "somebody on site", p.told_rack) for p in placed if p.told_rack]
    label = " and ".join(p.name for p in drawn) or "nothing drawn"
    return block(
        "figure",
        tag("figcaption", f"Rack {rack}"),
        elevation(drawn, label=f"Rack {rack}: {label}") if drawn else None,
        *notes,
        class_="rack",
    )


def _split(placed: Sequence[Placed]) -> tuple[list[Placed], list[Placed]]:
    """Those that can be drawn, and those without units or over another: nothing hides another."""
    top = height(placed)
    drawn: list[Placed] = []
    listed: list[Placed] = []
    for thing in placed:
        fits = thing.units is not None and thing.units[0] >= 1
        free = fits and not any(_overlap(extent(thing, top), extent(d, top)) for d in drawn)
        (drawn if free else listed).append(thing)
    return drawn, listed


def _overlap(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return one[0] < other[1] - 0.01 and other[0] < one[1] - 0.01


def _place_note(thing: Placed) -> Html:
    units = f"units {thing.units[0]} to {thing.units[1]}" if thing.units else "unit not stated"
    return tag("p", tag("b", thing.name), f", {units}", class_="small")


def _elsewhere(thing: Placed, who: str, rack: str) -> Html:
    return tag("p", f"{thing.name}: {who} says rack {rack}", class_="shared-note")


def _lines(placed: Sequence[Placed], empty: Sequence[str]) -> Html:
    """What has no picture: shared halls, hosts without a rack, racks without a host."""
    homeless = [p.name for p in placed if not p.rack]
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


def _key(placed: Sequence[Placed]) -> Html:
    entries = [
        ("claimed", "only said"),
        ("observed", "seen: its BMC names this rack"),
    ]
    if any(p.shared for p in placed):
        entries.append(("shared", "shared, but must differ"))
    entries.append(("spare", "declared, none of these servers"))
    spans = (tag("span", tag("i", "", class_=name), text) for name, text in entries)
    return tag("div", *spans, "Units count from the bottom.", class_="key small muted")

"""Where the servers stand: halls, and in them the racks from the front, units from the bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.render.faults import faults
from preflight.render.index import Index
from preflight.render.order import all_of, in_order, natural
from preflight.render.page.elevation import Picture, elevation, spare, unit_height
from preflight.render.page.hanging import hanging
from preflight.render.page.marks import mark
from preflight.render.page.markup import Html, block, join, section, tag
from preflight.render.places import NOWHERE, Placed, places
from preflight.render.shared import Sharing, sharings
from preflight.render.ties import Runs, guest, runs_of

DRAWN = 16
"""So many racks are drawn at most; beyond that the table of servers is clearer."""
SPARE = 4
"""So many declared racks without a server are drawn per hall; the others are listed."""


def racks(index: Index) -> Html | None:
    """Halls with their racks; None when nothing was stated about any place."""
    placed = places(index)
    used = _in_use(placed)
    if not used and not any(p.hall for p in placed):
        return None
    if too_many(placed):
        text = f"{len(used)} racks are in use: see the rack of each server below."
        halls = block("div", hanging(index), class_="halls")
        box = block("div", tag("p", text), halls, class_="box")
        return section("Where the servers stand", box)
    scene = _Scene(index, placed)
    drawn = (_hall(hall, scene) for hall in _halls(index, placed))
    halls = block("div", *drawn, hanging(index, placed), class_="halls")
    box = tag("div", halls, _key(placed, index), class_="box")
    return section("Where the servers stand", box)


def too_many(placed: Sequence[Placed]) -> bool:
    """More racks are in use than are drawn."""
    return len(_in_use(placed)) > DRAWN


def _in_use(placed: Sequence[Placed]) -> set[tuple[str, str]]:
    return {(p.hall, p.rack) for p in placed if p.rack}


class _Scene:
    """What all racks of a page have in common."""

    def __init__(self, index: Index, placed: Sequence[Placed]) -> None:
        self.index = index
        self.placed = placed
        self.runs: Runs = runs_of(index)
        self.shared: Sequence[Sharing] = sharings(index)
        self.unit = unit_height(placed)
        self.faults = faults(index)


def _halls(index: Index, placed: Sequence[Placed]) -> list[str]:
    """Declared halls first, then those that hosts name, then the unstated one."""
    names = [*index.report.inputs.site.halls, *in_order(p.hall for p in placed)]
    known = [name for name in dict.fromkeys(names) if name != NOWHERE]
    return [*known, NOWHERE] if any(p.hall == NOWHERE for p in placed) else known


def _hall(hall: str, scene: _Scene) -> Html:
    declared = scene.index.report.inputs.site.halls.get(hall)
    placed = [p for p in scene.placed if p.hall == hall]
    feeds = f"feeds {', '.join(declared.feeds)}" if declared and declared.feeds else ""
    empty = _empty(hall, placed, scene.index)
    title = f"Hall {hall}" if hall != NOWHERE else "Hall not stated"
    return block(
        "div",
        tag("h3", title, " ", tag("span", feeds, class_="muted small") if feeds else None),
        _drawn(placed, empty[:SPARE], scene),
        _lines(placed, empty[SPARE:], scene),
        class_="hall" if placed else "hall free",
    )


def _used(placed: Sequence[Placed]) -> list[str]:
    return in_order({p.rack for p in placed if p.rack})


def _empty(hall: str, placed: Sequence[Placed], index: Index) -> list[str]:
    """Racks declared in a hall that hold nothing of this installation."""
    declared, used = index.report.inputs.site.halls.get(hall), _used(placed)
    return [rack for rack in (declared.racks if declared else ()) if rack not in used]


def _drawn(placed: Sequence[Placed], empty: Sequence[str], scene: _Scene) -> Html | None:
    """Racks of one row beside each other."""
    rows = {p.rack: p.row for p in placed}
    used = sorted(_used(placed), key=lambda rack: (not rows[rack], natural(rows[rack])))
    figures = [_rack(rack, [p for p in placed if p.rack == rack], scene) for rack in used]
    figures += [_spare(rack, scene.unit) for rack in empty]
    return block("div", *figures, class_="racks") if figures else None


def _spare(rack: str, unit: float) -> Html:
    picture = spare(f"Rack {rack}: no server of this installation", unit=unit)
    return _figure(tag("figcaption", rack), picture, class_="rack spare")


def _figure(caption: Html, picture: Picture | None, *notes: Html, class_: str) -> Html:
    """As wide as its picture."""
    width = f"--w:{picture.width}" if picture else None
    svg = picture.svg if picture else None
    return block("figure", caption, svg, *notes, class_=class_, style=width)


def _rack(rack: str, placed: Sequence[Placed], scene: _Scene) -> Html:
    drawn, listed = _split(placed)
    label = " and ".join(_spoken(p) for p in drawn) or "nothing drawn"
    joined = _joined(placed, scene)
    picture = (
        elevation(drawn, joined, scene.faults, label=f"Rack {rack}: {label}", unit=scene.unit)
        if drawn
        else None
    )
    notes = [_place_note(p) for p in listed if p.is_host]
    if bare := [p.name for p in listed if not p.is_host]:
        notes.append(tag("p", f"Also here: {', '.join(bare)}", class_="small"))
    notes += [_fault_note(p, scene) for p in placed if p.thing in scene.faults]
    notes += _shared_notes(placed, scene)
    notes += [_elsewhere(p, "its BMC", p.seen_rack) for p in placed if p.seen_rack]
    notes += [_elsewhere(p, "somebody on site", p.told_rack) for p in placed if p.told_rack]
    notes += [tag("p", text, class_="small") for p in placed for text in _inside(p, scene)]
    row = tag("span", f" row {placed[0].row}", class_="muted") if placed[0].row else None
    return _figure(tag("figcaption", f"Rack {rack}", row), picture, *notes, class_="rack")


def _joined(placed: Sequence[Placed], scene: _Scene) -> list[frozenset[str]]:
    """Those that stand here and must not both: a set for each that finds so, each once."""
    here = {p.thing for p in placed if "rack" in p.shared}
    found = (here.intersection(s.members) for s in scene.shared if s.dimension == "rack")
    return list(dict.fromkeys(frozenset(things) for things in found if len(things) > 1))


def _fault_note(placed: Placed, scene: _Scene) -> Html:
    text = f"{placed.name}: {scene.faults[placed.thing]}"
    return tag("p", text, class_="shared-note")


def _shared_notes(placed: Sequence[Placed], scene: _Scene) -> list[Html]:
    """Of members that stand here and must not both: who says so, and of the whole hall's the hall
    says it."""
    shared = {p.thing for p in placed if "rack" in p.shared}
    alike = [s for s in scene.shared if s.dimension == "rack" and shared.issuperset(s.members)]
    both = all("hall" in p.shared for p in placed if p.thing in shared)
    what = "rack and hall" if both else "rack"
    return [
        tag("p", f"{s.names} share this {what} ({s.source})", class_="shared-note") for s in alike
    ]


def _inside(placed: Placed, scene: _Scene) -> Iterator[str]:
    """The box that it sits in, and the virtual machines that it runs."""
    if placed.box:
        bay = f", bay {placed.bay}" if placed.bay else ""
        how = "its BMC says" if placed.box_seen else "only said"
        yield f"{placed.name} sits in enclosure {placed.box}{bay} ({how})"
    if placed.is_host and (ties := scene.runs.get(placed.name)):
        yield f"{placed.name} runs {all_of(map(guest, ties))}"


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


def _lines(placed: Sequence[Placed], empty: Sequence[str], scene: _Scene) -> Html:
    """What has no picture: shared halls, hosts without a rack, racks without a host."""
    homeless = [_spoken(p) + _on(p) for p in placed if not p.rack and not _is_drawn(p, scene)]
    shared = [p.name for p in placed if "hall" in p.shared and "rack" not in p.shared]
    lines = []
    if shared:
        lines.append(tag("p", f"{' and '.join(shared)} share this hall", class_="shared-note"))
    if homeless:
        lines.append(tag("p", f"Rack not stated: {', '.join(homeless)}", class_="small"))
    if empty:
        text = f"Without a server of this installation: {', '.join(empty)}"
        lines.append(tag("p", text, class_="small muted"))
    return join(*lines)


def _is_drawn(placed: Placed, scene: _Scene) -> bool:
    """A virtual machine, noted at the physical one that it runs on."""
    hosts = scene.index.report.inputs.site.hosts
    return any(machine in hosts for machine in placed.runs_on)


def _on(placed: Placed) -> str:
    return f" (runs on {all_of(placed.runs_on)})" if placed.runs_on else ""


def _key(placed: Sequence[Placed], index: Index) -> Html:
    found = faults(index)
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
    failed = any(p.thing in found for p in placed)
    own = tag("span", mark("fail"), "a check of its own failed") if failed else None
    return tag("div", *spans, own, "Units count from the bottom.", class_="key small muted")

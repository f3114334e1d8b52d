"""Halls and racks, switches, outlets and physical machines as a small tree, with what is shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from preflight.render.index import Index
from preflight.render.order import all_of, first_few, in_order
from preflight.render.places import NOWHERE, Placed, places
from preflight.render.shared import sharings
from preflight.render.ties import Runs, by_end, guest, runs_of, to_pdus, to_switches
from preflight.render.tree import MOST, Line, Notes, fold, more, short

NOTHING = "(nothing)"


@dataclass(frozen=True)
class Picture:
    """Parts with a title each; empty ones are left out."""

    places: tuple[Line, ...] = ()
    switches: tuple[Line, ...] = ()
    pdus: tuple[Line, ...] = ()
    others: tuple[str, ...] = ()
    """What is shared and belongs to no line."""


def picture(index: Index, *, brief: bool = False) -> Picture | None:
    """None where the site file knows neither groups nor halls. `brief` leaves out racks, switches
    and PDUs of which nothing is shared."""
    site = index.report.inputs.site
    if not (site.groups or site.halls):
        return None
    notes = Notes(sharings(index))
    stand = tuple(_halls(index, notes))
    switches, pdus = _switches(index, notes), _pdus(index, notes)
    if brief:
        stand, switches, pdus = short(stand), short(switches), short(pdus)
    return Picture(stand, switches, pdus, notes.left())


# --- halls, rows, racks ---


def _halls(index: Index, notes: Notes) -> Iterator[Line]:
    runs = runs_of(index)
    standing = _Standing(places(index))
    site = index.report.inputs.site
    stated = in_order(p.hall for p in standing.all if p.hall)
    for hall in dict.fromkeys((*site.halls, *stated)):
        declared = site.halls.get(hall)
        feeds = (f"feeds {', '.join(declared.feeds)}",) if declared and declared.feeds else ()
        yield Line(0, hall, feeds, notes.of("hall", standing.things(hall)))
        racks = [*(declared.racks if declared else ()), *standing.racks(hall)]
        rows = dict(declared.rows) if declared else {}
        loose = [r for r in racks if not any(r in row for row in rows.values())]
        for row, members in rows.items():
            things = [t for rack in members for t in standing.things(hall, rack)]
            yield Line(1, f"row {row}", (), notes.of("row", things))
            yield from _racks(2, hall, members, standing, runs, notes)
        yield from _racks(1, hall, loose, standing, runs, notes)
        yield from _homeless(1, "no rack", standing.at(hall, NOWHERE), runs)
    yield from _nowhere(standing, runs, notes)


def _nowhere(standing: _Standing, runs: Runs, notes: Notes) -> Iterator[Line]:
    """Racks of no hall, then what is nowhere, then machines that the site file does not know."""
    racks = standing.racks(NOWHERE)
    if racks:
        yield Line(0, "no hall")
        yield from _racks(1, NOWHERE, racks, standing, runs, notes)
    yield from _homeless(0, "nowhere", standing.at(NOWHERE, NOWHERE), runs)
    for machine in in_order(name for name in runs if name not in standing.names):
        guests = tuple(guest(tie) for tie in runs[machine])
        yield Line(0, f"on {machine}", fold(guests))


def _homeless(depth: int, label: str, found: Sequence[Placed], runs: Runs) -> Iterator[Line]:
    if found:
        yield Line(depth, label, fold([_thing(p, runs) for p in found]))


def _racks(
    depth: int,
    hall: str,
    racks: Iterable[str],
    standing: _Standing,
    runs: Runs,
    notes: Notes,
) -> Iterator[Line]:
    empty = []
    for rack in dict.fromkeys(racks):
        if found := standing.at(hall, rack):
            items = [_thing(p, runs) for p in _first(found)]
            yield Line(depth, rack, more(items, len(found)), _in_rack(found, runs, notes))
        else:
            empty.append(rack)
    if len(empty) > MOST // 3:
        yield Line(depth, first_few(empty), (NOTHING,))
    else:
        yield from (Line(depth, rack, (NOTHING,)) for rack in empty)


def _in_rack(found: Sequence[Placed], runs: Runs, notes: Notes) -> tuple[str, ...]:
    """What is shared by those that stand there, or run on what stands there."""
    guests = [f"host:{tie.host}" for p in found for tie in runs.get(p.name, ())]
    things = [*(p.thing for p in found), *guests]
    dimensions = ("rack", "chassis", "hypervisor", "machine")
    return tuple(note for d in dimensions for note in notes.of(d, things))


class _Standing:
    """What stands where. A virtual machine without a rack of its own is where it runs."""

    def __init__(self, placed: Sequence[Placed]) -> None:
        self.all = [p for p in placed if p.rack or not p.runs_on]
        self.names = {p.name for p in placed}
        self._by_place: dict[tuple[str, str], list[Placed]] = {}
        for one in self.all:
            self._by_place.setdefault((one.hall, one.rack), []).append(one)

    def at(self, hall: str, rack: str) -> list[Placed]:
        """In one rack, from the bottom; those without a unit last."""
        return sorted(self._by_place.get((hall, rack), ()), key=lambda p: p.units or (1000, 0))

    def racks(self, hall: str) -> list[str]:
        """The racks of a hall in which something stands."""
        return in_order(rack for of, rack in self._by_place if of == hall and rack)

    def things(self, hall: str, rack: str | None = None) -> list[str]:
        """All of a hall, or of one rack of it."""
        return [p.thing for p in self.all if p.hall == hall and rack in (None, p.rack)]


def _first(found: Sequence[Placed]) -> list[Placed]:
    """The first ones; those of which something is to be told before the others."""
    if len(found) <= MOST:
        return list(found)
    kept = sorted(found, key=lambda p: not (p.shared or p.silent or p.seen_rack or p.told_rack))
    return [p for p in found if p in kept[:MOST]]


def _thing(placed: Placed, runs: Runs) -> str:
    units = placed.units
    where = "" if units is None else f"u{units[0]}" + f"-{units[1]}" * (units[0] != units[1])
    about = ", ".join(_about(placed, runs))
    return " ".join(filter(None, (where, placed.name, f"({about})" if about else "")))


def _about(placed: Placed, runs: Runs) -> Iterator[str]:
    if placed.observed:
        yield "rack seen"
    if placed.silent:
        yield "did not answer at all"
    if placed.seen_rack:
        yield f"its BMC says rack {placed.seen_rack}"
    if placed.told_rack:
        yield f"somebody on site says rack {placed.told_rack}"
    if placed.box:
        bay = f" bay {placed.bay}" if placed.bay else ""
        yield f"enclosure {placed.box}{bay}" + " seen" * placed.box_seen
    if guests := runs.get(placed.name):
        yield f"runs {all_of(map(guest, guests))}"


# --- what servers hang on ---


def _switches(index: Index, notes: Notes) -> tuple[Line, ...]:
    switches = index.report.inputs.site.switches
    pairs = {name: switch.pair for name, switch in switches.items() if switch.pair}
    lines = []
    for name, ties in by_end(to_switches(index)):
        pair = f" (pair {pairs[name]})" if name in pairs else ""
        things = [f"host:{tie.host}" for tie in ties] + [f"switch:{name}"]
        items = fold([guest(tie) for tie in ties])
        lines.append(Line(0, f"{name}{pair}", items, notes.of("switch", things, f"switch {name}")))
    return tuple(lines)


def _pdus(index: Index, notes: Notes) -> tuple[Line, ...]:
    site, lines = index.report.inputs.site, []
    for name, ties in by_end(to_pdus(index)):
        pdu = site.pdus.get(name)
        feeds = f" (feed {', '.join(pdu.feeds)})" if pdu and pdu.feeds else ""
        things = [f"host:{tie.host}" for tie in ties] + [f"pdu:{name}"]
        items = fold([f"{tie.host}:{tie.at}" for tie in ties])
        lines.append(Line(0, f"{name}{feeds}", items, notes.of("pdu", things, f"PDU {name}")))
    return tuple(lines)

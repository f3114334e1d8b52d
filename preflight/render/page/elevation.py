"""One rack from the front as a picture: units from the bottom, one bar per thing."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass

from preflight.render.page.markup import Html, esc
from preflight.render.places import Placed

UNIT, LEFT, WIDTH = 4.4, 14, 136
"""Height of a rack unit, room for the numbers, and width of the rack, in picture units."""
LANE, LANES = 13, 4
"""Width of a bracket beside a rack, and how many stand beside each other: more would be a tangle,
and the notes below the rack name every one."""
TALL = 11.0
"""Height of a rack unit where things of one unit are drawn: their labels must be readable."""
INSET = 0.6
"""Room above and below a bar, so that neighbours are two."""
LABEL_CHARS = 22
"""What fits into a bar; the table of servers has every name in full."""


_ROOM = 8.0
"""Between two brackets of one lane."""


@dataclass(frozen=True)
class Picture:
    """A rack, and how wide it is, in picture units: all racks of a page are of one scale."""

    width: int
    svg: Html


@dataclass(frozen=True)
class Scale:
    """How many units a rack has, and how high one is drawn."""

    top: int
    unit: float

    def y(self, unit: int) -> float:
        """The upper edge of a unit."""
        return 1 + (self.top - unit) * self.unit


def unit_height(placed: Iterable[Placed]) -> float:
    """One for all racks of a page: enough for the smallest thing's label."""
    single = any(p.units and p.units[0] == p.units[1] for p in placed)
    return TALL if single else UNIT


def elevation(
    placed: Sequence[Placed],
    joined: Iterable[frozenset[str]],
    failed: Container[str],
    *,
    label: str,
    unit: float,
) -> Picture:
    """A rack with these things in it, whose units must not overlap. `joined` are sets of things
    that must not both be here, `failed` are things of which a check failed."""
    scale = Scale(max([42, *(p.units[1] for p in placed if p.units)]), unit)
    lanes = _lanes(placed, joined, scale)
    bars = (_bar(p, scale, failed=p.thing in failed) for p in placed)
    parts = [_frame(scale), _numbers(scale), *bars, *_brackets(lanes)]
    low = ' class="low"' if unit == TALL else ""
    width = LEFT + WIDTH + 7 + LANE * max(1, len(lanes))
    return Picture(
        width,
        Html(
            f'<svg{low} viewBox="0 0 {width} {scale.top * unit + 2:.1f}" role="img"'
            f' aria-label="{esc(label)}">{"".join(parts)}</svg>\n'
        ),
    )


def spare(label: str, *, unit: float) -> Picture:
    """A declared rack that holds nothing of this installation: a narrow empty frame."""
    return Picture(
        52,
        Html(
            f'<svg viewBox="0 0 52 {42 * unit + 2:.1f}" role="img" aria-label="{esc(label)}">'
            f'<rect class="frame" x="1" y="1" width="50" height="{42 * unit:.1f}"/></svg>\n'
        ),
    )


def _frame(scale: Scale) -> str:
    lines = "".join(
        f"M{LEFT + 1} {scale.y(unit):.1f}h{WIDTH - 2}" for unit in range(scale.top - 1, 0, -1)
    )  # one path keeps the page small
    return (
        f'<rect class="frame" x="{LEFT}" y="1" width="{WIDTH}"'
        f' height="{scale.top * scale.unit:.1f}"/><path class="line" d="{lines}"/>'
    )


def _numbers(scale: Scale) -> str:
    """Beside their units; the letters are as high as a low one."""
    units = [1, *range(10, scale.top - 1, 10), scale.top]
    down = (scale.unit + UNIT) / 2
    return "".join(
        f'<text class="unit" x="{LEFT - 3}" y="{scale.y(unit) + down:.1f}">{unit}</text>'
        for unit in units
    )


def _bar(thing: Placed, scale: Scale, *, failed: bool) -> str:
    low, high = thing.units or (1, 1)
    y, tall = scale.y(high) + INSET, (high - low + 1) * scale.unit - 2 * INSET
    kind = ("observed" if thing.observed else "claimed") if thing.is_host else "device"
    shared = " shared" if "rack" in thing.shared else ""
    silent = " silent" if thing.silent else ""
    on = ' class="on"' if thing.observed else ""
    return (
        f'<rect class="{kind}{shared}{silent}" x="{LEFT + 2}" y="{y:.1f}" width="{WIDTH - 4}"'
        f' height="{tall:.1f}" rx="1"/>'
        f'<text{on} x="{LEFT + 7}" y="{y + tall / 2 + 2.7:.1f}">{esc(_label(thing))}</text>'
    ) + _mark(y + tall / 2, silent=thing.silent, failed=failed)


def _mark(middle: float, *, silent: bool, failed: bool) -> str:
    """At the right end of a bar: that nothing of it answered says more than what follows of it."""
    if silent:
        return _cross(middle)
    return _octagon(LEFT + WIDTH - 15, middle - 4.5, 9) if failed else ""


def _cross(middle: float) -> str:
    """At the right end of a bar: nothing of this server answered."""
    x, half = LEFT + WIDTH - 14, 2.8
    return (
        f'<path class="gone" d="M{x} {middle - half:.1f}l{2 * half} {2 * half}'
        f'M{x} {middle + half:.1f}l{2 * half} -{2 * half}"/>'
    )


def _label(thing: Placed) -> str:
    low, high = thing.units or (1, 1)
    units = f" U{low}" if low == high else f" U{low}-{high}"
    room = LABEL_CHARS - len(units)
    name = thing.name if len(thing.name) <= room else thing.name[: room - 2] + ".."
    return name + units


Ends = list[float]
"""Where the arms of one bracket are, from the top."""


def _lanes(
    placed: Sequence[Placed], joined: Iterable[frozenset[str]], scale: Scale
) -> list[list[Ends]]:
    """One bracket for each set of things, in the first lane where it meets no other: two groups
    must not look like one."""
    lanes: list[list[Ends]] = []
    for things in joined:
        ends = sorted(_middle(p, scale) for p in placed if p.thing in things and p.units)
        free = [lane for lane in lanes if not any(_meet(ends, other) for other in lane)]
        if len(ends) > 1 and free:
            free[0].append(ends)
        elif len(ends) > 1 and len(lanes) < LANES:
            lanes.append([ends])
    return lanes


def _middle(thing: Placed, scale: Scale) -> float:
    low, high = thing.units or (1, 1)
    return (scale.y(high) + scale.y(low - 1)) / 2


def _meet(one: Ends, other: Ends) -> bool:
    """Their lines or their marks touch."""
    return one[0] - _ROOM < other[-1] and other[0] - _ROOM < one[-1]


def _brackets(lanes: Sequence[Sequence[Ends]]) -> Iterator[str]:
    """Arms to each of those that share the rack and must not; in the middle the failure's mark."""
    x = LEFT + WIDTH + 2
    for number, lane in enumerate(lanes):
        far = 7 + number * LANE
        for ends in lane:
            arms = "".join(f"M{x} {y:.1f}h{far}" for y in ends)
            yield f'<path class="join" d="{arms}M{x + far} {ends[0]:.1f}V{ends[-1]:.1f}"/>'
    for number, lane in enumerate(lanes):
        for ends in lane:
            yield _octagon(x + 1 + number * LANE, (ends[0] + ends[-1]) / 2 - 6, 12)


def _octagon(x: float, y: float, size: int) -> str:
    return (
        f'<svg class="fail" x="{x}" y="{y:.1f}" width="{size}" height="{size}" viewBox="0 0 16 16">'
        '<path class="fill" d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z"/>'
        '<path class="stroke" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/></svg>'
    )

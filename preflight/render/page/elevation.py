"""One rack from the front as a picture: units from the bottom, one bar per thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from preflight.render.page.markup import Html, esc
from preflight.render.places import Placed

UNIT, LEFT, WIDTH = 4.4, 14, 146
"""Height of a rack unit, room for the numbers, and width of the rack, in picture units."""
TALL = 9.4
"""Height of a rack unit where things of one unit are drawn: their labels must be readable."""
INSET = 0.6
"""Room above and below a bar, so that neighbours are two."""
LABEL_CHARS = 24
"""What fits into a bar; the table of servers has every name in full."""


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


def elevation(placed: Sequence[Placed], *, label: str, unit: float) -> Html:
    """A rack with these things in it. Their units must not overlap."""
    scale = Scale(max([42, *(p.units[1] for p in placed if p.units)]), unit)
    bars = (_bar(p, scale) for p in placed)
    parts = [_frame(scale), _numbers(scale), *bars, _bracket(placed, scale)]
    low = ' class="low"' if unit == TALL else ""
    return Html(
        f'<svg{low} viewBox="0 0 {LEFT + WIDTH + 18} {scale.top * unit + 2:.1f}" role="img"'
        f' aria-label="{esc(label)}">{"".join(parts)}</svg>\n'
    )


def spare(label: str, *, unit: float) -> Html:
    """A declared rack that holds nothing of this installation: a narrow empty frame."""
    return Html(
        f'<svg viewBox="0 0 52 {42 * unit + 2:.1f}" role="img" aria-label="{esc(label)}">'
        f'<rect class="frame" x="1" y="1" width="50" height="{42 * unit:.1f}"/></svg>\n'
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


def _bar(thing: Placed, scale: Scale) -> str:
    low, high = thing.units or (1, 1)
    y, tall = scale.y(high) + INSET, (high - low + 1) * scale.unit - 2 * INSET
    kind = ("observed" if thing.observed else "claimed") if thing.is_host else "device"
    shared = " shared" if "rack" in thing.shared else ""
    silent = " silent" if thing.silent else ""
    on = ' class="on"' if thing.observed else ""
    return (
        f'<rect class="{kind}{shared}{silent}" x="{LEFT + 2}" y="{y:.1f}" width="{WIDTH - 4}"'
        f' height="{tall:.1f}" rx="1"/>'
        f'<text{on} x="{LEFT + 7}" y="{y + tall / 2 + 2.8:.1f}">{esc(_label(thing))}</text>'
    ) + (_cross(y + tall / 2) if thing.silent else "")


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


def _bracket(placed: Sequence[Placed], scale: Scale) -> str:
    """Joins those that share the rack and must not, with the failure's octagon."""
    ends = [scale.y(p.units[1]) + UNIT for p in placed if p.units and "rack" in p.shared]
    if len(ends) < 2:
        return ""
    x, high, low = LEFT + WIDTH + 2, min(ends), max(ends)
    return f'<path class="join" d="M{x} {high:.1f}h7V{low:.1f}h-7"/>' + _octagon(
        x + 1, (high + low) / 2 - 6
    )


def _octagon(x: float, y: float) -> str:
    return (
        f'<svg class="fail" x="{x}" y="{y:.1f}" width="12" height="12" viewBox="0 0 16 16">'
        '<path class="fill" d="M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z"/>'
        '<path class="stroke" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/></svg>'
    )

"""One rack from the front as a picture: units from the bottom, one bar per thing."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.render.page.markup import Html, esc
from preflight.render.places import Placed

UNIT, LEFT, WIDTH = 4.4, 14, 146
"""Height of a rack unit, room for the numbers, and width of the rack, in picture units."""
TALL = 2 * UNIT
"""A bar is at least so high: its label must be readable."""
LABEL_CHARS = 26
"""What fits into a bar; the table of servers has every name in full."""


def elevation(placed: Sequence[Placed], *, label: str) -> Html:
    """A rack with these things in it. Their bars must not overlap."""
    top = height(placed)
    parts = [_frame(top), _numbers(top), *(_bar(p, top) for p in placed), _bracket(placed, top)]
    return Html(
        f'<svg viewBox="0 0 {LEFT + WIDTH + 18} {top * UNIT + 2:.1f}" role="img"'
        f' aria-label="{esc(label)}">{"".join(parts)}</svg>\n'
    )


def spare(label: str) -> Html:
    """A declared rack that holds nothing of this installation: a narrow empty frame."""
    return Html(
        f'<svg viewBox="0 0 52 {42 * UNIT + 2:.1f}" role="img" aria-label="{esc(label)}">'
        f'<rect class="frame" x="1" y="1" width="50" height="{42 * UNIT:.1f}"/></svg>\n'
    )


def _frame(top: int) -> str:
    lines = "".join(
        f"M{LEFT + 1} {1 + unit * UNIT:.1f}h{WIDTH - 2}" for unit in range(1, top)
    )  # one path keeps the page small
    return (
        f'<rect class="frame" x="{LEFT}" y="1" width="{WIDTH}" height="{top * UNIT:.1f}"/>'
        f'<path class="line" d="{lines}"/>'
    )


def _numbers(top: int) -> str:
    units = [1, *range(10, top - 1, 10), top]
    return "".join(
        f'<text class="unit" x="{LEFT - 3}" y="{_y(unit, top) + UNIT:.1f}">{unit}</text>'
        for unit in units
    )


def _y(unit: int, top: int) -> float:
    """The upper edge of a unit."""
    return 1 + (top - unit) * UNIT


def extent(thing: Placed, top: int) -> tuple[float, float]:
    """Upper and lower edge of a thing's bar."""
    low, high = thing.units or (1, 1)
    tall = max((high - low + 1) * UNIT, TALL)
    y = min(_y(high, top), _y(1, top) + UNIT - tall)
    return y, y + tall


def height(placed: Sequence[Placed]) -> int:
    """Units of the rack: 42, or more where something stands higher."""
    return max([42, *(p.units[1] for p in placed if p.units)])


def _bar(thing: Placed, top: int) -> str:
    y, bottom = extent(thing, top)
    tall = bottom - y
    kind = ("observed" if thing.observed else "claimed") if thing.is_host else "device"
    shared = " shared" if "rack" in thing.shared else ""
    on = ' class="on"' if thing.observed else ""
    return (
        f'<rect class="{kind}{shared}" x="{LEFT + 2}" y="{y:.1f}" width="{WIDTH - 4}"'
        f' height="{tall:.1f}" rx="1"/>'
        f'<text{on} x="{LEFT + 7}" y="{y + tall / 2 + 3:.1f}">{esc(_label(thing))}</text>'
    )


def _label(thing: Placed) -> str:
    low, high = thing.units or (1, 1)
    units = f" U{low}" if low == high else f" U{low}-{high}"
    room = LABEL_CHARS - len(units)
    name = thing.name if len(thing.name) <= room else thing.name[: room - 2] + ".."
    return name + units


def _bracket(placed: Sequence[Placed], top: int) -> str:
    """Joins those that share the rack and must not, with the failure's octagon."""
    ends = [_y(p.units[1], top) + UNIT for p in placed if p.units and "rack" in p.shared]
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

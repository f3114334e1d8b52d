"""Marks that differ in shape, not only in colour: they survive a grey printer."""

from __future__ import annotations

from preflight.render.page.markup import Html
from preflight.words import Decision

_OCTAGON = "M5.2 1h5.6L15 5.2v5.6L10.8 15H5.2L1 10.8V5.2z"
_CROSS = '<path class="stroke" d="M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"/>'
_TICK = '<path class="stroke" d="M4.6 8.3l2.4 2.4 4.5-5"/>'
_QUESTION = (
    '<path class="stroke" d="M5.9 6.2c0-2.8 4.3-2.7 4.3 0 0 1.6-2.1 1.7-2.1 3.3"/>'
    '<circle class="dot" cx="8.1" cy="11.9" r="1"/>'
)
_RING = '<circle class="ring" cx="8" cy="8" r="6.3"/>'
_HALF = f'{_RING}<path class="fill" d="M1.7 8a6.3 6.3 0 0 0 12.6 0z"/>'
_SHAPES = {
    "fail": f'<path class="fill" d="{_OCTAGON}"/>{_CROSS}',
    "seen": f'<circle class="fill" cx="8" cy="8" r="7"/>{_TICK}',
    "said": _RING + _TICK,
    "collected": _HALF,
    "unproven": _HALF,
    "unknown": f'<path class="ring" d="M8 1l7 7-7 7-7-7z"/>{_QUESTION}',
    "advice": f'{_RING}<path class="stroke" d="M8 7.4v4M8 4.5v.1"/>',
    "none": f'{_RING}<path class="stroke" d="M5 8h6"/>',
}
SHAPE_OF = {Decision.GO: "seen", Decision.NO_GO: "fail", Decision.NOT_PROVEN: "unknown"}
"""The large shape in the banner."""


def mark(shape: str, size: str = "m") -> Html:
    """`fail`, `unknown`, `none` or what backs a pass; the word always stands beside it."""
    return Html(
        f'<svg class="{size} {shape}" viewBox="0 0 16 16" aria-hidden="true">{_SHAPES[shape]}</svg>'
    )

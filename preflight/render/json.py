"""The canonical bytes as text: what is hashed and signed, character for character."""

from __future__ import annotations

from preflight.report import Report, report_bytes


def render(report: Report) -> str:
    """ASCII, one final newline."""
    return report_bytes(report).decode("ascii")

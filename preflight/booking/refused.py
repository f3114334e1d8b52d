"""The one way in which a calendar file is refused."""

from __future__ import annotations

from preflight.errors import NotGenuine
from preflight.reasons import refusal
from preflight.text import one_line

MALFORMED, AMBIGUOUS = "calendar-malformed", "reports-ambiguous"


class CalendarRefused(NotGenuine):
    """With one of the two codes, and the line of the file where it is known (else 0)."""

    def __init__(self, code: str, message: str, line: int = 0) -> None:
        where = f"line {line} of the calendar" if line else "the calendar"
        plain = refusal(code, f"{where}: {message}")
        super().__init__(code, str(plain), help=plain.help)
        self.line = line
        self.reason = one_line(message)


def malformed(message: str, line: int = 0) -> CalendarRefused:
    """The file is damaged, or says what no trip can."""
    return CalendarRefused(MALFORMED, message, line)

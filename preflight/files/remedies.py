"""Law 5: no remedy tells anyone to switch on, press, move or unplug.

Hall power may be off because somebody works on it. Such an act may be named only where the
check says after what it is safe (`safe_after`).
"""

from __future__ import annotations

import re

_ACTS = (
    r"switch|turn|power[ -](?:on|up|off|cycle)|energi[sz]e|press|push|hold|move|shift|unplug|plug|"
    r"pull|disconnect|reconnect|reseat|remove|flip|toggle|reset|restart|reboot|lift"
)
_ORDER = re.compile(
    rf"(?:^|[.;:!?,]\s+|\b(?:please|then|and|or|to|just|now|must|should)\s+)({_ACTS})\b",
    re.IGNORECASE,
)


def dangerous_order(remedy: str) -> str | None:
    """The first dangerous act that a remedy orders, as it is written; None for a safe one."""
    found = _ORDER.search(" ".join(remedy.split()))
    return found.group(1) if found else None

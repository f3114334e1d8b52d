"""All that is ever sent by IPMI: commands that only read, and what a session takes. Pure.

Numbers from IPMI 2.0, appendix G; each of them is open to the privilege level User.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Command(NamedTuple):
    """One command as it is announced, approved and logged."""

    request: str
    """One line stands for as many of this command as one session takes."""
    netfn: int
    number: int


CAPABILITIES = Command("IPMI Get Channel Authentication Capabilities", 0x06, 0x38)
PRIVILEGE = Command("IPMI Set Session Privilege Level (User)", 0x06, 0x3B)
CLOSE = Command("IPMI Close Session", 0x06, 0x3C)
CHASSIS_STATUS = Command("IPMI Get Chassis Status", 0x00, 0x01)
FRU_SIZE = Command("IPMI Get FRU Inventory Area Info (FRU 0)", 0x0A, 0x10)
FRU_READ = Command("IPMI Read FRU Data (FRU 0)", 0x0A, 0x11)
SDR_RESERVE = Command("IPMI Reserve SDR Repository (to read in pieces)", 0x0A, 0x22)
SDR_READ = Command("IPMI Get SDR (each record)", 0x0A, 0x23)
SENSOR_READ = Command("IPMI Get Sensor Reading (each power supply)", 0x04, 0x2D)

COMMANDS = (
    CAPABILITIES, PRIVILEGE, CLOSE, CHASSIS_STATUS,
    FRU_SIZE, FRU_READ, SDR_RESERVE, SDR_READ, SENSOR_READ,
)  # fmt: skip
"""Nothing else leaves this machine, whatever a library would like to send."""
ALLOWED: Mapping[tuple[int, int], Command] = {(c.netfn, c.number): c for c in COMMANDS}
"""By network function and number."""

OPEN_SESSION = "IPMI RMCP+ Open Session Request"
RAKP_1 = "IPMI RAKP Message 1"
RAKP_3 = "IPMI RAKP Message 3"
HANDSHAKE: Mapping[int, str] = {0x10: OPEN_SESSION, 0x12: RAKP_1, 0x14: RAKP_3}
"""Payload type (IPMI 2.0, table 13-16) -> how it is announced."""

_LOGIN = (
    CAPABILITIES.request, OPEN_SESSION, RAKP_1, RAKP_3, PRIVILEGE.request, CLOSE.request,
)  # fmt: skip

REQUESTS: Mapping[str, tuple[str, ...]] = {
    "presence": (CAPABILITIES.request,),
    "login": _LOGIN,
    "power": (*_LOGIN, CHASSIS_STATUS.request),
    "system": (*_LOGIN, FRU_SIZE.request, FRU_READ.request),
    "supplies": (*_LOGIN, SDR_RESERVE.request, SDR_READ.request, SENSOR_READ.request),
    "chassis": _LOGIN,
    "neighbours": _LOGIN,
}
"""Fact -> all that one question may send. IPMI has no word on where a chassis stands, or on cables;
who is asked is let in first, so that it is the BMC that does not tell."""

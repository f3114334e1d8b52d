"""Where Redfish keeps things, as templates: no request goes anywhere else.

DSP0266 leaves paths to the implementation; these are where every known one has them. A link to any
other place is not followed, so that what is sent is what was announced.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

from preflight.evidence import Fact
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

ROOT = "/redfish/v1/"
SYSTEMS = "/redfish/v1/Systems"
SYSTEM = "/redfish/v1/Systems/{system}"
ALL_CHASSIS = "/redfish/v1/Chassis"
CHASSIS = "/redfish/v1/Chassis/{chassis}"
POWER_SUBSYSTEM = "/redfish/v1/Chassis/{chassis}/PowerSubsystem"
SUPPLIES = "/redfish/v1/Chassis/{chassis}/PowerSubsystem/PowerSupplies"
SUPPLY = "/redfish/v1/Chassis/{chassis}/PowerSubsystem/PowerSupplies/{supply}"
METRICS = "/redfish/v1/Chassis/{chassis}/PowerSubsystem/PowerSupplies/{supply}/Metrics"
POWER = "/redfish/v1/Chassis/{chassis}/Power"
ADAPTERS = "/redfish/v1/Chassis/{chassis}/NetworkAdapters"
ADAPTER = "/redfish/v1/Chassis/{chassis}/NetworkAdapters/{adapter}"
PORTS = "/redfish/v1/Chassis/{chassis}/NetworkAdapters/{adapter}/Ports"
PORT = "/redfish/v1/Chassis/{chassis}/NetworkAdapters/{adapter}/Ports/{port}"
OLDER_PORTS = "/redfish/v1/Chassis/{chassis}/NetworkAdapters/{adapter}/NetworkPorts"
OLDER_PORT = "/redfish/v1/Chassis/{chassis}/NetworkAdapters/{adapter}/NetworkPorts/{port}"
MANAGER = "/redfish/v1/Managers/{manager}"
DELL_SWITCHES = (
    (
        "/redfish/v1/Systems/{system}/NetworkPorts/Oem/Dell/DellSwitchConnections",
        "/redfish/v1/Systems/{system}/NetworkPorts/Oem/Dell/DellSwitchConnections/{port}",
    ),
    (
        "/redfish/v1/Systems/{system}/Oem/Dell/DellSwitchConnections",
        "/redfish/v1/Systems/{system}/Oem/Dell/DellSwitchConnections/{port}",
    ),
    (
        "/redfish/v1/Dell/Systems/{system}/NetworkPorts/DellSwitchConnectionCollection",
        "/redfish/v1/Dell/Systems/{system}/NetworkPorts/DellSwitchConnection/{port}",
    ),
)
"""Collection and member: of iDRAC9, iDRAC10, and iDRAC9 before version 4."""
POWER_EQUIPMENT = "/redfish/v1/PowerEquipment"
PDUS = "/redfish/v1/PowerEquipment/RackPDUs"
PDU = "/redfish/v1/PowerEquipment/RackPDUs/{pdu}"
OUTLETS = "/redfish/v1/PowerEquipment/RackPDUs/{pdu}/Outlets"
OUTLET = "/redfish/v1/PowerEquipment/RackPDUs/{pdu}/Outlets/{outlet}"
SESSIONS = ("/redfish/v1/SessionService/Sessions", "/redfish/v1/Sessions")
"""The second is where older services of one vendor have it."""


def page_of(collection: str) -> str:
    """The template of a further page of a collection."""
    return collection + "?{page}"


def expanded(collection: str) -> str:
    """A collection with its members written out (DSP0266, query parameters), one level deep."""
    return collection + "?$expand=."


def _listed(collection: str, member: str) -> tuple[str, ...]:
    """Every request for a collection of many small members."""
    whole = (collection, expanded(collection), page_of(collection), member)
    return tuple(f"GET {path}" for path in whole)


_ENTRY = (
    f"GET {ROOT}",
    *(f"POST {path}" for path in SESSIONS),
    *(f"DELETE {path}/{{session}}" for path in SESSIONS),
)
_LOGIN = (*_ENTRY, f"GET {SYSTEMS}")
_SYSTEM = (*_LOGIN, f"GET {page_of(SYSTEMS)}", f"GET {SYSTEM}")
_CHASSIS = (*_SYSTEM, f"GET {ALL_CHASSIS}", f"GET {CHASSIS}")
_SUPPLIES = (
    *_CHASSIS,
    f"GET {POWER_SUBSYSTEM}",
    *_listed(SUPPLIES, SUPPLY),
    f"GET {METRICS}",
    f"GET {POWER}",
)
_NEIGHBOURS = (
    *_CHASSIS,
    f"GET {MANAGER}",
    *(f"GET {path}" for of, one in DELL_SWITCHES for path in (of, page_of(of), one)),
    *_listed(ADAPTERS, ADAPTER),
    *_listed(PORTS, PORT),
    *_listed(OLDER_PORTS, OLDER_PORT),
)
_PDU_LOGIN = (*_ENTRY, f"GET {POWER_EQUIPMENT}")
_DEVICE = (*_PDU_LOGIN, f"GET {PDUS}", f"GET {page_of(PDUS)}", f"GET {PDU}")
_BMC_FACTS = {
    "login": _LOGIN,
    "system": _SYSTEM,
    "power": _SYSTEM,
    "chassis": _CHASSIS,
    "supplies": _SUPPLIES,
    "neighbours": _NEIGHBOURS,
}
_PDU_FACTS = {
    "login": _PDU_LOGIN,
    "device": _DEVICE,
    "outlets": (*_DEVICE, *_listed(OUTLETS, OUTLET)),
}


def requests(thing: str, fact: Fact) -> tuple[str, ...]:
    """Every request that a fact of a thing (`bmc:db1`, `pdu:n1-a`) may cause."""
    return _facts(thing)[fact]


def depth(thing: str, fact: Fact) -> int:
    """How far from the root a fact lies: what is near is asked first."""
    return list(_facts(thing)).index(fact)


def _facts(thing: str) -> dict[str, tuple[str, ...]]:
    return _BMC_FACTS if thing.startswith("bmc:") else _PDU_FACTS


def canonical(path: str) -> str:
    """One spelling per resource: a trailing slash means nothing (DSP0266), but the root has one."""
    plain = path.replace("/?", "?").rstrip("/")
    return ROOT if plain + "/" == ROOT else plain


def vetted(link: object, template: str, own: frozenset[str] = frozenset()) -> str:
    """The path of a link, exactly as written, once it fits `template`.

    `own` holds the `host:port` spellings of the service itself, for links that are whole URLs.

    Raises:
        Unanswered: parse, for another host, a detour (`..`), or an unusual place.
    """
    parts = _split(link)
    if parts is None or parts.fragment or (parts.netloc and parts.netloc not in own):
        raise _astray(link)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not _pattern(template).fullmatch(canonical(path)) or _detour(parts.path):
        raise _astray(link)
    return path


def _split(link: object) -> SplitResult | None:
    if not isinstance(link, str) or not link.isprintable():
        return None
    try:
        return urlsplit(link)
    except ValueError:
        return None


def _detour(path: str) -> bool:
    dots = any(segment in {".", ".."} for segment in path.split("/"))
    return dots or "%" in _HARMLESS.sub("", path)


_HARMLESS = re.compile("%(20|2[89BDbd]|3[Aa]|40|5[BDFbdf])")
"""Blank, `()+-:@[]_` as some services write them in names of supplies; never a dot or a slash."""


def _astray(link: object) -> Unanswered:
    detail = f"the BMC links to a place where nothing is looked for: {str(link)[:200]!r}"
    return Unanswered(UnknownCause.PARSE, detail)


@lru_cache(maxsize=64)
def _pattern(template: str) -> re.Pattern[str]:
    pieces = re.split(r"\{[a-z]+\}", template)
    return re.compile(r"[^/\s?#]{1,200}".join(re.escape(piece) for piece in pieces))

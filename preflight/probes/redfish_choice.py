"""Which system is ours? A chassis manager lists its blades, some BMCs a card beside the server.

The declared serial number is a requirement, and what is required must not choose what is compared
with it. So it comes last, and the answer says so. The rules, in this order, each over what the one
before left:

1. `system-type`: what runs inside a server (SystemType `DPU`, `OS`, `Virtual`, ...) is no server.
2. `manager`: the systems that are ManagedBy the manager that gives this very service (DSP0268,
   ServiceRoot.Links.ManagerProvidingService).
3. `host-name`: the one whose HostName is the site file's name or address of the host.
4. `serial`: the one that bears the declared serial number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from preflight.evidence import ChosenBy
from preflight.junk import real
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_json import Resource
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_INSIDE = frozenset({"DPU", "OS", "Virtual", "VirtuallyPartitioned"})
"""SystemType values (DSP0268) of what a physical system hosts."""
_SHOWN = 6


@dataclass(frozen=True)
class Wanted:
    """What the site file says of the host."""

    names: frozenset[str]
    """Name and address, casefolded."""
    serial: str | None


@dataclass(frozen=True)
class Chosen:
    """Our system, and the rule that chose it; None when there was no other."""

    system: Resource
    by: ChosenBy | None = None


def choose(systems: Sequence[Resource], root: Resource, wanted: Wanted) -> Chosen:
    """Raises Unanswered(missing-attribute), with what was found, when no rule leaves just one."""
    if len(systems) == 1:
        return Chosen(systems[0])
    left = list(systems)
    for by, fits in _rules(root, wanted):
        fitting = [s for s in left if fits(s)]
        if len(fitting) == 1:
            return Chosen(fitting[0], by)
        left = fitting or left
    raise _ambiguous(systems, wanted)


_Rule = tuple[ChosenBy, Callable[[Resource], bool]]


def _rules(root: Resource, wanted: Wanted) -> Iterator[_Rule]:
    yield "system-type", lambda s: not is_inside(s)
    manager = reading.link(root.fields, "Links", "ManagerProvidingService")
    if isinstance(manager, str):
        yield "manager", lambda s: paths.canonical(manager) in _managers(s)
    yield "host-name", lambda s: _names(s) & wanted.names != frozenset()
    yield "serial", lambda s: bears(s, wanted.serial)


def is_inside(system: Resource) -> bool:
    """Whether it runs inside of a server, and is none."""
    return real(system.fields.get("SystemType")) in _INSIDE


def _managers(system: Resource) -> frozenset[str]:
    links = map(reading.link, reading.members(system.fields, "Links", "ManagedBy"))
    return frozenset(paths.canonical(link) for link in links if isinstance(link, str))


def _names(system: Resource) -> frozenset[str]:
    """The host name as told, and without its domain."""
    name = (real(system.fields.get("HostName")) or "").casefold().rstrip(".")
    return frozenset({name, name.partition(".")[0]} - {""})


def bears(system: Resource, serial: str | None) -> bool:
    """Some vendors print the SKU on the machine and call it its serial or service tag."""
    wanted = (serial or "").strip().casefold()
    shown = (real(system.fields.get(name)) for name in ("SerialNumber", "SKU"))
    return any(value is not None and value.casefold() == wanted for value in shown)


def _ambiguous(systems: Sequence[Resource], wanted: Wanted) -> Unanswered:
    count = f"the BMC has {len(systems)} systems"
    matching = sum(bears(s, wanted.serial) for s in systems)
    if wanted.serial is None:
        why = "the site file gives no serial to choose by"
    else:
        why = f"{matching or 'none'} of them has serial {wanted.serial}"
    shown = "; ".join(map(_described, systems[:_SHOWN]))
    more = f"; and {len(systems) - _SHOWN} more" if len(systems) > _SHOWN else ""
    detail = f"{count}, and {why}: {shown}{more}"
    return Unanswered(UnknownCause.MISSING_ATTRIBUTE, detail)


def _described(system: Resource) -> str:
    told = reading.system(system.fields)
    name = real(system.fields.get("Id")) or "one without an Id"
    words = [f"serial {told.serial or 'not told'}"]
    words += [f"host name {told.host_name}"] if told.host_name else []
    return f"{name} ({', '.join(words)})"

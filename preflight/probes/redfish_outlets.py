"""The way through a PDU's resources (DSP0268, PowerEquipment): to itself and to its outlets."""

from __future__ import annotations

from collections.abc import Sequence

from preflight.evidence import OutletState
from preflight.junk import real
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.redfish_lists import Lists
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_OUTLETS = 256
_SHOWN = 8


class PowerStrip:
    """Finds the PDU that is ours behind a service, and its outlets."""

    def __init__(self, service: Service, root: Resource, name: str) -> None:
        """`name`: the PDU's in the site file, to choose among several in one chain."""
        self._lists, self._root, self._name = Lists(service, root), root, name

    def decide(self) -> None:
        """Asks the first thing that wants a login. Raises Unanswered."""
        self._equipment()

    def _equipment(self) -> Resource:
        if reading.link(self._root.fields, "PowerEquipment") is None:
            raise Unanswered(UnknownCause.UNSUPPORTED, "it tells of no power equipment")
        return self._lists.follow(self._root.fields["PowerEquipment"], paths.POWER_EQUIPMENT)

    def pdu(self) -> Resource:
        """The only one; of several the one that bears the site file's name as Id, Name, UserLabel
        or AssetTag.

        Raises:
            Unanswered: `missing-attribute`, with what was found, when that is not exactly one.
        """
        equipment = self._equipment().fields
        if reading.link(equipment, "RackPDUs") is None:
            raise Unanswered(UnknownCause.UNSUPPORTED, "it tells of no rack PDUs")
        listed = self._lists.references(equipment["RackPDUs"], paths.PDUS)
        found = [self._lists.follow(one, paths.PDU) for one in listed]
        ours = found if len(found) == 1 else [p for p in found if self._name in _names(p)]
        if len(ours) != 1:
            raise self._ambiguous(found, len(ours))
        return ours[0]

    def _ambiguous(self, found: Sequence[Resource], ours: int) -> Unanswered:
        shown = ", ".join(str(real(p.fields.get("Id"))) for p in found[:_SHOWN])
        detail = (
            f"it has {len(found)} PDUs ({shown}), and {ours or 'none'} of them is called "
            f"{self._name}"
        )
        return Unanswered(UnknownCause.MISSING_ATTRIBUTE, detail)

    def outlets(self) -> tuple[list[OutletState], bytes]:
        """All outlets by number, and the JSON they were read from. Raises Unanswered."""
        listed = self.pdu().fields.get("Outlets")
        if reading.link(listed) is None:
            raise Unanswered(UnknownCause.UNSUPPORTED, "it lists no outlets")
        found = self._lists.resources(listed, paths.OUTLETS, paths.OUTLET, _OUTLETS)
        numbers = _numbers(found)
        rows = [reading.outlet(o.fields, n) for o, n in zip(found, numbers, strict=True)]
        return sorted(rows, key=lambda row: row.number), b"\n".join(o.body for o in found)


def _names(pdu: Resource) -> frozenset[str]:
    fields = (real(pdu.fields.get(name)) for name in ("Id", "Name", "UserLabel", "AssetTag"))
    return frozenset(name for name in fields if name is not None)


def _numbers(outlets: Sequence[Resource]) -> list[int]:
    """As printed on the device: what each Id, else each Name, ends in. A number that two outlets
    share (`A1`, `B1`) says of neither which one it is, and nothing is guessed."""
    for name in ("Id", "Name"):
        numbers = [reading.number_in(outlet.fields.get(name)) for outlet in outlets]
        known = [number for number in numbers if number is not None]
        if len(set(known)) == len(outlets):
            return known
    shown = ", ".join(str(real(o.fields.get("Id"))) for o in outlets[:_SHOWN])
    detail = f"its outlets bear no numbers of their own: {shown}"
    raise Unanswered(UnknownCause.UNSUPPORTED, detail)

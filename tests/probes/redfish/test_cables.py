"""Enclosures, bays, places and neighbours in each vendor's manner, over a stock nginx with TLS and
sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from preflight.evidence import Chassis, Neighbour
from tests.probes.redfish import cables, vendors
from tests.probes.redfish.cables import SWITCH_A, SWITCH_B
from tests.probes.redfish.test_vendors import Services, serving

pytestmark = pytest.mark.peer("nginx")
Put = Callable[..., Any]


class Manner(NamedTuple):
    """A vendor's tree, and what it amounts to."""

    tree: dict[str, Any]
    chassis: Chassis
    neighbours: tuple[Neighbour, ...] | str
    """Or why there are none."""
    round_trips: int
    """At most, for both facts."""


def heard(port: str, mac: str | None = None, port_id: str | None = None, **more: Any) -> Neighbour:
    sort = {"chassis_id_type": "mac"} if mac else {}
    return Neighbour.model_validate(
        {"port": port, "chassis_id": mac, "port_id": port_id, **sort, **more}
    )


DELL = Chassis(serial="CN7", chassis_type="StandAlone")
MANNERS = {
    "idrac9": Manner(
        cables.idrac9(),
        DELL,
        (
            heard("NIC.Integrated.1-1", SWITCH_A, "507"),
            heard("NIC.Integrated.1-2", SWITCH_B, "Ethernet1/7"),
        ),
        8,
    ),
    "idrac10": Manner(
        cables.idrac10(), DELL, (heard("NIC.Slot.10-1", None, "Ethernet1", system_name="Leaf1"),), 9
    ),
    "m640": Manner(
        cables.m640(),
        Chassis(
            serial="CN7", enclosure_serial="M1KTAG7", bay="3", rack="N1", row="A", hall="north",
            enclosure_uuid="4c4c4544-004b-5410-8038-47b8c04f4e32",
        ),
        (heard("NIC.Integrated.1-1", SWITCH_A, "507"),),
        10,
    ),
    "idrac-no-link": Manner(cables.idrac_silent("No Link"), DELL, (), 8),
    "idrac-not-available": Manner(cables.idrac_silent("Not Available"), DELL, (), 8),
    "idrac-not-supported": Manner(cables.idrac_silent("Not Supported"), DELL, "unsupported", 8),
    "idrac-switched-off": Manner(cables.idrac_silent("Function Disabled"), DELL, "unsupported", 8),
    "idrac-without": Manner(vendors.dell(), Chassis(
        serial="CNIVC0000000A1", chassis_type="StandAlone"), "unsupported", 6),
    "ilo5-blade": Manner(
        vendors.hpe(),
        Chassis(
            serial="CZ1234AB01", chassis_type="Blade", bay="10", enclosure_serial="CZ9999ENC1",
            enclosure_uuid="09CZ9999ENC1",
        ),
        (),
        8,
    ),
    "ilo6": Manner(
        cables.ilo6(),
        Chassis(serial="CZ1", chassis_type="RackMount"),
        (
            heard("DE07A000 port 1", SWITCH_A, "Ten-GigabitEthernet1/2/9", port_id_type="ifname",
                  system_name="sa.example", address="192.0.2.1"),
        ),
        11,
    ),
    "lenovo-d2": Manner(
        cables.lenovo_d2(),
        Chassis(serial="NODE2", bay="2", enclosure_serial="J1ENC", rack="S2", row="B",
                hall="south"),
        (
            heard("slot-2 port 1", chassis_id="sb", chassis_id_type="local", port_id="ge-0/0/7",
                  port_id_type="ifname", address="2001:db8::1"),
        ),
        14,
    ),
    "cisco-x210c": Manner(
        cables.cisco_x(),
        Chassis(serial="FCH5", chassis_type="Blade", bay="5", enclosure_serial="FOX9508"),
        "unsupported",
        12,
    ),
    "supermicro": Manner(
        vendors.supermicro(), Chassis(serial="C424AAH01A30123", chassis_type="RackMount"),
        "unsupported", 7,
    ),
    "fat-twin": Manner(
        cables.fat_twin(), Chassis(enclosure_serial="C424AAH01A30123", rack="N1"), "unsupported", 8
    ),
    "openbmc": Manner(
        cables.openbmc(), Chassis(serial="OB1", chassis_type="RackMount"),
        (heard("nic0 port 0", SWITCH_B, "Ethernet7", system_name="sb"),), 8,
    ),
    "mockup": Manner(cables.mockup(), Chassis(chassis_type="RackMount"), (), 10),
}  # fmt: skip


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[Services]:
    trees = {name: manner.tree for name, manner in MANNERS.items()}
    with serving(trees, tmp_path_factory.mktemp("cables"), certificates) as found:
        yield found


@pytest.mark.parametrize("name", MANNERS)
def test_what_a_vendor_tells(services: Services, ask: Put, name: str) -> None:
    manner = MANNERS[name]
    before = len(services.asked(name))
    sha256 = {"sha256": services.sha256}
    asked = ask(services.ports[name], "chassis", "neighbours", tls=sha256)
    assert asked["chassis"].answer == manner.chassis
    told = asked["neighbours"].answer
    if isinstance(manner.neighbours, str):
        assert str(told.cause) == manner.neighbours, told
    else:
        assert getattr(told, "neighbours", told) == manner.neighbours
    assert asked["neighbours"].proven
    rows = services.all_asked(name)[before:]
    assert len(rows) <= manner.round_trips, rows
    assert {row[0] for row in rows} == {"GET", "POST", "DELETE"}
    assert len({row[3] for row in rows if row[0] == "GET"}) == len(rows) - 2, "nothing asked twice"

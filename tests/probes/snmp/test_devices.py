"""What recorded and drawn devices tell, asked through the real snmpd."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from preflight.evidence import Battery, DeviceIdentity, OutletState, Present
from preflight.words import Assurance
from tests.probes.snmp.conftest import (
    APC_7902,
    APC_8932,
    TRIPP_LITE,
    Agent,
    World,
    recording,
    snmpd,
)

pytestmark = pytest.mark.peer("snmpd")

RPDU2_STATE = "1.3.6.1.4.1.318.1.1.26.9.2.3.1.5"
RPDU_STATE = "1.3.6.1.4.1.318.1.1.12.3.5.1.1.4"
RARITAN = "1.3.6.1.4.1.13742.6"
EATON = "1.3.6.1.4.1.534.6.6.7"
UPS = "1.3.6.1.2.1.33.1"
POWERNET_UPS = "1.3.6.1.4.1.318.1.1.1"
ENTITY = "1.3.6.1.2.1.47.1.1.1.1"


def truth(name: str, column: str) -> dict[int, str]:
    """A column of a recording, read by hand: outlet -> value."""
    rows = {}
    for line in Path(recording(name)).read_text("latin-1").splitlines():
        oid, kind, value = line.split("|", 2)
        if oid.startswith(f"{column}."):
            text = bytes.fromhex(value).decode() if kind == "4x" else value
            rows[int(oid.rpartition(".")[2])] = text
    return rows


@pytest.fixture(scope="module", params=[APC_7902, APC_8932])
def recorded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Agent]]:
    system = {"sysObjectID": ".1.3.6.1.4.1.318.1.3.4.6"}
    folder = tmp_path_factory.mktemp("apc")
    with snmpd(folder, request.param, (".1.3.6.1.4.1.318",), system) as agent:
        yield request.param, agent


def test_recorded_pdus_tell_their_outlets(recorded: tuple[str, Agent], world: World) -> None:
    name, agent = recorded
    world.add("pdu:a", agent.port)
    found = world.look("outlets").answer("pdu:a", "outlets").outlets
    names = truth(name, "1.3.6.1.4.1.318.1.1.26.9.2.3.1.3")
    assert {o.number: o.name for o in found} == names
    assert len(found) >= 16


@pytest.mark.parametrize("version", ["3", "2c"])
def test_a_proof_is_a_signature(apc: Agent, world: World, version: str) -> None:
    world.add("pdu:a", apc.port, version=version)
    found = world.look("login", "outlets")
    assert found.answer("pdu:a", "login").method == ("usm" if version == "3" else "community")
    outlets = found.of("pdu:a", "outlets")
    assert outlets.assurance is (Assurance.OBSERVED if version == "3" else Assurance.REPORTED)
    assert outlets.controller.value == "pdu"
    assert outlets.raw is not None
    assert "1.3.6.1.4.1.318" in outlets.raw.text
    there = found.of("pdu:a", "presence")
    assert isinstance(there.answer, Present)
    assert not there.proven
    assert found.other == 0


def test_an_outlet_that_is_switched_off(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port)
    before = world.look("outlets").answer("pdu:a", "outlets").outlets
    assert before[6] == OutletState(number=7, name=before[6].name, on=True, said="on")
    apc.put(f"{RPDU2_STATE}.7", "integer", "1")
    try:
        after = world.look("outlets").answer("pdu:a", "outlets").outlets
    finally:
        apc.put(f"{RPDU2_STATE}.7", "integer", "2")
    assert after[6] == OutletState(number=7, name=before[6].name, on=False, said="off")
    assert [o for o in after if o.number != 7] == [o for o in before if o.number != 7]


def test_who_it_is(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port)
    assert world.look("device").answer("pdu:a", "device") == DeviceIdentity(
        name="pdu-n1-a", description="APC rack PDU", location="Hall North",
        model="AP8641", serial="3F3452A52295",
    )  # fmt: skip


ROWS = {
    "raritan": {
        **{f"{RARITAN}.3.5.3.1.3.1.{n}": ("string", f"srv-{n}") for n in (1, 2, 3)},
        f"{RARITAN}.4.1.2.1.3.1.1": ("integer", "7"),
        f"{RARITAN}.4.1.2.1.3.1.2": ("integer", "8"),
        f"{RARITAN}.4.1.2.1.3.1.3": ("integer", "-1"),
        f"{RARITAN}.3.2.1.1.2.1": ("string", "Raritan"),
        f"{RARITAN}.3.2.1.1.3.1": ("string", "PX3-5190R"),
        f"{RARITAN}.3.2.1.1.4.1": ("string", "1HN0000042"),
    },
    "eaton": {
        **{f"{EATON}.6.1.1.3.0.{n}": ("string", f"srv-{n}") for n in (1, 2, 3)},
        f"{EATON}.6.6.1.2.0.1": ("integer", "1"),
        f"{EATON}.6.6.1.2.0.2": ("integer", "0"),
        f"{EATON}.6.6.1.2.0.3": ("integer", "3"),
        f"{EATON}.1.2.1.2.0": ("string", "EMAB33"),
        f"{EATON}.1.2.1.4.0": ("string", "G117J00042"),
    },
}
SAID = {"raritan": ("on", "off", "unavailable"), "eaton": ("on", "off", "pendingOn")}


@pytest.mark.parametrize("maker", ["raritan", "eaton"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "tried"])
def test_other_makers(tmp_path: Path, world: World, maker: str, told: bool) -> None:
    """With its own sysObjectID, or with one that says nothing."""
    base = RARITAN if maker == "raritan" else EATON
    system = {"sysObjectID": f".{base}"} if told else {}
    with snmpd(tmp_path, "", (f".{base}",), system, rows=ROWS[maker]) as agent:
        world.add("pdu:a", agent.port)
        found = world.look("outlets", "device")
    outlets = found.answer("pdu:a", "outlets").outlets
    assert [(o.number, o.name, o.on) for o in outlets] == [
        (1, "srv-1", True), (2, "srv-2", False), (3, "srv-3", None),
    ]  # fmt: skip
    assert tuple(o.said for o in outlets) == SAID[maker]
    assert found.answer("pdu:a", "device").serial in {"1HN0000042", "G117J00042"}
    walks = [r for _, r in found.sent if "WALK" in r and ".318." in r]
    assert not walks if told else walks


def test_a_recorded_ups(tmp_path: Path, world: World) -> None:
    """The recording holds the number of alarms and little else; the rest is put over it."""
    rows = {f"{UPS}.2.{n}.0": ("integer", str(value)) for n, value in ((1, 2), (2, 90), (3, 24))}
    rows[f"{UPS}.4.1.0"] = ("integer", "5")
    with snmpd(tmp_path, TRIPP_LITE, (".1.3.6.1.2.1.33",), rows=rows) as agent:
        world.add("ups:a", agent.port)
        found = world.look("battery", "device")
        battery = found.answer("ups:a", "battery")
        assert battery == Battery(
            source="battery", battery="normal", minutes_left=24, on_battery_s=90, alarms=0
        )
        assert found.of("ups:a", "battery").controller.value == "ups"
        agent.put(f"{UPS}.4.1.0", "integer", "3")
        assert world.look("battery").answer("ups:a", "battery").source == "normal"


def test_a_ups_of_powernet_alone(tmp_path: Path, world: World) -> None:
    rows = {
        f"{POWERNET_UPS}.4.1.1.0": ("integer", "3"),
        f"{POWERNET_UPS}.2.1.1.0": ("integer", "2"),
        f"{POWERNET_UPS}.2.2.3.0": ("timeticks", "150000"),
        f"{POWERNET_UPS}.2.2.1.0": ("gauge", "88"),
        f"{POWERNET_UPS}.2.1.2.0": ("timeticks", "6100"),
        f"{POWERNET_UPS}.1.2.3.0": ("string", "AS1234567890"),
    }
    system = {"sysObjectID": ".1.3.6.1.4.1.318.1.3.27"}
    with snmpd(tmp_path, "", (".1.3.6.1.4.1.318",), system, rows=rows) as agent:
        world.add("ups:a", agent.port)
        found = world.look("battery", "device")
    assert found.answer("ups:a", "battery") == Battery(
        source="battery", battery="normal", minutes_left=25, charge_percent=88, on_battery_s=61
    )
    assert found.answer("ups:a", "device").serial == "AS1234567890"


def test_a_switch_by_its_chassis(tmp_path: Path, world: World) -> None:
    """The chassis is not the first part, and the walk goes no further than to it."""
    parts = {f"{ENTITY}.5.{n}": ("integer", "10") for n in (1, 2, 1002)}
    chassis = {
        f"{ENTITY}.5.1001": ("integer", "3"), f"{ENTITY}.11.1001": ("string", "FOC1234X0AB"),
        f"{ENTITY}.12.1001": ("string", "Maker"), f"{ENTITY}.13.1001": ("string", "C-48"),
        f"{ENTITY}.11.1": ("string", "PORT-1"),
    }  # fmt: skip
    with snmpd(tmp_path, "", (f".{ENTITY}",), rows={**parts, **chassis}) as agent:
        world.add("switch:a", agent.port)
        found = world.look("device")
    device = found.answer("switch:a", "device")
    assert (device.serial, device.manufacturer, device.model) == ("FOC1234X0AB", "Maker", "C-48")
    assert ("switch:a", f"SNMP GET {ENTITY}.11.1001") in found.sent
    assert found.other == 0


@pytest.mark.parametrize(
    ("auth", "privacy"),
    [("sha1", "aes128"), ("sha512", "aes256"), ("sha256", "aes256"), ("md5", "des")],
)
def test_algorithms(tmp_path: Path, world: World, auth: str, privacy: str) -> None:
    system = {"sysName": "pdu-a"}
    with snmpd(tmp_path, "", (), system, auth, privacy) as agent:
        world.add("pdu:a", agent.port, auth=auth, privacy=privacy)
        found = world.look("device")
    assert found.answer("pdu:a", "device").name == "pdu-a"
    assert found.of("pdu:a", "device").proven


@pytest.mark.parametrize("version", ["3", "2c"])
def test_ipv6(tmp_path: Path, world: World, version: str) -> None:
    with snmpd(tmp_path, system={"sysName": "pdu-a"}, address="::1") as agent:
        world.add("pdu:a", agent.port, address="::1", version=version)
        assert world.look("device").answer("pdu:a", "device").name == "pdu-a"

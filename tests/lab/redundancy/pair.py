"""The lab with two access switches: who hangs on what, as each of them tells it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.lab.redundancy.cabling import Cabling
from tests.lab.redundancy.machines import Pdu, ServerBox, Switch
from tests.lab.redundancy.wiring import (
    FEED_OF_PDU,
    PDUS,
    PLUGS,
    SERIAL_OF_PDU,
    SWITCHES,
    WELL,
    Device,
    Server,
    Wiring,
    cables_of,
)
from tests.lab.world.anchor import LabError
from tests.lab.world.boxes import Box
from tests.lab.world.changes import over
from tests.lab.world.lab import PATIENCE_S, ROOT, Lab
from tests.lab.world.papers import SITE, Papers
from tests.lab.world.truth import NETWORK, Truth
from tests.lab.world.wires import OOB, Wires
from tests.probes.snmp import conftest as snmp

SECRETS = {
    "SITE_SNMP_AUTH": snmp.AUTH,
    "SITE_SNMP_PRIVACY": snmp.PRIVACY,
    "SITE_SNMP_COMMUNITY": snmp.COMMUNITY,
}


class PairLab(Lab):
    """Two database servers that back each other up. `flip` makes reality another wiring."""

    def __init__(self, folder: Path) -> None:
        self.wiring = WELL
        super().__init__(folder, WELL.truth)
        try:
            self._devices()
        except BaseException:
            self.close()
            raise

    def _wired(self, truth: Truth) -> Wires:
        self.cabling = Cabling(self._anchor, truth)
        return self.cabling

    def _box(self, folder: Path, netns: str, public: str) -> Box:
        return ServerBox(self._anchor, folder, netns, public)

    def _devices(self) -> None:
        self._boxes(self.truth)
        script = [f"ip -n {OOB} addr add {pdu.address}/16 dev eth0" for pdu in PDUS]
        self._anchor.run(["bash", "-eu"], stdin="\n".join(script))
        at = self.folder / "devices"
        self.switches = {s.name: Switch(self._anchor, at / s.name, s) for s in SWITCHES}
        self.pdus = {p.name: Pdu(self._anchor, at / p.name, p) for p in PDUS}
        agents = ",".join(d.address for d in (*SWITCHES, *PDUS))
        words = [sys.executable, "-m", "tests.lab.power.waking", agents, ""]
        self.stock("env", f"PYTHONPATH={ROOT}", *words)
        self._converge(WELL)

    # --- reality ---------------------------------------------------------------------------

    def flip(self, wiring: Wiring) -> None:
        """Makes reality this wiring: every view of it changes together."""
        self._pull(wiring)
        self.wiring = wiring
        self.cabling.plug(wiring.truth)
        self.become(wiring.truth)
        self._boxes(wiring.truth)
        for name, pdu in self.pdus.items():
            pdu.show(SERIAL_OF_PDU["pdu-n-a" if wiring.one_pdu else name])
        self._converge(wiring)

    def _pull(self, wiring: Wiring) -> None:
        """What moves is out until both of its ends know it: a neighbour is forgotten at once where
        the link is down, and else only when its time is over."""
        pulled, machines = self.wiring, wiring.truth.machines
        for name, machine in self.wiring.truth.machines.items():
            now, then = cables_of(machine), cables_of(machines.get(name, machine))
            if now != then:
                left = (
                    now[0] if now[0] == then[0] else None,
                    now[1] if now[1] == then[1] else None,
                )
                pulled = pulled.server(name, cables=left)
        if pulled != self.wiring:
            self.cabling.plug(pulled.truth)
            self._converge(pulled)

    def _settle(self, name: str, box: Box, truth: Truth) -> None:
        """Neither another cable nor another box restarts a machine."""
        for host in truth.hosts:
            truth = truth.machine(host.machine.name, cables=("sa", "sb"), enclosure=None)
        super()._settle(name, box, truth)

    def _boxes(self, truth: Truth) -> None:
        """What the chassis of each server tells of its place (see `_chassis`)."""
        for name, machine in truth.machines.items():
            assert isinstance(machine, Server)
            for path, resource in _chassis(self.folder / "bmcs" / name, machine).items():
                self.bmcs.put(name, path, json.dumps(resource).encode())

    def _converge(self, wiring: Wiring) -> None:
        """Until everybody hears exactly those who are there."""
        until = time.monotonic() + PATIENCE_S
        due = wiring.heard()
        while due:
            due = {name: ports for name, ports in due.items() if self._heard(name) != ports}
            if time.monotonic() > until:
                told = {name: self._heard(name) for name in due}
                raise LabError(f"LLDP has {told}, and should have {due}")

    def _heard(self, name: str) -> Mapping[str, str]:
        try:
            if name in self.switches:
                return self.switches[name].heard()
            box = self.boxes[name]
            assert isinstance(box, ServerBox)
            return box.heard()
        except (LabError, LookupError, FileNotFoundError):
            return {"": "it does not tell yet"}

    def reset(self) -> None:
        """Back to the ready site."""
        self.flip(WELL)

    # --- the engineer ----------------------------------------------------------------------

    def files(self, folder: Path, **changes: Mapping[str, Any]) -> Papers:
        """The engineer's files as the drawing has it: `WELL`, whatever became of it. Keys and
        certificates are those that are really there: somebody read them out."""
        laid = over(_drawn(), changes)
        return self._papers(folder, WELL.truth, laid)

    def environment(self, files: Papers, **more: str) -> dict[str, str]:
        return super().environment(files, **{**SECRETS, **more})


def _chassis(folder: Path, machine: Server) -> dict[str, dict[str, Any]]:
    """As most BMCs tell it: nobody has filled in the rack. A blade says which box it sits in, and
    in which bay (DSP0268, Links.ContainedBy and Location.PartLocation)."""
    own = json.loads((folder / "redfish/v1/Chassis/1/index.json").read_text())
    own["Location"] = {"Placement": {"Row": "", "Rack": ""}}
    if machine.enclosure is None:
        return {"/Chassis/1": own}
    own["ChassisType"] = "Blade"
    own["Links"]["ContainedBy"] = {"@odata.id": "/redfish/v1/Chassis/Enclosure"}
    own["Location"]["PartLocation"] = {
        "LocationType": "Bay",
        "LocationOrdinalValue": int(machine.bay),
        "ServiceLabel": f"Bay {machine.bay}",
    }
    enclosure = {
        "@odata.id": "/redfish/v1/Chassis/Enclosure",
        "@odata.type": "#Chassis.v1_23_0.Chassis",
        "Id": "Enclosure",
        "Name": "Enclosure",
        "ChassisType": "Enclosure",
        "SerialNumber": machine.enclosure,
        "Links": {"Contains": [{"@odata.id": "/redfish/v1/Chassis/1"}]},
    }
    return {"/Chassis/1": own, "/Chassis/Enclosure": enclosure}


def _drawn() -> dict[str, Any]:
    where = {"site": SITE, "networks": [NETWORK]}
    user = {"username": "ops", "password": "env:SITE_SNMP_AUTH"}
    links = [
        {"from": f"host:{name}", "to": f"switch:{switch}"}
        for name, machine in WELL.truth.machines.items()
        for switch in dict.fromkeys(cables_of(machine))
    ]
    return {
        "site": {
            "hosts": {name: {"outlets": _outlets(name)} for name in PLUGS},
            "switches": {switch.name: _asked(switch) for switch in SWITCHES},
            "pdus": _pdus(),
            "links": links,
        },
        "credentials": {
            "site-snmp": {**where, **user, "privacy": "env:SITE_SNMP_PRIVACY"},
            "site-open": {**where, "password": "env:SITE_SNMP_COMMUNITY"},
        },
    }


def _pdus() -> dict[str, Any]:
    asked = {pdu.name: _asked(pdu) for pdu in PDUS}
    return {name: {"feeds": [feed], **asked.get(name, {})} for name, feed in FEED_OF_PDU.items()}


def _outlets(host: str) -> list[dict[str, Any]]:
    return [{"pdu": pdu, "outlet": number} for pdu, number in PLUGS[host]]


def _asked(device: Device) -> dict[str, Any]:
    by_2c = {"credential": "site-open", "version": "2c"}
    by_3 = {"credential": "site-snmp"}
    return {"address": device.address, "snmp": by_2c if device.by_2c else by_3}

"""The lab with its power: machines, BMCs and gateway as ever, and what they hang on.

A thing without power is not there: the site's gateway says so to whoever asks for its address
(RFC 792, host unreachable). What is cut off swallows every packet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.lab.power import devices
from tests.lab.power.grid import READY, Grid, Pdu, Server, Ups
from tests.lab.world.lab import ROOT, Lab
from tests.lab.world.papers import SITE, Papers
from tests.lab.world.truth import GATE, HALLS, NETWORK
from tests.lab.world.wires import OOB
from tests.probes.ipmi import conftest as ipmi
from tests.probes.snmp import conftest as snmp

SECRETS = {
    "SITE_IPMI": ipmi.PASSWORD,
    "SITE_SNMP_AUTH": snmp.AUTH,
    "SITE_SNMP_PRIVACY": snmp.PRIVACY,
    "SITE_SNMP_COMMUNITY": snmp.COMMUNITY,
}


class PowerLab(Lab):
    """Two halls. `flip` makes reality another grid; nothing restarts but what must."""

    def __init__(self, folder: Path) -> None:
        self.grid = READY
        super().__init__(folder, READY.truth())
        try:
            self._power()
        except BaseException:
            self.close()
            raise

    def _power(self) -> None:
        grid, at = self.grid, self.folder / "power"
        addresses = [d.address for d in grid.devices]
        script = [f"ip -n {OOB} addr add {address}/16 dev eth0" for address in addresses]
        self._anchor.run(["bash", "-eu"], stdin="\n".join(script))
        self.agents = {
            d.name: devices.Agent(self._anchor, at / d.name, d.name, d.address, self._rows(d))
            for d in grid.devices
        }
        serial = {h.name: h.machine.serial for h in self.truth.hosts}
        self.simulated = {
            s.name: devices.Simulated(self._anchor, at / f"bmc-{s.name}", s, serial[s.name])
            for s in grid.servers
            if s.ipmi
        }
        self._wake(addresses, self._show())

    def _rows(self, device: Pdu | Ups) -> devices.Rows:
        if isinstance(device, Pdu):
            return devices.pdu_rows(self.grid, device)
        return devices.ups_rows(self.grid, device)

    def _show(self) -> list[str]:
        """The addresses of BMCs that start anew for it."""
        for device in self.grid.devices:
            self.agents[device.name].show(self._rows(device))
        machines = [(s, self.truth[s.name].machine) for s in self.grid.servers if s.ipmi]
        return [
            server.bmc
            for server, machine in machines
            if self.simulated[server.name].show(on=machine.power == "On", fed=machine.fed)
        ]

    def _wake(self, agents: Iterable[str], bmcs: Iterable[str]) -> None:
        words = ["env", f"PYTHONPATH={ROOT}", *devices.waking(agents, bmcs)]
        self.stock(*words)

    # --- reality ---------------------------------------------------------------------------

    def flip(self, grid: Grid) -> None:
        """Makes reality this grid: every view of it changes together."""
        self.grid, self.truth = grid, grid.truth()
        self.bmcs.show(self.truth, self._faces)
        anew = set(self._show()) - grid.silent()
        self.wires.heal()
        self._hide(OOB, grid.powerless(), grid.cut_off)
        for server in grid.servers:
            gone = frozenset() if grid.runs(server) else frozenset([server.address])
            self._hide(server.name, gone, grid.cut_off & {server.address})
        self.wait()
        if anew:
            self._wake((), anew)

    def _hide(self, netns: str, gone: frozenset[str], cut_off: frozenset[str]) -> None:
        """What is cut off may be gone as well."""
        rules = [(cut_off, "drop"), (gone, "reject with icmp type host-unreachable")]
        said = [f"ip daddr {{ {', '.join(sorted(at))} }} {how}" for at, how in rules if at]
        if said:
            self.wires.fault(netns, *said)

    def _answering(self) -> list[str]:
        bmcs = [s.bmc for s in self.grid.servers if s.bmc not in self.grid.silent()]
        hosts = [s.address for s in self.grid.servers if self.grid.host_answers(s)]
        return [f"{GATE} 443", *(f"{b} 443" for b in bmcs), *(f"{h} 22" for h in hosts)]

    def reset(self) -> None:
        """Back to the ready site."""
        self.flip(READY)

    # --- the engineer ----------------------------------------------------------------------

    def files(self, folder: Path, **changes: Mapping[str, Any]) -> Papers:
        """The engineer's files as the drawing has it: `READY`, whatever became of it."""
        return super().files(folder, **_over(_drawn(READY), changes))

    def environment(self, files: Papers, **more: str) -> dict[str, str]:
        return super().environment(files, **{**SECRETS, **more})


def _over(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    both = {k: _over(v, changes[k]) for k, v in base.items() if _nested(v, changes.get(k))}
    return {**base, **changes, **both}


def _nested(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, Mapping)


def _drawn(grid: Grid) -> dict[str, Any]:
    where = {"site": SITE, "networks": [NETWORK]}
    user = {"username": "ops", "password": "env:SITE_SNMP_AUTH"}
    checks = [
        {"check": check, "on": "role:media"} for check in ("power/supplies-fed", "power/two-feeds")
    ]
    return {
        "site": {
            "halls": HALLS,
            "hosts": {s.name: _host(s) for s in grid.servers},
            "pdus": {p.name: _pdu(p) for p in grid.pdus},
            "ups": {u.name: _device(u, {"credential": "site-snmp"}) for u in grid.upses},
        },
        "profile": {"extends": "two-feed-cluster", "checks": checks},
        "credentials": {
            "site-ipmi": {**where, "username": ipmi.USER, "password": "env:SITE_IPMI"},
            "site-snmp": {**where, **user, "privacy": "env:SITE_SNMP_PRIVACY"},
            "site-open": {**where, "password": "env:SITE_SNMP_COMMUNITY"},
        },
    }


def _host(server: Server) -> dict[str, Any]:
    outlets = [{"pdu": pdu, "outlet": number} for pdu, number in server.plugs]
    by_ipmi = {"protocol": "ipmi", "ipmi": {"cipher": "3"}, "credential": "site-ipmi", "tls": None}
    return {"outlets": outlets, **({"bmc": by_ipmi} if server.ipmi else {})}


def _pdu(pdu: Pdu) -> dict[str, Any]:
    by_2c = {"credential": "site-open", "version": "2c"}
    return _device(pdu, by_2c if pdu.by_2c else {"credential": "site-snmp"})


def _device(device: Pdu | Ups, snmp_: dict[str, str]) -> dict[str, Any]:
    where = {"address": device.address, "hall": device.hall, "feeds": [device.feed]}
    return {**where, "snmp": snmp_}

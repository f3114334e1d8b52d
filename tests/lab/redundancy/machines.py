"""What runs in a rack: servers with sshd and lldpd, switches with snmpd and lldpd, and PDUs."""

from __future__ import annotations

from pathlib import Path

from tests.lab.redundancy.wiring import PLUGS, SERIAL_OF_PDU, Device, Server
from tests.lab.world.anchor import Anchor
from tests.lab.world.boxes import USER, Box, put
from tests.lab.world.lldpd import SPEAK, heard, lldpd
from tests.lab.world.truth import Machine
from tests.lab.world.wires import OOB
from tests.probes.snmp import conftest as snmp

APC = "1.3.6.1.4.1.318"
_RPDU2 = f"{APC}.1.1.26"
_DETECTS = b"#!/bin/sh\necho none\nexit 1\n"
"""systemd-detect-virt(1) on bare metal. The real one would tell of the machine the tests run on."""
_BESIDE = f"""
rm -f root/.dockerenv
sed 's/ hypervisor//' /proc/cpuinfo > root/run/cpuinfo
mount --bind root/run/cpuinfo root/proc/cpuinfo
mkdir -p root/run/lldpd
chown _lldpd: root/run/lldpd
conf=root/run/lldpd.conf
{SPEAK}
set -- setpriv --pdeathsig KILL /usr/sbin/lldpd -d -O /run/lldpd.conf
chroot root "$@" > "$here/lldpd.log" 2>&1 &
"""
"""A machine of metal, whatever the tests run on. Its lldpd dies together with its sshd."""


class ServerBox(Box):
    """A machine that tells its neighbours who it is, and hears them."""

    beside = _BESIDE

    def heard(self) -> dict[str, str]:
        """Own port -> who is at the other end, as its own lldpd has it."""
        return heard(self._anchor, self._folder / "pid")

    def _etc(self, files: Path, machine: Machine) -> None:
        super()._etc(files, machine)
        put(files / "usr/bin/systemd-detect-virt", _DETECTS, 0o755)
        members = USER if isinstance(machine, Server) and machine.may_ask_lldp else ""
        groups = Path("/etc/group").read_text().splitlines()
        others = [line for line in groups if not line.startswith("adm:")]
        put(files / "etc/group", "\n".join([*others, f"adm:x:4:{members}", ""]).encode())

    def _dmi(self, folder: Path, machine: Machine) -> None:
        super()._dmi(folder, machine)
        put(folder / "chassis_serial", f"CH-{machine.serial}\n".encode(), 0o400)
        put(folder / "chassis_asset_tag", f"AT-{machine.name}\n".encode(), 0o444)


class Switch:
    """A bridge that is asked by SNMP who hangs at it."""

    def __init__(self, anchor: Anchor, folder: Path, device: Device) -> None:
        self._anchor, self._folder = anchor, folder
        agentx = folder / "agentx"
        _snmpd(anchor, folder, device, device.name, {}, agentx)
        waiting = 'until [ -S "$0" ]; do sleep 0.01; done; exec "$@"'
        words = lldpd(folder, device.name, agentx)
        boot = ["bash", "-euc", waiting, str(agentx), *words]
        anchor.spawn(boot, device.name, folder / "lldpd.log")

    def heard(self) -> dict[str, str]:
        return heard(self._anchor, self._folder / "pid")


class Pdu:
    """A power strip."""

    def __init__(self, anchor: Anchor, folder: Path, device: Device) -> None:
        self._name = device.name
        self._agent = _snmpd(anchor, folder, device, OOB, self._rows(SERIAL_OF_PDU[self._name]))

    def show(self, serial: str) -> None:
        """From the next request on."""
        if (rows := self._rows(serial)) != self._agent.rows:
            self._agent.rows = rows
            self._agent.write()

    def _rows(self, serial: str) -> dict[str, tuple[str, str]]:
        """rPDU2IdentTable and rPDU2OutletSwitchedStatusTable (PowerNet-MIB); 2 is on."""
        rows = {f"{_RPDU2}.2.1.9.1": ("string", serial), f"{_RPDU2}.2.1.8.1": ("string", "AP8641")}
        for host, plugs in PLUGS.items():
            for supply, (pdu, number) in enumerate(plugs, start=1):
                if pdu == self._name:
                    rows[f"{_RPDU2}.9.2.3.1.3.{number}"] = ("string", f"{host}-psu{supply}")
                    rows[f"{_RPDU2}.9.2.3.1.5.{number}"] = ("integer", "2")
        return rows


def _snmpd(
    anchor: Anchor,
    folder: Path,
    device: Device,
    netns: str,
    rows: dict[str, tuple[str, str]],
    agentx: Path | None = None,
) -> snmp.Agent:
    folder.mkdir(parents=True)
    agent = snmp.Agent(161, folder / "over", rows)
    agent.write()
    system = {"sysName": device.name}
    below = (f".{APC}",) if rows else ()
    if rows:
        system["sysObjectID"] = f".{APC}.1.3.4.6"
    text = snmp.config(
        161, agent.over, "-", below, system, "sha256", "aes128", device.address, snmp.master(agentx)
    )
    put(folder / "snmpd.conf", text.encode())
    words = ["env", f"SNMP_PERSISTENT_DIR={folder / 'state'}", "MIBS=", "snmpd", "-f", "-C"]
    left_out = "-smux" if agentx else "-smux,-agentx"
    words += ["-c", str(folder / "snmpd.conf"), "-Lo", "-I", left_out]
    anchor.spawn(words, netns, folder / "log")
    return agent

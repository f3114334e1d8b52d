"""PDUs and UPSs by the real snmpd, a BMC by the real ipmi_sim: all show what the grid says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.lab.power.grid import Grid, Pdu, Server, Ups
from tests.lab.world.anchor import Anchor
from tests.lab.world.wires import OOB
from tests.probes.ipmi import conftest as ipmi
from tests.probes.snmp import conftest as snmp

Rows = Mapping[str, tuple[str, str]]
APC, UPS_MIB = "1.3.6.1.4.1.318", "1.3.6.1.2.1.33"
_NAMES, _STATES = f"{APC}.1.1.26.9.2.3.1.3", f"{APC}.1.1.26.9.2.3.1.5"
"""rPDU2OutletSwitchedStatusName and -State: 1 is off, 2 is on (PowerNet-MIB)."""
_SERIALS = (f"{APC}.1.1.12.1.6.0", f"{APC}.1.1.26.2.1.9.1")
"""rPDUIdentSerialNumber and rPDU2IdentSerialNumber: one recording serves more than one device."""
_NORMAL, _BATTERY = "3", "5"
"""upsOutputSource (RFC 1628)."""


class Agent:
    """One device by SNMP: a recorded APC AP8641, or a small UPS."""

    def __init__(self, anchor: Anchor, folder: Path, name: str, address: str, rows: Rows) -> None:
        folder.mkdir(parents=True)
        self._agent = snmp.Agent(161, folder / "over")
        self.show(rows)
        pdu = name.startswith("pdu")
        record = snmp.recording(snmp.APC_8641) if pdu else "-"
        below = (f".{APC}",) if pdu else (f".{UPS_MIB}",)
        system = {"sysName": name, "sysObjectID": f".{APC}.1.3.4.6"} if pdu else {"sysName": name}
        conf = folder / "snmpd.conf"
        conf.write_text(
            snmp.config(
                161, self._agent.over, record, below, system, "sha256", "aes128", address, ()
            )
        )
        words = ["env", f"SNMP_PERSISTENT_DIR={folder / 'state'}", "MIBS=", "snmpd", "-f", "-C"]
        words += ["-c", str(conf), "-Lo", "-I", "-smux,-agentx"]
        anchor.spawn(words, OOB, folder / "log")

    def show(self, rows: Rows) -> None:
        """From the next request on."""
        if rows != self._agent.rows:
            self._agent.rows = dict(rows)
            self._agent.write()


def pdu_rows(grid: Grid, pdu: Pdu) -> Rows:
    """Outlets that feed a server, over the recording."""
    rows = {oid: ("string", f"5A{pdu.address.rpartition('.')[2]}E00017") for oid in _SERIALS}
    for number, name in grid.named(pdu).items():
        rows[f"{_NAMES}.{number}"] = ("string", name)
        rows[f"{_STATES}.{number}"] = ("integer", "1" if number in pdu.off else "2")
    return rows


def ups_rows(grid: Grid, ups: Ups) -> Rows:
    """UPS-MIB of a UPS that lives."""
    battery = grid.on_battery(ups)
    return {
        f"{UPS_MIB}.1.1.2.0": ("string", "ES-UPS 3000"),
        f"{UPS_MIB}.1.2.1.0": ("integer", "2"),
        f"{UPS_MIB}.1.2.2.0": ("integer", "300" if battery else "0"),
        f"{UPS_MIB}.1.2.3.0": ("integer", "24"),
        f"{UPS_MIB}.1.2.4.0": ("integer", "90"),
        f"{UPS_MIB}.1.4.1.0": ("integer", _BATTERY if battery else _NORMAL),
        f"{UPS_MIB}.1.6.1.0": ("gauge", "1" if battery else "0"),
    }


class Simulated:
    """A BMC by IPMI. It reads its chassis' power from a file, its supplies when it starts."""

    def __init__(self, anchor: Anchor, folder: Path, server: Server, serial: str) -> None:
        self._anchor, self._folder = anchor, folder
        self._process: subprocess.Popen[bytes] | None = None
        self._fed: tuple[bool, ...] = ()
        folder.mkdir(parents=True)
        data = ipmi.fru("Example Servers", "ES-200", "PN-77", serial)
        (folder / "fru.bin").write_bytes(data)
        self._fru_bytes = len(data)
        (folder / "power.sh").write_text(ipmi.POWER)
        (folder / "power.sh").chmod(0o755)
        (folder / "lan.conf").write_text(ipmi.lan_conf(folder, 623, "admin", server.bmc))

    def show(self, *, on: bool, fed: tuple[bool, ...]) -> bool:
        """Power from the next request on; another input of a supply takes a restart, and then it
        has to be waited for: True."""
        (self._folder / "power").write_text("on" if on else "off")
        changed = fed != self._fed
        if changed:
            self._stop()
            first, second = self._fed = fed
            text = ipmi.emulation(self._folder, self._fru_bytes, (first, second))
            (self._folder / "sim.emu").write_text(text)
            self._start()
        return changed

    def _stop(self) -> None:
        if self._process is not None:
            self._anchor.kill("KILL", (self._folder / "pid").read_text().strip())
            self._process.wait()

    def _start(self) -> None:
        boot = 'cd "$1"; echo $$ > pid; rm -rf state; mkdir state; '
        boot += "exec ipmi_sim -n -c lan.conf -f sim.emu -s state"
        words = ["bash", "-euc", boot, "boot", str(self._folder)]
        (self._folder / "pid").unlink(missing_ok=True)
        self._process = self._anchor.spawn(words, OOB, self._folder / "log")


def waking(agents: Iterable[str], ipmi_bmcs: Iterable[str]) -> list[str]:
    """The command line that ends when all of these answer the client: the first question starts
    what serves a recording, and that takes its time."""
    return [sys.executable, "-m", "tests.lab.power.waking", ",".join(agents), ",".join(ipmi_bmcs)]

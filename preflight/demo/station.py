"""One machine of the demo with its servers: whatever is true of it shows in files and sockets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import paramiko

from preflight.demo.bmc_server import Account, BmcServer
from preflight.demo.certificates import Authority, server_context
from preflight.demo.files import Files
from preflight.demo.loopback import Sockets
from preflight.demo.machine import machine_files
from preflight.demo.papers import Ways
from preflight.demo.port import Port, serve_calls
from preflight.demo.ssh_server import SshServer, loaded, new_key, public_line
from preflight.demo.tree import File, Tree
from preflight.demo.world import Machine


@dataclass(frozen=True)
class Trust:
    """What all machines of one run share: whom they let in, and who signs for them."""

    client: paramiko.PKey
    account: Account
    site: Authority
    stranger: Authority


class Station:
    """A machine and its BMC. `become` makes reality follow a new truth."""

    def __init__(self, machine: Machine, sockets: Sockets, files: Files, trust: Trust) -> None:
        """Lays the machine's files and opens its ports. The sockets belong to the station."""
        self.machine = machine
        self._tree = Tree(files.root(machine.name))
        self._keys = {state: loaded(new_key()) for state in ("delivered", "reinstalled")}
        ssh = SshServer(lambda: self.machine, self._tree.root, trust.client, self._keys)
        pems = _certificates(machine.name, sockets.bmc.getsockname()[0], files, trust)
        contexts = {signer: server_context(pem) for signer, pem in pems.items()}
        bmc = BmcServer(lambda: self.machine, trust.account, contexts)
        self._ssh = Port(sockets.ssh, ssh.serve)
        self._bmc = Port(sockets.bmc, bmc.serve)
        self._calls = Port(sockets.calls, serve_calls) if sockets.calls else None

    @property
    def ways(self) -> Ways:
        """How it is reached; what was delivered, whatever stands there now."""
        return Ways(
            address=self._ssh.address,
            ssh_port=self._ssh.number,
            host_key=self._keys["delivered"].fingerprint,
            bmc_address=self._bmc.address,
            bmc_port=self._bmc.number,
            calls_port=self._calls.number if self._calls else None,
        )

    def become(self, machine: Machine) -> None:
        """Files first, then ports: who is let in finds everything in place."""
        self.machine = machine
        key = public_line(self._keys[machine.host_key], f"root@{machine.name}")
        self._tree.lay(machine_files(machine, key))
        self._ssh.show(lit=machine.powered and machine.linked)
        if self._calls:
            self._calls.show(lit=machine.powered and machine.linked)
        self._bmc.show(lit=machine.bmc_linked)

    def close(self) -> None:
        """Ends every connection, process and thread, and gives the ports back."""
        for port in (self._ssh, self._bmc, self._calls):
            if port:
                port.close()


def _certificates(name: str, address: str, files: Files, trust: Trust) -> dict[str, Path]:
    pems = {signer: files.bmc_certificate(name, signer) for signer in ("site", "stranger")}
    issued = {
        pems["site"].name: trust.site.issue(f"{name}-bmc", address),
        pems["stranger"].name: trust.stranger.issue(f"{name}-bmc", address),
    }
    Tree(pems["site"].parent).lay({path: File(pem, 0o600) for path, pem in issued.items()})
    return pems

"""The lab's network: one bridge, a namespace per machine, one for the BMCs, one for the client."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tests.lab.world.anchor import Anchor
from tests.lab.world.truth import CLIENT, GATE, Host, Truth

SWITCH, OOB, VANTAGE = "switch", "oob", "client"
CABLE = Path(__file__).with_name("cable.py")


class Wires:
    """Namespaces and cables of one lab, and the nftables faults laid on them."""

    def __init__(self, anchor: Anchor, truth: Truth, first: Sequence[str] = ()) -> None:
        """`first` are lines of shell that come before the machines are plugged in."""
        self._anchor = anchor
        self._faults: dict[str, list[str]] = defaultdict(list)
        self._diverted: dict[str, list[str]] = defaultdict(list)
        script = ["set -eu", *_switch(), *_member(VANTAGE, (CLIENT,))]
        script += _member(OOB, (GATE, *(host.bmc for host in truth.hosts)))
        script += first
        for host in truth.hosts:
            script += self.cables(host)
        anchor.run(["bash"], stdin="\n".join(script))

    def cables(self, host: Host) -> list[str]:
        """The lines of shell that make a machine's namespace and plug it in."""
        return _member(host.name, (host.address,))

    def addresses(self, netns: str, addresses: tuple[str, ...]) -> None:
        """Gives a namespace exactly these addresses."""
        lines = [f"ip -n {netns} addr flush dev eth0"]
        lines += [f"ip -n {netns} addr add {address}/16 dev eth0" for address in addresses]
        lines.append(f"ip -n {VANTAGE} neigh flush all")
        self._anchor.run(["bash", "-eu"], stdin="\n".join(lines))

    def link(self, netns: str, *, up: bool) -> None:
        """Plugs or pulls the cable."""
        self._anchor.run(["ip", "-n", netns, "link", "set", "eth0", "up" if up else "down"])
        self._anchor.run(["ip", "-n", VANTAGE, "neigh", "flush", "all"])

    def fault(self, netns: str, *rules: str) -> None:
        """Adds nftables rules to what this namespace receives."""
        self._faults[netns] += rules
        self._apply(netns)

    def mend(self, netns: str, *rules: str) -> None:
        """Removes these rules again."""
        for rule in rules:
            self._faults[netns].remove(rule)
        self._apply(netns)

    def divert(self, netns: str, address: str, port: int, to: int) -> None:
        """New connections to this address and port end at another port of the same address."""
        self._diverted[netns].append(_divert(address, port, to))
        self._apply(netns)

    def straighten(self, netns: str, address: str, port: int, to: int) -> None:
        """Undoes a `divert`."""
        self._diverted[netns].remove(_divert(address, port, to))
        self._apply(netns)

    def heal(self) -> None:
        """Removes every fault."""
        for netns in {*self._faults, *self._diverted}:
            if self._faults[netns] or self._diverted[netns]:
                self._faults[netns].clear()
                self._diverted[netns].clear()
                self._apply(netns)

    def _apply(self, netns: str) -> None:
        chains = _chain("in", "type filter hook input priority 0", self._faults[netns])
        if self._diverted[netns]:
            hook = "type nat hook prerouting priority -100"
            chains += _chain("to", hook, self._diverted[netns])
        table = f"flush ruleset\ntable inet lab {{\n{chains}}}\n"
        self._anchor.run(["nft", "-f", "-"], netns, stdin=table)

    def cable(self, folder: Path) -> Path:
        """Replaces the client's veth by a cable that can be bad per address; where it takes
        orders (see `cable.py`)."""
        orders = folder / "cable"
        listing = self._anchor.run(["ip", "-j", "-n", VANTAGE, "link", "show", "eth0"])
        mac = json.loads(listing)[0]["address"]
        self._anchor.run(["ip", "-n", VANTAGE, "link", "del", "eth0"])
        words = [sys.executable, str(CABLE), VANTAGE, "eth0", SWITCH, "to-cable", str(orders)]
        self._anchor.serve(words, SWITCH, folder / "cable.log", orders.with_suffix(".ready"))
        script = [
            "set -eu",
            f"ip -n {SWITCH} link set to-cable master br0 up",
            f"ip -n {VANTAGE} link set eth0 address {mac}",
            f"ip -n {VANTAGE} addr add {CLIENT}/16 dev eth0",
            f"ip -n {VANTAGE} link set eth0 up",
        ]
        self._anchor.run(["bash"], stdin="\n".join(script))
        return orders

    def watch(self) -> None:
        """Starts counting, from zero, what the client sends to open anything: every packet but
        those of TCP connections that are open or closing already."""
        head = "type filter hook output priority 0; policy accept;"
        new = 'oifname != "lo" meta l4proto != tcp counter name sent'
        syn = "tcp flags & (syn | ack) == syn counter name sent"
        chain = f"chain out {{\n{head}\n{new}\n{syn}\n}}"
        table = f"flush ruleset\ntable inet watch {{\ncounter sent {{ }}\n{chain}\n}}\n"
        self._anchor.run(["nft", "-f", "-"], VANTAGE, stdin=table)

    def sent(self) -> int:
        """Opening packets that the client has sent since `watch`."""
        listing = self._anchor.run(["nft", "-j", "list", "counters"], VANTAGE)
        rows = json.loads(listing)["nftables"]
        return sum(row["counter"]["packets"] for row in rows if "counter" in row)


def _chain(name: str, hook: str, rules: list[str]) -> str:
    body = "\n".join([f"{hook}; policy accept;", *rules])
    return f"chain {name} {{\n{body}\n}}\n"


def _divert(address: str, port: int, to: int) -> str:
    return f"ip daddr {address} tcp dport {port} dnat ip to {address}:{to}"


def _switch() -> list[str]:
    return [
        f"ip netns add {SWITCH}",
        f"ip -n {SWITCH} link add br0 type bridge forward_delay 0 stp_state 0",
        f"ip -n {SWITCH} link set br0 up",
    ]


def _member(netns: str, addresses: tuple[str, ...]) -> list[str]:
    quiet = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1"
    return [
        f"ip netns add {netns}",
        f"ip netns exec {netns} {quiet}",
        f"ip -n {netns} link set lo up",
        f"ip link add name eth0 netns {netns} type veth peer name to-{netns} netns {SWITCH}",
        f"ip -n {SWITCH} link set to-{netns} master br0 up",
        *(f"ip -n {netns} addr add {address}/16 dev eth0" for address in addresses),
        f"ip -n {netns} link set eth0 up",
    ]

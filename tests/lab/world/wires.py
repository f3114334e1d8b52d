"""The lab's network: one bridge, a namespace per machine, one for the BMCs, one for the client."""

from __future__ import annotations

import json
from collections import defaultdict

from tests.lab.world.anchor import Anchor
from tests.lab.world.truth import CLIENT, GATE, Truth

SWITCH, OOB, VANTAGE = "switch", "oob", "client"


class Wires:
    """Namespaces and cables of one lab, and the nftables faults laid on them."""

    def __init__(self, anchor: Anchor, truth: Truth) -> None:
        self._anchor = anchor
        self._faults: dict[str, list[str]] = defaultdict(list)
        script = ["set -eu", *_switch(), *_member(VANTAGE, (CLIENT,))]
        script += _member(OOB, (GATE, *(host.bmc for host in truth.hosts)))
        for host in truth.hosts:
            script += _member(host.name, (host.address,))
        anchor.run(["bash"], stdin="\n".join(script))

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

    def heal(self) -> None:
        """Removes every fault."""
        for netns in [name for name, rules in self._faults.items() if rules]:
            self._faults[netns].clear()
            self._apply(netns)

    def _apply(self, netns: str) -> None:
        rules = "\n".join(self._faults[netns])
        head = "type filter hook input priority 0; policy accept;"
        table = f"flush ruleset\ntable inet lab {{\nchain in {{\n{head}\n{rules}\n}}\n}}\n"
        self._anchor.run(["nft", "-f", "-"], netns, stdin=table)

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

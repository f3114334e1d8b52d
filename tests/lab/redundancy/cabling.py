"""Two access switches between the machines and the rest of the site."""

from __future__ import annotations

from tests.lab.redundancy.wiring import SWITCHES, cables_of, far_port
from tests.lab.world.anchor import Anchor
from tests.lab.world.truth import Host, Truth
from tests.lab.world.wires import SWITCH, Wires

UPLINK = "uplink"
_QUIET = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1"


class Cabling(Wires):
    """Every machine has two cables. The site's own switch, which says nothing of itself, stays
    between the access switches, the BMCs and the client."""

    def __init__(self, anchor: Anchor, truth: Truth) -> None:
        self._place: dict[tuple[str, int], str] = {}
        self._plugged: dict[tuple[str, int], str | None] = {}
        lines = [line for switch in SWITCHES for line in _switch(switch.name, switch.address)]
        super().__init__(anchor, truth, first=lines)

    def cables(self, host: Host) -> list[str]:
        """Both go where the truth begins."""
        name = host.name
        lines = _namespace(name)
        for number, switch in enumerate(cables_of(host.machine)):
            assert switch is not None
            self._place[name, number] = self._plugged[name, number] = switch
            lines += _cable(name, f"eth{number}", switch, far_port(name, number))
        return [*lines, f"ip -n {name} addr add {host.address}/16 dev eth0"]

    def plug(self, truth: Truth) -> None:
        """Moves every cable to where the truth has it. Those of a machine that is not there are
        out."""
        lines: list[str] = []
        machines = truth.machines
        for (name, number), now in tuple(self._plugged.items()):
            switch = cables_of(machines[name])[number] if name in machines else None
            if switch != now:
                lines += self._moved(name, number, switch)
        if lines:
            places = (SWITCH, *(switch.name for switch in SWITCHES))
            lines += [f"ip -n {place} link set br0 type bridge fdb_flush" for place in places]
            self._anchor.run(["bash", "-eu"], stdin="\n".join(lines))

    def _moved(self, name: str, number: int, switch: str | None) -> list[str]:
        port, now = far_port(name, number), self._place[name, number]
        self._plugged[name, number] = switch
        lines = [f"ip -n {now} link set {port} down"]
        if switch is not None:
            self._place[name, number] = switch
            if switch != now:
                lines.append(f"ip -n {now} link set {port} netns {switch}")
            lines.append(f"ip -n {switch} link set {port} master br0 up")
        return lines


def _switch(name: str, address: str) -> list[str]:
    return [
        *_namespace(name),
        f"ip -n {name} link add br0 type bridge forward_delay 0 stp_state 0",
        f"ip -n {name} link set br0 up",
        f"ip -n {name} addr add {address}/16 dev br0",
        f"ip link add name {UPLINK} netns {name} type veth peer name to-{name} netns {SWITCH}",
        f"ip -n {SWITCH} link set to-{name} master br0 up",
        f"ip -n {name} link set {UPLINK} master br0 up",
    ]


def _namespace(name: str) -> list[str]:
    return [
        f"ip netns add {name}",
        f"ip netns exec {name} {_QUIET}",
        f"ip -n {name} link set lo up",
    ]


def _cable(host: str, port: str, switch: str, far: str) -> list[str]:
    return [
        f"ip link add name {port} netns {host} type veth peer name {far} netns {switch}",
        f"ip -n {switch} link set {far} master br0 up",
        f"ip -n {host} link set {port} up",
    ]

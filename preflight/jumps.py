"""Which things are asked through a jump host, and through which. Pure."""

from __future__ import annotations

from preflight.asked import ask_for
from preflight.evidence import Ask
from preflight.files.site import Site


def jump_of(site: Site, thing: str) -> str | None:
    """The host that a thing (`host:db1`, `bmc:db1`) is asked through; None: it is asked directly.

    A BMC has a `jump` of its own: its network is hardly ever that of its server.
    """
    kind, _, name = thing.partition(":")
    host = site.hosts.get(name)
    if host is None or kind not in {"host", "bmc"}:
        return None
    jump = host.ssh.jump if kind == "host" else host.bmc.jump if host.bmc else None
    return jump if jump in site.hosts else None


def chain_of(site: Site, thing: str) -> tuple[str, ...]:
    """All hosts on the way to a thing, the one we reach ourselves first; a loop ends where it
    would close."""
    found: list[str] = []
    jump = jump_of(site, thing)
    while jump is not None and jump not in found:
        found.append(jump)
        jump = jump_of(site, f"host:{jump}")
    return tuple(reversed(found))


def is_jump(site: Site, name: str) -> bool:
    """Whether something is asked through this host."""
    return any(
        name in {host.ssh.jump, host.bmc.jump if host.bmc else None} for host in site.hosts.values()
    )


def entry_ask(site: Site, name: str) -> Ask:
    """The login at a jump host on which everything behind it stands."""
    host = site.hosts[name]
    return ask_for(f"host:{name}", "ssh", "login", address=host.address, port=host.ssh.port)


CARRIED = frozenset({"tcp", "ssh", "redfish", "tls", "http", "proxmox", "vsphere", "netbox"})
"""What goes through a jump host: TCP connections and nothing else (RFC 4254, 7.2)."""


def channel_request(address: str, port: int) -> str:
    """How a connection through a jump host is announced and logged; that host is sent it."""
    host = f"[{address}]" if ":" in address else address
    return f"direct-tcpip {host}:{port}"

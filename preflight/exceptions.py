"""What a report names as an exception: what was let pass that strict defaults refuse. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.doors import doors
from preflight.files.site import Site
from preflight.kinds.base import Replies


def exceptions_of(site: Site, replies: Replies) -> tuple[str, ...]:
    """A sentence for each, by thing; page 1 shows them."""
    return (*_roots(replies), *_old_crypto(site), *_in_clear(site))


def _roots(replies: Replies) -> tuple[str, ...]:
    roots = sorted({(e.thing, e.root) for e in replies.all if e.root})
    return tuple(
        f"{thing}: facts were read under PREFLIGHT_ROOT={root}"[:1000] for thing, root in roots
    )


def _old_crypto(site: Site) -> Iterator[str]:
    """What the site file lets single things do that all others are refused."""
    for name, host in site.hosts.items():
        if host.ssh.legacy:
            yield f"host:{name}: old SSH algorithms are taken from it (ssh.legacy)"
        if host.bmc and host.bmc.protocol == "ipmi":
            yield from _by_ipmi(f"bmc:{name}", host.bmc.ipmi.cipher)
    for thing, door in doors(site).items():
        if door.tls and door.tls.min:
            yield f"{thing}: TLS from {door.tls.min} on and old ciphers are taken from it"


def _in_clear(site: Site) -> Iterator[str]:
    """Decision 0012: what version 2c of SNMP proves, and what it gives away."""
    for thing, device in site.devices().items():
        if device.snmp and device.snmp.version == "2c":
            yield (
                f"{thing}: asked by SNMP version 2c; its community goes over the network"
                " in the clear, and nothing proves what it tells"
            )


def _by_ipmi(thing: str, cipher: str) -> Iterator[str]:
    """Decision 0011: what a login by IPMI proves, and what it gives away."""
    yield (
        f"{thing}: asked by IPMI; its password is all that proves it, and whoever may send it"
        " packets can guess at that password offline"
    )
    if cipher == "3":
        yield f"{thing}: IPMI by cipher suite 3 (HMAC-SHA1) is taken from it"

"""What is asked of things that nobody has pinned: only what needs no login. Pure.

Whatever a check wants to know of them ends `host-key` or `tls`; what they show to anybody is kept
beside it as evidence that proves nothing (contract 9.7), so that somebody can confirm it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from preflight.doors import door_of, is_unpinned
from preflight.evidence import Ask, Fact, Protocol
from preflight.files.site import Site

_BY_DOOR = frozenset({"redfish", "proxmox", "vsphere", "netbox"})


def with_first_looks(asks: Iterable[Ask], site: Site) -> Iterator[Ask]:
    """After each ask that an unpinned thing will not answer, those that it can."""
    for ask in asks:
        yield ask
        yield from _looks(ask, site)


def _looks(ask: Ask, site: Site) -> Iterator[Ask]:
    host = site.hosts.get(ask.thing.partition(":")[2])
    if ask.question.protocol == "ssh" and host and host.ssh.host_key is None:
        yield _instead(ask, "ssh", "host-key")
    if ask.question.protocol in _BY_DOOR and is_unpinned(door_of(site, ask.thing)):
        yield _instead(ask, "http", "certificate")
        if ask.question.protocol == "redfish":
            yield _instead(ask, "http", "service-root")


def _instead(ask: Ask, protocol: Protocol, fact: Fact) -> Ask:
    question = {"protocol": protocol, "fact": fact, "argument": ""}
    return ask.model_copy(update={"question": ask.question.model_copy(update=question)})

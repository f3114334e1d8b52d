"""What is asked of things that nobody has pinned: only what needs no login. Pure.

Whatever a check wants to know of them ends `host-key` or `tls`; what they show to anybody is kept
beside it as evidence that proves nothing (contract 9.7), so that somebody can confirm it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from preflight.evidence import Ask, Fact, Protocol
from preflight.files.site import Bmc, Host, Site


def with_first_looks(asks: Iterable[Ask], site: Site) -> Iterator[Ask]:
    """After each ask that an unpinned thing will not answer, those that it can."""
    for ask in asks:
        yield ask
        host = site.hosts.get(ask.thing.partition(":")[2])
        if host is not None:
            yield from _looks(ask, host)


def _looks(ask: Ask, host: Host) -> Iterator[Ask]:
    if ask.question.protocol == "ssh" and host.ssh.host_key is None:
        yield _instead(ask, "ssh", "host-key")
    if ask.question.protocol == "redfish" and is_unpinned(host.bmc):
        yield _instead(ask, "http", "certificate")
        yield _instead(ask, "http", "service-root")


def is_unpinned(bmc: Bmc | None) -> bool:
    """It has neither a pin nor a CA to check it by."""
    return bmc is not None and bmc.tls is None


def _instead(ask: Ask, protocol: Protocol, fact: Fact) -> Ask:
    question = {"protocol": protocol, "fact": fact, "argument": ""}
    return ask.model_copy(update={"question": ask.question.model_copy(update=question)})

"""One site in as few scripts as a person can read and every mail lets pass. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from preflight.errors import PreflightError
from preflight.selfcheck.items import CLOCK, Item

MOST_BYTES = 20000
"""Of a script: what a person can read through, and every mail lets pass."""


class TooLong(PreflightError):  # noqa: N818 - what is wrong with it
    """What cannot be divided makes a script that nobody would read."""


@dataclass(frozen=True)
class Part:
    """What one script asks."""

    number: int
    """From 1 on."""
    of: int
    hosts: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def suffix(self) -> str:
        """In the names of its files; empty for the only part."""
        return f"-{self.number}" if self.of > 1 else ""

    @property
    def about(self) -> str:
        """`part 1 of 2: the site itself and 7 servers, db1 to db7`; empty for the only part."""
        own = "the site itself and " if self.number == 1 else ""
        return f"part {self.number} of {self.of}: {own}{servers(self.hosts)}" * (self.of > 1)


def servers(hosts: Sequence[str]) -> str:
    """`server db1`, `7 servers, db1 to db7`."""
    if len(hosts) == 1:
        return f"server {hosts[0]}"
    return f"{len(hosts)} servers, {hosts[0]} to {hosts[-1]}"


Length = Callable[[Part], int]
"""How many bytes the script of a part has."""


def divide(items: Sequence[Item], hosts: Sequence[str], length: Length) -> tuple[Part, ...]:
    """The fewest parts with these hosts in this order, and what belongs to each of them; what
    belongs to no host is asked by the first, the clock by all.

    Raises:
        TooLong: one host, or what belongs to none, is too much for a script.
    """
    own = _by_host(items, hosts)
    whole = Part(1, 1, tuple(hosts), tuple(_of(own, ["", *hosts])))
    if length(whole) <= MOST_BYTES:
        return (whole,)
    shares = list(_shares(own, hosts, length))
    return tuple(_part(own, n, len(shares), share) for n, share in enumerate(shares, 1))


def _by_host(items: Sequence[Item], hosts: Sequence[str]) -> Mapping[str, list[Item]]:
    """Under the empty name what belongs to no host; other hosts' things are left out."""
    found: dict[str, list[Item]] = {name: [] for name in ("", *hosts)}
    for item in items:
        kind, _, name = item.thing.partition(":")
        of_host = name if kind in {"host", "bmc"} else ""
        if of_host in found:
            found[of_host].append(item)
    return found


def _of(own: Mapping[str, list[Item]], names: Sequence[str]) -> list[Item]:
    """In the order of their numbers."""
    return sorted((item for name in names for item in own[name]), key=lambda item: item.no)


def _part(own: Mapping[str, list[Item]], number: int, of: int, hosts: tuple[str, ...]) -> Part:
    site = [item for item in own[""] if number == 1 or item.asks == (CLOCK,)]
    return Part(number, of, hosts, tuple(_of({**own, "": site}, ["", *hosts])))


def _shares(
    own: Mapping[str, list[Item]], hosts: Sequence[str], length: Length
) -> Iterator[tuple[str, ...]]:
    """As many hosts at a time as fit. How many parts there will be is not known yet: reckoned with
    as many as there are hosts, whose number is no shorter."""
    most, number, share = max(2, len(hosts)), 1, list[str]()
    for host in hosts:
        while length(_part(own, number, most, (*share, host))) > MOST_BYTES:
            if not share:
                raise _too_long(host)
            yield tuple(share)
            number, share = number + 1, []
        share.append(host)
    yield tuple(share)


def _too_long(host: str) -> TooLong:
    return TooLong(
        f"what there is to look at for {host} alone makes a script of more than {MOST_BYTES}"
        " bytes, and nobody reads more",
        help="declare fewer control points and devices in the site file, or ask for fewer checks"
        f" of {host}",
    )

"""What `init --from` is told to look at, and the site file that permits just that. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from preflight.errors import PreflightError, RefusedError
from preflight.evidence import Ask, Fact, Protocol, Question
from preflight.files.site import Authorised, Bmc, Host, Site, Ssh
from preflight.starting import values
from preflight.starting.draft import BMC_PORT, SSH_PORT
from preflight.starting.values import Impossible
from preflight.text import one_line

_FORM = "write HOST or HOST,BMC or ,BMC, each with :PORT if need be, and NAME= before it"
_PLACE = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?|([^:]+)(?::(\d{1,5}))?|([0-9A-Fa-f:.]+)")


@dataclass(frozen=True)
class Place:
    """An address with its port."""

    address: str
    port: int


@dataclass(frozen=True)
class Target:
    """A server, its BMC, or an address of which nobody said which of the two it is."""

    name: str
    host: Place | None
    bmc: Place | None

    @property
    def main(self) -> Place:
        """Where it is foremost."""
        found = self.host or self.bmc
        if found is None:
            raise ValueError("a target without an address")
        return found

    @property
    def places(self) -> tuple[tuple[str, Place, bool], ...]:
        """Thing, place, and whether it is asked as a BMC."""
        rows = [("host", self.host, False), ("bmc", self.bmc, True)]
        return tuple((f"{kind}:{self.name}", at, bmc) for kind, at, bmc in rows if at)


def targets(texts: Iterable[str]) -> tuple[Target, ...]:
    """What was written on the command line.

    Raises:
        PreflightError: not of the form, or one name or address twice.
    """
    found = tuple(_target(text) for text in texts)
    for what in ([t.name for t in found], [str(p) for t in found for _, p, _ in t.places]):
        if twice := next((one for one in what if what.count(one) > 1), None):
            raise PreflightError(f"{twice} is there twice", help="name each thing once")
    return found


def _target(text: str) -> Target:
    given, equals, rest = text.rpartition("=")
    host, _, bmc = rest.partition(",")
    if not (host or bmc) or (equals and not given):
        raise PreflightError(f"{one_line(text)!r} names nothing to look at", help=_FORM)
    places = (_place(host, SSH_PORT) if host else None, _place(bmc, BMC_PORT) if bmc else None)
    main = places[0] or places[1]
    address = main.address if main else ""
    name = values.identifier(given, "name") if given else values.named_by(address) or "host"
    if given and name != given:
        raise PreflightError(f"{one_line(given)!r} is no name", help=f"{name} would be one")
    return Target(name, *places)


def _place(text: str, port: int) -> Place:
    found = _PLACE.fullmatch(text)
    address = (found[1] or found[3] or found[5]) if found else text
    written = (found[2] or found[4]) if found else None
    number = int(written) if written else port
    if not 1 <= number <= 65535:
        raise PreflightError(f"{number} is no port", help=_FORM)
    try:
        return Place(values.address(address), number)
    except Impossible as why:
        raise PreflightError(one_line(str(why)), help=_FORM) from None


def permitted_site(found: Sequence[Target], by: str, networks: Sequence[str], day: date) -> Site:
    """The site file of this one look: these things, these networks, today.

    Raises:
        RefusedError: nobody, or no network, was named (law 3).
        PreflightError: a network is none.
    """
    if not by.strip() or not networks:
        raise RefusedError(
            "nobody permitted this look; nothing was sent",
            help='name who did and where: --by "C. Eze, security" --networks 10.20.0.0/16',
        )
    permit = Authorised(
        by=by, on=day, from_=day, until=day, networks=tuple(map(_network, networks))
    )
    return Site(
        site="first-look",
        customer="not yet known",
        profile="none",
        authorised=permit,
        hosts={target.name: _host(target) for target in found},
    )


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError as error:
        raise PreflightError(
            f"{one_line(text)!r} is no network: {error}", help="write it like 10.20.0.0/16"
        ) from None


def _host(target: Target) -> Host:
    bmc = target.bmc and Bmc(address=target.bmc.address, port=target.bmc.port)
    port = target.host.port if target.host else SSH_PORT
    return Host(address=target.main.address, ssh=Ssh(port=port), bmc=bmc)


def asks(found: Iterable[Target]) -> tuple[Ask, ...]:
    """All that is asked: what needs no login. A lone address is asked as both."""
    return tuple(ask for target in found for ask in _asks(target))


def _asks(target: Target) -> list[Ask]:
    rows: list[tuple[str, Place, Protocol, Fact]] = []
    for thing, at, is_bmc in target.places:
        if not is_bmc:
            rows += [(thing, at, "tcp", "connect"), (thing, at, "ssh", "host-key")]
        if is_bmc or target.bmc is None:
            web = at if is_bmc else Place(at.address, BMC_PORT)
            rows += [(thing, web, "tcp", "connect"), (thing, web, "http", "certificate"),
                     (thing, web, "http", "service-root")]  # fmt: skip
    return [
        Ask(thing=thing, question=Question(
            protocol=protocol, fact=fact, address=at.address, port=at.port
        ))
        for thing, at, protocol, fact in rows
    ]  # fmt: skip

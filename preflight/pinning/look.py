"""Looking at things to be pinned: what needs no login, and only where permitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from preflight.commands import RequestLog, commands_digest
from preflight.doors import door_of, doors, is_unpinned, speaks_redfish
from preflight.evidence import Ask, Certificate, Evidence, HostKey, Question, ServiceRoot
from preflight.files.load import Loaded
from preflight.files.site import Site
from preflight.jumps import jump_of
from preflight.kinds.asks import bmc_thing, host_thing
from preflight.model import Clock
from preflight.permission import refuse_shared, refuse_unpermitted
from preflight.pinning.shown import Shown
from preflight.plan import way_ask
from preflight.probes import probe
from preflight.probes.base import Limits, Probe, Way
from preflight.probes.dial import endpoint
from preflight.probes.glance import GlanceProbe
from preflight.probes.known_hosts import KnownHosts
from preflight.probes.resolve import resolve
from preflight.probes.ssh_algorithms import FAMILIES
from preflight.probes.ssh_keys import KeysProbe
from preflight.report import Request
from preflight.runner import RESOLVE_S
from preflight.survey import survey
from preflight.words import UnknownCause

_NO_PROOF = frozenset({UnknownCause.HOST_KEY, UnknownCause.TLS})
"""What the strict look ends in at a thing that may know only old algorithms."""
_THROUGH = "behind a jump host: pin looks directly only; run ssh-keyscan(1) there"

T = TypeVar("T", HostKey, Certificate, ServiceRoot)
Announce = Callable[[int], None]
"""Called with the number of things, before the first packet."""


def look(
    loaded: Loaded[Site],
    things: Sequence[str],
    known: KnownHosts,
    clock: Clock,
    announce: Announce = lambda _: None,
    limits: Limits | None = None,
) -> tuple[Shown, ...]:
    """What each of `things` (`host:db1`, `bmc:db1`, `pdu:n1-a`, `hypervisor:pve`) shows, in their
    order.

    What cannot be met by today's algorithms is met once more by old ones: nothing secret is said.

    Raises:
        RefusedError: the day or an address is not permitted; nothing was sent.
    """
    site = loaded.value
    direct = [thing for thing in things if jump_of(site, thing) is None]
    asks = [ask for thing in direct for ask in _asks(site, thing)]
    requests = _requests(asks)
    addresses = resolve({ask.question.address for ask in asks}, RESOLVE_S)
    refuse_unpermitted(site, addresses, clock())
    refuse_shared(site, addresses)
    announce(len(direct))
    log = RequestLog(requests, commands_digest(requests))
    way = Way(
        site=site, base=loaded.folder, addresses=addresses, secrets={}, known_hosts={},
        send=log.send, limits=limits or Limits(),
    )  # fmt: skip
    told = _told(asks, way, clock, legacy=False)
    again = [ask for ask in asks if _may_be_old(told[ask])]
    late = _told(again, way, clock, legacy=True) if again else {}
    log.close()
    return tuple(_shown(site, thing, told, late, known, way) for thing in things)


def _asks(site: Site, thing: str) -> Iterator[Ask]:
    kind, _, name = thing.partition(":")
    if kind == "host":
        host = site.hosts[name]
        question = Question(
            protocol="ssh", fact="host-key", address=host.address, port=host.ssh.port
        )
        for family in FAMILIES:
            of_family = question.model_copy(update={"argument": family})
            yield Ask(thing=thing, question=of_family)
    elif door := door_of(site, thing):
        at = {"address": door.address, "port": door.port}
        for fact in ("certificate", "service-root")[: 2 if speaks_redfish(thing) else 1]:
            question = Question.model_validate({"protocol": "http", "fact": fact, **at})
            yield Ask(thing=thing, question=question)


def _requests(asks: Sequence[Ask]) -> tuple[Request, ...]:
    rows = [
        Request(thing=ask.thing, request=text)
        for ask in _with_ways(asks)
        for text in _strict(ask.question.protocol).templates(ask)
    ]
    return tuple(dict.fromkeys(rows))


def _with_ways(asks: Sequence[Ask]) -> list[Ask]:
    """A dead port is not asked for keys."""
    ways = [way for ask in asks if (way := way_ask(ask))]
    return list(dict.fromkeys([*ways, *asks]))


def _told(asks: Sequence[Ask], way: Way, clock: Clock, *, legacy: bool) -> Mapping[Ask, Evidence]:
    wanted = list(asks) if legacy else _with_ways(asks)
    found = survey(wanted, way, clock, _lenient if legacy else _strict).evidence
    return {Ask(thing=e.thing, question=e.question): e for e in found}


def _strict(protocol: str) -> Probe:
    return KeysProbe() if protocol == "ssh" else probe(protocol)


def _lenient(protocol: str) -> Probe:
    return KeysProbe(legacy=True) if protocol == "ssh" else GlanceProbe(legacy=True)


def _may_be_old(evidence: Evidence) -> bool:
    return evidence.no_answer is not None and evidence.no_answer.cause in _NO_PROOF


def _shown(
    site: Site,
    thing: str,
    told: Mapping[Ask, Evidence],
    late: Mapping[Ask, Evidence],
    known: KnownHosts,
    way: Way,
) -> Shown:
    asks = list(_asks(site, thing))
    where = endpoint(asks[0].question.address, asks[0].question.port)
    if jump_of(site, thing):
        return Shown(thing, where, why=_THROUGH)
    met = [late.get(ask, told[ask]) for ask in asks]
    pins, pinned_by = _pins(site, thing, known, way)
    certificates, roots = _answers(met, Certificate), _answers(met, ServiceRoot)
    return Shown(
        thing=thing,
        where=where,
        keys=tuple(_answers(met, HostKey)),
        certificate=certificates[0] if certificates else None,
        root=roots[0] if roots else None,
        pins=pins,
        pinned_by=pinned_by,
        old=any(late[ask].answer for ask in asks if ask in late),
        why=_why(met),
    )


def _answers(evidence: Sequence[Evidence], sort: type[T]) -> list[T]:
    return [e.answer for e in evidence if isinstance(e.answer, sort)]


def _why(evidence: Sequence[Evidence]) -> str:
    silent = [e.no_answer for e in evidence if e.no_answer]
    return f"{silent[0].cause}: {silent[0].detail}" if silent else ""


def _pins(site: Site, thing: str, known: KnownHosts, way: Way) -> tuple[frozenset[str], str]:
    kind, _, name = thing.partition(":")
    if kind != "host":
        door = door_of(site, thing)
        if door is None or door.tls is None:
            return frozenset(), ""
        pin = door.tls.sha256
        return (frozenset({pin}), "the site file") if pin else (frozenset(), "ca")
    host = site.hosts[name]
    if host.ssh.host_key:
        return frozenset({host.ssh.host_key}), "the site file"
    for address in (host.address, way.addresses.get(host.address, host.address)):
        entry = address if host.ssh.port == 22 else f"[{address}]:{host.ssh.port}"
        if keys := known.get(entry):
            return keys, "known_hosts"
    return frozenset(), ""


def things_of(site: Site, names: Sequence[str], *, everything: bool) -> tuple[str, ...]:
    """Hosts, BMCs, PDUs and managers without a pin, with `everything` also those that have one."""
    open_doors = {t for t, door in doors(site).items() if everything or is_unpinned(door)}
    found = []
    for name, host in site.hosts.items():
        if everything or host.ssh.host_key is None:
            found.append(host_thing(name))
        if bmc_thing(name) in open_doors:
            found.append(bmc_thing(name))
    found += [t for t in doors(site) if not t.startswith("bmc:") and t in open_doors]
    return tuple(t for t in found if not names or t.partition(":")[2] in names)

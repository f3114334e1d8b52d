"""Two feeds, two PDUs, two UPSs? By the site file's word: labels of feeds, outlets, and the links
from a PDU on. Nothing observes a cable of power, so all of it is a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from preflight.evidence import Ask, Record
from preflight.files.site import Site
from preflight.kinds import asks
from preflight.kinds.apart.standing import (
    SAID,
    Lacking,
    Mark,
    Relation,
    Standing,
    name_of,
    related,
    said_mark,
    shared_things,
)
from preflight.kinds.base import Case, Context
from preflight.kinds.reading import read
from preflight.kinds.sources import declared, quoted
from preflight.things import in_words
from preflight.words import Assurance, Dimension, UnknownCause

_POWER = frozenset({"pdu", "ups", "ats"})
"""Sorts of things that a link of power ends at."""


def power_asks(member: str, context: Context) -> tuple[Ask, ...]:
    """What NetBox says a host hangs on."""
    kind, _, name = member.partition(":")
    netbox = context.site.netbox
    return (asks.record(name, netbox),) if netbox and kind == "host" else ()


def power(dimension: Dimension, case: Case, members: Sequence[str]) -> Relation:
    """Nothing in common: no feed, PDU or UPS, and no transfer switch that makes two feeds one."""
    make = {Dimension.FEED: _feeds, Dimension.PDU: _pdus, Dimension.UPS: _upss}[dimension]
    stands = [case.once((dimension, m), partial(make, case, m)) for m in members]
    return related(stands, shared_things(stands))


def _feeds(case: Case, member: str) -> Standing:
    """Feeds that are named, those of its PDUs, and the transfer switches on the way."""
    site, name = case.context.site, name_of(member)
    things = (member, *chain(case, member))
    labels = dict.fromkeys(label for thing in things for label in _own(site, thing))
    merged = [t for t in things if t.startswith("ats:")]
    marks = [
        *(_claimed("feed", label) for label in labels),
        *(_claimed("transfer switch", _name(t)) for t in merged),
    ]
    standing, noted = _with_records(case, member, "feed", marks)
    if not standing:
        found, note = (
            f"nothing says which feeds {name} hangs on",
            "write the feeds' labels into the site file",
        )
        return _lacking(case, member, UnknownCause.MISSING_ATTRIBUTE, found, note)
    known = case.once("feeds", lambda: declared(site, "feed"))
    free = [m.label for m in standing if m.sort == "feed" and m.key not in known]
    what = ", ".join(m.label for m in standing if m.sort == "feed")
    said = f"{name} on feed {what}{noted} ({SAID})"
    lacking = None
    if dark := _without_feed(case, member):
        note = f"write {in_words(dark)}'s feeds into the site file"
        found = f"{name} on feed {what}, and nothing says which feed its {in_words(dark)} hangs on"
        lacking = Lacking(UnknownCause.MISSING_ATTRIBUTE, found, note)
    elif free:
        note = "declare the feeds under halls: in the site file"
        found = f"{name} on feed {what}, but not all labels are declared"
        lacking = Lacking(UnknownCause.AMBIGUOUS_LABEL, found, note)
    return _standing(case, member, standing, said, lacking)


def _without_feed(case: Case, member: str) -> str | None:
    """A PDU of a server that says no feed of its own, and that leads to none."""
    site = case.context.site
    if _own(site, member):
        return None
    feeders = case.once("power-links", lambda: _links(site)).get(member, ())
    return next((p for p in feeders if not any(_own(site, t) for t in (p, *chain(case, p)))), None)


def _pdus(case: Case, member: str) -> Standing:
    marks = [
        _claimed("PDU", _name(t)) for t in (member, *chain(case, member)) if t.startswith("pdu:")
    ]
    marks, noted = _with_records(case, member, "pdu", marks)
    return _named(case, member, marks, "PDU", "outlets", noted)


def _upss(case: Case, member: str) -> Standing:
    """UPSs that links lead to, and those of the feeds that it hangs on."""
    site = case.context.site
    things = (member, *chain(case, member))
    feeds = {label for thing in things for label in _own(site, thing)}
    by_feed = [f"ups:{name}" for name, ups in site.ups.items() if feeds & set(ups.feeds)]
    upss = dict.fromkeys(t for t in (*things, *by_feed) if t.startswith("ups:"))
    return _named(case, member, [_claimed("UPS", _name(t)) for t in upss], "UPS", "links", "")


def _named(case: Case, member: str, marks: list[Mark], what: str, key: str, noted: str) -> Standing:
    name = name_of(member)
    if not marks:
        found = f"nothing says which {what} {name} hangs on"
        return _lacking(
            case,
            member,
            UnknownCause.MISSING_ATTRIBUTE,
            found,
            f"declare its {key} in the site file",
        )
    said = f"{name} on {what} {', '.join(dict.fromkeys(m.label for m in marks))}{noted} ({SAID})"
    return _standing(case, member, marks, said, None)


def _standing(
    case: Case, member: str, marks: Sequence[Mark], said: str, lacking: Lacking | None
) -> Standing:
    readings = [read(case.replies, ask, Record) for ask in power_asks(member, case.context)]
    silent = tuple(s for r in readings for s in r.blocking)
    return Standing(member, tuple(marks), said, blocking=silent, lacking=lacking)


def _lacking(case: Case, member: str, cause: UnknownCause, found: str, note: str) -> Standing:
    return _standing(case, member, (), "", Lacking(cause, found, note))


def _claimed(sort: str, label: str) -> Mark:
    return said_mark(sort, label, label)


def _with_records(
    case: Case, member: str, fact: str, marks: Sequence[Mark]
) -> tuple[list[Mark], str]:
    """What NetBox says beside it, as marks of its own: either may know of something shared."""
    found = list(marks)
    for ask in power_asks(member, case.context):
        for heard in read(case.replies, ask, Record).heard:
            labels = heard.answer.feeds if fact == "feed" else heard.answer.pdus
            sort = {"feed": "feed", "pdu": "PDU"}[fact]
            known = {m.key for m in marks}
            found += [
                Mark(sort, quoted(v), v, "said by NetBox", Assurance.CLAIMED, (heard.evidence,))
                for v in labels
                if v not in known
            ]
    more = ", ".join(m.label for m in found if m.source == "said by NetBox")
    return found, f" (and {more}, says NetBox)" if more else ""


def _own(site: Site, thing: str) -> tuple[str, ...]:
    """The feeds that the site file writes at a thing."""
    kind, _, name = thing.partition(":")
    if kind == "host":
        host = site.hosts.get(name)
        return host.feeds if host else ()
    device = site.device(thing)
    return device.feeds if device and kind != "switch" else ()


def chain(case: Case, member: str) -> tuple[str, ...]:
    """What a thing is fed by, as declared: its outlets' PDUs, and along `links:` from there."""
    links = case.once("power-links", lambda: _links(case.context.site))
    found: dict[str, None] = {}
    ahead = [member]
    while ahead:
        ahead = list({to: None for at in ahead for to in links.get(at, ()) if to not in found})
        found.update(dict.fromkeys(ahead))
    found.pop(member, None)
    return tuple(found)


def _links(site: Site) -> Mapping[str, list[str]]:
    """Thing -> what feeds it."""
    found: dict[str, list[str]] = {}
    for name, host in site.hosts.items():
        if host.outlets:
            found[f"host:{name}"] = [f"pdu:{outlet.pdu}" for outlet in host.outlets]
    for link in site.links:
        fed, feeder = _downhill(link.from_, link.to)
        if feeder.partition(":")[0] in _POWER:
            found.setdefault(fed, []).append(feeder)
    return found


def _downhill(one: str, other: str) -> tuple[str, str]:
    """What is fed, and what feeds it: a server never feeds a PDU, nor a PDU a UPS, whichever way
    somebody drew the line. Between a UPS and a transfer switch the direction is as written."""
    ranks = [_RANK.get(thing.partition(":")[0], 0) for thing in (one, other)]
    return (other, one) if ranks[0] > ranks[1] else (one, other)


_RANK = {"pdu": 1, "ups": 2, "ats": 2}


def _name(thing: str) -> str:
    return thing.partition(":")[2]

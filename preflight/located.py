"""Where silence begins, in one sentence: what is dark, what still answers and what that proves,
who looks into it, and the one thing to ask. Pure.

No sentence orders anyone to switch on, press or move anything (contract, law 5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from preflight.evidence import Battery
from preflight.finding import Located
from preflight.kinds.base import cut
from preflight.ladder import SERVERS, Ladder, Rung, places
from preflight.plan import control_asks
from preflight.text import one_line
from preflight.things import in_words, listed
from preflight.words import Owner, UnknownCause

_BLIND = "cannot tell from here"


def located(ladder: Ladder, rung: Rung) -> Located:
    """What is said of everything that is silent behind this rung."""
    asked = sorted(ladder.silent | set(ladder.unrouted))
    behind = [t for t in asked if not t.startswith("control:") and ladder.above(t) == rung]
    found = _WRITERS[rung.kind](ladder, rung, behind)
    return found.model_copy(update={"silent": len(behind), "says": cut(found.says)})


def no_pins(things: Iterable[str]) -> Located:
    """What is said of doors that we do not enter: nobody has confirmed who is behind them."""
    names = sorted(things, key=lambda thing: (not thing.startswith("host:"), thing))
    return Located(
        rung="pins",
        silent=len(names),
        headline="Nobody has confirmed yet who answers there",
        says=f"the site file has no pin for {listed(names)}: nothing was logged in to",
        owner=Owner.ENGINEER,
        to_do=(
            "Run `preflight pin` with somebody on the telephone who reads the fingerprints from the"
            " machines themselves, then look again."
        ),
    )


def _route(ladder: Ladder, _: Rung, behind: Sequence[str]) -> Located:
    why = next((e.no_answer.detail for e in ladder.unrouted.values() if e.no_answer), "")
    detail = f" ({one_line(why)})" if why else ""
    whom = listed(list(behind))
    nameless = bool(ladder.unrouted) and not any(e.ip for e in ladder.unrouted.values())
    where = whom if ladder.seen.answering else "the site"
    return Located(
        rung="route",
        silent=0,
        headline=f"No address is known of {whom}"
        if nameless
        else f"This machine knows no way to {where}",
        says=f"Nothing could be sent to {whom}{detail}; {_BLIND}",
        owner=Owner.ENGINEER,
        to_do=_NAMES if nameless else _OWN_WAY,
    )


_NAMES = (
    "Compare the names in the site file with the customer, write IP addresses instead, or bring up"
    " the VPN whose name server knows them. Then look again."
)
_OWN_WAY = "Bring up the VPN or the network that leads there, then look again."


def _control(ladder: Ladder, rung: Rung, behind: Sequence[str]) -> Located:
    before = _before(ladder, rung)
    beyond = sorted(ladder.seen.answering)
    first = f"{in_words(rung.name)} does not answer{_why_silent(ladder, rung.name)}"
    last = f"the last to answer on the way is {in_words(before)}; " if before else ""
    odd = f"{in_words(beyond[0])} answers all the same; " if beyond else ""
    return Located(
        rung="control",
        name=rung.name,
        last=before,
        silent=0,
        headline="The way to the site does not work",
        says=f"{first}; {last}{odd}{_many(behind)} behind it; {_BLIND}",
        owner=Owner.NETWORK if before else Owner.ENGINEER,
        to_do=(
            "Bring up the VPN, or ask whoever runs it whether this control point is up. Then look"
            " again."
        ),
    )


def _before(ladder: Ladder, rung: Rung) -> str:
    """The control point before this one; empty for the first."""
    things = [ask.thing for ask in control_asks(ladder.context.site)]
    at = things.index(rung.name)
    return things[at - 1] if at else ""


def _why_silent(ladder: Ladder, thing: str) -> str:
    told = (e.no_answer for e in ladder.seen.ours if e.thing == thing and e.no_answer)
    why = next(told, None)
    return f" ({why.cause})" if why else ""


def _site(ladder: Ladder, _: Rung, behind: Sequence[str]) -> Located:
    control = [ask.thing for ask in control_asks(ladder.context.site)]
    last = control[-1] if control else ""
    way = f"{in_words(last)} answers" if last else "This machine has a route there"
    there = sorted(ladder.seen.reached_there)
    seen = (
        f"; the customer's own script reached {listed(there)}, so it is the way from here that is"
        " closed"
    )
    refusing = _refusing(ladder)
    some = f"{len(refusing)} refuse{'s' * (len(refusing) == 1)} connections"
    counts = ", ".join([_many(behind)] * bool(behind or not refusing) + [some] * bool(refusing))
    guess = (
        "a firewall, or services that do not run" if refusing else "power, network or a firewall"
    )
    return Located(
        rung="site",
        last=last,
        silent=0,
        headline="Nothing at the site answers",
        says=f"{way}, and nothing inside the site does: {counts}{seen if there else ''}; {guess}:"
        f" {_BLIND}",
        owner=Owner.ENGINEER,
        to_do=_ask_there(ladder) if behind else _ASK_FIREWALL,
    )


_ASK_FIREWALL = (
    "Ask whoever runs the network there whether a firewall refuses connections from the address"
    " that this look came from. Then look again."
)


def _refusing(ladder: Ladder) -> list[str]:
    """Things that do nothing but refuse. A refusal is sent by something that has power."""
    refused = {
        e.thing
        for e in ladder.seen.ours
        if e.attempts and e.no_answer and e.no_answer.cause is UnknownCause.REFUSED
    }
    return sorted(t for t in refused - ladder.seen.answering if not t.startswith("control:"))


def _ask_there(ladder: Ladder) -> str:
    """The one thing that somebody on site can see without touching anything."""
    site = ladder.context.site
    for name, pdu in site.pdus.items():
        where = _where(pdu.hall, pdu.rack)
        return f"Ask somebody on site one thing: what does the display of PDU {name}{where} show?"
    name, host = next(iter(site.hosts.items()))
    where = _where(host.hall, host.rack)
    return f"Ask somebody on site one thing: is any light on at server {name}{where}?"


def _where(hall: str | None, rack: str | None) -> str:
    parts = [f"hall {hall}" if hall else "", f"rack {rack}" if rack else ""]
    return f" ({', '.join(filter(None, parts))})" if any(parts) else ""


def _dark(ladder: Ladder, rung: Rung, behind: Sequence[str]) -> Located:
    here = f"{rung.kind} {rung.name}"
    fed = _outlets_of(ladder, behind)
    on = _all_fed(ladder, behind, fed)
    off = bool(_hosts(behind)) and ladder.unfed.issuperset(f"host:{n}" for n in _hosts(behind))
    near = [t for t in ladder.seen.answering if rung in places(ladder.context, t)]
    last = min(near or ladder.seen.answering, default="")
    proof = "; ".join(_proof(ladder, near, fed)) or f"{in_words(last)} answers elsewhere"
    return Located(
        rung="hall" if rung.kind == "hall" else "rack",
        name=rung.name,
        last=last,
        silent=0,
        headline=f"{_lacking(on=on, off=off)} in {here}",
        says=f"Every server known in {here} is silent: {_many(behind)}; {proof}",
        owner=Owner.NETWORK if on else Owner.FACILITY,
        to_do=_ask_about(here, on=on, off=off),
    )


def _server(ladder: Ladder, rung: Rung, behind: Sequence[str]) -> Located:
    """Neither it nor its BMC: one call, to whoever can see whether it is there at all."""
    thing = f"host:{rung.name}"
    off = thing in ladder.unfed
    last, where = _nearest(ladder, thing)
    fed = [f"outlet {n} of PDU {pdu} is {'on' if on else 'off'}"
           for (pdu, n), on in sorted(_outlets_of(ladder, behind).items())]  # fmt: skip
    proof = "".join(f"; {one}" for one in fed)
    return Located(
        rung="server",
        name=rung.name,
        last=last,
        silent=0,
        headline=f"Nothing of server {rung.name} answers",
        says=f"neither it nor its BMC answers, while {in_words(last)} {where} does{proof}",
        owner=Owner.FACILITY if off else Owner.CUSTOMER_IT,
        to_do=_ask_outlets(f"server {rung.name}") if off else _ask_there_is(rung.name),
    )


def _nearest(ladder: Ladder, thing: str) -> tuple[str, str]:
    """What answers nearest to it, and where that is."""
    for place in reversed(places(ladder.context, thing)):
        near = [t for t in ladder.seen.answering if place in places(ladder.context, t)]
        if near:
            return min(near), f"in the same {place.kind}"
    return min(ladder.seen.answering, default=""), "elsewhere"


def _ask_there_is(name: str) -> str:
    return (
        f"Ask the person responsible for the servers whether {name} stands in its rack by now, is"
        " cabled, and has power; and when it will."
    )


def _ask_about(here: str, *, on: bool, off: bool) -> str:
    if on:
        return _ask_network(here)
    return _ask_outlets(f"the servers in {here}") if off else _ask_power(here)


def _lacking(*, on: bool, off: bool) -> str:
    """What the outlets of its servers leave to be the reason."""
    return "No network" if on else "No power" if off else "No power or no network"


def _ask_outlets(whose: str) -> str:
    return (
        f"Ask the person responsible for the electrical installation why the outlets of {whose} are"
        " off, and when they may be switched on."
    )


def _all_fed(ladder: Ladder, behind: Sequence[str], fed: dict[tuple[str, int], bool]) -> bool:
    """Each of the silent servers hangs on an outlet that is known to be on."""
    hosts = ladder.context.site.hosts
    servers = {t.partition(":")[2] for t in behind if t.startswith(SERVERS)}
    return all(any(fed.get((o.pdu, o.outlet)) for o in hosts[name].outlets) for name in servers)


def _ask_power(here: str) -> str:
    return (
        f"Ask the person responsible for the electrical installation whether {here} has power; if"
        " not, why it is off and when it may be switched on. If it has, ask whoever runs the"
        " network whether its switch is up."
    )


def _ask_network(here: str) -> str:
    return f"Ask whoever runs the network whether the switch of {here} is up: its outlets are on."


def _outlets_of(ladder: Ladder, behind: Sequence[str]) -> dict[tuple[str, int], bool]:
    """(PDU, outlet) -> on, for the declared outlets of the silent servers, as the PDU tells."""
    hosts = [ladder.context.site.hosts[name] for name in _hosts(behind)]
    plugs = [(outlet.pdu, outlet.outlet) for host in hosts for outlet in host.outlets]
    return {plug: ladder.outlets[plug] for plug in plugs if plug in ladder.outlets}


def _hosts(behind: Sequence[str]) -> list[str]:
    return [thing.partition(":")[2] for thing in behind if thing.startswith("host:")]


def _proof(ladder: Ladder, near: Sequence[str], fed: dict[tuple[str, int], bool]) -> Iterator[str]:
    """What answers in there, and what that proves."""
    for thing in sorted(near):
        name = thing.partition(":")[2]
        off = [str(n) for (pdu, n), on in sorted(fed.items()) if pdu == name and not on]
        on = [str(n) for (pdu, n), on in sorted(fed.items()) if pdu == name and on]
        if off:
            yield f"{in_words(thing)} answers and reports {_outlets(off)} off"
        elif on:
            yield f"{in_words(thing)} answers and reports {_outlets(on)} on"
        else:
            yield f"{in_words(thing)} answers: it has power and network{_battery(ladder, thing)}"


def _outlets(numbers: Sequence[str]) -> str:
    return f"outlet{'' if len(numbers) == 1 else 's'} {', '.join(numbers)}"


def _battery(ladder: Ladder, thing: str) -> str:
    """A UPS that feeds from its battery says that the hall's supply is gone."""
    for item in ladder.seen.ours:
        if item.thing == thing and isinstance(item.answer, Battery):
            return ", and feeds from its battery" if item.answer.source == "battery" else ""
    return ""


def _many(behind: Sequence[str]) -> str:
    count = len(behind)
    return f"{count} device{'' if count == 1 else 's'} silent"


_WRITERS: dict[str, Callable[[Ladder, Rung, Sequence[str]], Located]] = {
    "route": _route,
    "control": _control,
    "site": _site,
    "hall": _dark,
    "rack": _dark,
    "server": _server,
}

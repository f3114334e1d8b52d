"""What the self-check collects: one item per thing to look at, from the same plan as a run. Pure.

Numbers are positions in this list, so the answers of a script and the plan it was made from meet
again without another word. What needs a login is left out; what a login would have told is
replaced by what anybody is told (a certificate, the Redfish service root).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from preflight.evidence import Ask, Question
from preflight.model import Model
from preflight.plan import MOST_QUESTIONS
from preflight.probes.facts import FACTS, TOOLS, ordered
from preflight.report import Plan

Action = Literal["clock", "dns", "ping", "tcp", "hostkey", "tls", "http", "facts", "question"]
STATUSES: dict[Action, tuple[str, ...]] = {
    "clock": ("told",),
    "dns": ("resolved", "absent", "unavailable"),
    "ping": ("answered", "silent", "unavailable"),
    "tcp": ("open", "refused", "silent", "unreachable", "unavailable"),
    "hostkey": ("keys", "silent", "unavailable"),
    "tls": ("certificate", "refused", "silent", "failed", "unavailable"),
    "http": ("answered", "refused", "silent", "failed", "unavailable"),
    "facts": ("collected", "unavailable"),
}
"""What the script may say of an item. `unavailable`: no tool here can look; that is not a failure,
and only a refusal or a time that ran out may be taken for one."""
CLOCK = Ask(thing="customer:clock", question=Question(protocol="clock", fact="clock"))


class Item(Model):
    """One thing to collect."""

    no: int
    """From 1 on."""
    action: Action
    asks: tuple[Ask, ...]
    """What its answer is evidence for: one ask, or for `facts` all facts of one host in the order
    of the facts script."""

    @property
    def thing(self) -> str:
        """What is looked at: `host:db1`, `bmc:db1`, `control:10.20.0.1:443`."""
        return self.asks[0].thing


def items(plan: Plan) -> tuple[Item, ...]:
    """Every item of a plan, numbered: clock, then names, then as planned, and last as many
    questions as may be put to anybody."""
    found = dict.fromkeys([("clock", (CLOCK,)), *_names(plan.asks), *_looks(plan.asks)])
    looks = [row for row in found if row[0] != "question"]
    questions = [row for row in found if row[0] == "question"]
    rows = [*looks, *questions[:MOST_QUESTIONS]]
    return tuple(Item(no=n, action=action, asks=asks) for n, (action, asks) in enumerate(rows, 1))


_Row = tuple[Action, tuple[Ask, ...]]


def _names(asks: Iterable[Ask]) -> Iterator[_Row]:
    """Addresses that are names, once each for the first thing that has it."""
    first = {a.question.address: a.thing for a in reversed(tuple(asks)) if a.question.address}
    for address in sorted(first):
        if not _is_ip(address):
            question = Question(protocol="dns", fact="addresses", address=address)
            yield "dns", (Ask(thing=first[address], question=question),)


def _is_ip(address: str) -> bool:
    return ":" in address or address.replace(".", "").isdigit()


_OF_OUR_RUN = frozenset({"boot-id"})
"""Compared only among what one run saw: the customer may run the script on each server another day,
and a server may start in between."""
_THEIRS = frozenset(FACTS) - frozenset(TOOLS) - _OF_OUR_RUN
"""What an ordinary account on a server itself can tell; programs answer few accounts, at length."""
_ONE_EACH: dict[str, Action] = {"icmp": "ping", "tcp": "tcp", "person": "question"}


def _looks(asks: Iterable[Ask]) -> Iterator[_Row]:
    facts: dict[str, list[Ask]] = {}
    for ask in asks:
        protocol, fact = ask.question.protocol, ask.question.fact
        if action := _ONE_EACH.get(protocol):
            yield action, (ask,)
        elif protocol == "redfish":
            yield from _without_login(ask)
        elif fact == "host-key":
            yield "hostkey", (ask,)
        elif protocol == "ssh" and fact in _THEIRS:
            facts.setdefault(ask.thing, []).append(ask)
    for of_thing in facts.values():
        if collected := tuple(ordered(of_thing)):
            yield "facts", collected


def _without_login(ask: Ask) -> Iterator[_Row]:
    """What a BMC tells anybody."""
    address, port = ask.question.address, ask.question.port
    tls = Question(protocol="tls", fact="certificate", address=address, port=port)
    yield "tls", (Ask(thing=ask.thing, question=tls),)
    root = Question(protocol="http", fact="service-root", address=address, port=port)
    yield "http", (Ask(thing=ask.thing, question=root),)

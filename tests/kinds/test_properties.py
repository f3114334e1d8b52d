"""What holds for every kind, whatever comes back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.evidence import Ask, Evidence, NoAnswer, Question
from preflight.files.site import Host, Site
from preflight.kinds import KINDS
from preflight.kinds.asks import connect, ssh
from preflight.kinds.base import Case, Context, Judgement, Replies, Subject, Vantage
from preflight.kinds.reading import FROM_PROBES
from preflight.words import DECLINED, Assurance, Outcome, UnknownCause

BLOCKING = sorted(FROM_PROBES - DECLINED)
WORDS = st.sampled_from(
    ["a", "b", "A ", "N1", "S1", "north", "south", "n-01", "", "\u202e\0", "x" * 900, "lit", "dark"]
)
DIGESTS = st.sampled_from(["a", "b", "c", "5"]).map(lambda letter: letter * 64)
MAYBE = st.none() | WORDS


_SUPPLY = st.fixed_dictionaries(
    {"name": WORDS.filter(bool), "state": st.sampled_from([None, "Enabled", "Absent", "\0"])}
    | {"health": st.sampled_from([None, "OK", "Critical"])}
    | {"input_mv": st.sampled_from([None, 0, 230000])}
    | {"input_state": st.sampled_from([None, "Normal", "LossOfInput"])}
)
_OUTLET = st.fixed_dictionaries(
    {"number": st.sampled_from([3, 7, 9]), "on": st.sampled_from([True, True, False, None])}
    | {"name": st.sampled_from([None, "db1", "DB2 psu", "Outlet 7", "\0"])}
)


_MACS = st.sampled_from(["02:00:00:00:00:01", "02:00:00:00:00:02", "", None])
_PORTS = st.sampled_from(["eth0", "eth1", "\0"])
_NEIGHBOUR = st.fixed_dictionaries(
    {"port": _PORTS, "chassis_id": _MACS, "port_id": st.none() | _PORTS}
    | {"system_name": st.sampled_from([None, "sa", "SB.example", "db1", "\0"])}
)
_INTERFACE = st.fixed_dictionaries(
    {"name": _PORTS, "mac": _MACS, "up": st.sampled_from([True, True, False, None])}
    | {"physical": st.sampled_from([True, True, False, None])}
    | {"networks": st.lists(st.sampled_from(["10.20.0.0/24", "10.20.0.12/32", "x"]), max_size=2)}
)
_GUEST = st.fixed_dictionaries(
    {"name": st.sampled_from(["db1", "DB2", "x"]), "uuid": st.sampled_from([None, "a", "b", "A "])}
    | {"node": st.sampled_from(["", "n1", "kvm1", "\0"])}
    | {"running": st.sampled_from([True, False, None])}
)
_RULE = st.fixed_dictionaries(
    {"name": WORDS, "guests": st.lists(st.sampled_from(["db1", "DB2", "x"]), max_size=3)}
    | {"binding": st.booleans()}
)
_LABELS = st.lists(st.sampled_from(["A", "C", "sa", "sb", "\0"]), max_size=2)


def _wired() -> dict[str, st.SearchStrategy[dict[str, Any]]]:
    """Of cables, guests and inventories."""
    text = _typed("text", value=MAYBE)
    return {
        "chassis-serial": text,
        "asset-tag": text,
        "boot-id": text,
        "neighbours": _typed(
            "neighbours",
            chassis_id=_MACS,
            neighbours=st.lists(_NEIGHBOUR, max_size=3),
        ),
        "interfaces": _typed("interfaces", interfaces=st.lists(_INTERFACE, max_size=3)),
        "gateway": _typed(
            "gateways",
            gateways=st.lists(
                st.fixed_dictionaries({"address": WORDS.filter(bool), "mac": _MACS}), max_size=2
            ),
        ),
        "storage": _typed("storage", sources=_LABELS),
        "virtual": _typed("virtual", virtual=st.sampled_from([True, False, None])),
        "guests": _typed(
            "guests",
            guests=st.lists(_GUEST, max_size=3),
            rules=st.none() | st.lists(_RULE, max_size=2),
        ),
        "record": _typed(
            "record",
            name=WORDS,
            serial=MAYBE,
            rack=MAYBE,
            hall=MAYBE,
            row=MAYBE,
            feeds=_LABELS,
            pdus=_LABELS,
            switches=_LABELS,
        ),
    }


def _answers() -> dict[str, st.SearchStrategy[dict[str, Any]]]:
    """Per fact, answers of its own type."""
    text = _typed("text", value=MAYBE)
    return {
        "connect": st.just({"type": "connected", "rtt_us": 7}),
        "echo": st.sampled_from([0, 2]).map(_echo),
        "presence": st.just({"type": "present", "rtt_us": 7}),
        "host-key": WORDS.map(lambda w: {"type": "host-key", "algorithm": "ed", "fingerprint": w}),
        "login": WORDS.map(lambda w: {"type": "login", "method": w}),
        "machine-id": text,
        "product-uuid": text,
        "product-serial": text,
        "power": st.sampled_from(["On", "Off", "PoweringOn", None, "\0"]).map(
            lambda s: {"type": "power", "state": s}
        ),
        "system": st.fixed_dictionaries(
            {"type": st.just("system"), "serial": MAYBE, "uuid": MAYBE}
        ),
        "chassis": st.fixed_dictionaries(
            {"type": st.just("chassis"), "rack": MAYBE, "hall": MAYBE}
            | {"serial": MAYBE, "enclosure_serial": MAYBE, "row": MAYBE}
            | {"chassis_type": st.sampled_from([None, "RackMount", "Blade"])}
        ),
        "supplies": st.lists(_SUPPLY, max_size=3).map(
            lambda found: {"type": "supplies", "supplies": found}
        ),
        "outlets": st.lists(_OUTLET, max_size=3).map(
            lambda found: {"type": "outlets", "outlets": found}
        ),
        "battery": _typed(
            "battery",
            source=st.sampled_from(["normal", "battery", "bypass", "other", "\0", None]),
            battery=st.sampled_from(["normal", "low", "unknown", None]),
            minutes_left=st.sampled_from([None, 0, 4, 5]),
            alarms=st.sampled_from([None, 0, 2]),
        ),
        "device": _typed("device", serial=MAYBE),
        "certificate": DIGESTS.map(lambda d: {"type": "certificate", "sha256": d}),
        "rack-label": _typed("statement", value=MAYBE, by=WORDS),
        "power-seen": _typed("statement", value=MAYBE),
        "said": _typed("statement", value=MAYBE),
        "file": _typed("file", present=st.booleans(), sha256=st.none() | DIGESTS),
        "package": _typed(
            "package",
            installed=st.booleans(),
            version=st.sampled_from([None, "4.2.0-1", "4.2.1-1"]),
        ),
        **_wired(),
    }


def _typed(type_: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({"type": st.just(type_), **fields})


def _echo(received: int) -> dict[str, Any]:
    return {"type": "echo", "sent": 3, "received": received, "rtt_us": [9] * received, "way": "raw"}


ANSWERS = _answers()
ANY_ANSWER = st.one_of(*ANSWERS.values())


@dataclasses.dataclass(frozen=True)
class Drawer:
    """Draws random cases of a kind, from the kind's own examples' sites and parameters."""

    examples: Sequence[Any]
    evidence_for: Callable[..., Evidence]

    def case(
        self,
        data: st.DataObject,
        name: str,
        causes: Sequence[UnknownCause],
        vantages: Sequence[Vantage] = ("vendor", "vendor", "customer"),
    ) -> Any:
        """A kind with parameters, and a case with random evidence for what it asks."""
        example = data.draw(st.sampled_from([e for e in self.examples if e.kind == name]))
        case, kind = example.case(), example.judging()
        site = self._moved(data, case.context.site)
        case = dataclasses.replace(case, context=dataclasses.replace(case.context, site=site))
        asks = kind.asks(case.subject, case.context) or _borrowed(name, case.context)
        found = [
            item.model_copy(update={"id": f"e-{ask_number}-{number}"})
            for ask_number, ask in enumerate(asks)
            for number, item in enumerate(self._evidence(data, ask, causes, vantages))
        ]
        if "customer" in vantages:
            found += self.from_there(data, case.context)
        alive, others = data.draw(st.booleans()), data.draw(st.sets(st.sampled_from(_THINGS)))
        return kind, dataclasses.replace(
            case,
            replies=Replies(found),
            site_alive=alive,
            answering=frozenset(others),
            reached_there=frozenset(data.draw(st.sets(st.sampled_from(_THINGS)))),
        )

    def from_there(self, data: st.DataObject, context: Context) -> list[Evidence]:
        """What nobody's plan asks of machines: words of persons, looks of the customer's script."""
        asks = data.draw(st.lists(st.sampled_from(_spoken(context)), max_size=3))
        return [
            self.evidence_for(
                ask,
                id=f"e-there-{number}",
                vantage="customer",
                proven=data.draw(st.booleans()),
                **self.outcome(data, ask, sorted(FROM_PROBES)),
            )
            for number, ask in enumerate(asks)
        ]

    def _moved(self, data: st.DataObject, site: Site) -> Site:
        """The same site with other claims."""
        hosts = {
            name: host.model_copy(update=data.draw(_CLAIMS)) for name, host in site.hosts.items()
        }
        return site.model_copy(update={"hosts": hosts})

    def _evidence(
        self,
        data: st.DataObject,
        ask: Ask,
        causes: Sequence[UnknownCause],
        vantages: Sequence[Vantage],
    ) -> list[Evidence]:
        count = data.draw(st.sampled_from([1, 1, 1, 1, 0, 2]))
        return [
            self.evidence_for(
                ask,
                vantage=data.draw(st.sampled_from(vantages)),
                proven=data.draw(st.sampled_from([True, True, False])),
                **self.outcome(data, ask, causes),
            )
            for _ in range(count)
        ]

    def outcome(
        self, data: st.DataObject, ask: Ask, causes: Sequence[UnknownCause]
    ) -> dict[str, Any]:
        """An answer of the right or of any type, no answer, or, by a bug, neither."""
        right = ANSWERS[ask.question.fact].map(lambda a: {"answer": a})
        none = st.sampled_from(causes).map(lambda c: {"no_answer": {"cause": c, "detail": "\0 x"}})
        wrong = ANY_ANSWER.map(lambda a: {"answer": a})
        return data.draw(st.one_of(right, right, right, none, wrong, st.just({})))


_THINGS = [
    "host:db1",
    "host:db2",
    "bmc:db1",
    "pdu:pdu-n1-a",
    "switch:gone",
    "control:10.20.0.1:443",
]
_CLAIMS = st.fixed_dictionaries(
    {
        "rack": st.sampled_from([None, "N1", "N2", "S1", "n-01"]),
        "hall": st.sampled_from([None, "north", "south", "West"]),
        "serial": st.sampled_from([None, "a", "b"]),
        "feeds": st.sampled_from([(), ("A",), ("B", "C"), ("X",)]),
    }
)


def _spoken(context: Context) -> list[Ask]:
    asks = []
    for name, host in context.site.hosts.items():
        for fact in ("rack-label", "power-seen"):
            words = Question.model_validate({"protocol": "person", "fact": fact, "argument": "?"})
            asks.append(Ask(thing=f"host:{name}", question=words))
        if host.bmc:
            asks.append(connect(f"bmc:{name}", host.bmc.address, host.bmc.port))
            tls = Question(protocol="tls", fact="certificate", address=host.bmc.address)
            asks.append(Ask(thing=f"bmc:{name}", question=tls))
    return asks


def _borrowed(name: str, context: Context) -> Sequence[Ask]:
    """`claims-agree` reads what others asked."""
    if name != "claims-agree":
        return ()
    both = KINDS["separated"](KINDS["separated"].Parameters())
    return _asks_of_group(both, context) + _asks_of_hosts(context)


def _asks_of_group(kind: Any, context: Context) -> list[Ask]:
    return list(kind.asks(Subject("group", "database"), context))


def _asks_of_hosts(context: Context) -> list[Ask]:
    return [ssh(name, host, "product-serial") for name, host in context.site.hosts.items()]


@pytest.fixture(scope="session")
def drawer(all_examples: Sequence[Any], evidence_for: Callable[..., Evidence]) -> Drawer:
    return Drawer(all_examples, evidence_for)


per_kind = pytest.mark.parametrize("name", sorted(KINDS))
many = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
"""For each kind, so that every property is tried on more than a hundred cases."""


@per_kind
@many
@given(data=st.data())
def test_never_raises_and_never_says_nothing(
    name: str, drawer: Drawer, data: st.DataObject
) -> None:
    kind, case = drawer.case(data, name, sorted(UnknownCause))
    judgement = kind.judge(case)
    assert judgement.parts
    for part in judgement.parts:
        assert part.dimension in KINDS[name].dimensions
        assert (part.outcome is Outcome.UNKNOWN) == (part.unknown is not None)
        assert part.outcome is Outcome.UNKNOWN or part.assurance
        assert part.required
        assert part.found


@per_kind
@many
@given(data=st.data())
def test_says_only_causes_that_it_declares(name: str, drawer: Drawer, data: st.DataObject) -> None:
    kind, case = drawer.case(data, name, sorted(FROM_PROBES))
    found = {p.unknown for p in kind.judge(case).parts if p.unknown}
    assert found <= KINDS[name].causes


without_claims_agree = pytest.mark.parametrize("name", sorted(set(KINDS) - {"claims-agree", "ups"}))
"""Contract 9.3 has `claims-agree` ignore claims that nothing else speaks of. `ups` has one question
of few answers, which hypothesis runs out of and then calls flaky: below it is tried with all."""
OURS: tuple[Vantage, ...] = ("vendor",)


@without_claims_agree
@many
@given(data=st.data())
def test_silence_never_improves_a_finding(name: str, drawer: Drawer, data: st.DataObject) -> None:
    kind, case = drawer.case(data, name, sorted(FROM_PROBES), OURS)
    silenced = _silenced(data, case)
    if silenced is None:
        return
    before, after = kind.judge(case), kind.judge(silenced)
    assert _passes(before) or not _passes(after)
    for dimension in {p.dimension for p in before.parts}:
        assert _passes(before, dimension) or not _passes(after, dimension)


@without_claims_agree
@many
@given(data=st.data())
def test_the_customer_makes_up_for_no_look_of_ours(
    name: str, drawer: Drawer, data: st.DataObject
) -> None:
    """Whatever he answers: without an answer of ours nothing newly passes as observed."""
    kind, case = drawer.case(data, name, sorted(FROM_PROBES))
    silenced = _silenced(data, case)
    if silenced is None:
        return
    before, after = kind.judge(case), kind.judge(silenced)
    for dimension in {p.dimension for p in before.parts}:
        assert _seen(before, dimension) or not _seen(after, dimension)


@per_kind
@many
@given(data=st.data())
def test_nothing_from_there_proves_what_we_did_not_see(
    name: str, drawer: Drawer, data: st.DataObject
) -> None:
    """No answer of the customer, and nobody's word, makes a finding pass that asks for more than
    `reported`; and a fail that we observed stays one."""
    kind, case = drawer.case(data, name, sorted(FROM_PROBES), OURS)
    before, after = kind.judge(case), kind.judge(_joined(drawer, data, kind, case))
    for dimension in {p.dimension for p in before.parts}:
        if _passes(after, dimension) and not _passes(before, dimension):
            levels = [_rank(p.assurance) for p in after.parts if p.dimension == dimension]
            assert min(levels) <= Assurance.REPORTED.rank
        ours = [p for p in before.parts if p.dimension == dimension]
        if any(p.outcome is Outcome.FAIL and _rank(p.assurance) >= OBSERVED for p in ours):
            assert any(p.outcome is Outcome.FAIL for p in after.parts if p.dimension == dimension)


@per_kind
@many
@given(data=st.data())
def test_a_persons_word_is_only_a_claim(name: str, drawer: Drawer, data: st.DataObject) -> None:
    kind, case = drawer.case(data, name, sorted(FROM_PROBES), OURS)
    words = [item for item in drawer.from_there(data, case.context) if item.controller == "person"]
    before, after = kind.judge(case), kind.judge(_with(case, [*case.replies.all, *words]))
    for dimension in {p.dimension for p in before.parts}:
        if _passes(after, dimension) and not _passes(before, dimension):
            levels = {p.assurance for p in after.parts if p.dimension == dimension}
            assert levels == {Assurance.CLAIMED}


@per_kind
@many
@given(data=st.data())
def test_the_customers_silence_changes_nothing(
    name: str, drawer: Drawer, data: st.DataObject
) -> None:
    """Except beside a person who says that the display is lit (decision 0007), and where a check
    asks what he reached. A server that tells him that it does not tell has answered: what passes
    then rests on him."""
    kind, case = drawer.case(data, name, sorted(FROM_PROBES))
    if getattr(kind.parameters, "vantage", "") == "customer" or _anybody_says_lit(case):
        return
    asks = [*kind.asks(case.subject, case.context), *_spoken(case.context)]
    ask = _one_of(data, asks)
    none = NoAnswer(cause=data.draw(st.sampled_from(sorted(FROM_PROBES))))
    silence = drawer.evidence_for(
        ask, id="e-silence", vantage="customer", proven=True, no_answer=none
    )
    before, after = kind.judge(case), kind.judge(_with(case, [*case.replies.all, silence]))
    if ask.question.protocol == "ssh" and none.cause in DECLINED:
        _rests_on_him(before, after)
    else:
        assert _ended(after) == _ended(before)


def _rests_on_him(before: Judgement, after: Judgement) -> None:
    """No part fails that did not, and what passes anew is `reported` at best."""
    for dimension in {p.dimension for p in before.parts}:
        failed, now = (
            any(p.outcome is Outcome.FAIL for p in j.parts if p.dimension == dimension)
            for j in (before, after)
        )
        assert failed == now
        if _passes(after, dimension) and not _passes(before, dimension):
            levels = [p.assurance for p in after.parts if p.dimension == dimension]
            assert all(_rank(level) <= Assurance.REPORTED.rank for level in levels)


@per_kind
@many
@given(data=st.data())
def test_a_second_fact_of_one_controller_raises_nothing(
    name: str, drawer: Drawer, data: st.DataObject
) -> None:
    kind, case = drawer.case(data, name, sorted(FROM_PROBES))
    if not case.replies.all:
        return
    told = _one_of(data, case.replies.all)
    again = told.model_copy(update={"id": "e-again", "vantage": "customer"})
    after = kind.judge(_with(case, [*case.replies.all, again]))
    before = {p.dimension: p for p in kind.judge(case).parts if p.outcome is Outcome.PASS}
    for part in after.parts:
        if part.outcome is Outcome.PASS and part.dimension in before:
            assert _rank(part.assurance) <= _rank(before[part.dimension].assurance)


@per_kind
@many
@given(data=st.data())
def test_no_controller_corroborates_itself(name: str, drawer: Drawer, data: st.DataObject) -> None:
    kind, case = drawer.case(data, name, sorted(FROM_PROBES))
    by_id = {e.id: e for e in case.replies.all}
    for part in kind.judge(case).parts:
        if part.assurance is Assurance.CORROBORATED:
            resting = [by_id[i] for i in part.evidence]
            backed = [e for e in resting if e.assurance is not Assurance.CLAIMED]
            assert len({e.controller for e in backed}) > 1
            assert any(e.assurance is Assurance.OBSERVED for e in resting)


@many
@given(data=st.data())
def test_the_order_of_members_changes_nothing(drawer: Drawer, data: st.DataObject) -> None:
    kind, case = drawer.case(data, "separated", sorted(FROM_PROBES))
    site = case.context.site
    group = site.groups["database"]
    turned = group.model_copy(update={"hosts": data.draw(st.permutations(group.hosts))})
    other = site.model_copy(update={"groups": {"database": turned}})
    again = dataclasses.replace(case, context=dataclasses.replace(case.context, site=other))
    assert kind.judge(again) == kind.judge(case)
    assert set(kind.asks(again.subject, again.context)) == set(
        kind.asks(case.subject, case.context)
    )


@many
@given(data=st.data())
def test_swapping_two_members_swaps_nothing_but_names(drawer: Drawer, data: st.DataObject) -> None:
    """All that is known of db1 is told of db2, and the other way round: the outcomes stay."""
    kind, case = drawer.case(data, "separated", sorted(FROM_PROBES))
    site = case.context.site
    if any(set(g.hosts) != {"db1", "db2"} for g in site.groups.values()):
        return
    hosts: dict[str, Host] = {"db1": site.hosts["db2"], "db2": site.hosts["db1"]}
    other = site.model_copy(update={"hosts": hosts})
    swapped = [e.model_copy(update={"thing": _swapped(e.thing)}) for e in case.replies.all]
    turned = dataclasses.replace(
        case, context=dataclasses.replace(case.context, site=other), replies=Replies(swapped)
    )
    outcomes = [(p.dimension, p.outcome, p.assurance) for p in kind.judge(case).parts]
    assert [(p.dimension, p.outcome, p.assurance) for p in kind.judge(turned).parts] == outcomes


def _swapped(thing: str) -> str:
    type_, _, name = thing.partition(":")
    return f"{type_}:{'db2' if name == 'db1' else 'db1'}"


OBSERVED = Assurance.OBSERVED.rank


_T = TypeVar("_T")


def _one_of(data: st.DataObject, items: Sequence[_T]) -> _T:
    """By a number from one range: how many items there are depends on what was drawn before, and
    hypothesis takes draws whose range changes for flaky ones."""
    return items[data.draw(st.integers(0, 2**16)) % len(items)]


def _silenced(data: st.DataObject, case: Case) -> Case | None:
    """The same case without one answer of ours; None when there is none."""
    answered = [
        e for e in case.replies.all if e.answer and not e.no_answer and e.vantage == "vendor"
    ]
    if not answered:
        return None
    lost = _one_of(data, answered)
    none = NoAnswer(cause=data.draw(st.sampled_from(BLOCKING)))
    silent = lost.model_copy(update={"answer": None, "no_answer": none, "proven": False})
    return _with(case, [silent if e is lost else e for e in case.replies.all])


def _joined(drawer: Drawer, data: st.DataObject, kind: Any, case: Case) -> Case:
    """The same case with answers of the customer, to what was asked and beyond."""
    asks = kind.asks(case.subject, case.context) or _borrowed(kind.name, case.context)
    theirs = [
        drawer.evidence_for(
            ask,
            id=f"e-theirs-{number}",
            vantage="customer",
            proven=data.draw(st.booleans()),
            **drawer.outcome(data, ask, sorted(FROM_PROBES)),
        )
        for number, ask in enumerate(asks)
        if data.draw(st.booleans())
    ]
    beyond = drawer.from_there(data, case.context)
    return _with(case, [*case.replies.all, *theirs, *beyond])


def _anybody_says_lit(case: Case) -> bool:
    facts = (e for e in case.replies.all if e.question.fact == "power-seen")
    return any(getattr(e.answer, "value", "") == "lit" for e in facts)


def _ended(judgement: Judgement) -> list[tuple[object, ...]]:
    return [(p.dimension, p.outcome, p.unknown, p.assurance) for p in judgement.parts]


def _seen(judgement: Judgement, dimension: str) -> bool:
    """Passes at `observed` or better."""
    parts = [p for p in judgement.parts if p.dimension == dimension]
    return all(p.outcome is Outcome.PASS and _rank(p.assurance) >= OBSERVED for p in parts)


def _with(case: Case, evidence: Sequence[Evidence]) -> Case:
    return dataclasses.replace(case, replies=Replies(evidence))


def _passes(judgement: Judgement, dimension: str | None = None) -> bool:
    return all(
        p.outcome is Outcome.PASS
        for p in judgement.parts
        if dimension is None or p.dimension == dimension
    )


def _rank(assurance: Assurance | None) -> int:
    return -1 if assurance is None else assurance.rank


@pytest.mark.parametrize("cause", BLOCKING)
@pytest.mark.parametrize("vantage", ["vendor", "customer"])
def test_silence_of_a_ups_passes_nothing(
    drawer: Drawer, cause: UnknownCause, vantage: Vantage
) -> None:
    """Whatever the customer's own look says beside our silence, it is not seen by us."""
    example = next(e for e in drawer.examples if e.kind == "ups" and e.name.endswith("/healthy"))
    kind, case = example.judging(), example.case()
    (told,) = case.replies.all
    assert _passes(kind.judge(case))
    silent = told.model_copy(
        update={"answer": None, "no_answer": NoAnswer(cause=cause), "proven": False}
    )
    theirs = told.model_copy(update={"id": "e-theirs", "vantage": vantage})
    beside = [theirs] if vantage == "customer" else []
    after = kind.judge(_with(case, [silent, *beside]))
    assert not any(_seen(after, part.dimension) for part in after.parts)

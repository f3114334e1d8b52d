"""What no example can show: laws of earlier reports, of UUIDs, and of a thousand clones."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from preflight.before import SeenBefore, newest, seen_in
from preflight.evidence import Ask, Evidence, HostKey, Question, Text
from preflight.files.site import Site
from preflight.kinds import KINDS, one_machine
from preflight.kinds.base import Case, Context, Replies, Subject
from preflight.kinds.uuids import same_uuid, uuid_mark
from preflight.words import Assurance, Outcome
from tests.kinds.conftest import TAKEN, Example, examples

EXAMPLES = [e for e in examples() if e.kind in {"identity", "serials"}]
VALUES = {
    "serial": st.sampled_from(["CZ2100A7", "cz2100a7", "OLD1", "CZ1"]),
    "uuid": st.sampled_from(
        ["33221100-5544-7766-8899-aabbccddeeff", "99221100-5544-7766-8899-aabbccddeeff"]
    ),
    "machine-id": st.sampled_from(["1" * 32, "2" * 32]),
}


@st.composite
def seen(draw: st.DrawFn) -> SeenBefore:
    fact = draw(st.sampled_from(sorted(VALUES)))
    return SeenBefore.model_validate(
        {
            "thing": draw(st.sampled_from(["host:db1", "bmc:db1", "host:db2"])),
            "fact": fact,
            "value": draw(VALUES[fact]),
            "taken": TAKEN - timedelta(days=draw(st.integers(0, 9))),
            "assurance": draw(st.sampled_from(["reported", "observed"])),
            "report": draw(st.sampled_from("abc")) * 64,
        }
    )


some = settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))


@some
@given(example=st.sampled_from(EXAMPLES), earlier=st.lists(seen(), max_size=4))
def test_an_earlier_report_never_makes_anything_pass(
    example: Example, earlier: list[SeenBefore]
) -> None:
    """Nor does it make a failure of anything, or better backed what it leaves alone."""
    case, kind = example.case(), example.judging()
    without = dataclasses.replace(case, context=dataclasses.replace(case.context, earlier=()))
    told = dataclasses.replace(
        case, context=dataclasses.replace(case.context, earlier=tuple(earlier))
    )
    before, after = kind.judge(without).parts, kind.judge(told).parts
    assert [p.dimension for p in before] == [p.dimension for p in after]
    for one, other in zip(before, after, strict=True):
        assert one.outcome is other.outcome or other.outcome is Outcome.UNKNOWN
        if other.outcome is Outcome.PASS:
            assert (one.outcome, one.assurance) == (other.outcome, other.assurance)
        assert (one.outcome is Outcome.FAIL) == (other.outcome is Outcome.FAIL)


@some
@given(number=st.uuids(), upper=st.booleans(), dashes=st.booleans())
def test_a_uuid_is_one_in_either_byte_order(
    number: uuid.UUID, *, upper: bool, dashes: bool
) -> None:
    other = str(uuid.UUID(bytes=number.bytes_le))
    text = other if dashes else other.replace("-", "")
    assert same_uuid(str(number), text.upper() if upper else text)
    assert same_uuid(f"{{{number}}}", f"urn:uuid:{other}")


@some
@given(one=st.uuids(), other=st.uuids())
def test_other_uuids_differ(one: uuid.UUID, other: uuid.UUID) -> None:
    same = other.bytes in (one.bytes, one.bytes_le)
    assert same_uuid(str(one), str(other)) is same


@given(text=st.text(max_size=40))
def test_a_mark_of_any_text_is_its_own_mark(text: str) -> None:
    assert uuid_mark(uuid_mark(text)) == uuid_mark(text)


# --- what an earlier report saw


def _item(
    evidence_for: Callable[..., Evidence], thing: str, value: str | None, **more: Any
) -> Evidence:
    question = Question(protocol="ssh", fact="machine-id", address="10.20.0.11", port=22)
    return evidence_for(Ask(thing=thing, question=question), answer=Text(value=value), **more)


def test_only_what_was_seen_is_remembered_and_the_best_backed_first(
    evidence_for: Callable[..., Evidence],
) -> None:
    evidence = [
        _item(evidence_for, "host:db1", "1" * 32),
        _item(evidence_for, "host:db1", "2" * 32, proven=False, taken=TAKEN + timedelta(hours=1)),
        _item(evidence_for, "host:db2", "3" * 32, vantage="customer", proven=False),
        _item(evidence_for, "host:db3", None),
        _item(evidence_for, "host:db4", "0" * 32),
        _item(evidence_for, "host:db5", "5" * 32, vantage="customer"),
    ]
    found = seen_in(evidence, "f" * 64)
    assert [(s.thing, s.value, s.assurance) for s in found] == [
        ("host:db1", "1" * 32, Assurance.OBSERVED), ("host:db5", "5" * 32, Assurance.REPORTED),
    ]  # fmt: skip
    assert {s.report for s in found} == {"f" * 64}


@some
@given(one=st.lists(seen(), max_size=6), other=st.lists(seen(), max_size=6))
def test_what_was_seen_last_counts(one: list[SeenBefore], other: list[SeenBefore]) -> None:
    found = newest(one, other)
    keys = [(s.thing, s.fact) for s in found]
    assert keys == sorted(set(keys))
    for seen_ in (*one, *other):
        kept = next(s for s in found if (s.thing, s.fact) == (seen_.thing, seen_.fact))
        assert kept.taken >= seen_.taken
    assert newest(found, found) == found


# --- a thousand hosts of one disk image


FACTS = ("machine-id", "boot-id", "product-uuid", "product-serial")


def _clones(evidence_for: Callable[..., Evidence], tell: dict[str, Callable[[int], str]]) -> Case:
    names = [f"h{n}" for n in range(1000)]
    site = Site.model_validate(
        {
            "site": "x", "customer": "c", "profile": "p",
            "authorised": {"by": "b", "on": "2026-11-10", "from": "2026-11-15",
                           "until": "2026-12-12", "networks": ["10.0.0.0/8"]},
            "hosts": {n: {"address": f"10.0.{i // 250}.{i % 250}"} for i, n in enumerate(names)},
        }
    )  # fmt: skip
    evidence = []
    for i, name in enumerate(names):
        for fact, value in tell.items():
            question = Question.model_validate({"protocol": "ssh", "fact": fact})
            ask = Ask(thing=f"host:{name}", question=question)
            if not value(i):
                continue
            key = HostKey(algorithm="ssh-ed25519", fingerprint=value(i))
            answer = key if fact == "host-key" else Text(value=value(i))
            evidence.append(evidence_for(ask, id=f"e-{i}-{fact}", answer=answer))
    return Case(Subject("site", "x"), Context(site, {}), Replies(evidence), True, frozenset())


@pytest.mark.parametrize("apart", ["boot-id", "product-uuid", "product-serial"])
def test_a_thousand_clones_are_a_thousand_machines(
    evidence_for: Callable[..., Evidence], apart: str
) -> None:
    tell = {"machine-id": lambda _: "1" * 32, apart: lambda i: f"A-{i:04}"}
    assert list(one_machine.parts(_clones(evidence_for, tell), "r", frozenset())) == []


def test_one_mark_in_common_is_not_held_pair_against_pair(
    evidence_for: Callable[..., Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[object] = []
    monkeypatch.setattr(one_machine, "_same", lambda *these: map(compared.append, these))
    for tell in (
        {"machine-id": lambda _: "1" * 32},
        {"machine-id": lambda _: "1" * 32, "product-serial": lambda i: f"A-{i}" if i else ""},
    ):
        assert list(one_machine.parts(_clones(evidence_for, tell), "r", frozenset())) == []
    assert not compared


@pytest.mark.parametrize("silent", [0, 999])
def test_one_that_tells_nothing_is_no_reason_to_blame_all(
    evidence_for: Callable[..., Evidence], silent: int
) -> None:
    """Whichever name it has: it may be any one of them, and they are not each other."""
    tell = {
        "machine-id": lambda _: "1" * 32,
        "product-uuid": lambda _: "4c4c4544-0000-1000-8000-000000000001",
        "boot-id": lambda i: "" if i == silent else f"b007-{i}",
    }
    (part,) = one_machine.parts(_clones(evidence_for, tell), "r", frozenset())
    assert re.match(rf"h\d+, h{silent} have the same machine-id, firmware UUID: one", part.found)


def test_what_joins_two_pairs_joins_no_three(evidence_for: Callable[..., Evidence]) -> None:
    """h1 is h0 by one pair of marks and h2 by another; h0 and h2 have nothing in common."""
    tell = {
        "machine-id": lambda i: "1" * 32 if i < 2 else "",
        "boot-id": lambda i: "b007" if i < 2 else "",
        "product-uuid": lambda i: "4c4c4544-0000-1000-8000-000000000001" if i in (1, 2) else "",
        "host-key": lambda i: "SHA256:" + "k" * 43 if i in (1, 2) else "",
    }
    case = _clones(evidence_for, tell)
    found = [part.found for part in one_machine.parts(case, "r", frozenset())]
    assert [text.partition(" have")[0] for text in found] == ["h0, h1", "h1, h2"]


def test_a_thousand_names_of_one_machine_are_one_sentence(
    evidence_for: Callable[..., Evidence],
) -> None:
    tell = {"machine-id": lambda _: "1" * 32, "boot-id": lambda _: "b007"}
    (part,) = one_machine.parts(_clones(evidence_for, tell), "r", frozenset())
    assert part.found.startswith("h0, h1, h10, h100, h101 and 995 more have the same machine-id")
    assert len(part.evidence) == 10


def test_the_kinds_are_in_their_versions() -> None:
    """A report that version 1 judged is not judged again by what asks and says more."""
    assert (KINDS["identity"].version, KINDS["serials"].version) == (2, 1)

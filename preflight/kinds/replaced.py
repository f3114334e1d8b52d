"""A machine that is another one than an earlier report saw. That report only ever takes a pass
away: by nothing that it says does anything pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from preflight.before import Own, SeenBefore, own_facts
from preflight.evidence import Evidence
from preflight.finding import Contradiction, Part, Said
from preflight.kinds.base import Case, cut
from preflight.kinds.sources import folded, quoted, who
from preflight.kinds.uuids import uuid_mark
from preflight.words import Assurance, Outcome, UnknownCause

_MARK: Mapping[Own, Callable[[str], str]] = {
    "serial": folded, "uuid": uuid_mark, "machine-id": folded,
}  # fmt: skip
_BOX: tuple[Own, ...] = ("serial", "uuid")
"""Facts of the box. Another machine-id alone is another installation on the same box."""


@dataclass(frozen=True)
class Now:
    """One fact of the machine, as it is told today."""

    value: str
    evidence: Evidence


@dataclass(frozen=True)
class Changed:
    """A fact of which nothing that was told then is told now."""

    fact: Own
    then: tuple[SeenBefore, ...]
    now: tuple[Now, ...]

    def said(self) -> tuple[Said, ...]:
        """As lines of a contradiction: then, and now."""
        before = (
            Said(
                who=cut(f"{seen.thing} in {_report(seen)}", 1000),
                value=cut(f"{self.fact} {quoted(seen.value)}", 1000),
                assurance=seen.assurance,
            )
            for seen in self.then
        )
        today = (
            Said(
                who=who(one.evidence),
                value=cut(f"{self.fact} {quoted(one.value)}", 1000),
                assurance=one.evidence.assurance,
                evidence=one.evidence.id,
            )
            for one in self.now
        )
        return (*before, *today)

    def __str__(self) -> str:
        seen = max(self.then, key=lambda s: s.taken)
        values = ", ".join(dict.fromkeys(quoted(s.value) for s in self.then))
        what = "serial number" if self.fact == "serial" else self.fact.replace("uuid", "UUID")
        return f"{_report(seen)} saw the {what} {values}"


def changes(case: Case, name: str) -> Mapping[Own, Changed]:
    """What of this host is told otherwise than an earlier report saw it, by fact."""
    return {c.fact: c for c in _changes(case, name)}


def is_another_box(case: Case, name: str, changed: Mapping[Own, Changed]) -> Changed | None:
    """The fact that shows another box: the serial number; where none can be compared, the UUID."""
    if "serial" in changed:
        return changed["serial"]
    compared = bool(_then(case, name, "serial")) and bool(_now(case, name, "serial"))
    return None if compared else changed.get("uuid")


def weighed(case: Case, part: Part, *, accepted: bool) -> Part:
    """A judged part, and what an earlier report says to it. `accepted`: the box that answers is
    the one that was declared, so that an exchange is nothing but told."""
    name = case.subject.name
    changed = changes(case, name)
    if not changed:
        return part
    another = is_another_box(case, name, changed)
    remark = _remark(changed, another)
    if another is None or accepted or not _may_change(part):
        return part.model_copy(update={"found": cut(f"{part.found}; {remark}")})
    return part.model_copy(
        update={
            "outcome": Outcome.UNKNOWN,
            "unknown": UnknownCause.CONTRADICTION,
            "assurance": None,
            "found": cut(f"{part.found}; {remark}, and nobody declared the new one"),
            "contradiction": Contradiction(
                thing=str(case.subject), fact=another.fact, said=another.said()
            ),
            "evidence": tuple(sorted({*part.evidence, *(n.evidence.id for n in another.now)})),
        }
    )


def _may_change(part: Part) -> bool:
    """A failure stays one, and what was not answered waits for that answer."""
    lacks = part.unknown is UnknownCause.MISSING_ATTRIBUTE
    return part.outcome is Outcome.PASS or (part.outcome is Outcome.UNKNOWN and lacks)


def _remark(changed: Mapping[Own, Changed], another: Changed | None) -> str:
    if another:
        return f"another box than before: {another}"
    if "uuid" in changed:
        return f"the same box with another UUID, as after a new mainboard: {changed['uuid']}"
    return f"installed anew since: {changed['machine-id']}"


def _changes(case: Case, name: str) -> Iterator[Changed]:
    if not case.context.earlier:
        return
    for fact, mark in _MARK.items():
        then, now = _then(case, name, fact), _now(case, name, fact)
        if then and now and not {mark(s.value) for s in then} & {mark(n.value) for n in now}:
            yield Changed(fact, then, now)


def _then(case: Case, name: str, fact: Own) -> tuple[SeenBefore, ...]:
    before = case.context.seen_before
    seen = (s for thing in _things(name) for s in before.get(thing, ()))
    return tuple(s for s in seen if s.fact == fact)


def _now(case: Case, name: str, fact: Own) -> tuple[Now, ...]:
    """By whom more than somebody's word stands, in the order of their ids."""
    told: Sequence[Evidence] = sorted(
        (e for thing in _things(name) for e in case.replies.about(thing)), key=lambda e: e.id
    )
    seen = (e for e in told if e.assurance is not Assurance.CLAIMED)
    return tuple(Now(value, e) for e in seen for known, value in own_facts(e) if known == fact)


def _things(name: str) -> tuple[str, str]:
    return f"bmc:{name}", f"host:{name}"


def _report(seen: SeenBefore) -> str:
    return f"the report {seen.report[:12]} of {seen.taken:%Y-%m-%d}"

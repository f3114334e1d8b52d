"""A report looked up from every side. What the plan holds and nothing answers stays visible."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from preflight.evidence import Evidence
from preflight.files.check import PlannedCheck
from preflight.finding import Cause, Finding, Part
from preflight.render.backing import Backing, backing, backing_words
from preflight.render.order import natural
from preflight.report import PlannedFinding, Report
from preflight.words import SILENCE, Outcome, Owner, Severity, UnknownCause

T = TypeVar("T")
_OURS = frozenset({UnknownCause.NOT_RUN, UnknownCause.INTERNAL, UnknownCause.EMPTY_SELECTION})
"""Causes of unknown that only we can clear: what selects and what is selected are our own files."""
WORST_FIRST = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS, Outcome.NOT_APPLICABLE)


@dataclass(frozen=True)
class Item:
    """One finding with its check and subject."""

    finding: Finding
    check: PlannedCheck | None
    subject: str
    """`host:db1`."""
    rests_on: tuple[Evidence, ...] = ()
    """The evidence behind its weakest parts: they say how well the whole is backed."""

    @property
    def check_id(self) -> str:
        """Of its check, or of the profile's name for it."""
        return self.finding.id.partition("@")[0]

    @property
    def title(self) -> str:
        return self.check.title if self.check else self.finding.id

    @property
    def headline(self) -> str:
        """The title turned round when it is not so: a red card must not read like good news."""
        if self.finding.outcome is Outcome.FAIL and self.check and self.check.otherwise:
            return self.check.otherwise
        return f"Not known: {self.title}" if self.finding.outcome is Outcome.UNKNOWN else self.title

    @property
    def area(self) -> str:
        """The first part of the check's path: `power`."""
        return self.finding.id.partition("/")[0]

    @property
    def advisory(self) -> bool:
        return self.check is not None and self.check.severity is Severity.ADVISORY

    @property
    def bad(self) -> bool:
        return self.finding.outcome in (Outcome.FAIL, Outcome.UNKNOWN)

    @property
    def is_question(self) -> bool:
        """A fact that only a person on site can know."""
        return self.check is not None and self.check.kind == "question"

    @property
    def not_asked_yet(self) -> bool:
        """A question that waits for the self-check: nothing before it went wrong."""
        return self.is_question and self.finding.unknown is UnknownCause.NOT_ASKED

    @property
    def backing(self) -> Backing:
        return backing(self.finding.assurance, self.rests_on)

    @property
    def backed(self) -> str:
        """`seen`, `collected by the customer`, `only said`."""
        return backing_words(self.finding.assurance, self.rests_on)


class Index:
    """Findings with their checks, and everything by its id: checks in plan order, of each its
    subjects as people count them."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.checks = {check.id: check for check in report.inputs.checks}
        self.evidence = {item.id: item for item in report.evidence}
        self.waivers = {waiver.id: waiver for waiver in report.waivers}
        self.promises = {promise.finding: promise for promise in report.promises}
        self.items = _by_name(self._items())
        self._by_id = {item.finding.id: item for item in self.items}
        self._made: dict[Hashable, Any] = {}
        self.blocked = frozenset(self._blocked())
        """Findings that the verdict at the report's stage names as its reasons."""

    def once(self, make: Callable[[Index], T]) -> T:
        """What `make` makes of this report, made at the first call: several parts of a page may ask
        where a thousand servers stand."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    def _items(self) -> Iterable[Item]:
        found = {finding.id: finding for finding in self.report.findings}
        for planned in self.report.plan.findings:
            finding = found.pop(planned.id, None) or _missing(planned.id)
            yield self._item(finding, self._check_of(planned), planned.subject)
        for finding in found.values():
            check, _, subject = finding.id.partition("@")
            yield self._item(finding, self.checks.get(check), subject)

    def _item(self, finding: Finding, check: PlannedCheck | None, subject: str) -> Item:
        weakest = [part for part in finding.parts if part.assurance is finding.assurance]
        ids = [i for part in weakest for i in part.evidence] if weakest else finding.evidence
        return Item(finding, check, subject, self._known(ids))

    def _known(self, ids: Iterable[str]) -> tuple[Evidence, ...]:
        return tuple(self.evidence[i] for i in dict.fromkeys(ids) if i in self.evidence)

    def _check_of(self, planned: PlannedFinding) -> PlannedCheck | None:
        """Two entries of a profile may share a check's id: the number tells which one is meant."""
        checks = self.report.inputs.checks
        if planned.check_no < len(checks) and checks[planned.check_no].id == planned.check:
            return checks[planned.check_no]
        return self.checks.get(planned.check)

    def _blocked(self) -> Iterable[str]:
        for verdict in self.report.verdict.stages:
            if verdict.stage is self.report.verdict.stage:
                for reason in verdict.reasons:
                    yield from reason.findings

    def item(self, finding_id: str) -> Item:
        """The finding of this id; one that is nowhere in the report says so."""
        known = self._by_id.get(finding_id)
        check, _, subject = finding_id.partition("@")
        return known or Item(_missing(finding_id), self.checks.get(check), subject)

    def blocks(self, cause: Cause) -> bool:
        """Whether the cause stands in the way at the report's stage."""
        return not self.blocked.isdisjoint({cause.root, *cause.folded})

    def decisive(self, item: Item) -> tuple[Evidence, ...]:
        """The evidence behind the parts that decided the finding, oldest first."""
        finding = item.finding
        parts = [part for part in finding.parts if part.outcome is finding.outcome]
        ids = [i for part in parts for i in part.evidence] if parts else finding.evidence
        return tuple(sorted(self._known(ids), key=lambda e: (e.taken, natural(e.thing), e.id)))

    def part_words(self, part: Part) -> str:
        """How well one part of a finding is backed: `seen twice`."""
        return backing_words(part.assurance, self._known(part.evidence))

    def owner(self, item: Item) -> Owner:
        """Who clears a finding: its check's owner. But nobody at the site is blamed for what we did
        not ask, nor while the whole site is silent: we cannot tell from here (contract 3)."""
        silent = item.finding.unknown in SILENCE and not self.site_answers
        if item.check is None or silent or item.finding.unknown in _OURS:
            return Owner.ENGINEER
        return item.check.owner

    def clears(self, cause: Cause) -> Owner:
        """Who clears a cause: whoever looks after the place where its silence begins, else the
        owner of its root."""
        return cause.located.owner if cause.located else self.owner(self.item(cause.root))

    @cached_property
    def site_answers(self) -> bool:
        """Something at the site itself answered us: silence of another thing then means more."""
        return any(
            e.answer
            and e.vantage == "vendor"
            and e.taken >= self.report.run.started
            and e.question.protocol != "route"
            and not e.thing.startswith("control:")
            for e in self.report.evidence
        )


def _by_name(items: Iterable[Item]) -> tuple[Item, ...]:
    found = tuple(items)
    checks = dict.fromkeys(item.check_id for item in found)
    rank = {check: number for number, check in enumerate(checks)}
    return tuple(sorted(found, key=lambda i: (rank[i.check_id], natural(i.subject))))


def _missing(finding_id: str) -> Finding:
    """A planned finding that the report lacks is never passed over in silence."""
    return Finding(
        id=finding_id,
        outcome=Outcome.UNKNOWN,
        unknown=UnknownCause.NOT_RUN,
        required="",
        found="the report holds no finding for this",
    )

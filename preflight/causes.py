"""Causes: which findings are consequences of which (contract 3). Pure.

Along control > hall > rack > power > reach > login > fact of the same subject, a cause roots at
the first that did not pass. Only unknown findings fold under it; a fail with evidence of its own
never does. A fail that rests on nothing but silence has none: it folds under the power that is
known to be off (decision 0002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from preflight.doors import unpinned_things
from preflight.evidence import DeviceIdentity, Evidence, Outlets
from preflight.finding import Cause, Finding, Located
from preflight.kinds.base import Context, Kind, Replies
from preflight.kinds.reachable import Reachable
from preflight.ladder import MUTE, Ladder, Rung
from preflight.located import located, no_pins
from preflight.plan import Due
from preflight.words import LOGIN, SILENCE, Outcome, Severity, Stage, UnknownCause

BAD = frozenset({Outcome.FAIL, Outcome.UNKNOWN})


def fold(
    due: Sequence[Due],
    context: Context,
    findings: Sequence[Finding],
    replies: Replies,
    ladder: Ladder,
    stage: Stage,
) -> tuple[Cause, ...]:
    """One cause per root, those rooted in a fail first, then what is needed at this stage, then
    safety before blocker, then those that show a contradiction, then in plan order. Advisory
    findings never make a cause of their own. Only our own vantage tells what stayed silent
    (decision 0007)."""
    tree = _Tree(due, context, findings, replies, ladder, stage)
    roots: dict[str, list[str]] = {}
    for finding in tree.bad:
        roots.setdefault(tree.root(finding).id, []).append(finding.id)
    kept = [(r, ids) for r, ids in roots.items() if any(tree.counts(i) for i in ids)]
    kept.sort(key=lambda item: tree.urgency(item[0]))
    return tuple(
        Cause(
            id=f"c{n}",
            root=root,
            folded=tuple(i for i in ids if i != root),
            located=tree.located(root),
        )
        for n, (root, ids) in enumerate(kept, start=1)
    )


_BY_PDU = (Outlets, DeviceIdentity)
"""What a PDU tells."""
_ONE_ROOT = frozenset({UnknownCause.NOT_RUN, UnknownCause.EXPIRED})
"""A run cut short, or a report grown old, is one cause however many findings it leaves open."""
_NO_PIN = frozenset({UnknownCause.HOST_KEY, UnknownCause.TLS})
"""Why nothing was asked of a thing that the site file has no pin for."""
_NEED_BMC = frozenset({"reachable", "login", "powered"})
"""Kinds that say nothing about a host whose BMC nobody declared."""


class _Tree:
    """Who folds under whom. What is looked up twice is indexed once: flat cost per finding."""

    def __init__(
        self,
        due: Sequence[Due],
        context: Context,
        findings: Sequence[Finding],
        replies: Replies,
        ladder: Ladder,
        stage: Stage,
    ) -> None:
        self.due = {item.id: item for item in due}
        self.order = {item.id: n for n, item in enumerate(due)}
        self.findings = {f.id: f for f in findings}
        self.evidence = replies.by_id
        self.ladder, self.stage = ladder, stage
        self.bad = [f for f in findings if f.outcome in BAD]
        self.reach = self._rung("reachable", context)
        self.login = self._rung("login", context)
        self.power = {
            f"host:{item.subject.name}": self.findings[item.id]
            for item in due
            if item.check.kind == "powered" and item.subject
        }
        self.absent = {f.id: self._absent(f, context) for f in self.bad}
        self.disputed = {f.id: self._disputed(f) for f in self.bad}
        self.strangers = self._strangers(context)
        self._index()

    def _disputed(self, finding: Finding) -> frozenset[tuple[str, str]]:
        """What it says of things that the customer's side contradicts."""
        return frozenset(
            (c.thing, c.fact)
            for c in (finding.contradiction, *(p.contradiction for p in finding.parts))
            if c and any(self._from_there(said.evidence) for said in c.said)
        )

    def _strangers(self, context: Context) -> dict[str, frozenset[str]]:
        """Finding -> the things without a pin that it waits for, where more than one has none: one
        omission of ours, however many things it leaves unasked."""
        unpinned = unpinned_things(context.site)
        found = {
            f.id: frozenset(
                e.thing for e in self._unanswered(f) if e.thing in unpinned and _cause(e) in _NO_PIN
            )
            for f in self.bad
            if f.unknown in _NO_PIN
        }
        found = {name: things for name, things in found.items() if things}
        several = len(frozenset().union(*found.values())) > 1
        return found if several else {}

    def _from_there(self, evidence: str | None) -> bool:
        found = self.evidence.get(evidence or "")
        return found is not None and found.vantage == "customer"

    def _absent(self, finding: Finding, context: Context) -> str | None:
        """The thing that a finding would need, and that the site file does not declare."""
        item = self.due[finding.id]
        if finding.unknown is not UnknownCause.MISSING_ATTRIBUTE or not item.subject:
            return None
        host = context.site.hosts.get(item.subject.name) if item.subject.type == "host" else None
        missing = host is not None and host.bmc is None and item.check.kind in _NEED_BMC
        return f"bmc:{item.subject.name}" if missing else None

    def _rung(self, kind: str, context: Context) -> dict[str, Finding]:
        """Thing -> the finding of this kind that asks it; of several, the first that is bad."""
        rung: dict[str, Finding] = {}
        for item in self.due.values():
            if item.check.kind != kind or not item.subject or _theirs(item.kind):
                continue
            finding = self.findings[item.id]
            for ask in item.kind.asks(item.subject, context):
                if rung.setdefault(ask.thing, finding).outcome not in BAD:
                    rung[ask.thing] = finding
        return rung

    def _index(self) -> None:
        """The first unknown finding per silent thing, per locked thing, and per evidence."""
        self.silent = {f.id: self._things(f, SILENCE) for f in self.bad}
        self.locked = {f.id: self._locked(f) for f in self.bad}
        self.first_silent: dict[str, Finding] = {}
        self.first_locked: dict[str, Finding] = {}
        self.first_on: dict[str, Finding] = {}
        self.first_absent: dict[str, Finding] = {}
        for finding in (f for f in self.bad if f.outcome is Outcome.UNKNOWN):
            for thing in self.silent[finding.id]:
                self.first_silent.setdefault(thing, finding)
            if locked := self.locked[finding.id]:
                self.first_locked.setdefault(locked, finding)
            if absent := self.absent[finding.id]:
                self.first_absent.setdefault(absent, finding)
        self.heads = self._heads()
        for finding in sorted(self.bad, key=self._weight):
            for evidence in _doubtful(finding):
                self.first_on.setdefault(evidence, finding)

    def _heads(self) -> dict[Rung, Finding]:
        """Per rung on which silence begins the finding that stands for it: one that counts, of
        these a fail, and in the dark one that asks for power."""
        behind: dict[Rung, list[Finding]] = {}
        for finding in self.bad:
            if rung := self._rung_above(finding):
                behind.setdefault(rung, []).append(finding)
        return {rung: min(found, key=self._standing(rung)) for rung, found in behind.items()}

    def _standing(self, rung: Rung) -> Callable[[Finding], tuple[bool, bool, bool]]:
        def standing(finding: Finding) -> tuple[bool, bool, bool]:
            power = self.due[finding.id].check.kind == "powered"
            return (*self._weight(finding), rung in self.ladder.dark and not power)

        return standing

    def _rung_above(self, finding: Finding) -> Rung | None:
        """Where the silence begins that this finding rests on; None when it has evidence of its
        own, or when the thing alone is silent."""
        if rung := self._unfed_in(finding):
            return rung
        silent = self.silent[finding.id]
        failed = finding.outcome is Outcome.FAIL
        if not silent or finding.unknown in {*_ONE_ROOT, UnknownCause.CONTRADICTION}:
            return None
        if failed and not self._only_silence(finding):
            return None
        return self.ladder.above(silent[0])

    def _unfed_in(self, finding: Finding) -> Rung | None:
        """The dark hall or rack of a server that fails for its outlets alone, which are off: they
        are what the dark is known by, and no evidence of its own."""
        subject = self.due[finding.id].subject
        thing = str(subject)
        if finding.outcome is not Outcome.FAIL or thing not in self.ladder.unfed:
            return None
        resting = [self.evidence[i] for i in finding.evidence if i in self.evidence]
        alone = all(_cause(e) in MUTE or isinstance(e.answer, _BY_PDU) for e in resting)
        rung = self.ladder.above(thing)
        return rung if alone and not finding.contradiction and rung in self.ladder.dark else None

    def located(self, root: str) -> Located | None:
        """Where silence begins, of a cause that stands for more than one thing."""
        if root in self.strangers:
            return no_pins(frozenset().union(*self.strangers.values()))
        rung = next((r for r, head in self.heads.items() if head.id == root), None)
        return located(self.ladder, rung) if rung else None

    def counts(self, finding_id: str) -> bool:
        return self.due[finding_id].check.severity is not Severity.ADVISORY

    def _weight(self, finding: Finding) -> tuple[bool, bool]:
        """What bears others best: what counts, and of that a fail."""
        return not self.counts(finding.id), finding.outcome is not Outcome.FAIL

    def urgency(self, finding_id: str) -> tuple[bool, bool, bool, bool, int]:
        finding, check = self.findings[finding_id], self.due[finding_id].check
        failed = finding.outcome is Outcome.FAIL
        later = check.needed_by.rank > self.stage.rank
        safety = check.severity is Severity.SAFETY
        calm = finding.contradiction is None
        return not failed, later, not safety, calm, self.order[finding_id]

    def root(self, finding: Finding) -> Finding:
        """Up the ladder until nothing is above; a loop ends where it began."""
        seen = {finding.id}
        while (parent := self._parent(finding)) and parent.id not in seen:
            finding = parent
            seen.add(finding.id)
        return finding

    def _parent(self, finding: Finding) -> Finding | None:
        """What it folds under. A contradiction with the customer's side never disappears below a
        finding that does not show the same one."""
        above = self._above(finding)
        hidden = above is not None and not self.disputed[finding.id] <= self.disputed[above.id]
        return None if hidden else above

    def _above(self, finding: Finding) -> Finding | None:
        silent = self.silent[finding.id]
        if absent := self.absent[finding.id]:
            return self.first_absent[absent]
        if finding.id in self.strangers:
            return self.findings[next(iter(self.strangers))]
        if finding.unknown in _ONE_ROOT:
            return next(f for f in self.bad if f.unknown is finding.unknown)
        if finding.outcome is Outcome.FAIL:
            return self._above_fail(finding)
        if finding.unknown is UnknownCause.CONTRADICTION:
            return self._same_dispute(finding) or self._shared(finding)
        if silent:
            return self._head(finding) or self._above_silence(silent[0])
        return self._above_login(finding) or self._shared(finding)

    def _above_fail(self, finding: Finding) -> Finding | None:
        """A fail that rests on silence alone has no evidence of its own."""
        if rung := self._unfed_in(finding):
            return self.heads[rung]
        silent = self.silent[finding.id]
        if not silent or not self._only_silence(finding):
            return None
        return self._dark(silent[0]) or self._head(finding)

    def _head(self, finding: Finding) -> Finding | None:
        rung = self._rung_above(finding)
        return self.heads[rung] if rung else None

    def _same_dispute(self, finding: Finding) -> Finding | None:
        """The first fail that shows the same contradiction with the customer's side."""
        mine = self.disputed[finding.id]
        fails = (f for f in self.bad if mine and f.outcome is Outcome.FAIL)
        return next((f for f in fails if mine <= self.disputed[f.id]), None)

    def _unanswered(self, finding: Finding) -> list[Evidence]:
        ids = dict.fromkeys(
            i for p in finding.parts if p.outcome is finding.outcome for i in p.evidence
        )
        found = (self.evidence[i] for i in ids if i in self.evidence)
        return sorted((e for e in found if e.no_answer and e.vantage == "vendor"), key=_rank)

    def _things(self, finding: Finding, causes: frozenset[UnknownCause]) -> list[str]:
        """The things that this finding waited for in vain."""
        return [_blamed(e) for e in self._unanswered(finding) if _cause(e) in causes]

    def _locked(self, finding: Finding) -> str | None:
        """The thing that did not let us in, or that we did not enter because of another. What
        hides behind a port or a login that went wrong in any other way counts as well."""
        for e in self._unanswered(finding):
            if _cause(e) in LOGIN or (e.no_answer and e.no_answer.because):
                return _blamed(e)
            if _cause(e) not in SILENCE and self._door(_blamed(e)):
                return _blamed(e)
        return None

    def _door(self, thing: str) -> Finding | None:
        """The first of reach and login of a thing that did not pass."""
        rungs = (self.reach.get(thing), self.login.get(thing))
        return next((rung for rung in rungs if rung and rung.outcome in BAD), None)

    def _only_silence(self, finding: Finding) -> bool:
        resting = [self.evidence[i] for i in finding.evidence if i in self.evidence]
        return bool(resting) and all(e.no_answer and _cause(e) in MUTE for e in resting)

    def _dark(self, thing: str) -> Finding | None:
        """The power finding of a silent host, when it is known to be off, or when its outlets are
        and something says otherwise."""
        power = self.power.get(thing)
        if power is None:
            return None
        disputed = power.unknown is UnknownCause.CONTRADICTION and thing in self.ladder.unfed
        return power if disputed or power.outcome is Outcome.FAIL else None

    def _above_silence(self, thing: str) -> Finding | None:
        reach = self.reach.get(thing)
        if reach and reach.outcome in BAD:
            return reach
        return self._dark(thing) or self._door(thing) or self.first_silent.get(thing)

    def _above_login(self, finding: Finding) -> Finding | None:
        thing = self.locked[finding.id]
        if thing is None:
            return None
        return self._door(thing) or self.first_locked.get(thing)

    def _shared(self, finding: Finding) -> Finding | None:
        """The first finding that rests on the very same doubtful evidence; fails first."""
        found = [self.first_on[i] for i in _doubtful(finding)]
        return min(found, key=lambda f: self.urgency(f.id), default=None)


def _theirs(kind: Kind) -> bool:
    """It judges what the customer reached, which is no rung of our own way."""
    return isinstance(kind, Reachable) and kind.parameters.vantage == "customer"


def _rank(evidence: Evidence) -> tuple[bool, str, str, str, str, int]:
    """A server before its BMC. Ids hang on the time of asking, and equal looks must fold alike."""
    asked, thing = evidence.question, evidence.thing
    words = (asked.protocol, asked.fact, asked.argument, asked.port or 0)
    return not thing.startswith("host:"), thing, *words


def _doubtful(finding: Finding) -> frozenset[str]:
    """Evidence behind the parts that did not pass."""
    return frozenset(i for p in finding.parts if p.outcome is finding.outcome for i in p.evidence)


def _cause(evidence: Evidence) -> UnknownCause | None:
    return evidence.no_answer.cause if evidence.no_answer else None


def _blamed(evidence: Evidence) -> str:
    because = evidence.no_answer.because if evidence.no_answer else ""
    return because or evidence.thing

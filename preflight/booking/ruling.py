"""What the gate answers, as data. A ruling that contradicts itself cannot be made."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import model_validator

from preflight.booking.calendar import Trip
from preflight.booking.genuine import Genuine
from preflight.booking.policy import InForce
from preflight.exits import Exit
from preflight.files.booking import OnSite
from preflight.finding import Sentence
from preflight.model import Flag, Hex64, Id, Line, Model, Natural, UtcTime
from preflight.reasons import MOST_CHARS, REASONS
from preflight.statements import Signer, Slip
from preflight.text import one_line
from preflight.verify import Coded
from preflight.words import Decision, Stage

FORMAT: Literal["preflight-gate/0"] = "preflight-gate/0"
COUNTS_AS = {
    Exit.GO: Decision.GO,
    Exit.NO_GO: Decision.NO_GO,
    Exit.NOT_PROVEN: Decision.NOT_PROVEN,
}
"""The decision follows the exit: a go that has expired is none."""


class Because(Model):
    """One reason against the trip."""

    code: Id
    """Of `docs/codes.md`."""
    exit: Natural
    text: Sentence
    next: Sentence
    """What to do about it."""


class About(Model):
    """The trip that was asked about. Dates are the calendar's; null where there is none."""

    booking: Id
    site: Id
    uid: Line | None
    departs: UtcTime | None
    on_site: OnSite | None
    decide_by: UtcTime | None


class Source(Model):
    """A genuine document that the ruling rests on, and what it says at the asked stage."""

    report_id: Line
    report_sha256: Hex64
    signer: Signer
    decision: Decision
    checked: UtcTime
    expires: UtcTime
    waivers: Natural


class PolicyUsed(Model):
    """The policy that was in force."""

    policy: Id
    sha256: Hex64


class Ruling(Model):
    """May this trip go? `allow` is the one field to read; nothing but true lets anybody travel."""

    format: Literal["preflight-gate/0"] = FORMAT
    allow: Flag
    exit: Natural
    decision: Decision | None
    """What the exit counts as; null where nothing genuine was found."""
    stage: Stage | None
    """Null where the command line was not understood."""
    reasons: tuple[Because, ...]
    """Why not; the one that decides the exit first. Empty exactly when `allow` is true."""
    not_checked: tuple[Id, ...] = ()
    booking: About | None = None
    report: Source | None = None
    slip: Source | None = None
    policy: PolicyUsed | None = None
    trust: Hex64 | None = None
    """Fingerprint of the trust folder."""
    evaluated_at: UtcTime

    @model_validator(mode="after")
    def _whole(self) -> Ruling:
        says_go = [self.exit == Exit.GO, self.decision is Decision.GO, not self.reasons]
        if self.allow != all(says_go) or (any(says_go) and not self.allow):
            raise ValueError("a ruling that contradicts itself")
        return self


def because(coded: Coded, next_: str = "") -> Because:
    """A reason, with the advice of the table where no other is given."""
    text, next_ = one_line(coded.sentence, MOST_CHARS), next_ or REASONS[coded.code].next
    return Because(code=coded.code, exit=coded.exit, text=text, next=one_line(next_, MOST_CHARS))


def refused(coded: Coded, stage: Stage | None, now: datetime) -> Ruling:
    """No: nothing that was handed in counts."""
    return Ruling(
        allow=False, exit=coded.exit, decision=None, stage=stage,
        reasons=(because(coded),), evaluated_at=now,
    )  # fmt: skip


def about(booking: str, site: str, trip: Trip | None) -> About:
    """The trip as it was asked about."""
    return About(
        booking=booking,
        site=site,
        uid=one_line(trip.uid, 500) if trip else None,
        departs=trip.departs if trip else None,
        on_site=trip.on_site if trip else None,
        decide_by=trip.decide_by if trip else None,
    )


def decided_by(known: Genuine, stage: Stage) -> tuple[Source | None, Source | None]:
    """The report and the slip of a ruling."""
    report = _source(known.said, known.said.report_signer, stage) if known.verified else None
    return report, _source(known.slip, known.slip.signer, stage) if known.slip else None


def _source(slip: Slip, signer: Signer, stage: Stage) -> Source:
    return Source(
        report_id=slip.report_id,
        report_sha256=slip.report_sha256,
        signer=signer,
        decision=decision_at(slip, stage),
        checked=slip.checked,
        expires=slip.expires,
        waivers=slip.waivers,
    )


def decision_at(slip: Slip, stage: Stage) -> Decision:
    """The verdict at the asked stage, which need not be the report's own."""
    return next(row.decision for row in slip.stages if row.stage is stage)


def in_force(found: InForce) -> PolicyUsed:
    """The policy, by name and content."""
    return PolicyUsed(policy=found.policy.policy, sha256=found.sha256)

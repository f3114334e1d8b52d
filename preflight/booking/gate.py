"""May this trip go? One question about one trip at one stage, answered by documents and a policy.

Everything that is missing, unknown, odd or broken is a no. First come the codes of exit 5, which
end it: policy, files, signatures, what the documents say of each other. Then all that speaks
against the trip is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from preflight.booking import ruling
from preflight.booking.advice import advice
from preflight.booking.calendar import Trip
from preflight.booking.documents import Documents, find
from preflight.booking.genuine import Desk, Genuine
from preflight.booking.policy import read_policy
from preflight.booking.ruling import COUNTS_AS, Because, Ruling, decision_at
from preflight.booking.second import lacking
from preflight.errors import PreflightError
from preflight.exits import Exit
from preflight.files.policy import Policy
from preflight.follows import plug_ins
from preflight.fresh import outside
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.report import Report
from preflight.signing import trust
from preflight.statements import Acceptance, Slip
from preflight.verify import Coded, in_order
from preflight.words import Decision, Stage

_BY_VERDICT = frozenset({"no-go", "not-proven"})
"""Codes that `verify` says of the report's own stage; here the asked one counts."""

Against = Iterator[tuple[str, str]]
"""Codes and sentences."""


@dataclass(frozen=True)
class Asked:
    """The question: a calendar, report or slip, and what the asker knows of the trip."""

    file: Path
    stage: Stage
    booking: str | None = None
    site: str | None = None
    report: Path | None = None
    acceptance: Path | None = None


def gate(asked: Asked, folder: Path, now: datetime) -> Ruling:
    """The ruling, by the trust folder and its policy.

    Raises:
        NoPolicyError: the trust folder holds none.
        PreflightError: a file cannot be opened, or nothing says which trip it is.
        NotGenuine: with the first code that fails.
    """
    in_force = read_policy(folder)
    found = find(asked.file, asked.report, asked.acceptance, booking=asked.booking)
    booking, site = _trip_of(asked, found.trip)
    known = trust.load(folder)
    max_age = in_force.policy.max_age(asked.stage)
    kinds = in_force.policy.kinds
    genuine = Desk(folder, known, booking, site, max_age, now, kinds).open(found)
    if genuine:
        _refuse_other_profile(genuine, in_force.policy)
    case = _Case(asked.stage, in_force.policy, found, genuine, now)
    codes = in_order(case.against())
    exit_ = codes[0].exit if codes else Exit.GO
    report, slip = ruling.decided_by(genuine, asked.stage) if genuine else (None, None)
    return Ruling(
        allow=exit_ is Exit.GO, exit=exit_, decision=COUNTS_AS[exit_], stage=asked.stage,
        reasons=tuple(map(case.because, codes)), not_checked=case.not_checked(),
        booking=ruling.about(booking, site, found.trip), report=report, slip=slip,
        policy=ruling.in_force(in_force), trust=known.fingerprint, evaluated_at=now,
    )  # fmt: skip


def _trip_of(asked: Asked, trip: Trip | None) -> tuple[str, str]:
    """Booking and site, by the calendar and by the asker; where both say it, they must agree."""
    booking = _agreed("booking", asked.booking, trip.booking if trip else None)
    return booking, _agreed("site", asked.site, trip.site if trip else None)


def _agreed(what: str, asked: str | None, written: str | None) -> str:
    if asked is not None and written is not None and asked != written:
        raise refusal(f"{what}-mismatch", f"The calendar is about {written}, not {asked}.")
    if (found := written if asked is None else asked) is None:
        help_ = f"Give --{what}, or let the booking system set X-PREFLIGHT-{what.upper()}."
        raise PreflightError(f"nothing says which {what} this is about", help=help_)
    return found


def _refuse_other_profile(known: Genuine, policy: Policy) -> None:
    if not policy.profiles or known.verified is None:
        return
    profile = known.verified.report.inputs.profile
    if profile.sha256 not in policy.profiles:
        raise refusal("profile-mismatch", f"The policy does not name the profile {profile.id}.")


@dataclass(frozen=True)
class _Case:
    """Genuine documents, or none, before the policy."""

    stage: Stage
    policy: Policy
    found: Documents
    known: Genuine | None
    now: datetime

    def against(self) -> Against:
        """All codes of exits 3 and 4, with their sentences."""
        if self.known is None:
            yield "report-missing", "Nothing is attached that says anything about this trip."
            return
        said = self.known.said
        yield from self._verdict(self.known)
        yield from self._lapsed(self.known)
        if self.found.trip:
            yield from moved(self.found.trip, said)
            if self.found.trip.cancelled:
                yield "travel-moved", "By the calendar the trip is cancelled."
        yield from self._uncovered(said)
        yield from self._unproved(self.known)
        if missing := lacking(self.policy.at(self.stage).second, self.known, self.stage, self.now):
            yield "second-missing", missing
        if (waived := _waived(self.known)) and not self.policy.waivers:
            yield "waivers-not-allowed", f"{waived} waived, and the policy allows none."

    def because(self, coded: Coded) -> Because:
        """A reason with what this desk can do about it."""
        wanted = self.policy.at(self.stage).second
        return ruling.because(coded, advice(coded.code, self.stage, self.known, wanted))

    def not_checked(self) -> tuple[str, ...]:
        """What nobody looked at, `not-rejudged` only where it is no reason against."""
        if self.known is None:
            return ()
        if self.known.verified is None:
            return ("not-rejudged", "no-profile", "no-pack", "no-ledger")
        codes = (code for code, _ in self.known.verified.not_checked)
        settled = {"not-rejudged", *(["no-profile"] if self.policy.profiles else [])}
        return tuple(code for code in codes if code not in settled)

    def _verdict(self, known: Genuine) -> Against:
        decision = decision_at(known.said, self.stage)
        incomplete = known.verified and any(c.code == "incomplete" for c in known.verified.codes)
        if decision is Decision.NO_GO:
            yield "no-go", f"NO-GO at stage {self.stage}."
        if decision is Decision.NOT_PROVEN and not incomplete:
            yield "not-proven", f"Not proven at stage {self.stage}."
        if any(a.decision is Decision.NO_GO for a in known.acceptances):
            yield "no-go", "With the customer's answers the verdict is NO-GO, says the acceptance."
        if any(_not_proven(a, self.stage) for a in known.acceptances):
            yield "not-proven", "With the customer's answers it is not proven, says the acceptance."

    def _lapsed(self, known: Genuine) -> Against:
        if known.verified:
            codes = (coded for coded in known.verified.codes if coded.code not in _BY_VERDICT)
            yield from ((coded.code, coded.sentence) for coded in codes)
            return
        said, max_age = known.said, self.policy.max_age(self.stage)
        yield from outside(said.not_before, said.expires, said.checked, self.now, max_age)

    def _uncovered(self, said: Slip) -> Against:
        departs = max(t.departs for t in (said, self.found.trip) if t)
        if self.stage is Stage.DEPART and said.expires <= departs:
            ends, leaves = utc_text(said.expires), utc_text(departs)
            yield "departure-not-covered", f"It expires on {ends}; the trip departs on {leaves}."

    def _unproved(self, known: Genuine) -> Against:
        if known.verified is None and (self.stage is not Stage.BOOK or self.policy.profiles):
            why = "" if self.stage is not Stage.BOOK else ", and the policy names profiles"
            yield "report-missing", f"There is only a slip at stage {self.stage}{why}."
        if known.verified and "not-rejudged" in dict(known.verified.not_checked):
            yield "not-rejudged", _not_rejudged(known.verified.report, self.policy)


def _waived(known: Genuine) -> int:
    findings = known.verified.report.findings if known.verified else ()
    return max(known.said.waivers, sum(1 for finding in findings if finding.waiver))


def _not_proven(acceptance: Acceptance, stage: Stage) -> bool:
    """What an earlier stage lacks, a later one lacks too."""
    proven = acceptance.decision is not Decision.NOT_PROVEN
    return not proven and acceptance.stage.rank <= stage.rank


def moved(trip: Trip, said: Slip) -> Against:
    """Why the calendar's trip is not the one that was judged. What the calendar does not say,
    `decide_by`, it does not contradict."""
    pairs = [
        ("departs", utc_text(trip.departs), utc_text(said.departs)),
        ("is on site from", utc_text(trip.on_site.from_), utc_text(said.on_site.from_)),
        ("is on site until", utc_text(trip.on_site.to), utc_text(said.on_site.to)),
    ]
    if trip.decide_by:
        judged = utc_text(said.decide_by) if said.decide_by else "no time"
        pairs.append(("must be decided by", utc_text(trip.decide_by), judged))
    other = [f"{what} {now_}, not {then}" for what, now_, then in pairs if now_ != then]
    if other:
        yield "travel-moved", f"By the calendar the trip {'; '.join(other)}."


def _not_rejudged(report: Report, policy: Policy) -> str:
    unnamed = ", ".join(sorted(plug_ins(report) - set(policy.kinds)))
    if unnamed:
        return (
            f"The policy does not name the plug-in kinds {unnamed}: nobody judged their findings."
        )
    return "A kind of check is unknown here: nobody judged its findings."

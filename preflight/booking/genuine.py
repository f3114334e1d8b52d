"""The documents about one trip, proved: every signature, binding and claim of one on another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from preflight.booking.documents import Documents
from preflight.booking.slip import slip_of
from preflight.follows import only
from preflight.fresh import SKEW
from preflight.judge import LONGEST
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.report import report_bytes
from preflight.signing import REPORT
from preflight.signing.statement import ACCEPTANCE, SLIP, D, Sort, open_statement
from preflight.signing.trust import Trust, authorise
from preflight.statements import Acceptance, Signer, Slip
from preflight.text import sha256_hex
from preflight.verify import Expected, File, Verified, verify
from preflight.words import Stage


@dataclass(frozen=True)
class Genuine:
    """What is known about a trip, and by which document."""

    said: Slip
    """The slip, or what a slip about the report would say."""
    verified: Verified | None
    slip: Slip | None
    acceptances: tuple[Acceptance, ...]


@dataclass(frozen=True)
class Desk:
    """Whom the gate believes, about which trip, and when."""

    folder: Path
    known: Trust
    booking: str
    site: str
    max_age: timedelta
    now: datetime
    kinds: tuple[str, ...] = ()
    """Of other distributions, that may judge a report again."""

    def open(self, found: Documents) -> Genuine | None:
        """The documents, if each is genuine and they speak of one report; None without any.

        Raises:
            NotGenuine: with the first code that fails.
        """
        verified = [self._report(file) for file in found.reports]
        slips = [self._slip(file) for file in found.slips]
        acceptances = tuple(self._statement(file, ACCEPTANCE) for file in found.acceptances)
        said = _said(verified, slips)
        if said is None:
            return None
        if not verified:
            self._refuse_untrusted_source(said)
        for acceptance in acceptances:
            _refuse_unfit(acceptance, said, self.now)
            self._refuse_one_person(acceptance.signer, said.report_signer)
        return Genuine(said, next(iter(verified), None), next(iter(slips), None), acceptances)

    def _report(self, file: File) -> Verified:
        expected = Expected(self.booking, self.site, max_age=self.max_age)
        rejudge = only(self.kinds)
        return verify(file, self.folder, now=self.now, expected=expected, rejudge=rejudge)

    def _slip(self, file: File) -> Slip:
        slip = self._statement(file, SLIP)
        _refuse_odd(slip, self.now)
        return slip

    def _statement(self, file: File, sort: Sort[D]) -> D:
        if file.signature is None:
            raise refusal("sig-missing", f"There is no signature beside the {sort.name}.")
        armored = file.signature.decode("latin-1")
        document = open_statement(file.data, armored, sort, self.known, self.now)
        if document.booking != self.booking:
            about = f"The {sort.name} is about {document.booking}, not {self.booking}."
            raise refusal("booking-mismatch", about)
        if document.site != self.site:
            about = f"The {sort.name} is about {document.site}, not {self.site}."
            raise refusal("site-mismatch", about)
        return document

    def _refuse_one_person(self, by: Signer, reported: Signer) -> None:
        """Under whatever names: somebody to whom the trust folder gives both keys."""
        if shared := self._holders(by) & self._holders(reported):
            both = f"Both keys, of report and acceptance, belong to {min(shared)}."
            raise refusal("self-acceptance", both)

    def _holders(self, signer: Signer) -> frozenset[str]:
        grants = (g for g in self.known.grants if g.key.fingerprint == signer.fingerprint)
        return frozenset(name.casefold() for g in grants for name in g.principals)

    def _refuse_untrusted_source(self, slip: Slip) -> None:
        """Behind a slip alone stands a report that is not here; its signer must count as well."""
        signer = slip.report_signer
        keys = {g.key for g in self.known.grants if g.key.fingerprint == signer.fingerprint}
        if not keys:
            stranger = f"The key {signer.fingerprint:.80} that signed the slip's report"
            raise refusal("key-untrusted", f"{stranger} is not in the trust folder.")
        authorise(self.known, signer.principal, REPORT, keys.pop(), self.now)


def _said(verified: list[Verified], slips: list[Slip]) -> Slip | None:
    by_reports = [_as_slip(one) for one in verified]
    for slip in slips:
        for other in by_reports:
            if other.model_copy(update={"signer": slip.signer, "tool": slip.tool}) != slip:
                raise refusal("slip-mismatch", _difference(slip, other))
    return next(iter([*by_reports, *slips]), None)


def _as_slip(verified: Verified) -> Slip:
    report = verified.report
    signer = Signer(principal=verified.principal, fingerprint=verified.fingerprint)
    return slip_of(report, sha256_hex(report_bytes(report)), signer)


def _difference(slip: Slip, other: Slip) -> str:
    if slip.report_sha256 != other.report_sha256:
        return f"The slip is about report {slip.report_id:.40}, not {other.report_id}."
    return "The slip says something else than its report."


def _refuse_odd(slip: Slip, now: datetime) -> None:
    """A slip that contradicts itself, or has times that no honest report has."""
    stages = {row.stage: row.decision for row in slip.stages}
    if [row.stage for row in slip.stages] != list(Stage) or stages[slip.stage] != slip.decision:
        raise refusal("slip-mismatch", "The slip contradicts itself about its stages.")
    if slip.expires < slip.not_before:
        raise refusal("time-inconsistent", "The slip expires before it begins to hold.")
    if slip.checked > now + SKEW:
        raise refusal("from-the-future", f"It speaks of {utc_text(slip.checked)}.")
    if slip.expires - slip.checked > LONGEST:
        raise refusal("validity-too-long", "The slip claims to hold for more than 90 days.")


def _refuse_unfit(acceptance: Acceptance, said: Slip, now: datetime) -> None:
    """Of the codes of exit 5: an acceptance that was handed in must belong to this report."""
    if acceptance.report_sha256 != said.report_sha256:
        help_ = "give the report that the answers were accepted with"
        raise refusal("acceptance-mismatch", f"It was made with another report: {help_}.")
    if acceptance.report_signer != said.report_signer:
        raise refusal("acceptance-mismatch", "It names another signer of the report.")
    by, reported = acceptance.signer, said.report_signer
    if by.principal == reported.principal or by.fingerprint == reported.fingerprint:
        raise refusal("self-acceptance", f"{by.principal} signed report and acceptance.")
    if acceptance.expires > said.expires:
        raise refusal("acceptance-outlives-report")
    if acceptance.received > now + SKEW:
        raise refusal("from-the-future", f"It speaks of {utc_text(acceptance.received)}.")

"""Answers and a report to an acceptance, and the report that names it.

Answers are hostile until all of `examine` has let them pass. What is written in the end is what a
run writes, and the acceptance beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from preflight import __version__
from preflight.acceptances import evidence_digest, newest, oldest_first, refuse_other_times
from preflight.evidence import Evidence
from preflight.fresh import SKEW
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.report import Report, named, report_bytes
from preflight.selfcheck import seal
from preflight.selfcheck.convert import Arrival, convert
from preflight.selfcheck.items import items
from preflight.selfcheck.reading import Came
from preflight.selfcheck.requests import RequestFiles, Requests
from preflight.selfcheck.script import seal_key
from preflight.sheets import plan_digest
from preflight.signing import statement
from preflight.signing.signer import Signer as Key
from preflight.signing.trust import Trust
from preflight.statements import Acceptance, Accepted, Pack, Subject, Tool
from preflight.text import sha256_hex

DOCUMENT, SIGNATURE = "acceptance.json", "acceptance.json.sig"


@dataclass(frozen=True)
class Request:
    """What was asked, and what of its answers came before."""

    files: RequestFiles
    made: Requests
    """On this machine."""


@dataclass(frozen=True)
class Examined:
    """Answers that are genuine, in time, and about the report's trip."""

    came: Came
    pack: Pack
    pack_signature: str
    received: datetime

    @property
    def sealed(self) -> bool:
        """An unsealed file is whatever somebody made of it."""
        return bool(self.came.seal)


def examine(
    came: Came,
    request: Request,
    report: Report,
    known: Trust,
    now: datetime,
    *,
    unsealed: bool = False,
) -> Examined:
    """The answers, if everything about them holds together. `report` is verified.

    Raises:
        NotGenuine: with the code of the first thing that does not hold.
        OSError: the list of accepted answers cannot be read.
    """
    files, answers = request.files, came.answers
    pack = _pack(files, answers.request, known, now)
    _refuse_seal(came, files.script, unsealed=unsealed)
    if answers.nonce != pack.nonce:
        raise refusal("nonce-mismatch")
    for about, plan in _about(came, pack, report):
        if about != (pack.booking, pack.site) or plan != pack.plan_sha256:
            raise refusal("pack-binding-mismatch", _both(about, pack))
    if newer := request.made.newer_than(pack):
        since = f"request {newer.request} of {utc_text(newer.issued)} is newer"
        raise refusal("pack-mismatch", f"The answers are to {pack.request}, and {since}.")
    _refuse_times(came, pack, now)
    if came.sha256 in request.made.accepted(pack.request) | _named_by(report):
        raise refusal("answers-replayed")
    return Examined(came, pack, files.signature, now)


def _pack(files: RequestFiles, request: str, known: Trust, now: datetime) -> Pack:
    """The request's pack, by its signature; and the script is the one that it names."""
    pack = statement.open_statement(files.pack, files.signature, statement.PACK, known, now)
    if pack.request != request:
        what = f"The answers are to request {request}, and this is {pack.request}."
        raise refusal("request-unknown", what)
    if sha256_hex(files.script) != pack.script.sha256:
        raise refusal("pack-mismatch", "The script beside the pack is not the one that it names.")
    return pack


def _refuse_seal(came: Came, script: bytes, *, unsealed: bool) -> None:
    if not came.seal and not unsealed:
        raise refusal("seal-missing")
    if came.seal and not seal.good(came.body, came.seal, _key_in(script)):
        raise refusal("seal-invalid")


def _key_in(script: bytes) -> bytes:
    """Raises NotGenuine: whoever signed this pack sealed nothing."""
    try:
        return seal_key(script)
    except ValueError as error:
        raise refusal("seal-invalid", f"The seal cannot be checked: {error}.") from None


def _about(came: Came, pack: Pack, report: Report) -> Iterator[tuple[tuple[str | None, str], str]]:
    """Booking, site and plan, as the answers and the report have them."""
    yield (came.answers.booking, came.answers.site), pack.plan_sha256
    yield (report.booking, report.site), plan_digest(report.plan)


def _both(about: tuple[str | None, str], pack: Pack) -> str:
    if about == (pack.booking, pack.site):
        return "The request was made from another plan than the report's."
    other = f"booking {about[0] or 'none'}, site {about[1]}"
    return f"The request was about booking {pack.booking}, site {pack.site}; this is about {other}."


def _refuse_times(came: Came, pack: Pack, now: datetime) -> None:
    answers = came.answers
    taken = [given.taken for given in answers.answers]
    first, last = answers.started, answers.finished
    if min([first, last, *taken]) < pack.issued - SKEW:
        raise refusal("started-before-pack", _when("started", first, pack))
    refuse_other_times(now, pack, now)
    if last > pack.expires + SKEW:
        raise refusal("pack-expired", _when("ended", last, pack))
    if max([first, last, *taken]) > now + SKEW:
        what = f"The self-check ended on {utc_text(last)}; now {utc_text(now)}."
        raise refusal("finished-after-receipt", what)
    if first > last or any(not first - SKEW <= moment <= last + SKEW for moment in taken):
        raise refusal("time-inconsistent", "The answers' own times contradict each other.")


def _when(what: str, moment: datetime, pack: Pack) -> str:
    held = f"the request held from {utc_text(pack.issued)} until {utc_text(pack.expires)}"
    return f"The self-check {what} on {utc_text(moment)}; {held}."


def _named_by(report: Report) -> frozenset[str]:
    return frozenset(one.acceptance.subject.sha256 for one in report.acceptances)


def evidence_of(examined: Examined, report: Report) -> tuple[Evidence, ...]:
    """What the answers are worth, sorted by id.

    Raises:
        NotGenuine: `answers-malformed`.
    """
    arrival = Arrival(examined.received, examined.sealed)
    wanted = items(report.plan)
    return convert(examined.came.answers, wanted, report.inputs.site, arrival)


def with_evidence(report: Report, evidence: tuple[Evidence, ...]) -> Report:
    """The report with the answers beside its own evidence, not judged yet."""
    return report.model_copy(update={"evidence": newest([*report.evidence, *evidence])})


def statement_of(
    examined: Examined,
    evidence: tuple[Evidence, ...],
    report: Report,
    judged: Report,
    key: Key,
) -> Accepted:
    """The signed acceptance of this evidence: judged with `report`, it made `judged`.

    Raises:
        SigningError: the key or the agent refused.
        ValueError: the report is a draft; nobody verified it.
    """
    if report.signer is None:
        raise ValueError("answers are accepted only with a signed report")
    came, pack = examined.came, examined.pack
    acceptance = Acceptance(
        booking=pack.booking,
        site=pack.site,
        tool=Tool(name="preflight", version=__version__),
        signer=statement.signer_of(key),
        request=pack.request,
        pack_sha256=sha256_hex(statement.document_bytes(pack)),
        subject=Subject(
            sha256=came.sha256,
            size_bytes=came.size_bytes,
            seal="hmac" if examined.sealed else "none",
        ),
        report_sha256=sha256_hex(report_bytes(report)),
        report_signer=report.signer,
        received=examined.received,
        evidence=tuple(item.id for item in evidence),
        evidence_sha256=tuple(evidence_digest(item) for item in evidence),
        stage=judged.stage,
        decision=judged.verdict.decision,
        expires=judged.expires,
    )
    _, armored = statement.sign(acceptance, statement.ACCEPTANCE, key)
    return Accepted(
        acceptance=acceptance,
        signature=armored,
        pack=pack,
        pack_signature=examined.pack_signature,
    )


def embedded(judged: Report, accepted: Accepted, received: datetime) -> Report:
    """The judged report with its newest acceptance. It holds from when the answers came; one that
    had run out by then never holds."""
    begins = min(max(judged.run.finished, received), judged.expires)
    every = oldest_first([*judged.acceptances, accepted])
    return named(judged.model_copy(update={"acceptances": every, "not_before": begins}))


def documents(accepted: Accepted) -> dict[str, bytes]:
    """The acceptance as files, beside those of the report."""
    return {
        DOCUMENT: statement.document_bytes(accepted.acceptance),
        SIGNATURE: accepted.signature.encode("ascii"),
    }

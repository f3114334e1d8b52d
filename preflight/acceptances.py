"""What makes evidence of the customer's vantage count: an acceptance that names it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime

from preflight.canonical import digest
from preflight.evidence import Ask, Evidence, Statement
from preflight.fresh import SKEW
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.report import Report
from preflight.signing import statement
from preflight.signing.trust import Trust
from preflight.statements import Acceptance, Accepted, Pack
from preflight.text import sha256_hex


def evidence_digest(item: Evidence) -> str:
    """The digest by which an acceptance names a piece of evidence."""
    return digest(item.model_dump(mode="json"))


def newest(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The newest to each question from each vantage, sorted by id.

    What the customer told is taken back only by a newer answer, and what came under a seal only by
    one that did too: beside a later silence or "I do not know" it stays.
    """
    found: dict[tuple[Ask, str, str], Evidence] = {}
    for item in sorted(_each_once(evidence), key=lambda e: (e.taken, e.id)):
        for place in _places(item):
            found[Ask(thing=item.thing, question=item.question), item.vantage, place] = item
    return tuple(sorted({e.id: e for e in found.values()}.values(), key=lambda e: e.id))


def _each_once(evidence: Iterable[Evidence]) -> Iterable[Evidence]:
    """Two files of a customer may answer one question in the same second, and so with one id."""
    found: dict[str, Evidence] = {}
    for item in evidence:
        had = found.get(item.id)
        if had is None or item.vantage == "vendor" or _weight(item) >= _weight(had):
            found[item.id] = item
    return found.values()


def _weight(item: Evidence) -> tuple[bool, bool]:
    return _tells(item), item.proven


def _places(item: Evidence) -> tuple[str, ...]:
    if item.vantage == "vendor" or not _tells(item):
        return ("newest",)
    return ("newest", "sealed" if item.proven else "unsealed")


def _tells(item: Evidence) -> bool:
    silent_person = isinstance(item.answer, Statement) and not item.answer.value
    return item.answer is not None and not silent_person


def accepted_in(report: Report) -> frozenset[Evidence]:
    """The customer's evidence that an acceptance for the report's own booking names."""
    ours = [a for a in report.acceptances if a.acceptance.booking == report.booking]
    named = _named(ours)
    return frozenset(item for item in _customers(report) if _pair(item) in named)


def of(evidence: Iterable[Evidence], sources: Iterable[Report]) -> tuple[Accepted, ...]:
    """The acceptances of these reports that name any of this evidence, oldest first."""
    pairs = {_pair(item) for item in evidence if item.vantage == "customer"}
    every = dict.fromkeys(a for source in sources for a in source.acceptances)
    return oldest_first(a for a in every if pairs & _named([a]).keys())


def oldest_first(accepted: Iterable[Accepted]) -> tuple[Accepted, ...]:
    """In the order in which a report embeds them."""
    return tuple(sorted(accepted, key=lambda a: (a.acceptance.received, a.signature)))


def refuse_unaccepted(report: Report, known: Trust, now: datetime) -> None:
    """Every acceptance is genuine and about this report's trip, and the customer's evidence is
    what they name.

    Raises:
        NotGenuine: a code of a signature's verification, `booking-mismatch`, `site-mismatch`,
            `pack-binding-mismatch`, `pack-mismatch`, `from-the-future`, `time-inconsistent`,
            `pack-expired`, `started-before-pack`, `finished-after-receipt`,
            `acceptance-mismatch`.
    """
    for accepted in report.acceptances:
        acceptance = _opened(accepted, known, now)
        _refuse_other_trip(acceptance, accepted.pack, report)
        refuse_other_times(acceptance.received, accepted.pack, now)
    _refuse_unnamed(report)


def _opened(accepted: Accepted, known: Trust, now: datetime) -> Acceptance:
    """Both signatures; the pack's key had to be good when the answers to it came."""
    said, pack = accepted.acceptance, statement.document_bytes(accepted.pack)
    data = statement.document_bytes(said)
    statement.open_statement(data, accepted.signature, statement.ACCEPTANCE, known, now)
    statement.open_statement(
        pack, accepted.pack_signature, statement.PACK, known, min(now, said.received)
    )
    if said.pack_sha256 != sha256_hex(pack) or said.request != accepted.pack.request:
        raise refusal("pack-mismatch", "The acceptance speaks of another request than its pack.")
    return said


def _refuse_other_trip(said: Acceptance, pack: Pack, report: Report) -> None:
    if said.booking != report.booking:
        raise refusal("booking-mismatch", f"An acceptance is about {said.booking}.")
    if said.site != report.site:
        raise refusal("site-mismatch", f"An acceptance is about {said.site}.")
    if (pack.booking, pack.site) != (said.booking, said.site):
        what = f"booking {pack.booking}, site {pack.site}"
        raise refusal("pack-binding-mismatch", f"The request was about {what}.")


def refuse_other_times(received: datetime, pack: Pack, now: datetime) -> None:
    """Answers came while their request held, and not after now.

    Raises:
        NotGenuine: `from-the-future`, `time-inconsistent`, `pack-expired`.
    """
    came = f"Answers came on {utc_text(received)}"
    if received > now + SKEW:
        raise refusal("from-the-future", f"{came}; now {utc_text(now)}.")
    if received + SKEW < pack.issued:
        raise refusal("time-inconsistent", f"{came}, before they were asked for.")
    if received > pack.expires + SKEW:
        what = f"{came}; the request held until {utc_text(pack.expires)}."
        raise refusal("pack-expired", what)


def _refuse_unnamed(report: Report) -> None:
    """Evidence that is gone was replaced by newer answers, which others accepted."""
    named = _named(report.acceptances)
    for item in _customers(report):
        if (by := named.get(_pair(item))) is None:
            what = f"Evidence {item.id} from the customer is not what anybody accepted."
            raise refusal("acceptance-mismatch", what)
        _refuse_other_evidence(item, by)
    here = {_pair(item) for item in _customers(report)}
    for accepted in report.acceptances:
        _refuse_left_out(accepted, here)


def _refuse_left_out(accepted: Accepted, here: Set[tuple[str, str]]) -> None:
    """Every answer that is gone left its question to another one, of another acceptance."""
    its = _named([accepted]).keys()
    gone = len(its - here)
    if gone > len(here - its):
        what = f"{gone} of the answers to {accepted.acceptance.request} were left out."
        raise refusal("acceptance-mismatch", what)


def _refuse_other_evidence(item: Evidence, by: Accepted) -> None:
    if item.proven and by.acceptance.subject.seal == "none":
        raise refusal("acceptance-mismatch", f"Evidence {item.id} was not sealed.")
    if item.taken > by.acceptance.received:
        what = f"Evidence {item.id} was taken after the answers came."
        raise refusal("finished-after-receipt", what)
    if item.taken + SKEW < by.pack.issued:
        what = f"Evidence {item.id} was taken before it was asked for."
        raise refusal("started-before-pack", what)


def _named(accepted: Sequence[Accepted]) -> Mapping[tuple[str, str], Accepted]:
    """An id without a digest names nothing."""
    return {
        pair: one
        for one in accepted
        for pair in zip(one.acceptance.evidence, one.acceptance.evidence_sha256, strict=False)
    }


def _pair(item: Evidence) -> tuple[str, str]:
    return item.id, evidence_digest(item)


def _customers(report: Report) -> Iterator[Evidence]:
    return (item for item in report.evidence if item.vantage == "customer")

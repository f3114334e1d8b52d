"""A report that rests on a customer's answers: every way to forge that by its code.

Numbers are signing.md's. Everything is validly signed by a key that may sign reports, unless the
case says otherwise: that key alone must not be able to make up what a customer said.
"""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from preflight.acceptances import evidence_digest
from preflight.canonical import canonical
from preflight.errors import NotGenuine
from preflight.evidence import Ask, Evidence, evidence_id
from preflight.judge import rejudge
from preflight.model import Model
from preflight.report import Report, named
from preflight.signing import folder, statement
from preflight.verify import Expected, File, verify
from preflight.words import Decision
from tests.selfcheck.office import RECEIVED, STARTED, Office, at_home, new_signer

SKEW = timedelta(seconds=300)
NOW = RECEIVED + timedelta(minutes=10)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """Answers came and were accepted."""
    made = at_home(tmp_path, monkeypatch)()
    made.accept(made.sealed(made.answers()))
    return made


def written(office: Office) -> Report:
    """The accepted report."""
    return office.verified().report


def signed(office: Office, report: Report) -> File:
    """Any report, named anew and validly signed."""
    data = canonical(named(report).model_dump(mode="json", by_alias=True))
    return File(data, office.signer.sign("preflight-report", data).encode())


def code(office: Office, report: Report, now: Any = NOW) -> str:
    """The code of the refusal; they must come at step 15."""
    expected = Expected(booking="BK-1", site="lagos")
    try:
        found = verify(signed(office, report), office.trust, now=now, expected=expected)
    except NotGenuine as error:
        assert error.step == 15, str(error)
        return error.code
    return found.codes[0].code if found.codes else "go"


def with_accepted(report: Report, **changes: Any) -> Report:
    """The one embedded acceptance, altered as it stands there."""
    [one] = report.acceptances
    return report.model_copy(update={"acceptances": (one.model_copy(update=changes),)})


def accepted_anew(office: Office, report: Report, key: Any = None, **said: Any) -> Report:
    """The acceptance says something else, and is signed again."""
    [one] = report.acceptances
    acceptance = one.acceptance.model_copy(update=said)
    _, armored = statement.sign(acceptance, statement.ACCEPTANCE, key or office.signer)
    return with_accepted(report, acceptance=acceptance, signature=armored)


def asked_anew(office: Office, report: Report, **asked: Any) -> Report:
    """The pack says something else, is signed again, and the acceptance names it."""
    [one] = report.acceptances
    pack = one.pack.model_copy(update=asked)
    data, armored = statement.sign(pack, statement.PACK, office.signer)
    changed = with_accepted(report, pack=pack, pack_signature=armored)
    return accepted_anew(office, changed, pack_sha256=sha256(data).hexdigest())


def with_evidence(report: Report, evidence: tuple[Evidence, ...]) -> Report:
    """Judged honestly, from other evidence."""
    ordered = tuple(sorted(evidence, key=lambda e: e.id))
    return rejudge(report.model_copy(update={"evidence": ordered}))


def theirs(report: Report) -> list[Evidence]:
    return [e for e in report.evidence if e.vantage == "customer"]


def test_good(office: Office) -> None:
    assert code(office, written(office)) == "go"


def test_117_acceptance_altered(office: Office) -> None:
    report = written(office)
    acceptance = report.acceptances[0].acceptance.model_copy(update={"decision": Decision.NO_GO})
    assert code(office, with_accepted(report, acceptance=acceptance)) == "sig-invalid"


def test_69_pack_altered(office: Office) -> None:
    report = written(office)
    pack = report.acceptances[0].pack
    longer = pack.model_copy(update={"expires": pack.expires + SKEW})
    assert code(office, with_accepted(report, pack=longer)) == "sig-invalid"


@pytest.mark.parametrize("field", ["signature", "pack_signature"])
def test_141_signature_is_garbage(field: str, office: Office) -> None:
    assert code(office, with_accepted(written(office), **{field: "x"})) == "sig-malformed"


def test_118_24_signed_for_another_purpose(office: Office) -> None:
    report = written(office)
    [one] = report.acceptances
    for namespace in ("preflight-report", "preflight-pack"):
        other = office.signer.sign(namespace, statement.document_bytes(one.acceptance))
        assert code(office, with_accepted(report, signature=other)) == "ns-mismatch"
    other = office.signer.sign("preflight-acceptance", statement.document_bytes(one.pack))
    assert code(office, with_accepted(report, pack_signature=other)) == "ns-mismatch"


def test_28_127_accepted_by_somebody_who_may_not(office: Office) -> None:
    report, customer = written(office), new_signer()
    mine = accepted_anew(office, report, customer, signer=statement.signer_of(customer))
    assert code(office, mine) == "key-untrusted"
    folder.add(office.trust, customer.principal, customer.key.public, ["preflight-report"])
    assert code(office, mine) == "key-wrong-namespace"


def test_138_the_signer_is_not_the_one_named(office: Office) -> None:
    report, other = written(office), new_signer()
    assert code(office, accepted_anew(office, report, other)) == "signer-mismatch"


@pytest.mark.parametrize("what", ["acceptance", "pack"])
def test_35_128_revoked_meanwhile(what: str, office: Office) -> None:
    """Another's key: the report's own would end it at step 5."""
    report, other = written(office), new_signer()
    folder.add(office.trust, other.principal, other.key.public, [f"preflight-{what}"])
    named = {"signer": statement.signer_of(other)}
    if what == "pack":
        pack = report.acceptances[0].pack.model_copy(update=named)
        data, armored = statement.sign(pack, statement.PACK, other)
        changed = with_accepted(report, pack=pack, pack_signature=armored)
        report = accepted_anew(office, changed, pack_sha256=sha256(data).hexdigest())
    else:
        report = accepted_anew(office, report, other, **named)
    assert code(office, report) == "go"
    folder.revoke(office.trust, other.key.public)
    assert code(office, report) == "key-revoked"


def test_126_an_acceptance_of_another_trip(office: Office) -> None:
    report = written(office)
    assert code(office, accepted_anew(office, report, booking="BK-2")) == "booking-mismatch"
    assert code(office, accepted_anew(office, report, site="abuja")) == "site-mismatch"
    assert code(office, asked_anew(office, report, booking="BK-2")) == "pack-binding-mismatch"
    assert code(office, asked_anew(office, report, site="abuja")) == "pack-binding-mismatch"


def test_139_an_acceptance_of_another_pack(office: Office) -> None:
    report = written(office)
    assert code(office, accepted_anew(office, report, pack_sha256="0" * 64)) == "pack-mismatch"
    assert code(office, accepted_anew(office, report, request="r-1")) == "pack-mismatch"


def test_136_received_in_the_future(office: Office) -> None:
    report = written(office)
    assert code(office, accepted_anew(office, report, received=NOW + SKEW)) == "go"
    late = NOW + SKEW + timedelta(seconds=1)
    assert code(office, accepted_anew(office, report, received=late)) == "from-the-future"


def test_125_received_after_the_request_expired(office: Office) -> None:
    report = written(office)
    second = timedelta(seconds=1)
    at = RECEIVED - SKEW
    assert code(office, asked_anew(office, report, expires=at)) == "go"
    assert code(office, asked_anew(office, report, expires=at - second)) == "pack-expired"


def test_received_before_it_was_asked(office: Office) -> None:
    late = RECEIVED + SKEW + timedelta(seconds=1)
    assert code(office, asked_anew(office, written(office), issued=late)) == "time-inconsistent"


def test_124_84_seen_outside_the_request(office: Office) -> None:
    report, second = written(office), timedelta(seconds=1)
    early = accepted_anew(office, report, received=STARTED)
    assert code(office, early) == "finished-after-receipt"
    late = asked_anew(office, report, issued=STARTED + SKEW + 61 * second)
    assert code(office, late) == "started-before-pack"


def test_119_customers_evidence_that_nobody_accepted(office: Office) -> None:
    """With a report key alone: no acceptance, or one that does not name it."""
    report = written(office)
    without = report.model_copy(update={"acceptances": ()})
    assert code(office, without) == "acceptance-mismatch"
    added = theirs(report)[0].model_copy(update={"taken": STARTED})
    ask = Ask(thing=added.thing, question=added.question)
    added = added.model_copy(update={"id": evidence_id(ask, "customer", STARTED)})
    assert code(office, with_evidence(report, (*report.evidence, added))) == "acceptance-mismatch"


def test_one_answer_altered(office: Office) -> None:
    """Also when another is left out; and none may be left out, which could be the one against."""
    report = written(office)
    others = [e for e in report.evidence if e.vantage == "vendor"]
    first, second, *rest = theirs(report)
    for altered in ({"duration_us": 7}, {"attempts": 7}):
        changed = first.model_copy(update=altered)
        for kept in ([second], []):
            forged = with_evidence(report, (*others, changed, *kept, *rest))
            assert code(office, forged) == "acceptance-mismatch"
    assert code(office, with_evidence(report, (*others, first, *rest))) == "acceptance-mismatch"
    assert code(office, with_evidence(report, tuple(others))) == "acceptance-mismatch"


def test_unsealed_answers_passed_off_as_sealed(office: Office) -> None:
    report = written(office)
    subject = report.acceptances[0].acceptance.subject.model_copy(update={"seal": "none"})
    assert code(office, accepted_anew(office, report, subject=subject)) == "acceptance-mismatch"


def test_ids_without_digests(office: Office) -> None:
    report = written(office)
    fewer = report.acceptances[0].acceptance.evidence_sha256[:-1]
    assert code(office, accepted_anew(office, report, evidence_sha256=fewer)) == (
        "acceptance-mismatch"
    )


def test_an_acceptance_moved_to_another_report(office: Office) -> None:
    """It is genuine, but what was accepted is not here; and it vouches for nothing else."""
    [one] = written(office).acceptances
    moved = office.report.model_copy(update={"acceptances": (one,)})
    assert code(office, moved) == "acceptance-mismatch"
    forged = theirs(written(office))[0].model_copy(update={"duration_us": 1})
    moved = with_evidence(moved, (*moved.evidence, forged))
    assert code(office, moved) == "acceptance-mismatch"


def test_what_is_not_checked_stays_said(office: Office) -> None:
    """The pack bounds the customer's look, not the vendor's run."""
    assert "no-pack" in [name for name, _ in office.verified().not_checked]


def test_the_page_says_the_same(office: Office) -> None:
    assert office.verified(page=True).report == written(office)


def test_digests_are_over_everything(office: Office) -> None:
    item: Model = theirs(written(office))[0]
    assert isinstance(item, Evidence)
    seen = {evidence_digest(item)}
    for change in ({"proven": False}, {"duration_us": 5}, {"root": "/x"}, {"good_for_s": 1}):
        seen.add(evidence_digest(item.model_copy(update=change)))
    assert len(seen) == 5

"""A second key, or a second vantage that agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from preflight.acceptances import evidence_digest
from preflight.booking.genuine import Genuine
from preflight.booking.second import lacking
from preflight.booking.slip import slip_of
from preflight.evidence import Evidence
from preflight.files.policy import Second
from preflight.report import Report, named
from preflight.signing import folder
from preflight.signing.statement import signer_of
from preflight.statements import Signer
from preflight.verify import Verified
from preflight.words import Controller, Decision, Stage

TRIP = {"booking": "BK-1", "site": "lagos"}
POLICY = """\
policy: two
stages:
  book: {second: none, max_age: 30d}
  commit: {second: SECOND, max_age: 7d}
  depart: {second: SECOND, max_age: 72h}
"""


REACHED: dict[tuple[str, str], Any] = {("host:db1", "connect"): None}


def want(firm: Any, second: str) -> None:
    firm.policy(POLICY.replace("SECOND", second))


@pytest.mark.parametrize("second", ["key", "key-or-vantage"])
def test_another_persons_acceptance_is_a_second_key(second: str, firm: Any) -> None:
    want(firm, second)
    report = firm.report()
    file = firm.full(report)
    assert firm.codes(file, "book") == []
    assert firm.codes(file) == ["second-missing"]
    assert firm.codes(file, acceptance=firm.acceptance(report)) == []
    assert firm.codes(firm.document(report), acceptance=firm.acceptance(report), **TRIP) == []


def test_an_attached_acceptance_counts_as_well(firm: Any) -> None:
    want(firm, "key")
    report = firm.report()
    path = firm.acceptance(report)
    files = {
        name: path.with_name(name).read_bytes()
        for name in ("acceptance.json", "acceptance.json.sig")
    }
    page = {"report.html": firm.files(report)["report.html"]}
    assert firm.codes(firm.calendar(page, files)) == []
    del files["acceptance.json.sig"]
    assert firm.codes(firm.calendar(page, files)) == ["sig-missing"]


def test_an_acceptance_is_no_second_vantage(firm: Any) -> None:
    want(firm, "vantage")
    report = firm.report()
    assert firm.codes(firm.full(report), acceptance=firm.acceptance(report)) == ["second-missing"]


def test_a_second_key_behind_a_slip(firm: Any) -> None:
    firm.policy(POLICY.replace("none", "key").replace("SECOND", "key"))
    report = firm.report()
    slip = firm.calendar(firm.slip_files(report))
    assert firm.codes(slip, "book") == ["second-missing"]
    assert firm.codes(slip, "book", acceptance=firm.acceptance(report)) == []


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({"decision": Decision.NO_GO}, ["no-go", "second-missing"]),
        ({"decision": Decision.NOT_PROVEN}, ["not-proven", "second-missing"]),
        ({"stage": Stage.BOOK}, ["second-missing"]),
        ({"stage": Stage.DEPART}, []),
        ({"booking": "BK-2"}, ["booking-mismatch"]),
        ({"site": "lima"}, ["site-mismatch"]),
        ({"report_sha256": "0" * 64}, ["acceptance-mismatch"]),
        (
            {"report_signer": Signer(principal="carl@vendor.example", fingerprint="SHA256:x")},
            ["acceptance-mismatch"],
        ),
    ],
)
def test_an_acceptance_that_does_not_fit(
    changes: dict[str, Any], codes: list[str], firm: Any
) -> None:
    want(firm, "key")
    report = firm.report()
    acceptance = firm.acceptance(report, **changes)
    assert firm.codes(firm.full(report), acceptance=acceptance) == codes


def test_times_of_an_acceptance(firm: Any) -> None:
    want(firm, "key")
    report = firm.report()
    file = firm.full(report)
    outlives = firm.acceptance(report, expires=report.expires + timedelta(seconds=1))
    assert firm.codes(file, acceptance=outlives) == ["acceptance-outlives-report"]
    over = firm.acceptance(report, expires=firm.now)
    assert firm.codes(file, acceptance=over) == ["second-missing"]
    early = firm.acceptance(report, received=firm.now + timedelta(hours=1))
    assert firm.codes(file, acceptance=early) == ["from-the-future"]


def test_nobody_is_his_own_second(firm: Any) -> None:
    want(firm, "key")
    report = firm.report()
    own = firm.acceptance(report, firm.anna)
    assert firm.codes(firm.full(report), acceptance=own) == ["self-acceptance"]
    folder.add(firm.trust, "carl@vendor.example", firm.anna.key.public, ["preflight-acceptance"])
    renamed = type(firm.anna)("carl@vendor.example", firm.anna.key)
    other_name = firm.acceptance(report, renamed)
    assert firm.codes(firm.full(report), acceptance=other_name) == ["self-acceptance"]
    folder.add(firm.trust, firm.anna.principal, firm.stranger.key.public, ["preflight-acceptance"])
    other_key = firm.acceptance(report, firm.stranger)
    assert firm.codes(firm.full(report), acceptance=other_key) == ["self-acceptance"]


def test_two_keys_of_one_person_are_one(firm: Any) -> None:
    """Under another name, which the trust folder gives to the same key."""
    want(firm, "key")
    report = firm.report()
    names = ("carl@vendor.example", firm.anna.principal)
    for name in names:
        folder.add(firm.trust, name, firm.stranger.key.public, ["preflight-acceptance"])
    carl = type(firm.anna)(names[0], firm.stranger.key)
    own = firm.acceptance(report, carl)
    assert firm.codes(firm.full(report), acceptance=own) == ["self-acceptance"]


def test_an_acceptance_that_does_not_say_go_weighs_without_being_asked_for(firm: Any) -> None:
    """With the customer's answers it was not proven: no policy makes that a yes."""
    report = firm.report()
    doubts = firm.acceptance(report, decision=Decision.NOT_PROVEN)
    assert firm.codes(firm.full(report), acceptance=doubts) == ["not-proven"]
    assert firm.codes(firm.full(report), "depart", acceptance=doubts)[0] == "not-proven"
    assert firm.codes(firm.full(report), "book", acceptance=doubts) == []
    refuses = firm.acceptance(report, decision=Decision.NO_GO)
    assert firm.codes(firm.full(report), "book", acceptance=refuses) == ["no-go"]


def test_whose_acceptances_count(firm: Any) -> None:
    want(firm, "key")
    report = firm.report()
    file = firm.full(report)
    assert firm.codes(file, acceptance=firm.acceptance(report, firm.stranger)) == ["key-untrusted"]
    acceptance = firm.acceptance(report)
    acceptance.write_bytes(acceptance.read_bytes().replace(b'"go"', b'"no-go"'))
    assert firm.codes(file, acceptance=acceptance) == ["sig-invalid"]
    folder.revoke(firm.trust, firm.bola.key.public)
    assert firm.codes(file, acceptance=firm.acceptance(report)) == ["key-revoked"]


@pytest.mark.parametrize("second", ["vantage", "key-or-vantage"])
def test_the_customers_sealed_answers_are_a_second_vantage(second: str, firm: Any) -> None:
    want(firm, second)
    for report in (firm.with_answers(), firm.with_answers(REACHED)):
        assert report.verdict.decision is Decision.GO
        assert firm.codes(firm.full(report)) == []


def test_a_second_vantage_is_no_second_key(firm: Any) -> None:
    want(firm, "key")
    assert firm.codes(firm.full(firm.with_answers(REACHED))) == ["second-missing"]


def test_unsealed_answers_are_none(firm: Any) -> None:
    want(firm, "vantage")
    assert "second-missing" in firm.codes(firm.full(firm.with_answers(REACHED, seal="none")))


def test_answers_that_contradict_are_none(firm: Any) -> None:
    want(firm, "vantage")
    other = {("host:db1", "product-serial"): {"type": "text", "value": "SN-9"}}
    report = firm.with_answers(other)
    (named, *_) = (finding.id for finding in report.findings if finding.contradiction)
    reasons = {r["code"]: r for r in firm.ask(firm.full(report))["reasons"]}
    assert named in reasons["second-missing"]["text"]
    assert "which of the two is right" in reasons["second-missing"]["next"]


def test_what_is_advised_depends_on_what_was_given(firm: Any) -> None:
    want(firm, "vantage")
    for report, advised in [
        (firm.report(), "Have the customer run the self-check, or give"),
        (
            firm.with_answers(REACHED, expires=firm.now),
            "Have the customer run the self-check again",
        ),
    ]:
        (reason,) = firm.ask(firm.full(report))["reasons"]
        assert reason["next"].startswith(advised)


def test_an_acceptance_without_an_answer_of_ours_is_none(firm: Any) -> None:
    want(firm, "vantage")
    assert firm.codes(firm.full(firm.with_answers({}))) == ["second-missing"]


def test_an_acceptance_that_ran_out_is_none(firm: Any) -> None:
    want(firm, "vantage")
    report = firm.with_answers(REACHED, expires=firm.now)
    assert firm.codes(firm.full(report)) == ["second-missing"]


def test_answers_that_nobody_accepted_are_refused(firm: Any) -> None:
    """`verify` sees to it; the gate relies on it."""
    want(firm, "vantage")
    report = firm.with_answers(REACHED)
    accepted = report.acceptances[0]
    forged = accepted.model_copy(update={"signature": accepted.pack_signature})
    for acceptances, code in [((), "acceptance-mismatch"), ((forged,), "ns-mismatch")]:
        other = named(report.model_copy(update={"acceptances": acceptances}))
        assert firm.codes(firm.full(other)) == [code]


CHANGES: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("customer", {}),
    "unsealed": ("customer", {"proven": False}),
    "of a person": ("customer", {"controller": Controller.PERSON}),
    "no answer": ("customer", {"answer": None}),
    "run out": ("customer", {"good_for_s": 60}),
    "of our own vantage": ("customer", {"vantage": "vendor"}),
    "ours is no answer": ("vendor", {"answer": None}),
    "ours is of the way there": ("vendor", {"controller": Controller.NETWORK}),
}


@pytest.mark.parametrize("name", CHANGES)
def test_which_answers_make_a_second_vantage(name: str, firm: Any) -> None:
    vantage, change = CHANGES[name]
    report = firm.with_answers(REACHED)
    chosen = ("host:db1", "connect", vantage)
    evidence = tuple(
        item.model_copy(update=change)
        if (item.thing, item.question.fact, item.vantage) == chosen
        else item
        for item in report.evidence
    )
    assert (evidence == report.evidence) is (name == "none")
    known = _known(firm, _accepted_anew(report, evidence))
    missing = lacking(Second.VANTAGE, known, Stage.COMMIT, firm.now)
    assert (missing == "") is (name == "none")


def test_a_proven_answer_of_an_unsealed_acceptance_is_none(firm: Any) -> None:
    report = firm.with_answers(REACHED)
    accepted = report.acceptances[0]
    subject = accepted.acceptance.subject.model_copy(update={"seal": "none"})
    said = accepted.acceptance.model_copy(update={"subject": subject})
    unsealed = accepted.model_copy(update={"acceptance": said})
    known = _known(firm, report.model_copy(update={"acceptances": (unsealed,)}))
    assert lacking(Second.VANTAGE, known, Stage.COMMIT, firm.now)


def _accepted_anew(report: Report, evidence: tuple[Evidence, ...]) -> Report:
    """The acceptance names what is there: only the evidence itself can be what is wrong."""
    digests = {item.id: evidence_digest(item) for item in evidence if item.vantage == "customer"}
    accepted = report.acceptances[0]
    said = accepted.acceptance.model_copy(
        update={
            "evidence_sha256": tuple(
                digests.get(name, "0" * 64) for name in accepted.acceptance.evidence
            )
        }
    )
    anew = accepted.model_copy(update={"acceptance": said})
    return report.model_copy(update={"evidence": evidence, "acceptances": (anew,)})


def _known(firm: Any, report: Report) -> Genuine:
    signer = signer_of(firm.anna)
    verified = Verified(
        report=report, principal=signer.principal, fingerprint=signer.fingerprint,
        trust_fingerprint="0" * 64, at=firm.now, codes=(), not_checked=(),
    )  # fmt: skip
    signed = report.model_copy(update={"signer": signer})
    return Genuine(slip_of(signed, "0" * 64, signer), verified, None, ())

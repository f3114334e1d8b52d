"""A second key, or a second vantage that agrees."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from preflight.signing import folder
from preflight.words import Decision, Stage

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
        ({"decision": Decision.NOT_PROVEN}, ["second-missing"]),
        ({"stage": Stage.BOOK}, ["second-missing"]),
        ({"stage": Stage.DEPART}, []),
        ({"booking": "BK-2"}, ["booking-mismatch"]),
        ({"site": "lima"}, ["site-mismatch"]),
        ({"report_sha256": "0" * 64}, ["acceptance-mismatch"]),
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
    report = firm.with_answers(REACHED)
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
    assert any(finding.contradiction for finding in report.findings)
    assert "second-missing" in firm.codes(firm.full(report))


def test_an_acceptance_without_an_answer_of_ours_is_none(firm: Any) -> None:
    want(firm, "vantage")
    assert firm.codes(firm.full(firm.with_answers({}))) == ["second-missing"]


def test_an_acceptance_that_ran_out_is_none(firm: Any) -> None:
    want(firm, "vantage")
    report = firm.with_answers(REACHED, expires=firm.now)
    assert firm.codes(firm.full(report)) == ["second-missing"]

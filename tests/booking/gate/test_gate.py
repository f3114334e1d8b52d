"""`gate`: the ten cases of a booking, each by a real calendar file, and what else may not go."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.canonical import canonical, digest
from preflight.publish import publish
from preflight.report import UNSIGNED_FIELDS, read_report, report_data
from preflight.signing import REPORT, folder
from preflight.signing.statement import signer_of
from preflight.statements import SlipStage
from preflight.words import Decision, Ended, Stage

DARK: dict[tuple[str, str], None] = {("host:db2", "connect"): None}
SILENT: dict[tuple[str, str], None] = {("bmc:db1", "power"): None}
NEXT_DAY = timedelta(days=1)


def test_fresh_go(firm: Any) -> None:
    ruling = firm.ask(firm.full(firm.report()))
    assert ruling["allow"] is True
    assert (ruling["exit"], ruling["decision"], ruling["reasons"]) == (0, "go", [])
    assert ruling["report"]["signer"]["principal"] == firm.anna.principal
    assert ruling["report"]["report_sha256"] == ruling["slip"]["report_sha256"]
    assert ruling["booking"]["uid"].startswith("0400")
    assert ruling["policy"]["policy"] == "one-key"
    assert ruling["not_checked"] == ["no-profile", "no-pack", "no-ledger"]


def test_no_go(firm: Any) -> None:
    ruling = firm.ask(firm.full(firm.report(DARK)))
    assert (ruling["allow"], ruling["exit"], ruling["decision"]) == (False, 3, "no-go")
    assert [reason["code"] for reason in ruling["reasons"]] == ["no-go"]
    assert ruling["report"]["decision"] == "no-go"


def test_a_no_go_is_advised_by_stage_and_by_what_the_desk_holds(firm: Any) -> None:
    report = firm.report(DARK)
    for stage, do_not in [
        ("book", "Buy no tickets"),
        ("commit", "Do not commit to the trip"),
        ("depart", "Do not travel"),
    ]:
        whole = firm.ask(firm.full(report), stage)["reasons"][0]["next"]
        assert whole == f"{do_not}; page 1 of the report names the causes."
        reasons = firm.ask(firm.calendar(firm.slip_files(report)), stage)["reasons"]
        alone = next(r["next"] for r in reasons if r["code"] == "no-go")
        assert alone.startswith(f"{do_not}; ask anna@vendor.example for the report, ")


def test_not_proven(firm: Any) -> None:
    ruling = firm.ask(firm.full(firm.report(SILENT)))
    assert (ruling["allow"], ruling["exit"], ruling["decision"]) == (False, 4, "not-proven")
    assert [reason["code"] for reason in ruling["reasons"]] == ["not-proven"]


def test_expired(firm: Any) -> None:
    ruling = firm.ask(firm.full(firm.report()), now=firm.now + NEXT_DAY)
    assert (ruling["exit"], ruling["decision"]) == (4, "not-proven")
    assert [reason["code"] for reason in ruling["reasons"]] == ["expired"]
    assert ruling["report"]["decision"] == "go"


@pytest.mark.parametrize("stage", ["book", "commit", "depart"])
def test_moved_to_another_day(stage: str, firm: Any) -> None:
    for old, new in [
        ("DTSTART:20261207", "DTSTART:20261208"),
        ("DTEND:20261211", "DTEND:20261210"),
        ("DEPARTS:20261206T054000", "DEPARTS:20261206T054001"),
        ("DECIDE-BY:20261203", "DECIDE-BY:20261202"),
    ]:
        codes = firm.codes(firm.full(firm.report(), change={old: new}), stage)
        assert "travel-moved" in codes
        slip_alone = firm.calendar(firm.slip_files(firm.report()), change={old: new})
        assert "travel-moved" in firm.codes(slip_alone, stage)


def test_a_cancelled_trip_does_not_go(firm: Any) -> None:
    changes = [
        {"SUMMARY:": "STATUS:CANCELLED\nSUMMARY:"},
        {"METHOD:REQUEST": "METHOD:CANCEL"},
    ]
    for change in changes:
        assert firm.codes(firm.full(firm.report(), change=change)) == ["travel-moved"]


def test_the_same_event_twice(firm: Any) -> None:
    """A newer state of the trip, that lost what only the booking system writes."""
    newer = (
        "END:VEVENT\nBEGIN:VEVENT\nUID:040000008200E00074C5B7101A82E008\nSEQUENCE:9\n"
        "DTSTART:20270107T080000Z\nDTEND:20270111T160000Z\n"
    )
    assert firm.codes(firm.full(firm.report(), more=newer)) == ["reports-ambiguous"]
    other = newer.replace("82E008", "82E009")
    assert firm.codes(firm.full(firm.report(), more=other)) == []


def test_what_the_calendar_does_not_say_it_does_not_contradict(firm: Any) -> None:
    without = {"X-PREFLIGHT-DECIDE-BY:20261203T110000Z\n": ""}
    assert firm.codes(firm.full(firm.report(), change=without)) == []


def test_other_booking_and_other_site(firm: Any) -> None:
    for name, code in [("BOOKING:BK-", "booking-mismatch"), ("SITE:lagos", "site-mismatch")]:
        for files in ("page", "slip"):
            there = firm.full if files == "page" else _slip_only(firm)
            ruling = firm.ask(there(firm.report(), change={name: f"{name}9"}), "book")
            assert [reason["code"] for reason in ruling["reasons"]] == [code]
            assert (ruling["exit"], ruling["decision"], ruling["report"]) == (5, None, None)


def _slip_only(firm: Any) -> Any:
    return lambda report, **how: firm.calendar(firm.slip_files(report), **how)


def test_asked_about_another_trip_than_the_calendars(firm: Any) -> None:
    file = firm.full(firm.report())
    assert firm.codes(file, booking="BK-1", site="lagos") == []
    assert firm.codes(file, booking="BK-2") == ["booking-mismatch"]
    assert firm.codes(file, site="lima") == ["site-mismatch"]
    assert firm.codes(firm.calendar(), booking="BK-2") == ["booking-mismatch"]


def test_unknown_key(firm: Any) -> None:
    report = firm.report()
    page = {"report.html": firm.files(report, firm.stranger)["report.html"]}
    assert firm.codes(firm.calendar(page)) == ["key-untrusted"]
    assert firm.codes(firm.calendar(firm.slip_files(report, firm.stranger)), "book") == [
        "key-untrusted"
    ]


def test_edited_payload(firm: Any) -> None:
    files = dict(firm.files(firm.report(DARK)))
    edited = files["report.json"].replace(b'"no-go"', b'"go"')
    file = firm.signed("report.json", edited, files["report.json.sig"])
    assert firm.codes(file, booking="BK-1", site="lagos") == ["sig-invalid"]
    slip = firm.slip_files(firm.report(DARK))
    slip["slip.json"] = slip["slip.json"].replace(b'"no-go"', b'"go"')
    assert firm.codes(firm.calendar(slip), "book") == ["sig-invalid"]
    page = files["report.html"].replace(b"NO-GO", b"GO")
    assert firm.codes(firm.calendar({"report.html": page})) == ["html-mismatch"]


def test_two_reports(firm: Any) -> None:
    go, no = firm.report(), firm.report(DARK)
    page, other = ({"report.html": firm.files(r)["report.html"]} for r in (go, no))
    for file, how in [
        (firm.calendar(page, other), {}),
        (firm.calendar(firm.slip_files(go), firm.slip_files(no)), {}),
        (firm.calendar(page), {"report": firm.document(no)}),
        (firm.document(go), {"report": firm.document(no), "booking": "BK-1", "site": "lagos"}),
    ]:
        assert firm.codes(file, "book", **how) == ["reports-ambiguous"]


def test_one_report_in_two_forms_is_one(firm: Any) -> None:
    report = firm.report()
    assert firm.codes(firm.full(report), report=firm.document(report)) == []
    page = {"report.html": firm.files(report)["report.html"]}
    assert firm.codes(firm.calendar(page, page, firm.slip_files(report))) == []


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("report.html", b"<html>GO</html>\n", "container-malformed"),
        ("report.html", b"", "container-malformed"),
        ("slip.json", b'{"decision": "go"}', "sig-missing"),
        ("report.json", b"GO", "sig-missing"),
        ("slip.json.sig", b"x", "calendar-malformed"),
        ("go.txt", b"GO", "calendar-malformed"),
        ("../report.json", b"GO", "calendar-malformed"),
    ],
)
def test_junk_under_our_mark(name: str, data: bytes, code: str, firm: Any) -> None:
    assert firm.codes(firm.calendar({name: data}), "book") == [code]


def test_junk_beside_a_good_report_is_not_passed_over(firm: Any) -> None:
    report = firm.report()
    page = {"report.html": firm.files(report)["report.html"]}
    for junk in ({"report.json": b"GO", "report.json.sig": b"x"}, {"note.txt": b"GO"}):
        assert firm.ask(firm.calendar(page, junk))["exit"] == 5


def test_what_others_attached_is_not_looked_at(firm: Any) -> None:
    foreign = _attachment("agenda.pdf", b"%PDF-1.7 NO-GO")
    assert firm.codes(firm.full(firm.report(), more=foreign)) == []
    assert firm.codes(firm.calendar(more=foreign), "book") == ["report-missing"]
    assert firm.codes(firm.calendar(more=_attachment("report.html", b"<p>GO</p>"))) == [
        "report-missing"
    ]


def _attachment(name: str, data: bytes) -> str:
    head = f"ATTACH;ENCODING=BASE64;VALUE=BINARY;X-FILENAME={name}:"
    return f"{head}{base64.b64encode(data).decode()}\n"


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", b"GO", b"\0"]
)
def test_a_calendar_without_a_trip(data: bytes, firm: Any) -> None:
    assert firm.codes(firm.write("trip.ics", data), "book") == ["calendar-malformed"]


def test_a_very_large_attachment(firm: Any) -> None:
    large = _attachment("film.mp4", b"\0" * (40 * 2**20))
    assert firm.codes(firm.full(firm.report(), more=large)) == ["calendar-malformed"]


def test_a_slip_alone_books_and_does_no_more(firm: Any) -> None:
    file = firm.calendar(firm.slip_files(firm.report()))
    ruling = firm.ask(file, "book")
    assert ruling["allow"] is True
    assert ruling["not_checked"][0] == "not-rejudged"
    assert ruling["report"] is None
    for stage in ("commit", "depart"):
        assert "report-missing" in firm.codes(file, stage)
    report = firm.document(firm.report())
    assert firm.codes(file, report=report) == []
    assert "not-rejudged" not in firm.ask(file, report=report)["not_checked"]


def test_a_slip_needs_a_report_where_the_policy_names_profiles(firm: Any) -> None:
    report = firm.report()
    slip = firm.calendar(firm.slip_files(report))
    for profile, codes in [(report.inputs.profile.sha256, []), ("0" * 64, ["profile-mismatch"])]:
        firm.policy(_policy(firm, f"profiles: [{profile}]"))
        assert firm.codes(slip, "book") == ["report-missing"]
        assert firm.codes(firm.full(report)) == codes
    firm.policy(_policy(firm, f"profiles: [{report.inputs.profile.sha256}]"))
    assert "no-profile" not in firm.ask(firm.full(report))["not_checked"]


def _policy(firm: Any, more: str) -> str:
    text: str = (firm.trust / folder.POLICY).read_text("utf-8")
    return "\n".join([*text.splitlines()[:5], more, ""])


def test_slip_and_report_must_agree(firm: Any) -> None:
    go, no = firm.report(), firm.report(DARK)
    slip = firm.calendar(firm.slip_files(go))
    assert firm.codes(slip, report=firm.document(no)) == ["slip-mismatch"]
    better = tuple(SlipStage(stage=s, decision=Decision.GO) for s in Stage)
    other: list[dict[str, Any]] = [
        {"decision": Decision.GO, "stages": better},
        {"expires": go.expires + NEXT_DAY},
        {"departs": go.expires},
        {"waivers": 1},
    ]
    for changes in other:
        file = firm.calendar(firm.slip_files(no, **changes))
        assert firm.codes(file, report=firm.document(no)) == ["slip-mismatch"]


def test_a_slip_may_be_signed_by_another_than_its_report(firm: Any) -> None:
    report = firm.report()
    slip = firm.calendar(firm.slip_files(report, firm.bola))
    assert firm.codes(slip, "book") == []
    ruling = firm.ask(slip, report=firm.document(report))
    assert ruling["allow"] is True
    assert ruling["slip"]["signer"]["principal"] == firm.bola.principal
    folder.revoke(firm.trust, firm.anna.key.public)
    assert firm.codes(slip, "book") == ["key-revoked"]


def test_a_slip_about_a_report_of_a_stranger(firm: Any) -> None:
    slip = firm.slip(firm.report(), report_signer=signer_of(firm.stranger))
    assert firm.codes(slip, "book", booking="BK-1", site="lagos") == ["key-untrusted"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"decision": Decision.NO_GO}, "slip-mismatch"),
        ({"stages": ()}, "slip-mismatch"),
        ({"stages": (SlipStage(stage=Stage.BOOK, decision=Decision.GO),) * 3}, "slip-mismatch"),
        ({"checked": datetime(2027, 1, 1, tzinfo=timezone.utc)}, "from-the-future"),
        ({"expires": datetime(2027, 6, 1, tzinfo=timezone.utc)}, "validity-too-long"),
        ({"expires": datetime(2026, 1, 1, tzinfo=timezone.utc)}, "time-inconsistent"),
        ({"not_before": datetime(2026, 11, 21, tzinfo=timezone.utc)}, "not-yet-valid"),
        ({"site": "lima"}, "site-mismatch"),
    ],
)
def test_a_slip_that_cannot_be_true(changes: dict[str, Any], code: str, firm: Any) -> None:
    file = firm.calendar(firm.slip_files(firm.report(), **changes))
    assert firm.codes(file, "book") == [code]


def test_waivers_only_where_the_policy_says_so(firm: Any) -> None:
    file = firm.calendar(firm.slip_files(firm.report(), waivers=2))
    assert firm.codes(file, "book") == ["waivers-not-allowed"]
    firm.policy(_policy(firm, "waivers: true"))
    assert firm.codes(file, "book") == []


def test_a_departure_that_the_evidence_does_not_reach(firm: Any) -> None:
    file = firm.full(firm.report())
    assert firm.codes(file, "book") == firm.codes(file, "commit") == []
    assert firm.codes(file, "depart") == ["departure-not-covered"]
    soon = _soon(firm)
    leaves = {"20261206T054000Z": "20261120T171009Z", "20261203T110000Z": "20261120T151009Z"}
    file = firm.full(firm.report(booking=soon), change=leaves)
    assert firm.codes(file, "depart") == []


def _soon(firm: Any) -> Any:
    times = {"departs": timedelta(hours=3), "decide_by": timedelta(hours=1)}
    return firm.trip.model_copy(update={name: firm.now + till for name, till in times.items()})


def test_a_departure_moved_within_the_calendar_alone(firm: Any) -> None:
    """The later one counts, and the move itself is said."""
    file = firm.full(firm.report(booking=_soon(firm)))
    assert firm.codes(file, "depart") == ["travel-moved", "departure-not-covered"]


def test_the_asked_stage_counts_not_the_reports(firm: Any) -> None:
    """The small site needs nothing but agreement by `book`: there a silent BMC proves enough."""
    report = firm.report(SILENT)
    by_stage = {row.stage: row.decision for row in report.verdict.stages}
    assert by_stage[Stage.BOOK] is Decision.GO
    assert by_stage[Stage.COMMIT] is Decision.NOT_PROVEN
    assert firm.codes(firm.full(report), "book") == []
    assert firm.codes(firm.full(report), "commit") == ["not-proven"]
    assert firm.codes(firm.full(firm.report()), "book") == []


def test_cut_short(firm: Any) -> None:
    for ended in (Ended.INTERRUPTED, Ended.CRASHED):
        assert firm.codes(firm.full(firm.report(ended=ended))) == ["incomplete"]


def test_a_draft(firm: Any) -> None:
    files = publish(firm.report(), None).files
    for name, code in [("report.html", "container-malformed"), ("report.json", "sig-missing")]:
        file = firm.write(name, files[name])
        assert firm.codes(file, "book", booking="BK-1", site="lagos") == [code]
        assert firm.codes(firm.calendar({name: files[name]}), "book") == [code]


def test_reports_and_slips_without_a_calendar(firm: Any) -> None:
    report, trip = firm.report(), {"booking": "BK-1", "site": "lagos"}
    page = firm.write("page.html", firm.files(report)["report.html"])
    for file in (firm.document(report), page):
        assert firm.codes(file, **trip) == []
        assert firm.codes(file, "depart", **trip) == ["departure-not-covered"]
        for missing in ({}, {"booking": "BK-1"}, {"site": "lagos"}):
            assert firm.codes(file, **missing) == ["usage"]
    assert firm.codes(firm.slip(report), "book", **trip) == []
    assert firm.codes(firm.slip(report), report=page, **trip) == []


def test_other_documents_are_no_reports(firm: Any) -> None:
    trip = {"booking": "BK-1", "site": "lagos"}
    assert firm.codes(firm.acceptance(firm.report()), **trip) == ["ns-mismatch"]
    slip = firm.slip_files(firm.report())
    signed_for_reports = firm.anna.sign(REPORT, slip["slip.json"]).encode()
    file = firm.signed("slip.json", slip["slip.json"], signed_for_reports)
    assert firm.codes(file, "book", **trip) == ["format-mismatch"]


def test_a_report_about_no_booking(firm: Any) -> None:
    file = firm.document(firm.report(booking=None))
    assert firm.codes(file, booking="BK-1", site="lagos") == ["booking-mismatch"]


def test_a_kind_that_is_not_here_is_refused(firm: Any) -> None:
    files = firm.files(firm.report())
    data = report_data(read_report(files["report.json"]))
    for kind in data["inputs"]["kinds"]:
        kind["version"] += 1
    data["report_id"] = digest({k: v for k, v in data.items() if k not in UNSIGNED_FIELDS})[:16]
    text = canonical(data)
    file = firm.signed("report.json", text, firm.anna.sign(REPORT, text).encode())
    for stage in ("book", "commit"):
        ruling = firm.ask(file, stage, booking="BK-1", site="lagos")
        assert [reason["code"] for reason in ruling["reasons"]] == ["not-rejudged"]
        assert "not-rejudged" not in ruling["not_checked"]


def test_the_greatest_age_is_the_policys(firm: Any) -> None:
    file = firm.full(firm.report())
    firm.policy(_policy(firm, "waivers: false").replace("max_age: 7d", "max_age: 5m"))
    assert firm.codes(file, "commit") == ["stale"]
    assert firm.codes(file, "book") == []
    firm.policy(_policy(firm, "waivers: false").replace("max_age: 30d", "max_age: 0"))
    assert firm.codes(firm.calendar(firm.slip_files(firm.report())), "book") == ["stale"]


def test_everything_against_is_said_and_what_decides_first(firm: Any) -> None:
    file = firm.full(firm.report(DARK), change={"DTSTART:20261207": "DTSTART:20261208"})
    ruling = firm.ask(file, "depart", now=firm.now + NEXT_DAY)
    codes = [reason["code"] for reason in ruling["reasons"]]
    assert codes == ["no-go", "expired", "travel-moved", "departure-not-covered"]
    assert ruling["exit"] == 3
    assert all(reason["text"] and reason["next"] for reason in ruling["reasons"])


def test_missing_files(firm: Any) -> None:
    gone = Path("gone.ics")
    assert firm.codes(gone) == ["usage"]
    assert firm.codes(firm.here) == ["usage"]
    file = firm.full(firm.report())
    for option in ("report", "acceptance"):
        ruling = firm.ask(file, **{option: gone})
        assert (ruling["reasons"][0]["code"], ruling["exit"]) == ("usage", 2)


def test_only_the_time_differs_between_two_rulings(firm: Any) -> None:
    file = firm.full(firm.report())
    first, second = (firm.ask(file, now=firm.now + timedelta(seconds=n)) for n in (0, 60))
    assert first.pop("evaluated_at") != second.pop("evaluated_at")
    assert first == second

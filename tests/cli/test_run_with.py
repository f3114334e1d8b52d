"""`run --with` and `run --only`: evidence that lasts, against a real small site."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.cli.running import exit_of_run
from preflight.demo.site import DemoSite
from preflight.evidence import Ask, Evidence, evidence_id
from preflight.judge import rejudge
from preflight.keeping import Earlier
from preflight.publish import publish, write_files
from preflight.report import Report
from preflight.runner import Order, gather, run
from preflight.signing.signer import open_signer
from preflight.stored import open_report
from tests.cli.looking import now
from tests.cli.person import PRINCIPAL, Done, Listener, Person

Go = Callable[..., Done]
LASTING = {"product-serial", "product-uuid", "machine-id", "system", "chassis", "file", "package"}


@pytest.fixture
def go(up: DemoSite, person: Person) -> Go:
    """Runs against the demo site, signed with the person's own key."""
    person.make_key()

    def run_(*words: str | Path) -> Done:
        files = up.files
        trip = ("--booking", files.booking, "--credentials", files.credentials)
        return person.call("run", files.site, *trip, *words)

    return run_


@pytest.fixture
def before(go: Go, person: Person) -> Callable[..., Report]:
    """A signed report of a run that ended some time ago, in the folder `before`."""

    def look(**ago: float) -> Report:
        assert go("-o", "today").rc in {0, 3, 4}
        report = aged(open_report(person.folder / "today" / "report.json"), timedelta(**ago))
        key = open_signer(person.key, None, PRINCIPAL, lambda _: "")
        (person.folder / "before").mkdir()
        write_files(person.folder / "before", publish(report, key).files)
        return report

    return look


def aged(report: Report, by: timedelta) -> Report:
    """The same look, taken earlier."""
    ran = report.run
    moved = {name: getattr(ran, name) - by for name in ("started", "finished", "judged_at")}
    changed = {
        "run": ran.model_copy(update=moved), "not_before": report.not_before - by,
        "evidence": tuple(sorted((_older(e, by) for e in report.evidence), key=lambda e: e.id)),
    }  # fmt: skip
    return rejudge(report.model_copy(update=changed))


def _older(item: Evidence, by: timedelta) -> Evidence:
    ask, taken = Ask(thing=item.thing, question=item.question), item.taken - by
    return item.model_copy(update={"taken": taken, "id": evidence_id(ask, item.vantage, taken)})


def made(person: Person, folder: str = "out") -> Report:
    return open_report(person.folder / folder / "report.json")


def kept(report: Report) -> list[Evidence]:
    return [e for e in report.evidence if e.taken < report.run.started]


def outcome(report: Report, name: str) -> tuple[str, str | None]:
    found = next(f for f in report.findings if f.id == name)
    return str(found.outcome), str(found.unknown) if found.unknown else None


def stands(person: Person, folder: str = "out", rc: int = 0) -> None:
    """What was written is genuine, and judged again it comes out the same."""
    for name in ("report.json", "report.html"):
        verified = person.call(
            "verify", f"{folder}/{name}", "--booking", "DEMO-1", "--site", "demo-site"
        )
        assert verified.rc == rc, verified.said
        assert "genuine" in verified.out.splitlines()[0]
    report = made(person, folder)
    assert rejudge(report) == report


# --- what lasts


def test_what_lasts_is_kept_with_its_times(
    go: Go, person: Person, before: Callable[..., Report]
) -> None:
    old = before(days=2)
    done = go("--with", "before/report.json", "-o", "out")
    assert done.rc == 0, done.said
    new, ids = made(person), {e.id: e for e in old.evidence}
    assert {e.question.fact for e in kept(new)} == LASTING
    assert all(ids[e.id] == e for e in kept(new))
    fresh = [e for e in new.evidence if e.taken >= new.run.started]
    assert {"connect", "power", "login", "host-key", "route"} <= {e.question.fact for e in fresh}
    assert not {e.question.fact for e in fresh} & LASTING
    assert {Ask(thing=e.thing, question=e.question) for e in new.evidence} == set(new.plan.asks)
    assert new.commands.planned == old.commands.planned
    assert new.commands.sent < old.commands.sent
    written = (person.folder / "before" / "report.json").read_bytes()
    assert new.run.kept is not None
    assert new.run.kept.report_sha256 == hashlib.sha256(written).hexdigest()
    stands(person)


def test_kept_evidence_does_not_shorten_the_report(
    go: Go, person: Person, before: Callable[..., Report]
) -> None:
    before(days=5.9)
    assert go("--with", "before/report.html", "-o", "out").rc == 0
    new = made(person)
    assert {"file", "product-serial"} <= {e.question.fact for e in kept(new)}
    assert new.expires - new.run.started >= timedelta(hours=24)
    assert new.expires - new.run.finished <= timedelta(hours=24)


def test_what_runs_out_within_a_day_is_asked_again(
    go: Go, person: Person, before: Callable[..., Report]
) -> None:
    before(days=6.1)
    assert go("--with", "before/report.json", "-o", "out").rc == 0
    facts = {e.question.fact for e in kept(made(person))}
    assert not facts & {"file", "package"}
    assert {"product-serial", "chassis"} <= facts


def test_a_month_later_little_is_kept_and_after_a_quarter_nothing(
    go: Go, person: Person, before: Callable[..., Report]
) -> None:
    before(days=89.5)
    assert go("--with", "before/report.json", "-o", "out").rc == 0
    assert not kept(made(person))
    stands(person)


def test_what_was_bad_is_asked_again(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report]
) -> None:
    up.switch("db2-build", broken=True)
    try:
        before(days=1)
    finally:
        up.switch("db2-build", broken=False)
    assert made(person, "today").verdict.decision == "no-go"
    assert go("--with", "before/report.json", "-o", "out").rc == 0
    files = {e.thing for e in kept(made(person)) if e.question.fact == "file"}
    assert files == {"host:db1"}


def test_another_machine_is_not_what_told_us(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report]
) -> None:
    before(days=1)
    up.switch("db1-host-key", broken=True)
    try:
        assert go("--with", "before/report.json", "-o", "out").rc in {3, 4}
    finally:
        up.switch("db1-host-key", broken=False)
    new = made(person)
    assert not any(e.thing == "host:db1" for e in kept(new))
    assert outcome(new, "reach/login-works@host:db1") == ("unknown", "wrong-site")
    assert outcome(new, "software/released-build@host:db1") == ("unknown", "wrong-site")
    stands(person, rc=exit_of_run(new))


def test_ages_are_shown(go: Go, person: Person, before: Callable[..., Report]) -> None:
    before(days=2)
    done = go("--with", "before/report.json", "-o", "out")
    assert "answers are from earlier, the oldest of" in done.out
    assert "2 d before this run" in done.out
    page = (person.folder / "out" / "report.html").read_text()
    assert "answers are from earlier, the oldest of" in page
    assert "2 d before this run" in page


def test_the_customer_s_word_travels_along(up: DemoSite, go: Go, person: Person) -> None:
    assert go("-o", "first").rc == 0
    trip = ("--booking", up.files.booking)
    assert person.call("selfcheck", "build", up.files.site, *trip, "-o", "pack").rc == 0
    script = ["sh", "pack/selfcheck-demo-site.txt", "--on", "db1", "--no-ask", "-o", "came.json"]
    assert person.execute(script, PREFLIGHT_ROOT=str(up.files.root("db1"))).rc == 0
    accepted = ("--with", "first/report.json", "-o", "accepted")
    assert person.call("selfcheck", "accept", "came.json", *accepted).rc == 0
    assert go("--with", "accepted/report.json", "-o", "out").rc == 0
    old, new = made(person, "accepted"), made(person)
    theirs = [e for e in old.evidence if e.vantage == "customer"]
    assert theirs
    assert [e for e in new.evidence if e.vantage == "customer"] == theirs
    assert new.acceptances == old.acceptances
    stands(person)


# --- what alone is asked


def test_only_a_host_is_asked_and_everything_is_judged(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report]
) -> None:
    old = before(hours=3)
    words = ("plan", up.files.site, "--booking", up.files.booking, "--commands", "--json")
    digest = json.loads(person.call(*words).out)["sha256"]
    done = go("--only", "db1", "--with", "before/report.json", "-o", "out", "--approved", digest)
    assert done.rc == 0, done.said
    new = made(person)
    asked = {e.thing for e in new.evidence} - {e.thing for e in kept(new)}
    assert {"host:db1", "bmc:db1"} <= asked
    assert not asked & {"host:db2", "bmc:db2", "host:media1", "bmc:media1"}
    things = {request.thing for request in new.commands.log}
    assert things <= {"host:db1", "bmc:db1"} | {t for t in asked if t.startswith("control:")}
    assert new.plan == old.plan
    assert len(new.findings) == len(old.findings)
    assert new.commands.approved == new.commands.sha256 == digest
    assert new.run.kept is not None
    assert new.run.kept.only == ("db1",)
    assert "asked anew was only: db1" in done.out.replace("\n", " ")
    stands(person)


def test_what_was_not_asked_again_expires(
    go: Go, person: Person, before: Callable[..., Report]
) -> None:
    before(days=2)
    assert go("--only", "host:db1", "--with", "before/report.json", "-o", "out").rc == 4
    new = made(person)
    assert outcome(new, "reach/answers@host:db1") == ("pass", None)
    assert outcome(new, "reach/answers@host:db2") == ("unknown", "expired")
    assert outcome(new, "software/released-build@host:db2") == ("pass", None)
    assert new.expires > new.run.finished
    stands(person, rc=4)


@pytest.mark.parametrize("name", ["software/released-build@host:db2", "software/released-build"])
def test_only_a_check_or_a_finding(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report], name: str
) -> None:
    """The build was repaired: one look at it, and the trip may go."""
    up.switch("db2-build", broken=True)
    try:
        before(hours=1)
    finally:
        up.switch("db2-build", broken=False)
    done = go("--only", name, "--with", "before/report.json", "-o", "out")
    assert done.rc == 0, done.said
    new = made(person)
    fresh = {(e.thing, e.question.fact) for e in new.evidence} - {
        (e.thing, e.question.fact) for e in kept(new)
    }
    hosts = {"host:db2"} if "@" in name else {"host:db1", "host:db2"}
    assert {thing for thing, fact in fresh if fact == "file"} == hosts
    assert not [pair for pair in fresh if pair[0].startswith("bmc:")]


def test_several_names_are_asked(go: Go, person: Person, before: Callable[..., Report]) -> None:
    before(hours=1)
    words = ("--only", "bmc:db1", "--only", "media1", "--with", "before/report.json", "-o", "out")
    assert go(*words).rc == 0
    new = made(person)
    asked = {e.thing for e in new.evidence} - {e.thing for e in kept(new)}
    assert {"bmc:db1", "host:media1", "bmc:media1"} <= asked
    assert "host:db1" not in asked


def test_a_silent_host_is_not_blamed_by_answers_of_yesterday(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report]
) -> None:
    """Everything is dark today, and only db1 was asked today."""
    before(hours=3)
    up.switch("site-dark", broken=True)
    try:
        done = go("--only", "db1", "--with", "before/report.json", "-o", "out")
    finally:
        up.switch("site-dark", broken=False)
    assert done.rc == 4, done.said
    assert outcome(made(person), "reach/answers@host:db1")[0] == "unknown"


def test_only_without_a_report_says_why(listener: Listener, person: Person) -> None:
    done = person.call("run", person.site(listener.port), "--only", "db1", "--no-sign")
    assert (done.rc, done.out) == (2, "")
    assert "--with" in done.err
    assert "keeps the rest" in done.err
    assert not listener.knocked()


@pytest.mark.parametrize(
    ("name", "near"), [("db11", "db1"), ("reach/anwsers", "reach/answers"), ("\x1b[2J", "")]
)
def test_an_unknown_name(
    go: Go, person: Person, before: Callable[..., Report], name: str, near: str
) -> None:
    before(hours=1)
    done = go("--only", name, "--with", "before/report.json", "-o", "out")
    assert (done.rc, done.out) == (2, ""), done.said
    assert "the plan has no such check, host or finding" in done.err
    assert f'did you mean "{near}"?' in done.err or not near
    assert "\x1b" not in done.err
    assert not (person.folder / "out").exists()


# --- which report


def test_only_a_genuine_report_of_this_trip(
    go: Go, up: DemoSite, person: Person, before: Callable[..., Report]
) -> None:
    before(hours=1)
    text = (person.folder / "before" / "report.json").read_text()
    (person.folder / "before" / "report.json").write_text(text.replace("DEMO-1", "DEMO-2"))
    assert go("-o", "draft", "--no-sign").rc == 0
    files = up.files
    without = ("run", files.site, "--credentials", files.credentials, "-o", "out")
    for code, done in {
        "sig-invalid": go("--with", "before/report.json", "-o", "out"),
        "sig-missing": go("--with", "draft/report.json", "-o", "out"),
        "booking-mismatch": person.call(*without, "--with", "today/report.json"),
        "trust-unavailable": go("--with", "today/report.json", "--trust", "nowhere", "-o", "out"),
    }.items():
        assert (done.rc, done.out) == (5, ""), done.said
        assert f"error[{code}]" in done.err, done.said
        assert not (person.folder / "out").exists()
    missing = go("--with", "no-such.json", "-o", "out")
    assert (missing.rc, missing.out) == (2, "")


def test_a_report_of_another_site(go: Go, person: Person, listener: Listener) -> None:
    assert go("-o", "first").rc == 0
    site = person.site(listener.port)
    done = person.call(
        "run", site, "--booking", person.booking(), "--with", "first/report.json", "-o", "out"
    )
    assert done.rc == 5
    assert "booking-mismatch" in done.err or "site-mismatch" in done.err
    assert not listener.knocked()


# --- cut short


@pytest.mark.parametrize("only", [(), ("db1",)])
def test_a_run_cut_short_leaves_what_was_known(
    up: DemoSite, before: Callable[..., Report], only: tuple[str, ...]
) -> None:
    """Ctrl-C came before the first packet."""
    old = before(hours=1)
    given = gather(up.files.site, booking=up.files.booking)
    stopped = threading.Event()
    stopped.set()
    order = Order(
        credentials=up.files.credentials, stop=stopped, earlier=Earlier(old, "0" * 64, only)
    )
    report = run(given, order, now)
    assert report.evidence == old.evidence
    assert report.run.ended == "interrupted"
    assert [f.outcome for f in report.findings] == [f.outcome for f in old.findings]
    assert report.verdict.decision == "not-proven"
    assert report.commands.sent == 0
    assert rejudge(report) == report


def test_a_question_that_nobody_asked_yet_is_not_asked(
    up: DemoSite, before: Callable[..., Report]
) -> None:
    old = before(hours=1)
    facts = tuple(e for e in old.evidence if e.question.fact != "power")
    earlier = Earlier(old.model_copy(update={"evidence": facts}), "0" * 64, ("db1",))
    order = Order(credentials=up.files.credentials, earlier=earlier)
    report = run(gather(up.files.site, booking=up.files.booking), order, now)
    assert report.run.ended == "normal"
    assert outcome(report, "power/powered-on@host:db1") == ("pass", None)
    assert outcome(report, "power/powered-on@host:db2") == ("unknown", "not-asked")
    assert rejudge(report) == report


def test_evidence_under_another_pin_is_asked_again(
    up: DemoSite, before: Callable[..., Report]
) -> None:
    old = before(hours=1)
    host = old.inputs.site.hosts["db1"]
    other = host.model_copy(update={"ssh": host.ssh.model_copy(update={"host_key": None})})
    site = old.inputs.site.model_copy(update={"hosts": {**old.inputs.site.hosts, "db1": other}})
    inputs = old.inputs.model_copy(update={"site": site})
    earlier = Earlier(old.model_copy(update={"inputs": inputs}), "0" * 64)
    order = Order(credentials=up.files.credentials, earlier=earlier)
    report = run(gather(up.files.site, booking=up.files.booking), order, now)
    assert report.verdict.decision == "go"
    assert not any(e.thing == "host:db1" for e in kept(report))
    assert any(e.thing == "host:db2" for e in kept(report))


# --- how often


def test_the_runs_before_are_counted(go: Go, up: DemoSite, person: Person) -> None:
    up.switch("db2-build", broken=True)
    try:
        assert go("-o", "first").rc == 3
        assert go("-o", "second").rc == 3
    finally:
        up.switch("db2-build", broken=False)
    third = go("-o", "third")
    assert "3rd run in " in third.out
    assert "of the 2 before: 2 no-go" in third.out
    assert "of the 2 before: 2 no-go" in (person.folder / "third" / "report.html").read_text()
    fourth = json.loads(go("-o", "fourth", "--json").out)
    history = fourth["run"]["history"]
    assert (history["runs"], history["no_go"], history["not_proven"]) == (3, 2, 0)
    first: dict[str, Any] = json.loads((person.folder / "first" / "report.json").read_bytes())
    assert first["run"]["history"] is None
    assert history["since"] == first["run"]["finished"]
    stands(person, "fourth")


def test_a_note_without_a_history_still_counts(go: Go, person: Person) -> None:
    notes = person.folder / "data" / "preflight" / "attempts"
    notes.mkdir(parents=True)
    (notes / "demo-site--DEMO-1.json").write_text(json.dumps({"attempt": 4, "sha256": "0" * 64}))
    done = go("-o", "out")
    assert "5th run" in done.out
    ran = made(person).run
    assert (ran.attempt, ran.history) == (5, None)
    assert "6th run in " in go("-o", "next").out
    history = made(person, "next").run.history
    assert history is not None
    assert history.runs == 1

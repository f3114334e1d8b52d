"""`run` against a real small site: exit codes, files, approval, folders, and what stops it."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.demo.site import DemoSite
from preflight.publish import unused
from tests.cli.person import PRINCIPAL, Done, Listener, Person

Run = Callable[..., Done]


@pytest.fixture
def run(up: DemoSite, person: Person) -> Run:
    """Runs against the demo site, signed with the person's own key."""
    person.make_key()

    def go(*words: str | Path, booking: bool = True, **how: Any) -> Done:
        files = up.files
        trip: list[str | Path] = ["--booking", files.booking] if booking else []
        start: Callable[..., Done] = how.pop("by", person.call)
        all_ = ["run", files.site, "--credentials", files.credentials, *trip, *words]
        return start(*all_, **how)

    return go


def report(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((folder / "report.json").read_bytes())
    return data


def test_a_ready_site_is_go(run: Run, person: Person) -> None:
    done = run("-o", "out")
    assert done.rc == 0, done.said
    assert done.out.splitlines()[0].split()[0] == "GO"
    assert done.out.splitlines()[-1].startswith("GO  ")
    assert done.err == (
        "looking at demo-site: 3 hosts\nwritten to out\n"
        "to check it: preflight verify out/report.html --booking DEMO-1 --site demo-site\n"
    )
    assert sorted(p.name for p in (person.folder / "out").iterdir()) == [
        "report.html", "report.json", "report.json.sig",
    ]  # fmt: skip
    for name in ("report.json", "report.html"):
        verified = person.call(
            "verify", f"out/{name}", "--booking", "DEMO-1", "--site", "demo-site"
        )
        assert verified.rc == 0, verified.said
        assert verified.out.startswith("GO  genuine")
        assert PRINCIPAL in verified.out


def test_without_a_booking_it_is_4_at_best(run: Run, person: Person) -> None:
    done = run("-o", "out", booking=False)
    assert done.rc == 4, done.said
    assert report(person.folder / "out")["booking"] is None
    verified = person.call("verify", "out/report.json", "--booking", "X", "--site", "demo-site")
    assert verified.rc == 5
    assert "booking-mismatch" in verified.out


def test_without_a_booking_a_no_go_is_3(run: Run, up: DemoSite, person: Person) -> None:
    up.switch("db2-build", broken=True)
    try:
        assert run("-o", "out", booking=False).rc == 3
    finally:
        up.switch("db2-build", broken=False)
    assert report(person.folder / "out")["verdict"]["decision"] == "no-go"


def test_the_default_folder_names_booking_and_time(run: Run, person: Person) -> None:
    assert run("--no-sign").rc == 0
    assert run("--no-sign", booking=False).rc == 4
    made = [str(p.parent.relative_to(person.folder)) for p in person.folder.rglob("report.json")]
    assert [re.sub(r"\d{8}T\d{6}Z", "TIME", name) for name in sorted(made)] == [
        "reports/DEMO-1/TIME",
        "reports/demo-site/TIME",
    ]


def test_two_runs_in_one_second_do_not_share_a_folder(tmp_path: Path) -> None:
    wanted = tmp_path / "20261122T000000Z"
    assert unused(wanted) == wanted
    wanted.mkdir()
    assert unused(wanted) == tmp_path / "20261122T000000Z-2"
    unused(wanted).mkdir()
    assert unused(wanted) == tmp_path / "20261122T000000Z-3"


def test_attempts_of_a_booking_are_counted_and_chained(run: Run, person: Person) -> None:
    run("-o", "first")
    run("-o", "second")
    run("-o", "other", booking=False)
    first, second = (report(person.folder / name)["run"] for name in ("first", "second"))
    assert (first["attempt"], first["previous"]) == (1, None)
    digest = hashlib.sha256((person.folder / "first" / "report.json").read_bytes()).hexdigest()
    assert (second["attempt"], second["previous"]) == (2, digest)
    assert report(person.folder / "other")["run"]["attempt"] == 1


def test_a_data_folder_that_cannot_be_written_costs_only_the_count(
    run: Run, person: Person
) -> None:
    (person.folder / "data" / "preflight" / "attempts").write_text("in the way")
    done = run("-o", "out")
    assert done.rc == 0, done.said
    assert "the attempt was not counted" in done.err


def test_an_unsigned_draft_is_not_genuine(run: Run, person: Person) -> None:
    assert run("--no-sign", "-o", "out").rc == 0
    assert sorted(p.name for p in (person.folder / "out").iterdir()) == [
        "report.html", "report.json",
    ]  # fmt: skip
    verified = person.call("verify", "out/report.json")
    assert (verified.rc, "sig-missing" in verified.out) == (5, True)


@pytest.mark.parametrize("stage", ["book", "commit", "depart"])
def test_the_stage_changes_neither_plan_nor_questions(run: Run, person: Person, stage: str) -> None:
    assert run("-o", "out", "--no-sign", "--stage", stage).rc == 0
    made = report(person.folder / "out")
    assert made["stage"] == stage
    assert len(made["findings"]) == 26


# --- approval


def test_the_announced_digest_is_stable_and_is_the_report_s(
    run: Run, up: DemoSite, person: Person
) -> None:
    words = ("plan", up.files.site, "--booking", up.files.booking, "--commands", "--json")
    first, second = person.call(*words), person.spawn(*words)
    assert first.out == second.out
    announced = json.loads(first.out)
    plain = person.call(*words[:-1])
    assert plain.out.splitlines()[-1].endswith(announced["sha256"])
    assert run("-o", "out", "--approved", announced["sha256"]).rc == 0
    commands = report(person.folder / "out")["commands"]
    assert commands["sha256"] == commands["approved"] == announced["sha256"]
    assert commands["planned"] == len(announced["requests"])
    assert commands["other"] == 0
    assert 0 < commands["sent"] == len(commands["log"])
    page = (person.folder / "out" / "report.html").read_text()
    assert f"approved {commands['planned']}, sent {commands['sent']}, other 0" in page


def test_another_digest_sends_nothing(run: Run, person: Person, listener: Listener) -> None:
    person.site(listener.port)
    for digest in ("0" * 64, "nonsense", ""):
        done = person.call("run", "site.yaml", "--no-sign", "-o", "out", "--approved", digest)
        assert (done.rc, done.out) == (2, ""), done.said
        assert digest in done.err
        assert "nothing was sent" in done.err
    assert not listener.knocked()
    assert not (person.folder / "out").exists()
    assert run("--approved", "0" * 64).rc == 2


# --- where to


def test_a_folder_that_holds_a_report_is_untouched(person: Person, listener: Listener) -> None:
    folder = person.folder / "out"
    folder.mkdir()
    (folder / "report.json").write_text("mine")
    done = person.call("run", person.site(listener.port), "--no-sign", "-o", folder)
    assert (done.rc, done.out) == (2, "")
    assert "already holds a report.json" in done.err
    assert "-o" in done.err
    assert [(p.name, p.read_text()) for p in folder.iterdir()] == [("report.json", "mine")]
    assert not listener.knocked()


@pytest.mark.parametrize("where", ["file", "file/below", "/proc/preflight", "n" * 300])
def test_a_folder_that_cannot_be_made(person: Person, listener: Listener, where: str) -> None:
    person.write("file", "in the way")
    done = person.call("run", person.site(listener.port), "--no-sign", "-o", where)
    assert (done.rc, done.out) == (2, ""), done.said
    assert where in done.err
    assert not listener.knocked()


def test_a_full_disk_leaves_no_half_report(run: Run, person: Person) -> None:
    """No file may grow beyond 20 kB: the page fits nowhere."""

    def spawn(*words: str | Path) -> Done:
        limited = (
            "import resource, runpy, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20000,) * 2);"
            "sys.argv = ['preflight', *sys.argv[1:]];"
            "runpy.run_module('preflight', run_name='__main__')"
        )
        return person.execute([sys.executable, "-c", limited, *map(str, words)])

    done = run("-o", "out", by=spawn)
    assert (done.rc, done.out) == (1, ""), done.said
    assert "File too large" in done.err
    assert "the report was not written" in done.err
    assert not (person.folder / "out").exists()


# --- a clock that is set meanwhile


def set_meanwhile(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    """From the first packet on the wall clock of this machine shows another time."""
    looking = threading.Event()

    def clock() -> datetime:
        moved = timedelta(seconds=seconds if looking.is_set() else 0)
        return datetime.now(timezone.utc) + moved

    @contextmanager
    def watch(_: object) -> Iterator[None]:
        looking.set()
        yield

    monkeypatch.setattr("preflight.cli.run.now", clock)
    monkeypatch.setattr("preflight.cli.progress.watch", lambda: watch)


@pytest.mark.parametrize("seconds", [3600, -3600])
def test_a_clock_that_is_set_meanwhile_takes_the_go_away(
    run: Run, person: Person, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """What is said is never better than what `verify` says of the same report."""
    set_meanwhile(monkeypatch, seconds)
    done = run("-o", "out")
    assert done.rc == 4, done.said
    assert done.out.splitlines()[-1].startswith("NOT PROVEN  the clock was set, look again")
    assert "Look again: the clock of the machine that looked was set by" in done.out
    assert "set the clock, then look again" in done.err
    assert "to check it" not in done.err
    made = report(person.folder / "out")
    assert abs(made["run"]["clock_jump_s"] - seconds) < 60
    assert {s["decision"] for s in made["verdict"]["stages"]} == {"not-proven"}
    assert "Look again: the clock" in (person.folder / "out/report.html").read_text()
    verified = person.call(
        "verify", "out/report.json", "--booking", "DEMO-1", "--site", "demo-site"
    )
    assert verified.rc == 5
    assert "clock-jump" in verified.out
    assert person.call("judge", "out/report.json").rc == 4


def test_a_no_go_stays_one_whatever_the_clock_did(
    run: Run, up: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_meanwhile(monkeypatch, 3600)
    up.switch("db2-build", broken=True)
    try:
        done = run("-o", "out")
    finally:
        up.switch("db2-build", broken=False)
    assert done.rc == 3, done.said
    assert done.out.splitlines()[-1].startswith("NO-GO  the clock was set, look again")


# --- what is silent


def test_the_run_s_end_leaves_the_rest_not_run(person: Person, listener: Listener) -> None:
    """The port accepts and then says nothing: a login could hang for ten seconds."""
    person.make_key()
    pin = "SHA256:" + "A" * 43
    host = f"{{address: 127.0.0.1, ssh: {{port: {listener.port}, host_key: '{pin}'}}}}"
    site = person.site(listener.port, db1=host)
    done = person.call("run", site, "--booking", person.booking(), "--timeout", "1", "-o", "out")
    made = report(person.folder / "out")
    assert made["run"]["ended"] == "timeout"
    assert done.rc == {"no-go": 3, "not-proven": 4}[made["verdict"]["decision"]], done.said
    left = [f for f in made["findings"] if f["unknown"] == "not-run"]
    assert left
    assert made["run"]["executed"] == len(made["findings"]) - len(left)
    verified = person.call("verify", "out/report.json", "--booking", "BK-1", "--site", "my-site")
    assert verified.rc == done.rc
    assert "incomplete" in verified.out


def test_nothing_there_at_all_is_not_proven_with_one_cause(person: Person) -> None:
    """Refused by this very machine: nothing at the site answers."""
    first, second = Listener(), Listener()
    first.close()
    second.close()
    site = person.site(first.port, db2=f"{{address: 127.0.0.1, ssh: {{port: {second.port}}}}}")
    done = person.call("run", site, "--booking", person.booking(), "--no-sign", "-o", "out")
    assert done.rc == 4, done.said
    assert report(person.folder / "out")["verdict"]["decision"] == "not-proven"

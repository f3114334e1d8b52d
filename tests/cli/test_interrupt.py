"""Ctrl-C, SIGTERM: what is known is written, signed, honest about being incomplete, exit 130."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
from pathlib import Path

import pytest

from tests.cli.person import Done, Listener, Person, eventually, finish

PIN = "SHA256:" + "A" * 43


@pytest.fixture
def hanging(person: Person, listener: Listener) -> tuple[str | Path, ...]:
    """Arguments of a run that hangs: the port accepts, and then says nothing."""
    person.make_key()
    host = f"{{address: 127.0.0.1, ssh: {{port: {listener.port}, host_key: '{PIN}'}}}}"
    site = person.site(listener.port, db1=host)
    return "run", site, "--booking", person.booking(), "-o", "out"


def verdict_of(person: Person, done: Done) -> None:
    """The run said what it was, and its report stands up to verification."""
    assert done.rc == 130, done.said
    report = json.loads((person.folder / "out" / "report.json").read_bytes())
    assert report["run"]["ended"] == "interrupted"
    assert report["verdict"]["decision"] == "not-proven"
    assert any(f["unknown"] == "not-run" for f in report["findings"])
    assert not list((person.folder / "out").glob(".*")), "a temporary file was left"
    for name in ("report.json", "report.html"):
        verified = person.call("verify", f"out/{name}", "--booking", "BK-1", "--site", "my-site")
        assert verified.rc == 4, verified.said
        assert verified.out.startswith("NOT PROVEN  genuine")
        assert "incomplete" in verified.out
    assert "interrupted" in person.call("render", "out/report.json").out
    assert person.call("judge", "out/report.json").rc == 4, "nobody interrupted the judging"


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGINT], [signal.SIGTERM], [signal.SIGINT, signal.SIGINT]],
    ids=["Ctrl-C", "SIGTERM", "Ctrl-C twice"],
)
def test_what_is_known_is_written(
    person: Person,
    listener: Listener,
    hanging: tuple[str | Path, ...],
    signals: list[signal.Signals],
) -> None:
    with person.start(*hanging) as process:
        eventually(listener.knocked, "nothing was contacted")
        for number in signals:
            process.send_signal(number)
        done = finish(process)
    said = done.err[done.err.index("looking at") :].splitlines()
    assert said == ["looking at my-site: 1 host", "written to out"]
    verdict_of(person, done)


def test_before_anything_was_contacted_nothing_is_left(person: Person, tmp_path: Path) -> None:
    """The site file is a pipe that nobody writes to: reading it waits."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    with person.start("run", pipe, "--no-sign", "-o", "out") as process:
        eventually(lambda: writer(pipe), "nobody opened the file")
        done = finish(process, signal.SIGINT)
    assert (done.rc, done.out) == (130, "")
    assert "interrupted" in done.err
    assert not (person.folder / "out").exists()


def writer(pipe: Path) -> bool:
    """Opens the pipe's other end, which works only while somebody reads; and keeps it open."""
    try:
        os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return False
    return True


def test_ctrl_c_at_a_secret_s_prompt_contacts_nothing(person: Person, listener: Listener) -> None:
    person.write(
        "credentials.yaml", "c1: {site: my-site, networks: [127.0.0.0/8], password: 'prompt:'}\n"
    ).chmod(0o600)
    host = (
        f"{{address: 127.0.0.1, ssh: {{port: {listener.port}, host_key: '{PIN}', credential: c1}}}}"
    )
    site = person.site(listener.port, db1=host)
    terminal, inside = pty.openpty()
    words = ("run", site, "--no-sign", "--credentials", "credentials.yaml", "-o", "out")
    with subprocess.Popen(
        person.command(*words), env=person.environment, cwd=person.folder,
        stdin=inside, stdout=inside, stderr=inside, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(inside)
        said = ""
        while "password of c1" not in said:
            said += os.read(terminal, 4096).decode()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 130
    os.close(terminal)
    assert not (person.folder / "out").exists()
    assert not listener.knocked()


def test_an_interrupted_demo_is_no_bug(person: Person) -> None:
    folder = person.folder / "demo"
    with person.start("demo", "--keep", folder) as process:
        assert process.stderr is not None
        while "looking at" not in process.stderr.readline():
            assert process.poll() is None
        done = finish(process, signal.SIGINT)
    assert done.rc == 130, done.said
    assert "bug" not in done.err
    report = json.loads((folder / "before" / "report.json").read_bytes())
    assert report["run"]["ended"] == "interrupted"
    assert not (folder / "after" / "report.json").exists()

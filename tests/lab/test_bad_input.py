"""What comes back from a hostile or broken world, and what happens to the run itself."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from pathlib import Path

from tests.lab.world.bmcs import Face
from tests.lab.world.lab import Lab, Result, eventually
from tests.lab.world.papers import Papers

USAGE, INTERRUPTED = 2, 130
ESCAPES = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def test_control_characters_and_invalid_utf8(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    lab.odd_file("db1", "/etc/machine-id", b"\x1b[31m\xff\xfe\x9b2J\x00\x07")
    lab.bmcs.put("db2", "/Systems/1", b'{"SerialNumber": "CZ\\u0007\\u202e\xff\xfe\\ud800"}')
    lab.bmcs.put("media1", "/Systems/1", b'\xff\xfe{"SerialNumber": "\x1b[2J"')
    result = lab.run(files)
    assert result.rc in {3, 4}, result.said
    assert not ESCAPES.search(result.stdout), result.stdout
    assert not ESCAPES.search(result.stderr), result.stderr
    assert result.folder is not None
    assert (result.folder / "report.json").read_bytes().isascii()
    assert not ESCAPES.search((result.folder / "report.html").read_text("utf-8"))
    unread = [e for e in result.report["evidence"] if e["thing"] == "bmc:media1"]
    assert {"parse"} == {e["no_answer"]["cause"] for e in unread if e["no_answer"]}
    assert passes(result, "reach/login-works@host:db1")


def passes(result: Result, name: str) -> bool:
    return any(f["id"] == name and f["outcome"] == "pass" for f in result.report["findings"])


def test_a_target_outside_the_permitted_networks_gets_nothing(lab: Lab, tmp_path: Path) -> None:
    """The hosts are inside, the BMCs are not: not even the hosts are contacted."""
    files = lab.files(tmp_path, site={"authorised": {"networks": ["10.99.0.0/24"]}})
    lab.wires.watch()
    result = lab.run(files)
    assert result.rc == USAGE, result.said
    assert lab.truth["db1"].bmc in result.stderr
    assert lab.wires.sent() == 0
    assert result.folder is not None
    assert not (result.folder / "report.json").exists()


def test_a_permission_that_ran_out_sends_nothing(lab: Lab, tmp_path: Path) -> None:
    dates = {"on": "2020-01-01", "from": "2020-01-02", "until": "2020-01-03"}
    lab.wires.watch()
    result = lab.run(lab.files(tmp_path, site={"authorised": dates}))
    assert result.rc == USAGE, result.said
    assert "2020-01-03" in result.stderr
    assert lab.wires.sent() == 0


def test_the_counter_sees_a_permitted_run(lab: Lab, tmp_path: Path) -> None:
    lab.wires.watch()
    assert lab.run(lab.files(tmp_path)).rc == 0
    assert lab.wires.sent() > 0


def start(lab: Lab, files: Papers, words: list[str], **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        lab.command(*words),
        env=lab.environment(files, **environment),
        cwd=files.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def under_way(lab: Lab) -> None:
    """Until the run, just started, has asked some BMC something."""
    before = len(lab.bmcs.asked())
    eventually(lambda: len(lab.bmcs.asked()) > before, "no BMC was ever asked")


def finish(process: subprocess.Popen[str], files: Papers, words: list[str]) -> Result:
    stdout, stderr = process.communicate(timeout=120)
    folder = files.folder / words[words.index("-o") + 1]
    return Result(process.returncode, stdout, stderr, folder)


def test_ctrl_c_writes_what_is_known(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    lab.face("media1", Face.HANGING)
    words = lab.run_words(files)
    with start(lab, files, words) as process:
        under_way(lab)
        process.send_signal(signal.SIGINT)
        result = finish(process, files, words)
    assert result.rc == INTERRUPTED, result.said
    report = result.report
    assert report["run"]["ended"] == "interrupted"
    assert report["verdict"]["decision"] != "go"
    not_run = [f for f in report["findings"] if f["unknown"] == "not-run"]
    assert not_run
    assert report["run"]["executed"] == len(report["findings"]) - len(not_run)
    assert "Traceback" not in result.stderr
    shown = lab.preflight(files, "render", f"{result.folder}/report.json", "--to", "text")
    assert "interrupted" in shown.stdout, shown.said


def test_a_full_disk_is_said_and_leaves_no_half_report(lab: Lab, tmp_path: Path) -> None:
    """A tmpfs of 64 kB, seen by this command alone, is where the report should go."""
    files = lab.files(tmp_path / "papers")
    full = files.folder / "full"
    full.mkdir()
    words = lab.run_words(files)
    words[words.index("-o") + 1] = "full/out"
    mount = (
        'mount -t tmpfs -o size=64k tmpfs "$0"; "$@"; rc=$?; ls "$0/out" >"$0.ls"; '
        'cp -r "$0" "$0.left"; exit $rc'
    )
    prefix = ("unshare", "--mount", "--propagation", "private", "bash", "-c", mount, str(full))
    result = lab.preflight(files, *words, prefix=prefix)
    assert result.rc == 1, result.said
    assert "No space left" in result.stderr
    assert "full/out" in result.stderr
    assert "Traceback" not in result.stderr
    left = files.folder / "full.left/out/report.json"
    assert not left.exists() or json.loads(left.read_bytes())["run"]["ended"]


def test_a_clock_that_jumps_during_the_run_is_said(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    lab.face("media1", Face.HANGING)
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    # The hanging BMC keeps the run waiting; where sleeping is broken, its own deadline comes late.
    words = lab.run_words(files, "--timeout", "12")
    with start(lab, files, words, **faked_clock(clock)) as process:
        under_way(lab)
        clock.write_text("+2h\n")
        result = finish(process, files, words)
    said = [line for line in result.report["exceptions"] if "clock" in line]
    assert said, result.said
    jumped = int(re.findall(r"-?\d+", said[0])[0])
    assert abs(jumped - 7200) < 300


def faked_clock(file: Path) -> dict[str, str]:
    """An environment in which a process reads its clock's offset from this file. libfaketime
    breaks `time.sleep` of newer Pythons, so nothing in such a run may have to retry a port."""
    faketime = shutil.which("faketime")
    assert faketime
    shown = subprocess.run(
        [faketime, "-f", "+0", "env"], capture_output=True, text=True, check=True
    ).stdout
    library = next(line for line in shown.splitlines() if line.startswith("LD_PRELOAD="))
    return {
        "LD_PRELOAD": library.partition("=")[2],
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def test_no_signing_key_names_the_command_that_makes_one(lab: Lab, tmp_path: Path) -> None:
    files = lab.files(tmp_path)
    files.key.unlink()
    lab.wires.watch()
    result = lab.run(files)
    assert result.rc == USAGE, result.said
    assert "preflight key new" in result.stderr
    assert lab.wires.sent() == 0

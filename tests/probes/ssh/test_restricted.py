"""A key that runs one published script and nothing else, and the sudoers lines, with real peers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask, FileState, Login, NoAnswer, Question, Text
from preflight.probes import facts
from preflight.text import sha256_hex
from preflight.words import UnknownCause

TOKEN = "0f" * 16
PATHS = [f"/opt/suite/part-{n}" for n in range(400)]
"""Enough for a script of several SSH packets."""


def fact(name: str, argument: str = "") -> Ask:
    question = Question.model_validate(
        {"protocol": "ssh", "fact": name, "argument": argument, "address": "127.0.0.1", "port": 22}
    )
    return Ask(thing="host:db1", question=question)


def publish(folder: Path, *asks: Ask) -> Path:
    """The file that a host holds."""
    file = folder / "facts.sh"
    file.write_text(facts.published(asks))
    return file


@pytest.fixture
def restricted(start: Callable[..., Any], keys: Path) -> Callable[..., Any]:
    """An sshd that lets the key run this file only."""

    def _restricted(file: Path) -> Any:
        server = start("AcceptEnv PREFLIGHT_ROOT")
        key = (keys / "ed25519.pub").read_text()
        line = f'restrict,command="/bin/sh {file}" {key}'
        (server.folder / "authorized").write_text(line)
        return server

    return _restricted


@pytest.mark.peer("sshd")
def test_all_facts_come_by_the_restricted_key(
    restricted: Callable[..., Any], ask: Callable[..., Any], tmp_path: Path
) -> None:
    target = tmp_path / "build"
    target.write_bytes(b"build 7\n")
    wanted = ("machine-id", ("file", str(target)), ("file", "/no/such"))
    published = [fact("machine-id"), fact("file", str(target)), fact("file", "/no/such")]
    asked = ask(restricted(publish(tmp_path, *published)), "login", *wanted)
    answers = {a.question.argument or a.question.fact: r.answer for a, r in asked.replies.items()}
    assert answers["login"] == Login(method="publickey")
    assert answers["machine-id"] == Text(value=Path("/etc/machine-id").read_text().strip() or None)
    assert answers[str(target)].sha256 == sha256_hex(b"build 7\n")
    assert answers["/no/such"] == FileState(present=False)


@pytest.mark.peer("sshd")
def test_a_long_script_is_taken_in_whole_and_ignored(
    restricted: Callable[..., Any], ask: Callable[..., Any], tmp_path: Path
) -> None:
    published = [fact("file", path) for path in PATHS]
    asked = ask(restricted(publish(tmp_path, *published)), *(("file", path) for path in PATHS))
    assert {r.answer for r in asked.replies.values()} == {FileState(present=False)}


@pytest.mark.peer("sshd")
def test_a_fact_that_the_published_script_lacks_is_no_other_fact(
    restricted: Callable[..., Any], ask: Callable[..., Any], tmp_path: Path
) -> None:
    """The plan has moved on: a file stands where another one stood in the host's copy."""
    old = publish(tmp_path, fact("file", "/etc/passwd"), fact("machine-id"))
    asked = ask(restricted(old), ("file", "/bin/sh"), "machine-id")
    answer = asked["file"].answer
    assert isinstance(answer, NoAnswer)
    assert answer.cause is UnknownCause.PERMISSION
    assert "plan --script" in answer.detail
    assert isinstance(asked["machine-id"].answer, Text)


OTHER_WAYS = {
    "a command": ([], ["touch {mark}"]),
    "a shell by stdin": ([], ["exec", "sh"]),
    "a shell": ([], []),
    "a subsystem": (["-s"], ["sftp"]),
    "a terminal": (["-tt"], ["sh"]),
    "forwarding": (["-W", "127.0.0.1:{port}"], []),
}


@pytest.mark.peer("sshd", "ssh")
@pytest.mark.parametrize("way", OTHER_WAYS)
def test_the_key_runs_nothing_else(
    restricted: Callable[..., Any], keys: Path, tmp_path: Path, way: str
) -> None:
    mark, key = tmp_path / "mark", tmp_path / "key"
    server = restricted(publish(tmp_path, fact("machine-id")))
    key.write_bytes((keys / "ed25519").read_bytes())
    key.chmod(0o600)
    fill = {"mark": mark, "port": server.port}
    options, words = ([w.format(**fill) for w in part] for part in OTHER_WAYS[way])
    known = f"UserKnownHostsFile={tmp_path / 'known'}"
    trusting = ["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", known]
    login = ["-F", "none", "-i", str(key), "-p", str(server.port), *trusting]
    done = subprocess.run(
        ["ssh", *login, *options, f"{server.user}@127.0.0.1", *words],
        input=f"touch {mark}\n".encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode != 0
    assert b"begin" not in done.stdout
    assert b"SSH-2.0" not in done.stdout
    assert not mark.exists()


@pytest.mark.parametrize(
    "first",
    ["", "T=''", "T='$(touch x)'", f"T='{TOKEN[:-1]}'", f"T='{TOKEN}0'", "T='" + "G" * 32 + "'",
     "T='" + "\\" * 32 + "'", "T='" + "*" * 32 + "'"],
)  # fmt: skip
@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_only_a_token_is_taken(shell: str, first: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    argv = ["busybox", "sh"] if shell == "busybox" else [shell]
    file = publish(tmp_path, fact("machine-id"))
    done = subprocess.run(
        [*argv, str(file)], input=f"{first}\nid\n".encode(), capture_output=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, b"")
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_what_it_says_is_what_the_sent_script_says(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    argv = ["busybox", "sh"] if shell == "busybox" else [shell]
    asks = [fact("machine-id"), fact("file", "/etc/passwd"), fact("package", "dpkg")]
    asks += [fact(name) for name in ("virtual", "interfaces", "gateway", "storage", "guests")]
    sent = facts.script(asks, TOKEN).encode()
    file = publish(tmp_path, *asks)
    by_host = subprocess.run([*argv, str(file)], input=sent, capture_output=True, check=True)
    by_us = subprocess.run(argv, input=sent, capture_output=True, check=True)
    assert facts.read(by_host.stdout, TOKEN, asks) == facts.read(by_us.stdout, TOKEN, asks)
    assert "fixed" in facts.frames(by_host.stdout, TOKEN)
    assert "fixed" not in facts.frames(by_us.stdout, TOKEN)


# --- sudo ---

SERIAL = "/sys/class/dmi/id/product_serial"


def test_sudo_stands_in_no_script_that_was_not_told_to() -> None:
    plain = [fact(name) for name in facts.FACTS if name not in {"file", "package"}]
    assert "sudo" not in facts.script(plain, "T") + facts.published(plain)
    assert "sudo" not in facts.library(fact(name, "sudo") for name in facts.BY_SUDO)
    assert not any(
        "as_root" in line or "rooted" in line
        for line in facts.calls([fact(name, "sudo") for name in facts.BY_SUDO])
    )


@pytest.mark.parametrize("other", ["file", "machine-id", "package", "neighbours", "guests"])
def test_sudo_is_for_nothing_but_firmware_names(other: str) -> None:
    argument = {"file": "/x", "package": "dpkg"}.get(other, "")
    text = facts.script([fact(other, argument), fact("product-serial", "sudo")], "T")
    rooted = [line for line in text.splitlines() if line.startswith("rooted ")]
    assert rooted == [f'rooted product-serial "$R"{SERIAL}']
    assert facts.refusal(fact("machine-id", "sudo")) is not None
    assert facts.refusal(fact("product-serial", "sudo /etc/shadow")) is not None


@pytest.mark.parametrize("name", facts.TOOLS)
def test_the_permitted_commands_are_those_of_the_script(name: str) -> None:
    text = facts.library([fact(name)])
    assert [c in text for c in facts.TOOLS[name]] == [True, True]
    called = re.findall(r'heard "\$2" (/.*)', text)
    assert {c for fact_ in facts.TOOLS for c in facts.TOOLS[fact_]} == set(called)
    for command in facts.root_commands(name):
        assert command.partition("bin/")[2] in facts.request(fact(name))
    assert "if refused by sudo -n" in facts.request(fact(name, "sudo"))


def test_a_script_holds_no_function_that_it_does_not_call() -> None:
    text = facts.script([fact("machine-id")], "T")
    for name in ("virsh", "lldp", "detect-virt", "/proc/mounts", "/sys/class/net"):
        assert name not in text


def test_the_plan_says_what_sudo_would_run() -> None:
    said = facts.request(fact("product-serial", "sudo"))
    assert f"product-serial, if only root may read it by sudo -n /bin/cat {SERIAL} (" in said


BOX = """
set -e
mount --make-rprivate /
mkdir -p "$1/sys/class/dmi/id" "$1/up" "$1/work"
mount -t tmpfs tmpfs "$1/up"
mkdir "$1/up/sys" "$1/up/u" "$1/up/w" "$1/up/etc" "$1/up/ew"
mkdir -p "$1/up/sys/class/dmi/id"
printf 'CZ2100A7\\n' >"$1/up/sys/class/dmi/id/product_serial"
printf '4c4c4544-0042\\n' >"$1/up/sys/class/dmi/id/product_uuid"
printf 'CH-777\\n' >"$1/up/sys/class/dmi/id/chassis_serial"
chmod 0400 "$1"/up/sys/class/dmi/id/*
printf 'ASSET-42\\n' >"$1/up/sys/class/dmi/id/chassis_asset_tag"
mount -t overlay overlay -o "lowerdir=$1/up/sys:/sys" /sys
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/up/etc,workdir=$1/up/ew" /etc
mkdir -p /etc/sudoers.d
printf '%s\\n' "$2" >/etc/sudoers.d/preflight
chmod 0440 /etc/sudoers.d/preflight
visudo -cq
exec setpriv --reuid=65534 --regid=65534 --clear-groups sh
"""


def by_sudo(folder: Path, lines: str, *asks: Ask) -> dict[Ask, object]:
    """What `nobody` reads on a machine of its own with these sudoers lines."""
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", BOX, "box", str(folder), lines],
        input=facts.script(asks, TOKEN).encode(),
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
        timeout=120,
    )
    return dict(facts.read(done.stdout, TOKEN, asks))


ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to make a machine of its own")
LINES = "\n".join(
    f"nobody ALL=(root) NOPASSWD: {facts.root_commands(name)[0]}" for name in facts.ROOT_ONLY
)


@ROOT
@pytest.mark.peer("sudo", "visudo", "unshare", "setpriv")
def test_the_sudoers_lines_suffice(tmp_path: Path) -> None:
    serial, uuid = fact("product-serial", "sudo"), fact("product-uuid", "sudo")
    chassis, tag = fact("chassis-serial", "sudo"), fact("asset-tag")
    assert by_sudo(tmp_path, LINES, serial, uuid, chassis, tag) == {
        serial: Text(value="CZ2100A7"),
        uuid: Text(value="4c4c4544-0042"),
        chassis: Text(value="CH-777"),
        tag: Text(value="ASSET-42"),
    }


@ROOT
@pytest.mark.peer("sudo", "visudo", "unshare", "setpriv")
def test_without_its_line_a_fact_is_permission(tmp_path: Path) -> None:
    serial, uuid = fact("product-serial", "sudo"), fact("product-uuid", "sudo")
    found = by_sudo(tmp_path, LINES.splitlines()[0], serial, uuid)
    assert found[serial] == Text(value="CZ2100A7")
    refused = found[uuid]
    assert isinstance(refused, NoAnswer)
    assert refused.cause is UnknownCause.PERMISSION

"""The stock OpenSSH client against a demo machine: real commands, real files, nothing else."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import paramiko
import pytest

from preflight.demo import execution
from preflight.demo.site import DemoSite
from preflight.demo.world import SOUND

pytestmark = pytest.mark.peer("ssh")

Ssh = Callable[..., "subprocess.CompletedProcess[bytes]"]
SERIAL = 'cat "$PREFLIGHT_ROOT/sys/class/dmi/id/product_serial"'


def alive(pid: int) -> bool:
    """A process that runs; one that ended and waits to be reaped does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip()[:1] not in (b"", b"Z")


def gone(pid: int) -> bool:
    end = time.monotonic() + 60
    while alive(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not alive(pid)


def test_a_command_sees_the_machine_s_own_files(ssh: Ssh) -> None:
    for name in ("db1", "db2"):
        assert ssh(name, SERIAL).stdout.decode().strip() == SOUND[name].serial


def test_a_script_on_standard_input_is_run(ssh: Ssh) -> None:
    script = b'cat "$PREFLIGHT_ROOT/etc/machine-id"; echo wrong >&2; exit 7'
    done = ssh("db1", "exec sh", stdin=script)
    assert done.stdout.decode().strip() == SOUND["db1"].machine_id
    assert (done.stderr, done.returncode) == (b"wrong\n", 7)


def test_nothing_is_canned(site: DemoSite, ssh: Ssh) -> None:
    (site.files.root("db1") / "note").write_text("written a moment ago")
    assert ssh("db1", 'cat "$PREFLIGHT_ROOT/note"').stdout == b"written a moment ago"
    (site.files.root("db1") / "etc/machine-id").write_text("another\n")
    assert ssh("db1", 'cat "$PREFLIGHT_ROOT/etc/machine-id"').stdout == b"another\n"


def test_the_installed_product_runs_and_both_builds_say_one_version(ssh: Ssh) -> None:
    command = '"$PREFLIGHT_ROOT/opt/telecom-suite/bin/callserver" '
    versions = [ssh(name, command + "--version").stdout for name in ("db1", "db2")]
    limits = [ssh(name, command + "--limits").stdout for name in ("db1", "db2")]
    assert versions == [b"telecom-suite 7.2.4\n"] * 2
    assert limits[0] != limits[1]


@pytest.mark.peer("dpkg-query")
def test_real_dpkg_reads_the_machine_s_database(ssh: Ssh) -> None:
    query = 'dpkg-query --admindir="$PREFLIGHT_ROOT/var/lib/dpkg" '
    asked = ssh("db2", query + "-W -f '${Package} ${Version} ${Status}' telecom-suite")
    assert asked.stdout == b"telecom-suite 7.2.4-1 install ok installed"
    listed = ssh("db2", query + "-L telecom-suite").stdout.decode().split()
    assert "/opt/telecom-suite/bin/callserver" in listed
    assert ssh("db2", query + "-W no-such-package").returncode == 1


def test_the_environment_is_bare(ssh: Ssh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOMETHING_PRIVATE", "private")
    names = {line.partition("=")[0] for line in ssh("db1", "env").stdout.decode().splitlines()}
    set_by_sh_itself = {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names - set_by_sh_itself == {"PATH", "LC_ALL", "PREFLIGHT_ROOT"}


def test_much_data_passes_both_ways(ssh: Ssh) -> None:
    data = os.urandom(3_000_000)
    done = ssh("db1", "cat", stdin=data)
    assert (done.stdout == data, done.returncode) == (True, 0)


def test_a_command_that_reads_nothing_ends_all_the_same(ssh: Ssh) -> None:
    assert ssh("db1", "exit 3", stdin=bytes(3_000_000)).returncode == 3


def test_the_exit_status_of_a_killed_command_is_as_sh_says_it(ssh: Ssh) -> None:
    assert ssh("db1", "kill -TERM $$").returncode == 128 + 15


def test_a_status_that_comes_after_the_output_is_waited_for(ssh: Ssh) -> None:
    assert ssh("db1", "exec >&- 2>&-; sleep 0.3; exit 9").returncode == 9


def test_a_machine_whose_disk_is_gone_says_so(
    site: DemoSite, ssh_argv: Callable[..., list[str]], tmp_path: Path
) -> None:
    before = ssh_argv("db1", "true")
    site.files.root("db1").rename(tmp_path / "elsewhere")
    done = subprocess.run(before, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 126
    assert b"cannot run anything here" in done.stderr


def test_only_this_run_s_key_and_user_come_in(ssh: Ssh, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(other)], check=True)
    assert b"Permission denied (publickey)" in ssh("db1", "true", key=other).stderr
    assert b"Permission denied (publickey)" in ssh("db1", "true", user="root").stderr


@pytest.mark.parametrize(
    "wish", [["-T"], ["-s", "sftp"], ["-W", "127.0.0.1:9"]], ids=["shell", "subsystem", "forward"]
)
def test_nothing_but_commands(
    ssh_argv: Callable[..., list[str]], wish: list[str], site: DemoSite
) -> None:
    argv = ssh_argv("db1")
    flags = [wish[0]] if wish[0] != "-W" else wish
    tail = wish[1:] if wish[0] == "-s" else []
    done = subprocess.run(
        [argv[0], *flags, *argv[1:], *tail],
        input=b"",
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 255 or b"request failed" in done.stderr
    assert done.stdout == b""
    assert site.ways["db1"].address.startswith("127.")


def test_there_is_no_terminal(ssh_argv: Callable[..., list[str]]) -> None:
    argv = ssh_argv("db1", "tty")
    done = subprocess.run([argv[0], "-tt", *argv[1:]], input=b"", capture_output=True, check=False)
    assert b"PTY allocation request failed" in done.stderr


def test_a_command_that_hangs_is_killed(ssh: Ssh, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(execution, "TIME_OUT_S", 3)
    done = ssh("db1", "echo $$; sleep 1000; echo late")
    assert done.returncode == 128 + 9
    assert gone(int(done.stdout))


def test_nothing_is_left_in_the_background(ssh: Ssh) -> None:
    done = ssh("db1", "sleep 1000 >/dev/null 2>&1 & echo $!")
    assert done.returncode == 0
    assert gone(int(done.stdout))


def test_stopping_the_site_ends_running_commands(
    site: DemoSite, ssh_argv: Callable[..., list[str]]
) -> None:
    with subprocess.Popen(
        ssh_argv("db1", "echo $$; exec sleep 1000"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as client:
        assert client.stdout
        pid = int(client.stdout.readline())
        assert alive(pid)
        site.stop()
        assert client.wait(60) == 255
    assert not alive(pid)


def test_a_client_that_leaves_ends_its_command(ssh_argv: Callable[..., list[str]]) -> None:
    with subprocess.Popen(
        ssh_argv("db1", "echo $$; exec sleep 1000"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as client:
        assert client.stdout
        pid = int(client.stdout.readline())
        client.kill()
    assert gone(pid)


def test_clients_that_leave_early_disturb_nobody(site: DemoSite, ssh: Ssh) -> None:
    ways, key = site.ways["db1"], paramiko.Ed25519Key(filename=str(site.files.ssh_key))
    for _ in range(10):
        transport = paramiko.Transport((ways.address, ways.ssh_port))
        transport.connect(username="preflight", pkey=key)
        channel = transport.open_session()
        channel.exec_command("echo here; cat")  # it waits for more when its client is gone
        assert channel.recv(1) == b"h"
        transport.close()
    assert ssh("db1", "true").returncode == 0


def test_a_locked_account_lets_nobody_in(site: DemoSite, ssh: Ssh) -> None:
    site.switch("db1-login", broken=True)
    assert b"Permission denied" in ssh("db1", "true").stderr
    site.switch("db1-login", broken=False)
    assert ssh("db1", "true").returncode == 0


def test_a_reinstalled_machine_shows_another_key(site: DemoSite, ssh: Ssh) -> None:
    pinned = site.ways["db1"].host_key
    assert _shown_key(site) == pinned
    site.switch("db1-host-key", broken=True)
    assert _shown_key(site) != pinned == site.ways["db1"].host_key
    assert ssh("db1", "true").returncode == 0


def _shown_key(site: DemoSite) -> str:
    ways = site.ways["db1"]
    scan = ["ssh-keyscan", "-p", str(ways.ssh_port), "-t", "ed25519", ways.address]
    line = subprocess.run(scan, capture_output=True, check=True).stdout
    said = subprocess.run(["ssh-keygen", "-lf", "-"], input=line, capture_output=True, check=True)
    return said.stdout.decode().split()[1]

"""The SSH probe against stock OpenSSH, and against things that are no SSH server."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import FileState, HostKey, Login, NoAnswer, PackageState, Text
from preflight.probes import ssh_login
from preflight.probes.base import Secret
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause
from tests.probes.conftest import Clock
from tests.probes.ssh.conftest import Asked

Start = Callable[..., Any]
Put = Callable[..., Any]
Speak = Callable[[Callable[[socket.socket], None]], int]

pytestmark = [pytest.mark.peer("sshd"), pytest.mark.peer("ssh-keygen")]


def cause(reply: Any) -> str:
    assert isinstance(reply.answer, NoAnswer), reply.answer
    return str(reply.answer.cause)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A machine's files."""
    root = tmp_path / "machine"
    dmi = root / "sys/class/dmi/id"
    dmi.mkdir(parents=True)
    (dmi / "product_serial").write_text("CZ2100A7\n")
    (dmi / "product_uuid").write_text("To be filled by O.E.M.\n")
    (root / "etc").mkdir()
    (root / "etc/machine-id").write_text("3d1219c7c4c5404aaa1f6d2a48adfda4\n")
    (root / "opt").mkdir()
    (root / "opt/acme").write_bytes(b"\0\xff release 7.2.4")
    return root


# --- facts ---


@pytest.mark.peer("dpkg-deb")
def test_all_facts_in_one_session(start: Start, ask: Put, tree: Path, deb: Path) -> None:
    install(deb, tree)
    server = start(f"SetEnv PREFLIGHT_ROOT={tree}")
    asked = ask(
        server,
        "host-key", "login", "machine-id", "product-uuid", "product-serial",
        ("file", "/opt/acme"), ("package", "acme-app"),
    )  # fmt: skip
    digest = hashlib.sha256(b"\0\xff release 7.2.4").hexdigest()
    assert {a.question.fact: r.answer for a, r in asked.replies.items()} == {
        "host-key": HostKey(algorithm="ssh-ed25519", fingerprint=server.fingerprints["ed25519"]),
        "login": Login(method="publickey"),
        "machine-id": Text(value="3d1219c7c4c5404aaa1f6d2a48adfda4"),
        "product-uuid": Text(value=None),
        "product-serial": Text(value="CZ2100A7"),
        "file": FileState(present=True, sha256=digest, size_bytes=16),
        "package": PackageState(installed=True, version="4.2.0-3"),
    }
    assert all(reply.proven and reply.attempts == 1 for reply in asked.replies.values())
    assert {asked[f].root for f in ("machine-id", "file", "package")} == {str(tree)}
    assert asked["product-serial"].raw.text == "CZ2100A7\n"
    assert server.log.count("Accepted publickey") == 1
    assert asked.sent[:2] == [f"SSH connect 127.0.0.1:{server.port}", "SSH login"]


@pytest.fixture
def deb(tmp_path: Path) -> Path:
    """A package made by the stock dpkg-deb."""
    control = tmp_path / "deb/DEBIAN/control"
    control.parent.mkdir(parents=True)
    control.parent.chmod(0o755)
    control.write_text(
        "Package: acme-app\nVersion: 4.2.0-3\nArchitecture: all\n"
        "Maintainer: Example <x@example.invalid>\nDescription: app\n"
    )
    subprocess.run(
        ["dpkg-deb", "-Znone", "--root-owner-group", "-b", tmp_path / "deb", tmp_path / "a.deb"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tmp_path / "a.deb"


def install(deb: Path, root: Path) -> None:
    """By the stock dpkg, into the machine's own database."""
    for folder in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / folder).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    subprocess.run(
        [
            "dpkg", f"--instdir={root}", f"--admindir={root}/var/lib/dpkg", f"--log={root}/log",
            "--force-not-root", "--force-script-chrootless", "--install", deb,
        ],
        check=True,
        capture_output=True,
        env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"},
    )  # fmt: skip


def test_what_a_host_is_connected_to(start: Start, ask: Put) -> None:
    asked = ask(start(), "boot-id", "virtual", "interfaces", "gateway", "storage", "neighbours")
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert asked["boot-id"].answer == Text(value=boot)
    ports = {path.name for path in Path("/sys/class/net").iterdir() if path.is_dir()} - {"lo"}
    assert {port.name for port in asked["interfaces"].answer.interfaces} == ports
    for fact, sort in (("virtual", "virtual"), ("gateway", "gateways"), ("storage", "storage")):
        assert asked[fact].answer.type == sort
    told = asked["neighbours"].answer
    assert not isinstance(told, NoAnswer) or cause(asked["neighbours"]) in {
        "tool-missing", "unsupported", "permission",
    }  # fmt: skip


def test_without_root_variable_the_facts_are_the_machines_own(start: Start, ask: Put) -> None:
    asked = ask(start(), ("file", "/etc/passwd"))
    digest = hashlib.sha256(Path("/etc/passwd").read_bytes()).hexdigest()
    assert asked["file"].answer.sha256 == digest
    assert asked["file"].root == ""


def test_profile_banner_and_echo_do_not_disturb(start: Start, ask: Put, tree: Path) -> None:
    noise = tree / "noise"
    noise.write_text("\n@0@ 0 begin\nFORGED\n@0@ 0 end value\n" * 3)
    command = f'cat {noise}; head -c 3000000 /dev/zero >&2; exec sh -c "$SSH_ORIGINAL_COMMAND"'
    server = start(f"Banner {noise}", f"SetEnv PREFLIGHT_ROOT={tree}", f"ForceCommand {command}")
    assert ask(server, "product-serial")["product-serial"].answer == Text(value="CZ2100A7")


def test_a_host_that_only_echoes_the_script_says_nothing(start: Start, ask: Put) -> None:
    asked = ask(start("ForceCommand cat"), "machine-id", ("file", "/etc/passwd"))
    assert asked.causes == {"parse"}


def test_a_host_that_runs_no_shell(start: Start, ask: Put) -> None:
    server = start("ForceCommand echo This account is not available.; exit 1")
    asked = ask(server, "login", "machine-id")
    assert asked["login"].answer == Login(method="publickey")
    assert cause(asked["machine-id"]) == "parse"
    assert "not available" in asked["machine-id"].answer.detail


def test_a_host_that_refuses_sessions(start: Start, ask: Put) -> None:
    asked = ask(start("MaxSessions 0"), "login", "machine-id")
    assert asked["login"].answer == Login(method="publickey")
    assert cause(asked["machine-id"]) == "unsupported"


def test_what_was_said_before_the_time_ran_out_counts(start: Start, ask: Put, tree: Path) -> None:
    fifo = tree / "slow"
    os.mkfifo(fifo)
    # The host stops in the middle: everything after the serial hangs until the session ends.
    server = start(
        f"SetEnv PREFLIGHT_ROOT={tree}",
        f"ForceCommand sed 's|^digest file-|cat {fifo}; &|' | sh",
    )
    asked = ask(server, "product-serial", ("file", "/opt/acme"), question_s=8.0)
    os.close(os.open(fifo, os.O_RDWR))  # what hangs may go home
    assert asked["product-serial"].answer == Text(value="CZ2100A7")
    assert cause(asked["file"]) == "timeout"


@pytest.mark.parametrize("when", ["SSH connect", "SSH login", "SSH fact"])
def test_a_pause_of_our_own_is_not_held_against_the_host(
    start: Start, ask: Put, tree: Path, stall: Clock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    server = start(f"SetEnv PREFLIGHT_ROOT={tree}")
    send = Asked.send

    def stalled(self: Asked, thing: str, request: str) -> bool:
        if request.startswith(when):
            stall(3600)
        return send(self, thing, request)

    monkeypatch.setattr(Asked, "send", stalled)
    asked = ask(server, "login", "machine-id")
    assert any(request.startswith(when) for request in asked.sent), asked.sent
    assert isinstance(asked["machine-id"].answer, Text), asked["machine-id"].answer


def test_an_endless_answer_is_cut(start: Start, ask: Put) -> None:
    asked = ask(start("ForceCommand yes"), "machine-id", answer_bytes=100_000)
    assert asked.causes == {"parse"}
    assert asked["machine-id"].raw.size_bytes < 1_000_000


def test_arguments_outside_the_pattern_are_never_sent(start: Start, ask: Put) -> None:
    server = start()
    asked = ask(server, ("file", "/x'; reboot '"), ("file", "/a/../b"), ("package", "*"))
    assert asked.causes == {"not-asked"}
    assert asked.sent == []


def test_a_request_outside_the_plan_is_not_sent(start: Start, ask: Put) -> None:
    server = start()
    assert ask(server, "login", refused=frozenset({"SSH login"})).causes == {"not-asked"}
    assert "Accepted" not in server.log
    connect = f"SSH connect 127.0.0.1:{server.port}"
    assert ask(server, "host-key", refused=frozenset({connect})).causes == {"not-asked"}


# --- host keys ---


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_the_pinned_key_is_found_whatever_its_type(start: Start, ask: Put, kind: str) -> None:
    server = start(kinds=("rsa", "ecdsa", "ed25519"))
    asked = ask(server, "host-key", "login", pin=server.fingerprints[kind])
    assert asked["host-key"].answer.fingerprint == server.fingerprints[kind]
    assert asked["host-key"].proven
    assert asked["login"].answer == Login(method="publickey")


def test_another_key_than_pinned_ends_everything(start: Start, ask: Put) -> None:
    server = start(kinds=("rsa", "ed25519"))
    pin = "SHA256:" + "A" * 43
    asked = ask(server, "host-key", "login", "machine-id", pin=pin)
    assert asked.causes == {"wrong-site"}
    detail = asked["host-key"].answer.detail
    assert pin in detail
    assert server.fingerprints["ed25519"] in detail
    assert not any(reply.proven for reply in asked.replies.values())
    assert "SSH login" not in asked.sent
    assert "Accepted" not in server.log
    assert "user" not in server.log.lower().replace("preauth", "")


def test_an_unpinned_host_shows_its_key_and_gets_no_login(start: Start, ask: Put) -> None:
    server = start()
    asked = ask(server, "host-key", "login", "machine-id", pin=None)
    assert asked["host-key"].answer.fingerprint == server.fingerprints["ed25519"]
    assert not asked["host-key"].proven
    assert cause(asked["login"]) == cause(asked["machine-id"]) == "host-key"
    assert "SSH login" not in asked.sent
    assert "Accepted" not in server.log


def test_own_known_hosts_is_as_good_as_a_pin(start: Start, ask: Put) -> None:
    server = start()
    known = {f"[127.0.0.1]:{server.port}": frozenset(server.fingerprints.values())}
    asked = ask(server, "login", pin=None, known_hosts=known)
    assert asked["login"].answer == Login(method="publickey")
    assert asked["login"].proven
    elsewhere = {"127.0.0.1": frozenset(server.fingerprints.values())}
    assert ask(server, "login", pin=None, known_hosts=elsewhere).causes == {"host-key"}


def test_a_name_in_known_hosts_wins_over_its_address(start: Start, ask: Put) -> None:
    server = start()
    keys, wrong = frozenset(server.fingerprints.values()), frozenset({"SHA256:" + "A" * 43})
    by_name, by_ip = f"[db1.example]:{server.port}", f"[127.0.0.1]:{server.port}"
    way = {"pin": None, "address": "db1.example"}
    good = ask(server, "login", known_hosts={by_name: keys, by_ip: wrong}, **way)
    assert good["login"].answer == Login(method="publickey")
    assert ask(server, "login", known_hosts={by_ip: keys}, **way)["login"].proven
    assert ask(server, "login", known_hosts={by_name: wrong}, **way).causes == {"wrong-site"}


def test_over_ipv6(start: Start, ask: Put) -> None:
    server = start("ListenAddress ::1")
    asked = ask(server, "login", address="::1")
    assert asked["login"].answer == Login(method="publickey")
    assert asked.sent[0] == f"SSH connect [::1]:{server.port}"


def test_the_site_file_wins_over_known_hosts(start: Start, ask: Put) -> None:
    server = start()
    known = {f"[127.0.0.1]:{server.port}": frozenset(server.fingerprints.values())}
    pin = "SHA256:" + "A" * 43
    assert ask(server, "login", pin=pin, known_hosts=known).causes == {"wrong-site"}


def test_a_revoked_key_never_matches(start: Start, ask: Put) -> None:
    server = start()
    revoked = {"@revoked": frozenset(server.fingerprints.values())}
    asked = ask(server, "host-key", "login", known_hosts=revoked)
    assert asked.causes == {"wrong-site"}
    assert "revoked" in asked["login"].answer.detail
    assert ask(server, "login", pin=None, known_hosts=revoked).causes == {"wrong-site"}


# --- login ---


@pytest.mark.parametrize("name", ["ed25519", "ecdsa", "rsa", "rsa-pem"])
def test_key_files(start: Start, ask: Put, keys: Path, name: str) -> None:
    secret = Secret(id="site-ssh", key=keys / name)
    assert ask(start(), "login", secret=secret)["login"].answer == Login(method="publickey")


@pytest.mark.parametrize("name", ["locked", "locked-pem"])
def test_encrypted_key_files(start: Start, ask: Put, keys: Path, name: str) -> None:
    server = start()
    good = Secret(id="site-ssh", key=keys / name, passphrase="opensesame")
    assert ask(server, "login", secret=good)["login"].answer == Login(method="publickey")
    for passphrase in ("", "wrong"):
        bad = Secret(id="site-ssh", key=keys / name, passphrase=passphrase)
        asked = ask(server, "login", secret=bad)
        assert asked.causes == {"not-asked"}
        assert "opensesame" not in asked["login"].answer.detail


@pytest.mark.parametrize("content", [None, b"", b"\0\xff", b"-----BEGIN RSA PRIVATE KEY-----\n"])
def test_key_files_that_are_none(
    start: Start, ask: Put, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "id"
    if content is not None:
        path.write_bytes(content)
    asked = ask(start(), "host-key", "login", secret=Secret(id="site-ssh", key=path))
    assert cause(asked["login"]) == "not-asked"
    assert asked["host-key"].proven


@pytest.mark.parametrize("name", ["other", "rsa-pem"])
def test_a_key_that_is_not_authorised(
    start: Start, ask: Put, keys: Path, name: str, tmp_path: Path
) -> None:
    server = start(f"AuthorizedKeysFile {tmp_path}/none")
    # The first line counts in sshd_config; the fixture's own file is named before this one.
    (server.folder / "authorized").write_text("")
    asked = ask(server, "login", "machine-id", secret=Secret(id="site-ssh", key=keys / name))
    assert asked.causes == {"auth"}
    detail = asked["login"].answer.detail
    assert re.search(rf'user "[^"]+" in with the key of site-ssh \({name}\)', detail), detail
    assert str(keys) not in detail
    assert server.log.count("Connection closed by authenticating user") <= 1


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
def test_exactly_one_key_of_the_agent(
    start: Start, ask: Put, keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start("MaxAuthTries 1")
    shown = subprocess.run(
        ["ssh-keygen", "-lf", keys / "ecdsa.pub"], check=True, capture_output=True, text=True
    ).stdout.split()[1]
    secret = Secret(id="site-ssh", agent=shown)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
    assert ask(server, "login", secret=secret).causes == {"not-asked"}
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", tmp_path / "agent"], stdout=subprocess.PIPE)
    try:
        assert agent.stdout is not None
        agent.stdout.readline()
        assert ask(server, "login", secret=secret).causes == {"not-asked"}
        names = [keys / "other", keys / "ecdsa"]
        subprocess.run(["ssh-add", "-q", *names], check=True, capture_output=True)
        assert ask(server, "login", secret=secret)["login"].answer == Login(method="publickey")
        agent.send_signal(signal.SIGSTOP)
        with pytest.raises(Unanswered) as why:
            ssh_login._Agent(0.5)
        assert why.value.no_answer.cause is UnknownCause.NOT_ASKED
    finally:
        agent.send_signal(signal.SIGCONT)
        agent.terminate()
        agent.communicate()


def test_no_login_without_a_credential(start: Start, ask: Put) -> None:
    server = start()
    asked = ask(server, "host-key", "login", credential=None)
    assert asked["host-key"].proven
    assert cause(asked["login"]) == "not-asked"
    assert "names no ssh credential" in asked["login"].answer.detail
    assert ask(server, "login", secrets={}).causes == {"not-asked"}
    assert "SSH login" not in asked.sent


def test_more_than_one_factor(start: Start, ask: Put) -> None:
    server = start("AuthenticationMethods publickey,password")
    assert ask(server, "login", "machine-id").causes == {"auth"}


def test_a_secret_shows_nowhere(start: Start, ask: Put, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    secret = Secret(id="site-ssh", username="u", password="hunter2")
    asked = ask(start(), "login", secret=secret)
    assert asked.causes == {"auth"}
    assert "hunter2" not in caplog.text + repr(asked) + repr(secret)


# --- silence and nonsense ---


def test_nothing_listens(ask: Put) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    assert ask(port, "host-key", "login").causes == {"refused"}


def test_a_name_that_does_not_resolve(ask: Put) -> None:
    asked = ask(22, "host-key", addresses={})
    assert asked.causes == {"unreachable"}
    assert asked.sent == []


def test_a_stopped_server(start: Start, ask: Put) -> None:
    server = start()
    server.process.send_signal(signal.SIGSTOP)
    assert ask(server, "host-key", "login", question_s=0.5).causes == {"timeout"}


def test_a_server_that_stops_after_its_greeting(ask: Put, speak: Speak) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(b"SSH-2.0-x\r\n")
        while peer.recv(65536):
            pass

    assert ask(speak(behave), "host-key", question_s=0.5).causes == {"timeout"}


def test_a_trickle_does_not_outlast_the_deadline(ask: Put, speak: Speak) -> None:
    stop = threading.Event()

    def behave(peer: socket.socket) -> None:
        while not stop.wait(0.02):
            peer.sendall(b"x\n" if stop.is_set() else b"x")

    port = speak(behave)
    try:
        assert ask(port, "host-key", question_s=0.5).causes == {"timeout"}
    finally:
        stop.set()


FLOODS = {
    "lines": b"x" * 78 + b"\r\n",
    "one line": b"x" * 80,
    "version without end": b"SSH-2.0-" + b"x" * 72,
    "binary": bytes(range(0, 256)).replace(b"\n", b""),
}


@pytest.mark.parametrize("name", FLOODS)
def test_ten_megabytes_of_banner(ask: Put, speak: Speak, name: str) -> None:
    def behave(peer: socket.socket) -> None:
        for _ in range(10_000_000 // len(FLOODS[name])):
            peer.sendall(FLOODS[name])
        peer.shutdown(socket.SHUT_WR)

    assert ask(speak(behave), "host-key", "login").causes == {"parse"}


@pytest.mark.parametrize("cipher", ["aes128-gcm@openssh.com", "aes256-gcm@openssh.com",
                                    "aes128-ctr", "aes256-ctr"])  # fmt: skip
def test_every_cipher_of_today_carries_a_whole_answer(
    start: Start, ask: Put, tmp_path: Path, cipher: str
) -> None:
    tree = tmp_path / "root"
    (tree / "etc").mkdir(parents=True)
    (tree / "etc/machine-id").write_text("0123456789abcdef" * 255)
    server = start(f"Ciphers {cipher}", f"SetEnv PREFLIGHT_ROOT={tree}")
    asked = ask(server, "login", "machine-id")
    assert asked["machine-id"].raw.size_bytes == 4080


@pytest.mark.parametrize(("talk", "cause"), [(15_000, "refused"), (17_000, "parse")])
def test_a_server_talks_only_so_long_before_its_version(
    ask: Put, speak: Speak, talk: int, cause: str
) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall((b"x" * 249 + b"\n") * (talk // 250) + b"SSH-2.0-x\r\n")
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            pass

    assert ask(speak(behave), "host-key", "login").causes == {cause}


GREETINGS = {
    b"": "refused",
    b"220 mail.example ESMTP\r\n": "parse",
    b"HTTP/1.1 400 Bad Request\r\n\r\n<html>": "parse",
    b"SSH-1.5-old\r\n": "parse",
    b"SSH-2.0-x\r\n" + b"\xff" * 64: "parse",
    b"SSH-2.0-x\r\n\x00\x00\x00\x0c\x0a\x14" + b"\0" * 10: "parse",
    b"\xff\xfe\x00\n": "parse",
}


@pytest.mark.parametrize("greeting", GREETINGS)
def test_things_that_are_no_ssh_server(ask: Put, speak: Speak, greeting: bytes) -> None:
    def behave(peer: socket.socket) -> None:
        peer.sendall(greeting)
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            pass

    asked = ask(speak(behave), "host-key", "login")
    assert asked.causes == {GREETINGS[greeting]}


def test_a_server_without_a_common_algorithm(start: Start, ask: Put) -> None:
    server = start("Ciphers chacha20-poly1305@openssh.com")
    asked = ask(server, "host-key", "login")
    assert asked.causes == {"host-key"}, "nothing proves who answers"
    assert "offers no SSH algorithm that is taken" in asked["login"].answer.detail


def test_slow_key_exchange_remains_as_a_fallback(start: Start, ask: Put) -> None:
    server = start("KexAlgorithms diffie-hellman-group14-sha256")
    assert ask(server, "login")["login"].answer == Login(method="publickey")


def test_the_fast_key_exchange_comes_first(start: Start, ask: Put) -> None:
    server = start("LogLevel DEBUG3")
    ask(server, "login")
    assert "kex: algorithm: curve25519-sha256@libssh.org" in server.log


def test_fingerprints_are_those_of_ssh_keygen(host_keys: Path) -> None:
    from preflight.probes.known_hosts import fingerprint

    line = (host_keys / "rsa.pub").read_text().split()
    shown = subprocess.run(
        ["ssh-keygen", "-lf", host_keys / "rsa.pub"], check=True, capture_output=True, text=True
    ).stdout.split()[1]
    assert fingerprint(base64.b64decode(line[1])) == shown

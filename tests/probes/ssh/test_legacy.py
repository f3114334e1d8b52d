"""Old servers: refused, unless the site file takes their algorithms from that one host."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from preflight.evidence import Ask, Login, Question
from preflight.probes.ssh_keys import KeysProbe

pytestmark = [pytest.mark.peer("sshd"), pytest.mark.peer("ssh-keygen")]

OLD = {
    "group14-sha1": ("KexAlgorithms diffie-hellman-group14-sha1",),
    "group1-sha1": ("KexAlgorithms diffie-hellman-group1-sha1",),
    "ssh-rsa": ("HostKeyAlgorithms ssh-rsa",),
    "cbc": ("Ciphers aes128-cbc",),
    "3des": ("Ciphers 3des-cbc",),
    "hmac-sha1": ("MACs hmac-sha1", "Ciphers aes128-ctr"),
    "all of them": (
        "KexAlgorithms diffie-hellman-group1-sha1",
        "HostKeyAlgorithms ssh-rsa",
        "Ciphers aes256-cbc",
        "MACs hmac-sha1",
    ),
}
Start = Callable[..., Any]
Put = Callable[..., Any]


@pytest.mark.parametrize("old", OLD)
def test_what_only_old_servers_speak_is_refused_and_named(start: Start, ask: Put, old: str) -> None:
    server = start(*OLD[old], kinds=("rsa",))
    asked = ask(server, "host-key", "login")
    assert asked.causes == {"host-key"}
    assert "`legacy: true` under its `ssh:` in the site file" in asked["login"].answer.detail
    assert "SSH login" not in asked.sent
    assert not asked["login"].proven


@pytest.mark.parametrize("old", OLD)
def test_with_legacy_the_pinned_host_lets_us_in(start: Start, ask: Put, old: str) -> None:
    server = start(*OLD[old], kinds=("rsa",))
    asked = ask(server, "host-key", "login", "machine-id", legacy=True)
    assert asked["login"].answer == Login(method="publickey")
    assert asked["host-key"].answer.fingerprint == server.fingerprints["rsa"]
    assert asked["host-key"].proven


def test_legacy_is_no_pin(start: Start, ask: Put) -> None:
    server = start(*OLD["all of them"], kinds=("rsa",))
    asked = ask(server, "host-key", "login", pin=None, legacy=True)
    assert asked["host-key"].answer.fingerprint == server.fingerprints["rsa"]
    assert asked["login"].answer.cause == "host-key"
    wrong = ask(server, "login", pin="SHA256:" + "A" * 43, legacy=True)
    assert wrong.causes == {"wrong-site"}
    assert "SSH login" not in [*asked.sent, *wrong.sent]
    assert "Accepted" not in server.log


def test_old_algorithms_are_for_one_host_at_a_time(start: Start, ask: Put) -> None:
    """Also while another host of the same run is met by them."""
    server = start(*OLD["all of them"], kinds=("rsa",))
    taken: list[Any] = []
    threads = [
        threading.Thread(target=lambda: taken.append(ask(server, "login", legacy=True)))
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    refused = [ask(server, "login") for _ in range(3)]
    for thread in threads:
        thread.join()
    assert all(asked.causes == {"host-key"} for asked in refused)
    assert [asked["login"].answer.method for asked in taken] == ["publickey"] * 2


def test_a_modern_host_is_met_by_modern_algorithms_also_with_legacy(start: Start, ask: Put) -> None:
    server = start("LogLevel DEBUG1", kinds=("rsa",))
    assert ask(server, "login", legacy=True)["login"].answer == Login(method="publickey")
    agreed = [line for line in server.log.splitlines() if "kex:" in line]
    assert agreed
    assert not any(old in line for line in agreed for old in ("sha1", "cbc", " ssh-rsa"))


# --- wrong site ---


def test_after_a_mismatch_nothing_more_is_sent(start: Start, ask: Put) -> None:
    """By the server's own log: one connection per host key that it has, and in none a request."""
    server = start("LogLevel DEBUG3", kinds=("rsa", "ecdsa", "ed25519"))
    asked = ask(server, "host-key", "login", "machine-id", pin="SHA256:" + "A" * 43)
    assert asked.causes == {"wrong-site"}
    connect = f"SSH connect 127.0.0.1:{server.port}"
    assert asked.sent == [connect] * 3
    assert server.log.count("Connection from 127.0.0.1") == 3
    # Service request (5) and user authentication (50): RFC 4253, 10; RFC 4252, 6.
    assert "receive packet: type 20" in server.log
    for kind in (5, 50):
        assert f"receive packet: type {kind}\n" not in server.log.replace(" [preauth]", "")
    right = ask(server, "login")
    assert right["login"].answer == Login(method="publickey")
    assert "receive packet: type 5\n" in server.log.replace(" [preauth]", "")


# --- all keys, for pin ---


def _ask_keys(way: Any, port: int, *families: str, legacy: bool = False) -> dict[str, Any]:
    asks = [
        Ask(
            thing="host:db1",
            question=Question(
                protocol="ssh", fact="host-key", argument=f, address="127.0.0.1", port=port
            ),
        )
        for f in families
    ]
    told: dict[str, Any] = {}
    KeysProbe(legacy=legacy).ask(asks, way, lambda a, r: told.update({a.question.argument: r}))
    return told


ALL = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa")


def test_every_key_is_shown(start: Start, way_to: Callable[..., Any]) -> None:
    server = start(kinds=("rsa", "ecdsa", "ed25519"))
    told = _ask_keys(way_to(server.port), server.port, *ALL, "ecdsa-sha2-nistp521")
    shown = [told[family].answer.fingerprint for family in ALL]
    assert shown == [server.fingerprints[k] for k in ("ed25519", "ecdsa", "rsa")]
    assert not any(reply.proven for reply in told.values())
    assert told["ecdsa-sha2-nistp521"].answer.cause == "unsupported"
    assert server.log.count("Connection from") <= 3
    assert "Accepted" not in server.log


def test_the_key_of_an_old_server_is_shown_when_asked_for(
    start: Start, way_to: Callable[..., Any]
) -> None:
    server = start(*OLD["all of them"], kinds=("rsa",))
    way = way_to(server.port)
    assert _ask_keys(way, server.port, "ssh-rsa")["ssh-rsa"].answer.cause == "host-key"
    told = _ask_keys(way, server.port, "ssh-rsa", legacy=True)
    assert told["ssh-rsa"].answer.fingerprint == server.fingerprints["rsa"]

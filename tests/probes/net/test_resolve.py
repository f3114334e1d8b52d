"""Names to addresses."""

from __future__ import annotations

import socket
import threading

import pytest

from preflight.probes.resolve import literal, resolve


@pytest.mark.parametrize(
    ("text", "ip"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("FD99:0::0001", "fd99::1"),
        ("::ffff:127.0.0.1", "127.0.0.1"),
        ("db1", None),
        ("127.0.0.1.", None),
    ],
)
def test_literals_are_canonical(text: str, ip: str | None) -> None:
    assert literal(text) == ip


def test_names_and_addresses_resolve_and_others_are_absent() -> None:
    found = resolve(["127.0.0.1", "localhost", "nowhere.invalid", "a" * 64 + ".invalid"], 5)
    assert found.pop("localhost") in {"127.0.0.1", "::1"}
    assert found == {"127.0.0.1": "127.0.0.1"}


def test_nothing_to_resolve() -> None:
    assert resolve([], 5) == {}


def test_a_resolver_that_hangs_costs_its_own_names_only(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    real = socket.getaddrinfo

    def getaddrinfo(name: str, port: None, **options: int) -> object:
        if name == "hangs.invalid":
            release.wait()
        return real(name, port, **options)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    try:
        assert set(resolve(["hangs.invalid", "localhost"], 1)) == {"localhost"}
    finally:
        release.set()

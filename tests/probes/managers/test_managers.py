"""Proxmox VE and vCenter: proof before secrets, one login, nothing beyond what was approved."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preflight.probes.base import Secret
from tests.probes.managers import world
from tests.probes.managers.conftest import BOTH, ENTRY, LIST, SECRETS, Look, Start


@BOTH
def test_a_chain_proves_as_a_pin_does(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    assert look(peer, site={"tls": {"ca": str(peer.ca)}}).guests.guests


@BOTH
@pytest.mark.parametrize(
    ("tls", "cause"), [({"sha256": "0" * 64}, "wrong-site"), (None, "tls"), ("none", "tls")]
)
def test_nothing_is_said_to_a_stranger(
    protocol: str, answers: Any, tls: Any, cause: str, manager: Start, look: Look, tmp_path: Any
) -> None:
    peer = manager(protocol, answers)
    if tls == "none":
        stranger = tmp_path / "other.pem"
        from tests.probes.managers.peer import certified

        (tmp_path / "folder").mkdir()
        stranger = certified(tmp_path / "folder").parent / "ca.pem"
        tls = {"ca": str(stranger)}
    asked = look(peer, site={"tls": tls})
    assert asked.cause == cause
    assert peer.seen == []


@BOTH
def test_a_refused_login_is_tried_once(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    wrong = Secret("pve", SECRETS[protocol].username, "not-the-password")
    asked = look(peer, wrong)
    assert asked.cause == "auth"
    assert peer.requests.count(ENTRY[protocol]) == 1
    assert asked.log.count(ENTRY[protocol]) == 1


@BOTH
@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_busy_login_is_not_tried_again(
    status: int, protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    peer.odd[ENTRY[protocol]] = lambda handler: handler.answer(status, {})
    assert look(peer).cause == ("timeout" if status == 503 else "parse")
    assert peer.requests.count(ENTRY[protocol]) == 1


@BOTH
def test_redirects_are_not_followed(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer, other = manager(protocol, answers), manager(protocol, answers)
    where = f"https://127.0.0.1:{other.port}{LIST[protocol]}"
    peer.odd[f"GET {LIST[protocol]}"] = lambda h: h.answer(302, {}, Location=where)
    assert look(peer).cause == "parse"
    assert other.handshakes == 0


@BOTH
def test_no_credential_and_no_such_credential_are_not_asked(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    assert look(peer, site={"credential": None}).cause == "not-asked"
    assert look(peer, secrets={}).cause == "not-asked"
    assert look(peer, addresses={}).cause == "unreachable"
    assert peer.handshakes == 0


@BOTH
def test_what_was_not_approved_is_not_sent(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    asked = look(peer, send=lambda _, request: not request.endswith(LIST[protocol]))
    assert asked.cause == "not-asked"
    assert f"GET {LIST[protocol]}" not in peer.requests


@BOTH
def test_an_echoed_secret_is_in_no_reply(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    secret = SECRETS[protocol]

    def echo(handler: Any) -> None:
        shown = dict(handler.headers.items())
        handler.answer(200, {"data": {"version": "8", "you": shown}, "password": secret.password})

    peer.odd[ENTRY[protocol]] = echo
    for path in (LIST[protocol], "/api/vcenter/host"):
        peer.odd[f"GET {path}"] = echo
    asked = look(peer)
    assert secret.password not in repr(asked.replies)
    assert secret.password not in json.dumps(asked.log)
    rows = [{**world.resources()[0], "name": f"vm {secret.password}"}]
    peer.odd.clear()
    peer.answers[LIST["proxmox"]] = (200, {"data": rows})
    assert secret.password not in repr(look(peer).replies)

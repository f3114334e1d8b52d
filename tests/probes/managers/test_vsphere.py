"""vCenter: who runs where, in a session of our own, and what an account without rights is shown."""

from __future__ import annotations

import pytest

from preflight.evidence import Guest, Login
from tests.probes.managers import world
from tests.probes.managers.conftest import MET, Look, Start
from tests.probes.managers.world import DB1, DB2


@pytest.mark.parametrize("version", ["7", "8"])
def test_vcenter_tells_who_runs_where(version: str, manager: Start, look: Look) -> None:
    asked = look(manager("vsphere", world.vcenter(version)))
    assert asked.replies["login"].answer == Login(method="session")
    assert asked.guests.guests == (
        Guest(name="DB2", uuid=DB2, node="esx2.example", running=True),
        Guest(name="db1", uuid=DB1, node="esx1.example", running=True),
        Guest(name="print server (vm-44)", uuid=None, node="esx1.example", running=False),
        Guest(name="print server (vm-45)", uuid=None, node="esx2.example", running=False),
    )
    assert asked.guests.rules is None, "its REST API knows no DRS rules"


def test_vcenter_is_logged_out_of_and_shown_the_password_once(manager: Start, look: Look) -> None:
    peer = manager("vsphere", world.vcenter("8"))
    asked = look(peer)
    assert not peer.sessions
    assert peer.requests[-1] == "DELETE /api/session"
    assert peer.requests[0] == MET["vsphere"]
    with_password = [r for r, headers in peer.seen if "authorization" in headers]
    assert with_password == ["POST /api/session"]
    writes = [r for r in asked.log if not r.startswith("GET ")]
    assert writes == ["DELETE /api/session", "POST /api/session"]


@pytest.mark.parametrize("version", ["7", "8"])
def test_a_session_ends_when_reading_fails(version: str, manager: Start, look: Look) -> None:
    answers = world.vcenter(version)
    answers["/api/vcenter/host"] = (403, world.vcenter_error("UNAUTHORIZED"))
    peer = manager("vsphere", answers)
    assert look(peer).cause == "permission"
    assert not peer.sessions


@pytest.mark.parametrize("path", ["/api/vcenter/vm", "/api/vcenter/host"])
def test_an_account_without_rights_is_shown_nothing(path: str, manager: Start, look: Look) -> None:
    answers = world.vcenter("8")
    answers[path] = (200, [])
    asked = look(manager("vsphere", answers))
    assert asked.cause == "permission"
    assert "Read-only" in asked.no_answer.detail


@pytest.mark.parametrize("listed", [[], ["vm-42", "vm-43", "vm-44", "vm-45"]])
def test_a_machine_on_two_hosts_or_none_is_placed_nowhere(
    listed: list[str], manager: Start, look: Look
) -> None:
    """It moved while we looked."""
    answers = world.vcenter("8")
    rows = [row for row in answers["/api/vcenter/vm"][1] if row["vm"] in listed]
    answers["/api/vcenter/vm?hosts=host-21"] = (200, rows)
    guests = look(manager("vsphere", answers)).guests
    assert "db1" not in {g.name for g in guests.guests} or listed
    expected = ("DB2", "print server (vm-45)") if listed else ("db1", "print server (vm-44)")
    assert guests.unplaced == expected


@pytest.mark.parametrize(
    ("status", "cause"),
    [(404, "unsupported"), (501, "unsupported"), (200, "parse"), (503, "timeout")],
)
def test_what_is_no_vcenter_is_given_no_password(
    status: int, cause: str, manager: Start, look: Look
) -> None:
    peer = manager("vsphere", world.vcenter("8"))
    peer.odd[MET["vsphere"]] = lambda handler: handler.answer(status, {})
    assert look(peer).cause == cause
    assert "POST /api/session" not in peer.requests


@pytest.mark.parametrize("token", [b'"a b"', b'""', b"{}", b"<html>", b'"a\\r\\nX: y"'])
def test_a_session_without_a_token_is_none(token: bytes, manager: Start, look: Look) -> None:
    peer = manager("vsphere", world.vcenter("8"))
    peer.odd["POST /api/session"] = lambda handler: handler.answer(201, token)
    assert look(peer).cause == "parse"

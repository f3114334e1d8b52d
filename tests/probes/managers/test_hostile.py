"""What managers may do to us: odd lists, floods, silence, secrets sent back."""

from __future__ import annotations

import socket
import threading
from typing import Any

import pytest

from preflight.evidence import Login
from preflight.probes.base import Limits
from preflight.probes.manager_guests import MOST_GUESTS
from tests.probes.managers import world
from tests.probes.managers.conftest import BOTH, LIST, PATIENT, Look, Start
from tests.probes.managers.world import DB1, DB2, P


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"7", b"{}", b'"text"', b"[[[[[[", b"<html>", b'{"data": {}}',
        b'{"data": 1, "data": 2}', b"[" * 100_000, b"\xff\xfe\x00", b'{"data": "x"}',
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense(
    protocol: str, answers: Any, body: bytes, manager: Start, look: Look
) -> None:
    peer = manager(protocol, {**answers, LIST[protocol]: (200, body)})
    assert look(peer).cause == "parse"


@BOTH
def test_rows_that_make_no_sense_are_no_guests(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    odd: list[Any] = [
        None,
        7,
        [],
        {},
        {"vm": 7},
        {"vm": "a/b"},
        {"type": [], "vmid": 1},
        {"type": "qemu"},
    ]
    odd += [{"type": "qemu", "vmid": True}, {"type": "qemu", "vmid": -1}]
    status, value = answers[LIST[protocol]]
    rows = [*odd, *(value["data"] if protocol == "proxmox" else value)]
    value = {"data": rows} if protocol == "proxmox" else rows
    peer = manager(protocol, {**answers, LIST[protocol]: (status, value)})
    assert len(look(peer).guests.guests) == 4


def many(protocol: str, count: int) -> Any:
    if protocol == "proxmox":
        numbers = range(100, 100 + count)
        return {"data": [{"type": "qemu", "vmid": n, "node": "pve1"} for n in numbers]}
    return [{"vm": f"vm-{n}", "name": f"vm {n}"} for n in range(count)]


@BOTH
def test_more_than_a_report_holds_is_said_by_number(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    count = MOST_GUESTS + 1
    peer = manager(protocol, {**answers, LIST[protocol]: (200, many(protocol, count))})
    asked = look(peer)
    assert asked.cause == "parse"
    assert str(count) in asked.no_answer.detail


@BOTH
def test_identities_are_asked_of_likely_guests_first_and_not_of_all(
    protocol: str, answers: Any, manager: Start, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preflight.probes.manager_guests.MOST_IDENTITIES", 2)
    status, value = answers[LIST[protocol]]
    rows = value["data"] if protocol == "proxmox" else value
    turned = {"data": rows[::-1]} if protocol == "proxmox" else rows[::-1]
    asked = look(manager(protocol, {**answers, LIST[protocol]: (status, turned)}))
    assert sorted(g.uuid for g in asked.guests.guests if g.uuid) == [DB1, DB2]


@BOTH
def test_an_endless_answer_is_cut(protocol: str, answers: Any, manager: Start, look: Look) -> None:
    peer = manager(protocol, {**answers, LIST[protocol]: (200, b"[" + b" " * 100_000)})
    asked = look(peer, limits=Limits(**PATIENT, answer_bytes=50_000))
    assert asked.cause == "parse"
    assert "50000" in asked.no_answer.detail


@BOTH
def test_a_silent_manager_is_given_up(
    protocol: str, answers: Any, manager: Start, look: Look, hour_when: Any
) -> None:
    peer, over = manager(protocol, answers), threading.Event()
    request = f"GET {LIST[protocol]}"
    peer.odd[request] = lambda _: over.wait(60)
    hour_when(lambda: request in peer.requests)
    asked = look(peer)
    over.set()
    assert asked.cause == "timeout"
    assert isinstance(asked.replies["login"].answer, Login)


@BOTH
def test_a_port_that_nobody_listens_at_is_refused(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    peer.port = 1
    assert look(peer).cause == "refused"


def hang_up(handler: Any) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


@BOTH
def test_a_dropped_connection_is_no_crash(
    protocol: str, answers: Any, manager: Start, look: Look
) -> None:
    peer = manager(protocol, answers)
    peer.odd[f"GET {LIST[protocol]}"] = hang_up
    assert look(peer).cause in {"parse", "refused"}


def test_what_time_is_left_for_identities_is_used(
    manager: Start, look: Look, hour_when: Any
) -> None:
    """The places are told all the same."""
    peer, over = manager("proxmox", world.proxmox("8")), threading.Event()
    request = f"GET {P}/nodes/pve2/qemu/102/config"
    peer.odd[request] = lambda _: over.wait(60)
    hour_when(lambda: request in peer.requests)
    guests = look(peer).guests
    over.set()
    assert [g.node for g in guests.guests] == ["pve1", "pve2", "pve1", "pve2"]
    assert guests.guests[0].uuid == DB1
    assert guests.guests[1].uuid is None

"""Proxmox VE and vCenter: what they tell, what they are sent, and what they may do to us."""

from __future__ import annotations

import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest

from preflight.evidence import Guest, Login
from preflight.probes.base import Limits, Secret
from preflight.probes.manager_guests import MOST_GUESTS
from tests.probes.managers import world
from tests.probes.managers.conftest import PATIENT, SECRETS, Asked
from tests.probes.managers.peer import Peer
from tests.probes.managers.world import DB1, DB2, P

Look = Callable[..., Asked]
Start = Callable[..., Peer]
BOTH = pytest.mark.parametrize(
    ("protocol", "answers"), [("proxmox", world.proxmox("8")), ("vsphere", world.vcenter("8"))]
)
LIST = {"proxmox": f"{P}/cluster/resources?type=vm", "vsphere": "/api/vcenter/vm"}
ENTRY = {"proxmox": f"GET {P}/version", "vsphere": "POST /api/session"}
MET = {"proxmox": f"GET {P}/access/domains", "vsphere": "GET /api/session"}


# --- Proxmox VE ---


@pytest.mark.parametrize("version", ["7", "8", "9"])
def test_proxmox_tells_who_runs_where(version: str, manager: Start, look: Look) -> None:
    asked = look(manager("proxmox", world.proxmox(version)))
    assert asked.replies["login"].answer == Login(method="token")
    assert asked.guests.guests == (
        Guest(name="db1", uuid=DB1, node="pve1", running=True),
        Guest(name="db2.lagos.example", uuid=DB2, node="pve2", running=True),
        Guest(name="dns", uuid=None, node="pve1", running=True),
        Guest(name="print server", uuid=None, node="pve2", running=False),
    )
    assert all(reply.proven for reply in asked.replies.values())


def test_proxmox_is_shown_the_token_only_after_it_has_answered(manager: Start, look: Look) -> None:
    peer = manager("proxmox", world.proxmox("9"))
    asked = look(peer)
    assert peer.requests[0] == MET["proxmox"]
    assert "authorization" not in peer.headers(MET["proxmox"])
    assert {request.partition(" ")[0] for request in peer.requests} == {"GET"}
    assert asked.other == 0


def kept_apart(asked: Asked) -> list[tuple[str, ...]]:
    assert asked.guests.rules is not None
    return [rule.guests for rule in asked.guests.rules]


PAIR = ("db1", "db2.lagos.example")


@pytest.mark.parametrize(
    ("rules", "apart"),
    [
        ([world.negative()], [PAIR]),
        ([world.negative(disable=0, comment="keep")], [PAIR]),
        ([world.negative(disable=1)], []),
        ([world.negative(disable="1")], []),
        ([world.negative(errors={"resources": ["conflict"]})], []),
        ([world.negative(affinity="positive")], []),
        ([world.negative(resources="vm:101,vm:103")], []),  # 103 is not managed
        ([world.negative(resources="vm:101,ct:110")], []),  # 110 is ignored
        ([world.negative(resources="vm:101,vm:777")], []),  # hidden, or gone
        ([world.negative(resources={"vm:101": 1, "vm:102": 1})], [PAIR]),
        ([world.on("pve1", "vm:101"), world.on("pve2:2,pve3", "vm:102")], [PAIR]),
        ([world.on("pve1,pve3", "vm:101"), world.on("pve2,pve3", "vm:102")], []),
        ([world.on("pve1", "vm:101", strict=0), world.on("pve2", "vm:102")], []),
        ([world.on("pve1", "vm:101", disable=1), world.on("pve2", "vm:102")], []),
        (["no rule", {"rule": None}, world.negative(rule=7)], [PAIR]),
    ],
)
def test_rules_of_9_that_hold(rules: Any, apart: Any, manager: Start, look: Look) -> None:
    answers = {**world.proxmox("9"), **world.ha_9(*rules)}
    assert kept_apart(look(manager("proxmox", answers))) == apart


GROUPS = [
    {"group": "left", "nodes": "pve1", "restricted": 1, "type": "group"},
    {"group": "right", "nodes": "pve2:1,pve3", "restricted": 1, "type": "group"},
    {"group": "liked", "nodes": "pve2", "type": "group"},
]


@pytest.mark.parametrize(
    ("of", "apart"),
    [
        ({}, []),
        ({"vm_101": "left", "vm_102": "right"}, [PAIR]),
        ({"vm_101": "left", "vm_102": "liked"}, []),
        ({"vm_101": "left", "vm_102": "left"}, []),
    ],
)
def test_groups_before_9_keep_apart_by_nodes(
    of: dict[str, str], apart: Any, manager: Start, look: Look
) -> None:
    """They know no anti-affinity, so that no rule is an answer, and not silence."""
    answers = {**world.proxmox("8"), **world.ha_8(GROUPS, **of)}
    assert kept_apart(look(manager("proxmox", answers))) == apart


@pytest.mark.parametrize("version", ["8", "9"])
def test_rules_that_we_may_not_read_are_unknown(version: str, manager: Start, look: Look) -> None:
    answers = world.proxmox(version)
    for path in ("rules", "groups", "resources"):
        answers[f"{P}/cluster/ha/{path}"] = (403, {"data": None})
    guests = look(manager("proxmox", answers)).guests
    assert guests.rules is None
    assert guests.guests


@pytest.mark.parametrize(
    ("permissions", "cause"),
    [
        ({"/vms": {}}, "permission"),
        ({"/vms": {"VM.Audit": 0}}, "permission"),
        ([], "permission"),
        ({"/vms": {"VM.Audit": 1}}, None),
    ],
)
def test_an_empty_list_is_no_answer_to_a_token_without_rights(
    permissions: Any, cause: str | None, manager: Start, look: Look
) -> None:
    answers = world.proxmox("8")
    answers[LIST["proxmox"]] = (200, {"data": []})
    answers[f"{P}/access/permissions?path=/vms"] = (200, {"data": permissions})
    asked = look(manager("proxmox", answers))
    assert isinstance(asked.replies["login"].answer, Login)
    if cause is None:
        assert asked.guests.guests == ()
    else:
        assert asked.cause == cause
        assert "PVEAuditor" in asked.no_answer.detail


@pytest.mark.parametrize(
    ("smbios", "uuid"),
    [
        (f"uuid={DB1}", DB1),
        (f"base64=1,uuid={DB1},serial=QUJD", DB1),
        (f"base64=1,uuid={b64encode(DB1.encode()).decode()}", DB1),
        ("uuid=00000000-0000-0000-0000-000000000000", None),
        ("uuid=nothing", None),
        ("base64=1,uuid=%%%", None),
        ("base64=1,uuid=4pyT4pyT", None),
        (7, None),
        (None, None),
    ],
)
def test_the_uuid_of_the_firmware(smbios: Any, uuid: Any, manager: Start, look: Look) -> None:
    answers = world.proxmox("8")
    answers[f"{P}/nodes/pve1/qemu/101/config"] = (200, {"data": {"smbios1": smbios}})
    assert look(manager("proxmox", answers)).guests.guests[0].uuid == uuid


@pytest.mark.parametrize("status", [403, 404, 500, 595, 599])
def test_one_hidden_guest_hides_no_other(status: int, manager: Start, look: Look) -> None:
    """Its node may be down: then the node that speaks for it says 595."""
    answers = world.proxmox("8")
    answers[f"{P}/nodes/pve1/qemu/101/config"] = (status, {"data": None})
    first, second, *_ = look(manager("proxmox", answers)).guests.guests
    assert (first.node, first.uuid) == ("pve1", None)
    assert second.uuid == DB2


def test_guests_of_one_name_are_told_apart(manager: Start, look: Look) -> None:
    answers = world.proxmox("9")
    rows = [{**row, "name": "db1"} for row in world.resources()]
    answers[LIST["proxmox"]] = (200, {"data": rows})
    guests = look(manager("proxmox", answers)).guests
    names = [guest.name for guest in guests.guests]
    assert names == ["db1 (lxc/110)", "db1 (qemu/101)", "db1 (qemu/102)", "db1 (qemu/103)"]
    assert guests.rules
    assert guests.rules[0].guests == ("db1 (qemu/101)", "db1 (qemu/102)")


def test_no_path_is_made_of_a_hostile_name(manager: Start, look: Look) -> None:
    answers = world.proxmox("8")
    rows = [
        {**world.resources()[0], "node": "../../access/ticket", "name": "a\x1b[2J\u202eb"},
        {**world.resources()[1], "node": None},
        {**world.resources()[2], "vmid": "103/../../x"},
    ]
    answers[LIST["proxmox"]] = (200, {"data": rows})
    peer = manager("proxmox", answers)
    asked = look(peer)
    assert not [r for r in peer.requests if "ticket" in r or "103" in r]
    assert [g.name for g in asked.guests.guests] == ["a[U+001B][2J[U+202E]b"]
    assert asked.guests.unplaced == ("db2.lagos.example",)


@pytest.mark.parametrize(
    "secret",
    [
        Secret("pve", "preflight@pve", world.SECRET),
        Secret("pve", "preflight", world.SECRET),
        Secret("pve", world.TOKEN_ID, "two\r\nlines"),
        Secret("pve", world.TOKEN_ID, ""),
    ],
)
def test_what_is_no_token_goes_nowhere(secret: Secret, manager: Start, look: Look) -> None:
    peer = manager("proxmox", world.proxmox("8"))
    asked = look(peer, secret)
    assert asked.cause == "not-asked"
    assert "USER@REALM!TOKENID" in asked.no_answer.detail
    assert peer.handshakes == 0


# --- vSphere ---


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


# --- both: proof ---


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


# --- both: hostile answers ---


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

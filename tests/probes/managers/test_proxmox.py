"""Proxmox VE: who runs where, by which rules apart, and what a token without rights is shown."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from preflight.evidence import Guest, Login
from preflight.probes.base import Secret
from tests.probes.managers import world
from tests.probes.managers.conftest import LIST, MET, Asked, Look, Start
from tests.probes.managers.world import DB1, DB2, P


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

"""Why a device does not tell: each cause by a peer that has it."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from preflight.probes.base import Limits, Secret
from preflight.probes.snmp_ber import integer, octets, tlv
from preflight.probes.snmp_mibs import apc_rpdu2, system
from preflight.probes.snmp_questions import MOST_ROWS
from tests.probes.snmp.conftest import (
    ABSENT,
    AUTH,
    COMMUNITY,
    LOOPBACK,
    PATIENT,
    PRIVACY,
    SHORT,
    Agent,
    World,
    answering,
    free_port,
    row,
    snmpd,
)

pytestmark = pytest.mark.peer("snmpd")

STATE, NAME = apc_rpdu2.OUTLETS.state, apc_rpdu2.OUTLETS.name
RARITAN = "1.3.6.1.4.1.13742.6"


def secret(password: str = AUTH, privacy: str = PRIVACY, user: str = "ops") -> Secret:
    return Secret("snmp", username=user, password=password, privacy=privacy)


def test_a_wrong_community_is_silence(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port, version="2c")
    found = world.look("outlets", secrets=[Secret("open", password="another")], limits=SHORT)
    assert found.cause("pdu:a", "presence") == found.cause("pdu:a", "outlets") == "timeout"
    for word in ("wrong community", "access list", "dead"):
        assert word in found.detail("pdu:a", "outlets")
    assert [r for _, r in found.sent if "WALK" in r] == []


@pytest.mark.parametrize("version", ["3", "2c"])
def test_a_closed_port(world: World, version: str) -> None:
    world.add("pdu:a", free_port(), version=version)
    found = world.look("login", "outlets")
    assert {found.cause("pdu:a", f) for f in ("presence", "login", "outlets")} == {"refused"}
    assert found.surveyed.elapsed_ms < PATIENT.connect_s * 1000


@pytest.mark.parametrize("version", ["3", "2c"])
def test_silence(world: World, version: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind((LOOPBACK, 0))
        world.add("pdu:a", mute.getsockname()[1], version=version)
        found = world.look("login", "outlets", limits=SHORT)
        mute.setblocking(False)
        assert mute.recv(4096)
        assert mute.recv(4096), "a datagram may get lost: it is sent once more"
    assert {found.cause("pdu:a", f) for f in ("presence", "login", "outlets")} == {"timeout"}


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (secret(user="nobody"), "usmStatsUnknownUserNames"),
        (secret(password="another-password"), "usmStatsWrongDigests"),
    ],
)
def test_a_wrong_user_or_password(apc: Agent, world: World, given: Secret, word: str) -> None:
    world.add("pdu:a", apc.port)
    found = world.look("login", "outlets", secrets=[given])
    assert found.cause("pdu:a", "presence") == "present"
    assert found.cause("pdu:a", "login") == found.cause("pdu:a", "outlets") == "auth"
    assert word in found.detail("pdu:a", "login")
    assert not found.of("pdu:a", "login").proven


def test_a_refused_login_is_not_tried_elsewhere(apc: Agent, world: World) -> None:
    for name in ("a", "b", "c"):
        world.add(f"pdu:{name}", apc.port)
    found = world.look("login", secrets=[secret(password="another-password")])
    causes = sorted(found.cause(f"pdu:{name}", "login") for name in ("a", "b", "c"))
    assert causes == ["auth", "not-asked", "not-asked"]
    assert {found.cause(f"pdu:{name}", "presence") for name in ("a", "b", "c")} == {"present"}


def test_a_wrong_privacy_password_is_silence_after_discovery(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port)
    found = world.look("login", "outlets", secrets=[secret(privacy="another-one")], limits=SHORT)
    assert found.cause("pdu:a", "presence") == "present"
    assert found.cause("pdu:a", "login") == found.cause("pdu:a", "outlets") == "timeout"
    assert "privacy password" in found.detail("pdu:a", "outlets")


def test_a_user_without_privacy_is_not_let_in(tmp_path: Path, world: World) -> None:
    """The agent knows the user for signed questions alone; nothing is asked unhidden."""
    extra = (f"createUser plain SHA-256 {AUTH}", "rouser plain auth")
    with snmpd(tmp_path, extra=extra) as agent:
        world.add("pdu:a", agent.port)
        found = world.look("login", secrets=[secret(user="plain")], limits=SHORT)
    assert found.cause("pdu:a", "login") == "auth"
    assert "usmStatsUnsupportedSecLevels" in found.detail("pdu:a", "login")


def test_a_view_that_holds_nothing(tmp_path: Path, world: World) -> None:
    extra = (
        f"createUser blind SHA-256 {AUTH} AES {PRIVACY}",
        "view little included .1.3.6.1.2.1.1.3",
        "rouser blind priv -V little",
    )
    with snmpd(tmp_path, extra=extra) as agent:
        world.add("pdu:a", agent.port)
        found = world.look("login", "outlets", "device", secrets=[secret(user="blind")])
    assert found.cause("pdu:a", "login") == "login"
    assert found.cause("pdu:a", "outlets") == found.cause("pdu:a", "device") == "unsupported"


def test_a_user_without_any_access(tmp_path: Path, world: World) -> None:
    extra = (f"createUser blind SHA-256 {AUTH} AES {PRIVACY}",)
    with snmpd(tmp_path, extra=extra) as agent:
        world.add("pdu:a", agent.port)
        found = world.look("login", "outlets", secrets=[secret(user="blind")])
    assert found.cause("pdu:a", "login") == found.cause("pdu:a", "outlets") == "permission"


def test_no_such_table(tmp_path: Path, world: World) -> None:
    with snmpd(tmp_path, system={"sysName": "sw"}) as agent:
        world.add("switch:a", agent.port)
        found = world.look("outlets", "battery")
    assert found.cause("switch:a", "outlets") == found.cause("switch:a", "battery") == "unsupported"
    assert "PDU2-MIB" in found.detail("switch:a", "outlets")
    assert "UPS-MIB" in found.detail("switch:a", "battery")


def test_a_table_without_its_states(tmp_path: Path, world: World) -> None:
    rows = {f"{RARITAN}.3.5.3.1.3.1.{n}": ("string", f"srv-{n}") for n in (1, 2)}
    with snmpd(tmp_path, below=(f".{RARITAN}",), rows=rows) as agent:
        world.add("pdu:a", agent.port)
        outlets = world.look("outlets").answer("pdu:a", "outlets").outlets
    assert [(o.number, o.name, o.on, o.said) for o in outlets] == [
        (1, "srv-1", None, ""), (2, "srv-2", None, ""),
    ]  # fmt: skip


def test_several_pdus_at_one_address(tmp_path: Path, world: World) -> None:
    rows = {f"{RARITAN}.4.1.2.1.3.{unit}.1": ("integer", "7") for unit in (1, 2)}
    with snmpd(tmp_path, below=(f".{RARITAN}",), rows=rows) as agent:
        world.add("pdu:a", agent.port)
        found = world.look("outlets")
    assert found.cause("pdu:a", "outlets") == "parse"
    assert "more than once" in found.detail("pdu:a", "outlets")


def test_a_name_that_is_no_text(tmp_path: Path, world: World) -> None:
    rows = {
        f"{RARITAN}.4.1.2.1.3.1.1": ("integer", "7"),
        f"{RARITAN}.3.5.3.1.3.1.1": ("octet", "53 72 76 ff fe 00 0a 1b 5b 33 31 6d e2 80 ae"),
    }
    with snmpd(tmp_path, below=(f".{RARITAN}",), rows=rows) as agent:
        world.add("pdu:a", agent.port)
        (outlet,) = world.look("outlets").answer("pdu:a", "outlets").outlets
    assert outlet.name == "Srv\ufffd\ufffd\ufffd [U+001B][31m[U+202E]"


# --- agents that no maker sells ------------------------------------------------------------


def outlet_agent(oid: tuple[int, ...], repeat: int, most: int = 10_000) -> list[bytes]:
    """A column of very many outlets."""
    if not repeat:
        return [row(oid, integer(7) if oid == system.UP_TIME else ABSENT)]
    if oid[: len(STATE)] != STATE:
        return [row((1, 3, 9, 9), integer(1))]
    at = oid[-1] if len(oid) > len(STATE) else 0
    return [row((*STATE, n), integer(2)) for n in range(at + 1, min(at + repeat, most) + 1)]


def test_ten_thousand_rows(world: World) -> None:
    with answering(outlet_agent) as port:
        world.add("pdu:a", port, version="2c")
        found = world.look("outlets")
    assert found.cause("pdu:a", "outlets") == "parse"
    assert f"more than {MOST_ROWS} rows" in found.detail("pdu:a", "outlets")


def test_a_walk_in_circles(world: World) -> None:
    def rows(oid: tuple[int, ...], repeat: int) -> list[bytes]:
        if repeat:
            return [row((*STATE, n), integer(2)) for n in (1, 2, 1)]
        return outlet_agent(oid, repeat)

    with answering(rows) as port:
        world.add("pdu:a", port, version="2c")
        found = world.look("outlets")
    assert found.cause("pdu:a", "outlets") == "parse"
    assert "circles" in found.detail("pdu:a", "outlets")


def test_more_bytes_than_anybody_reads(world: World) -> None:
    def rows(oid: tuple[int, ...], repeat: int) -> list[bytes]:
        if repeat:
            at = oid[-1] if len(oid) > len(STATE) else 0
            return [row((*STATE, at + 1), octets(bytes(20_000)))]
        return outlet_agent(oid, repeat)

    with answering(rows) as port:
        world.add("pdu:a", port, version="2c")
        limits = Limits(connect_s=10, question_s=30, answer_bytes=100_000)
        found = world.look("outlets", limits=limits)
    assert found.cause("pdu:a", "outlets") == "parse"
    assert "more than 100000 bytes" in found.detail("pdu:a", "outlets")


@pytest.mark.parametrize(("error", "cause"), [(5, "parse"), (16, "permission")])
def test_an_agent_that_answers_with_an_error(world: World, error: int, cause: str) -> None:
    with answering(outlet_agent, error) as port:
        world.add("pdu:a", port, version="2c")
        found = world.look("outlets")
    assert found.cause("pdu:a", "presence") == found.cause("pdu:a", "outlets") == cause


def test_values_of_other_types(world: World) -> None:
    """Numbers as text, text as numbers, and what is no type at all: nothing of it is told."""

    def rows(oid: tuple[int, ...], repeat: int) -> list[bytes]:
        if not repeat:
            return outlet_agent(oid, repeat)
        value = octets(b"on") if oid == STATE else integer(3) if oid == NAME else tlv(0x4F, b"x")
        return [row((*oid, 1), value)] if oid[-1] in {3, 4, 5} and len(oid) == len(STATE) else []

    with answering(rows) as port:
        world.add("pdu:a", port, version="2c")
        (outlet,) = world.look("outlets").answer("pdu:a", "outlets").outlets
    assert (outlet.number, outlet.name, outlet.on, outlet.said) == (1, None, None, "")


# --- what is never sent --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "has no snmp"),
        ([Secret("snmp", username="ops", password=AUTH)], "no privacy password"),
        ([Secret("snmp", password=AUTH, privacy=PRIVACY)], "names no username"),
        ([secret(password="short")], "less than 8"),
    ],
)
def test_a_credential_that_lacks_something(
    apc: Agent, world: World, given: list[Secret], words: str
) -> None:
    world.add("pdu:a", apc.port)
    found = world.look("login", secrets=given)
    assert found.cause("pdu:a", "presence") == "present"
    assert found.cause("pdu:a", "login") == "not-asked"
    assert words in found.detail("pdu:a", "login")
    assert found.sent == [("pdu:a", "SNMP engine discovery")]


def test_a_community_that_is_not_there(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port, version="2c")
    found = world.look("login", secrets=[])
    assert found.cause("pdu:a", "presence") == "not-asked"
    assert found.sent == []


def test_a_key_that_no_standard_makes(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port, auth="sha1", privacy="aes256")
    found = world.look("login")
    assert found.cause("pdu:a", "login") == "unsupported"
    assert "aes256 with sha1" in found.detail("pdu:a", "login")


def test_nothing_beyond_an_approval(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port)
    approved = ["SNMP engine discovery", "SNMP GET 1.3.6.1.2.1.1.3.0"]
    found = world.look("login", "outlets", approved=approved)
    assert found.cause("pdu:a", "login") == "login"
    assert found.cause("pdu:a", "outlets") == "not-asked"
    assert [request for _, request in found.sent] == sorted(approved)


def test_no_secret_is_told(apc: Agent, world: World) -> None:
    world.add("pdu:a", apc.port)
    world.add("pdu:b", apc.port, version="2c")
    found = world.look("login", "outlets", "device")
    told = repr(found)
    for word in (AUTH, PRIVACY, COMMUNITY):
        assert word not in told
        assert word not in repr([secret(), Secret("open", password=COMMUNITY)])

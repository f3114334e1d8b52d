"""The probe `netbox`: what it tells, what it sends, and how it ends when NetBox is none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import NoAnswer, Record
from preflight.words import UnknownCause
from tests.probes.netbox.conftest import Look, site_of
from tests.probes.netbox.peer import SECOND, TOKEN, Peer, certified

Start = Callable[..., Peer]
VERSIONS = ("3.2.9", "3.5.0", "3.7.8", "4.2.3", "4.5.1", "4.7.1-Docker-4.1.0")
DB1 = Record(
    name="db1", status="active", hall="north", row="Row-A", rack="N1", unit="21-22",
    serial="CZ2100A7", asset_tag="A-100", feeds=("Panel A", "Panel B"),
    pdus=("pdu-n1-a", "pdu-n1-b"), switches=("sw-n", "sw-s"),
)  # fmt: skip
HALLS: dict[str, Any] = {"halls": {"north": {"racks": ["N1"]}, "south": {"racks": ["S1"]}}}


def no_answer(answer: Record | NoAnswer) -> NoAnswer:
    assert isinstance(answer, NoAnswer)
    return answer


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_of_every_version(netbox: Start, look: Look, version: str) -> None:
    peer = netbox(version)
    told = look(site_of(peer, **HALLS), token=TOKEN)
    assert told["db1"] == DB1
    assert told["db2"] == Record(
        name="db2", status="active", hall="south", rack="S1", unit="41-42", serial="CZ2100A8",
        feeds=("Panel C",), pdus=("pdu-s1-c",), switches=("sw-s",),
    )  # fmt: skip
    assert told["app1"] == Record(name="app1", status="active", runs_on="db1")
    gone = no_answer(told["gone"])
    assert gone.cause is UnknownCause.MISSING_ATTRIBUTE
    assert "nothing called gone at the site lagos-ikeja" in gone.detail


def test_one_sequence_for_the_whole_site_and_nothing_but_get(netbox: Start, look: Look) -> None:
    peer = netbox()
    look(site_of(peer), token=TOKEN)
    asked = peer.asked()
    assert {line.split()[0] for line in asked} == {"GET"}
    assert len(asked) == len(set(asked)) == 11  # status, site, eight lists, the device types
    assert {authorization for _, _, authorization in peer.seen} == {f"Token {TOKEN}"}


def test_without_halls_in_the_site_file_their_words_tell(netbox: Start, look: Look) -> None:
    told = look(site_of(netbox()), token=TOKEN)
    assert isinstance(told["db1"], Record)
    assert (told["db1"].hall, told["db1"].row) == ("North-Hall", "Row-A")


@pytest.mark.parametrize("most", [1, 3])
def test_small_pages(netbox: Start, look: Look, most: int) -> None:
    assert look(site_of(netbox(most=most), **HALLS), token=TOKEN)["db1"] == DB1


def test_a_next_link_is_not_followed_wherever_it_leads(netbox: Start, look: Look) -> None:
    trap = netbox()
    peer = netbox(most=2, next_at=f"https://127.0.0.1:{trap.port}")
    assert look(site_of(peer, **HALLS), token=TOKEN)["db1"] == DB1
    assert trap.seen == []


def test_below_a_path_and_with_a_token_of_version_2(netbox: Start, look: Look) -> None:
    peer = netbox("4.5.1", root="/tools/netbox", token=SECOND)
    assert look(site_of(peer, **HALLS), token=SECOND)["db1"] == DB1
    assert {a for _, _, a in peer.seen} == {f"Bearer {SECOND}"}
    assert all(path.startswith("/tools/netbox/api/") for _, path, _ in peer.seen)


def test_a_ca_proves_it_and_a_stranger_gets_no_token(
    netbox: Start, look: Look, pem: Path, tmp_path: Path
) -> None:
    peer = netbox()
    assert look(site_of(peer, {"ca": str(pem)}, **HALLS), token=TOKEN)["db1"] == DB1
    peer.seen.clear()
    other = certified(tmp_path, "other")
    for tls, cause in (
        ({"ca": str(other)}, UnknownCause.TLS),
        ({"sha256": "a" * 64}, UnknownCause.WRONG_SITE),
        ({}, UnknownCause.TLS),
    ):
        told = look(site_of(peer, tls), token=TOKEN)
        assert {no_answer(answer).cause for answer in told.values()} == {cause}
    assert peer.seen == []


@pytest.mark.parametrize("token", ["", "a b" * 20, "x" * 20 + "\r\nHost: evil", "ü" * 40])
def test_what_is_no_token_is_not_sent(netbox: Start, look: Look, token: str) -> None:
    peer = netbox()
    told = no_answer(look(site_of(peer), token=token)["db1"])
    assert told.cause is UnknownCause.NOT_ASKED
    assert token not in told.detail or not token
    assert peer.seen == []


def test_a_wrong_token(netbox: Start, look: Look) -> None:
    told = look(site_of(netbox()), token="f" * 40)
    assert {no_answer(a).cause for a in told.values()} == {UnknownCause.AUTH}
    detail = no_answer(told["db1"]).detail
    assert "does not take this token" in detail
    assert "Invalid token" in detail
    assert "ffff" not in detail


def test_a_wrong_site(netbox: Start, look: Look) -> None:
    told = no_answer(look(site_of(netbox(), netbox={"site": "lagos-ikeya"}), token=TOKEN)["db1"])
    assert told.cause is UnknownCause.MISSING_ATTRIBUTE
    assert 'NetBox has no site "lagos-ikeya"; did you mean "lagos-ikeja"?' in told.detail


def test_an_api_that_is_too_old(netbox: Start, look: Look) -> None:
    peer = netbox("3.2.9")
    peer.version = "2.10.4"
    told = no_answer(look(site_of(peer), token=TOKEN)["db1"])
    assert told.cause is UnknownCause.UNSUPPORTED
    assert "NetBox 2.10.4 is older than the API that is known here: 3.0 to 4.7" in told.detail


def test_lists_that_the_token_may_not_read(netbox: Start, look: Look) -> None:
    peer = netbox(
        withheld={"dcim/power-ports", "dcim/locations", "virtualization/virtual-machines"}
    )
    told = look(site_of(peer, **HALLS), token=TOKEN)
    expected = DB1.model_copy(update={"feeds": (), "pdus": (), "hall": None, "row": None})
    assert told["db1"] == expected
    assert no_answer(told["app1"]).cause is UnknownCause.PERMISSION
    peer.withheld.add("dcim/devices")
    told = look(site_of(peer), token=TOKEN)
    assert {no_answer(a).cause for a in told.values()} == {UnknownCause.PERMISSION}


def test_one_name_for_two_machines(netbox: Start, look: Look) -> None:
    peer = netbox()
    peer.row("dcim/devices", "db2")["name"] = "db1"
    told = no_answer(look(site_of(peer), token=TOKEN)["db1"])
    assert told.cause is UnknownCause.PARSE
    assert "2 machines called db1" in told.detail


@pytest.mark.parametrize("name", ["DB1", "db1.lagos.example"])
def test_another_spelling_of_a_name(netbox: Start, look: Look, name: str) -> None:
    peer = netbox()
    peer.row("dcim/devices", "db1")["name"] = name
    told = look(site_of(peer), token=TOKEN)["db1"]
    assert isinstance(told, Record)
    assert told.name == name


def html(handler: Any) -> None:
    handler.answer(200, b"<!doctype html><form action=/login>", Content_Type="text/html")


def login(handler: Any) -> None:
    handler.answer(302, b"", Location="https://sso.example/login/?next=/api/status/")


def large(handler: Any) -> None:
    handler.answer(200, b'{"netbox-version": "' + b"4" * 10_000_000 + b'"}')


def nautobot(handler: Any) -> None:
    handler.answer(200, {"nautobot-version": "2.3.1"})


def busy(handler: Any) -> None:
    handler.answer(503, {}, Retry_After="0")


def absent(handler: Any) -> None:
    handler.answer(404, {"detail": "Not found."})


def text(handler: Any) -> None:
    handler.answer(200, b"pong\x1b[31m", Content_Type="text/plain")


@pytest.mark.parametrize(
    ("odd", "cause", "says"),
    [
        (html, UnknownCause.PARSE, "a page for people came instead of JSON"),
        (login, UnknownCause.PARSE, "sends us on to https://sso.example/login/?next=/api/status/"),
        (large, UnknownCause.PARSE, "says more than 4194304 bytes"),
        (nautobot, UnknownCause.PARSE, "Nautobot does"),
        (busy, UnknownCause.TIMEOUT, "too busy"),
        (absent, UnknownCause.PARSE, "no NetBox answers at /api/status/: HTTP 404"),
        (text, UnknownCause.PARSE, "no JSON at /api/status/"),
    ],
)
def test_what_is_no_netbox(
    netbox: Start, look: Look, odd: Any, cause: UnknownCause, says: str
) -> None:
    peer = netbox()
    peer.odd["/api/status/"] = odd
    told = look(site_of(peer), token=TOKEN)
    assert {no_answer(a).cause for a in told.values()} == {cause}
    detail = no_answer(told["db1"]).detail
    assert says in detail
    assert detail.isprintable()


def endless(handler: Any) -> None:
    handler.answer(200, {"count": 10**9, "next": "https://127.0.0.1/again", "results": [{}]})


def growing(handler: Any) -> None:
    handler.answer(200, {"count": 3, "next": None, "results": [{"id": 1}, {}, {}, {}]})


def stuck(handler: Any) -> None:
    handler.answer(200, {"count": 3, "next": "https://127.0.0.1/again", "results": []})


def uncounted(handler: Any) -> None:
    handler.answer(200, {"count": True, "results": []})


def no_list(handler: Any) -> None:
    handler.answer(200, {"count": 1, "results": {"id": 1}})


@pytest.mark.parametrize("odd", [endless, growing, stuck, uncounted, no_list, html, large, login])
def test_pages_that_do_not_add_up(netbox: Start, look: Look, odd: Any) -> None:
    """Half a list never passes for a whole one."""
    peer = netbox()
    peer.odd["/api/dcim/devices/"] = odd
    told = look(site_of(peer), token=TOKEN)
    assert {no_answer(a).cause for a in told.values()} == {UnknownCause.PARSE}
    assert len(peer.seen) < 20


def test_one_that_is_slow(netbox: Start, look: Look) -> None:
    peer, over = netbox(), threading.Event()
    peer.odd["/api/dcim/racks/"] = lambda handler: (over.wait(60), handler.answer(200, {}))[1]
    told = look(site_of(peer), token=TOKEN, question_s=1)
    over.set()
    assert {no_answer(a).cause for a in told.values()} == {UnknownCause.TIMEOUT}
    assert "GET /api/dcim/racks/" in no_answer(told["db1"]).detail

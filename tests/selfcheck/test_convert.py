"""What the customer's tools say, as evidence: every way of every tool, and any text at all."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.errors import NotGenuine
from preflight.evidence import Ask, Evidence, NoAnswer, Question
from preflight.files.site import Site
from preflight.model import utc_text
from preflight.selfcheck.answers import Answers
from preflight.selfcheck.convert import Arrival, convert
from preflight.selfcheck.items import CLOCK, STATUSES, Action, Item
from preflight.signing.publickey import fingerprint
from preflight.text import sha256_hex
from preflight.words import UnknownCause
from tests.selfcheck.office import fact, frames
from tests.verify.conftest import SITE

TAKEN = datetime(2026, 11, 20, 16, 0, tzinfo=timezone.utc)
RECEIVED = TAKEN + timedelta(hours=1)
NONCE = "ab" * 32
CAUSES = {
    "unavailable": UnknownCause.TOOL_MISSING,
    "silent": UnknownCause.TIMEOUT,
    "refused": UnknownCause.REFUSED,
    "unreachable": UnknownCause.UNREACHABLE,
}


def ask(protocol: str, fact_: str, thing: str = "host:db1", **more: Any) -> Ask:
    question = {"protocol": protocol, "fact": fact_, "address": "127.0.0.1", **more}
    return Ask(thing=thing, question=Question.model_validate(question))


FACTS = tuple(ask("ssh", name) for name in ("machine-id", "product-uuid", "product-serial"))
PERSON = ask("person", "rack-label", argument="Which label?", address="")
ASKS: dict[Action, tuple[Ask, ...]] = {
    "clock": (CLOCK,),
    "dns": (ask("dns", "addresses", address="db1.example"),),
    "ping": (ask("icmp", "echo"),),
    "tcp": (ask("tcp", "connect", port=22),),
    "hostkey": (ask("ssh", "host-key", port=22),),
    "tls": (ask("tls", "certificate", "bmc:db1", port=443),),
    "http": (ask("http", "service-root", "bmc:db1", port=443),),
    "facts": FACTS,
}

HERE: dict[Action, str] = {"facts": "db1"}
"""The server that the script runs on; all else is looked at from a machine that is none."""


def converted(
    action: Action, status: str, raw: str = "", *, site: Site = SITE, **answers: Any
) -> tuple[Evidence, ...]:
    """One item of this action, answered."""
    row = {"no": 1, "what": "w", "status": status, "taken": utc_text(TAKEN), "raw": raw}
    file = Answers.model_validate(
        {
            "request": "r-0123456789ab", "nonce": NONCE, "booking": "BK-1", "site": "lagos",
            "machine": {"name": "m", "system": "s", "user": "u", "on": HERE.get(action, "")},
            "started": utc_text(TAKEN), "finished": utc_text(TAKEN), "answers": [row], **answers,
        }
    )  # fmt: skip
    item = Item(no=1, action=action, asks=ASKS[action])
    question = Item(no=2, action="question", asks=(PERSON,))
    return convert(file, (item, question), site, Arrival(RECEIVED, sealed=True))


def answer(action: Action, status: str, raw: str = "", **how: Any) -> Any:
    """The one answer, or why there is none."""
    [item] = converted(action, status, raw, **how)
    assert item.vantage == "customer"
    assert item.proven
    return item.answer or item.no_answer


IPUTILS = """PING 127.0.0.1 (127.0.0.1) 56(84) bytes of data.
64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.030 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=1.5 ms
64 bytes from 127.0.0.1: icmp_seq=2 ttl=64 time=9.5 ms (DUP!)

--- 127.0.0.1 ping statistics ---
3 packets transmitted, 2 received, 33.3333% packet loss, time 2030ms
rtt min/avg/max/mdev = 0.030/0.765/1.500/0.735 ms
"""
BUSYBOX = """PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.045 ms
64 bytes from 127.0.0.1: seq=1 ttl=64 time=0.070 ms

--- 127.0.0.1 ping statistics ---
2 packets transmitted, 2 packets received, 0% packet loss
round-trip min/avg/max = 0.045/0.057/0.070 ms
"""
MACOS = """PING 127.0.0.1 (127.0.0.1): 56 data bytes
64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.051 ms

--- 127.0.0.1 ping statistics ---
1 packets transmitted, 1 packets received, 0.0% packet loss
round-trip min/avg/max/stddev = 0.051/0.051/0.051/0.000 ms
"""


@pytest.mark.parametrize(
    ("raw", "sent", "received", "rtt_us"),
    [(IPUTILS, 3, 2, (30, 1500)), (BUSYBOX, 2, 2, (45, 70)), (MACOS, 1, 1, (51,))],
)
def test_ping(raw: str, sent: int, received: int, rtt_us: tuple[int, ...]) -> None:
    found = answer("ping", "answered", raw)
    assert (found.sent, found.received, found.rtt_us) == (sent, received, rtt_us)


@pytest.mark.parametrize(
    "raw",
    [
        "", "0 packets transmitted, 0 received", "3 packets transmitted, 0 received",
        "1 packets transmitted, 2 received", IPUTILS + BUSYBOX, "99999 packets transmitted",
    ],
)  # fmt: skip
def test_an_odd_ping(raw: str) -> None:
    assert answer("ping", "answered", raw).cause is UnknownCause.PARSE


@pytest.mark.parametrize(
    ("action", "status"), [(a, s) for a, every in STATUSES.items() for s in every if s in CAUSES]
)
def test_no_answer(action: Action, status: str) -> None:
    for item in converted(action, status, "said something"):
        assert item.no_answer
        assert item.no_answer.cause is CAUSES[status]


def test_failed() -> None:
    assert answer("tls", "failed", "handshake failure").cause is UnknownCause.TLS
    assert answer("http", "failed", "empty reply").cause is UnknownCause.PARSE


@pytest.mark.parametrize("action", ASKS)
def test_a_status_that_no_script_writes(action: Action) -> None:
    for item in converted(action, "fine", "\x1b[2J<b>"):
        assert item.no_answer
        assert item.no_answer.cause is UnknownCause.PARSE
        assert "\x1b" not in item.no_answer.detail


def test_tcp_open() -> None:
    assert answer("tcp", "open").type == "connected"


def line_of(key: Any) -> tuple[str, str]:
    """A line of ssh-keyscan, and the fingerprint."""
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    blob = base64.b64decode(public.split()[1])
    return f"[127.0.0.1]:2222 {public.decode()}", fingerprint(blob)


@pytest.mark.parametrize(("action", "status"), [("tcp", "open"), ("ping", "answered")])
def test_a_server_that_reaches_itself_shows_nothing(action: Action, status: str) -> None:
    machine = {"name": "m", "system": "s", "user": "u"}
    assert converted(action, status, machine={**machine, "on": "db1"}) == ()
    assert len(converted(action, status, machine={**machine, "on": "db2"})) == 1


def test_host_keys() -> None:
    keys = [
        rsa.generate_private_key(65537, 2048),
        ec.generate_private_key(ec.SECP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
    ]
    lines, prints = zip(*map(line_of, keys), strict=True)
    raw = "# 127.0.0.1:22 SSH-2.0-x\n" + "\n".join(lines)
    assert answer("hostkey", "keys", raw).fingerprint == prints[2]
    assert answer("hostkey", "keys", "\n".join(lines[:2])).fingerprint == prints[1]
    assert answer("hostkey", "keys", lines[0]).algorithm == "ssh-rsa"
    db1 = SITE.hosts["db1"]
    pinned = db1.model_copy(update={"ssh": db1.ssh.model_copy(update={"host_key": prints[0]})})
    site = SITE.model_copy(update={"hosts": {**SITE.hosts, "db1": pinned}})
    assert answer("hostkey", "keys", raw, site=site).fingerprint == prints[0]
    assert answer("hostkey", "keys", lines[2], site=site).fingerprint == prints[2]
    assert answer("hostkey", "keys", "host ssh-ed25519 AAAA").cause is UnknownCause.PARSE


def pem(common_name: str) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, TAKEN, RECEIVED)
    made = builder.sign(key, hashes.SHA256())
    return (
        made.public_bytes(serialization.Encoding.PEM).decode(),
        sha256_hex(made.public_bytes(serialization.Encoding.DER)),
    )


def test_certificate() -> None:
    first, digest = pem("bmc-1 ops@site.example")
    second, _ = pem("ca")
    found = answer("tls", "certificate", first + second)
    assert (found.sha256, found.not_after) == (digest, RECEIVED)
    assert found.subject == "CN=bmc-1 [mail]"
    broken = first.replace("MII", "MIJ")
    for raw in ("", broken, first[:100], "-----BEGIN CERTIFICATE-----\n=\n" + first[-26:]):
        assert answer("tls", "certificate", raw).cause is UnknownCause.PARSE


UUID = "4c4c4544-0000-4000-8000-000000000001"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (f'HTTP/1.1 200 OK\nA: {{"b": 1}}\n\n{{"RedfishVersion": "1.15.0",\n "UUID": "{UUID}"}}\n'
         "   0K  100% 1M=0s\n", (200, "1.15.0", UUID)),
        ("HTTP/1.1 200\n\n{}", (200, None, None)),
        ('HTTP/2 200\n\n{"UUID": "03000200-0400-0500-0006-000700080009"}', (200, None, None)),
        ("HTTP/1.1 401 Unauthorized\n\n<html>", (401, None, None)),
        ('HTTP/1.0 200 OK\n\n{"UUID": ', (200, None, None)),
        ('HTTP/1.1 200 OK\n\n{"UUID": [1], "RedfishVersion": 7}', (200, None, None)),
    ],
)  # fmt: skip
def test_service_root(raw: str, expected: tuple[Any, ...]) -> None:
    found = answer("http", "answered", raw)
    assert (found.status, found.version, found.uuid) == expected


def test_no_http() -> None:
    assert answer("http", "answered", '{"UUID": 1}').cause is UnknownCause.PARSE


def test_dns() -> None:
    found = answer("dns", "resolved", "10.0.0.1 STREAM db1\n10.0.0.1\n fe80::1\nServer: x\n")
    assert found.addresses == ("10.0.0.1", "fe80::1")
    assert answer("dns", "absent", "NXDOMAIN").addresses == ()
    assert answer("dns", "resolved", "no address").cause is UnknownCause.PARSE


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("2026-11-20T16:00:00Z", None),
        ("System clock synchronized: yes\n NTP service: active", True),
        ("NTP synchronized: no", False),
        ("Leap status     : Normal", True),
        ("Leap status     : Not synchronised", False),
        ("associd=0 status=0615 leap_none, sync_ntp, 1 event", True),
        ("associd=0 status=c016 leap_alarm, sync_unspec, 1 event", False),
    ],
)
def test_clock(raw: str, kept: bool | None) -> None:
    found = answer("clock", "told", raw)
    assert (found.utc, found.synchronised) == (TAKEN, kept)


def test_facts() -> None:
    raw = frames(NONCE[:32], FACTS)
    found = {e.question.fact: e.answer for e in converted("facts", "collected", raw)}
    assert {name: a and a.value for name, a in found.items()} == {  # type: ignore[union-attr]
        a.question.fact: fact(a) for a in FACTS
    }


@pytest.mark.parametrize("token", [NONCE[32:] + "0", "00" * 16])
def test_facts_under_another_token(token: str) -> None:
    raw = frames(token, FACTS)
    found = converted("facts", "collected", raw)
    assert {e.no_answer and e.no_answer.cause for e in found} == {UnknownCause.PARSE}


@pytest.mark.parametrize("on", ["", "db2", "host:db1", "../db1"])
def test_facts_of_another_machine(on: str) -> None:
    raw = frames(NONCE[:32], FACTS)
    machine = {"name": "m", "system": "s", "user": "u", "on": on}
    found = converted("facts", "collected", raw, machine=machine)
    assert len(found) == 3
    assert {e.no_answer and e.no_answer.cause for e in found} == {UnknownCause.PARSE}


def test_facts_of_a_subtree_say_so() -> None:
    token = NONCE[:32]
    raw = frames(token, FACTS).replace("root begin\n", "root begin\n/sub", 1)
    assert {e.root for e in converted("facts", "collected", raw)} == {"/sub"}
    machine = {"name": "m", "system": "s", "user": "u", "on": "db1", "root": "/other"}
    plain = frames(token, FACTS)
    found = converted("facts", "collected", plain, machine=machine)
    assert {e.root for e in found} == {"/other"}


@pytest.mark.parametrize(
    ("said", "value"),
    [(None, None), ("", None), ("  ", None), (" N1 ", "N1"), ("a\nb", "a b"),
     ("ask a@b.example", "ask [mail]"), ("\x1b[2J\u202e", "[U+001B][2J[U+202E]")],
)  # fmt: skip
def test_questions(said: str | None, value: str | None) -> None:
    told = [{"no": 2, "what": "?", "answer": said}]
    found = converted("tcp", "open", questions=told, by="facility, +49 170 1234567")
    [person] = [e.answer for e in found if e.question == PERSON.question]
    assert person is not None
    assert (person.value, person.by) == (value, "facility, [phone]")  # type: ignore[union-attr]


def test_nothing_is_seen_after_it_came() -> None:
    late = utc_text(RECEIVED + timedelta(seconds=60))
    row = {"no": 1, "what": "w", "status": "open", "taken": late}
    [item] = converted("tcp", "open", answers=[row])
    assert item.taken == RECEIVED


def test_raw_is_cut_and_the_whole_is_named() -> None:
    raw = "x" * 60000
    [item] = converted("tcp", "open", raw)
    assert item.raw
    assert (len(item.raw.text), item.raw.size_bytes) == (4096, 60000)
    assert item.raw.sha256 == sha256_hex(raw.encode())


_TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from([
            "HTTP/1.1 200 OK\n", "{", "}", '"UUID":', "-----BEGIN CERTIFICATE-----\n", "MIIB",
            "-----END CERTIFICATE-----", "3 packets transmitted, 2 received", "seq=1 time=1 ms\n",
            "h ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI", "\n@" + NONCE[:32] + "@ ", "root begin\n",
            "0 begin\n", "0 end value\n", "root end value\n", "10.0.0.1\n", "::1", "9" * 30, "\x00",
        ]),
        max_size=12,
    ).map("".join),
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(action=st.sampled_from(sorted(ASKS)), status=st.data(), raw=_TEXTS)
def test_any_text_is_evidence_of_the_items_asks_and_of_nothing_else(
    action: Action, status: st.DataObject, raw: str
) -> None:
    which = status.draw(st.sampled_from([*STATUSES[action], "odd"]))
    found = converted(action, which, raw)
    assert {Ask(thing=e.thing, question=e.question) for e in found} == set(ASKS[action])
    assert len(found) == len(ASKS[action])
    for item in found:
        assert (item.answer is None) != (item.no_answer is None)
        assert Evidence.model_validate_json(item.model_dump_json()) == item
        if isinstance(item.no_answer, NoAnswer):
            assert item.no_answer.detail.isprintable()


@pytest.mark.parametrize("size", [60000, 65000])
@pytest.mark.parametrize("action", sorted(ASKS))
def test_long_text_is_read_quickly(action: Action, size: int) -> None:
    """No pattern may need more than a moment for it; a slow one would never end here."""
    for piece in ("seq=1", "{", "}{\n", "-----BEGIN CERTIFICATE-----\n", "\n@", "sync_", "1.1."):
        converted(action, STATUSES[action][0], piece * (size // len(piece)))


@pytest.mark.parametrize(
    ("answers", "questions"),
    [([1, 1], []), ([3], []), ([2], []), ([], [1]), ([], [2, 2]), ([0], []), ([1], [3])],
)
def test_numbers_that_do_not_fit(answers: list[int], questions: list[int]) -> None:
    rows = [{"no": n, "what": "", "status": "open", "taken": utc_text(TAKEN)} for n in answers]
    told = [{"no": n, "what": "", "answer": "x"} for n in questions]
    with pytest.raises(NotGenuine) as caught:
        converted("tcp", "open", answers=rows, questions=told)
    assert caught.value.code == "answers-malformed"

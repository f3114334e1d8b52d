"""The customer's list of keys: many forms, hostile bytes, and never two answers."""

from __future__ import annotations

import base64
import codecs
import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import InputError
from preflight.files.site import Site
from preflight.files.source import Source
from preflight.pinning.listed import LIMIT_BYTES, key_list, read_list
from preflight.pinning.shown import Claim, Shown
from preflight.probes.known_hosts import fingerprint

A, B = "SHA256:" + "A" * 43, "SHA256:" + "B" * 43
HEX = "0123456789abcdef" * 4
COLONS = ":".join(HEX[i : i + 2] for i in range(0, 64, 2)).upper()
WIRE = b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(32)
PUB = f"ssh-ed25519 {base64.b64encode(WIRE).decode()}"
KEY = fingerprint(WIRE)
SITE = Site.model_validate(
    {
        "site": "s",
        "customer": "c",
        "profile": "p",
        "authorised": {"by": "x", "on": date(2026, 1, 1), "from": date(2026, 1, 1),
                       "until": date(2026, 1, 2), "networks": ["10.0.0.0/8"]},
        "hosts": {
            "db1": {"address": "10.0.0.1", "bmc": {"address": "10.0.1.1"}},
            "db2": {"address": "db2.example", "ssh": {"port": 2222}},
            "db3": {"address": "fd00::3", "bmc": {"address": "10.0.1.3", "protocol": "ipmi"}},
        },
        "pdus": {"db2": {"address": "10.0.1.9", "redfish": {}}},
    }
)  # fmt: skip


def said(text: str) -> dict[str, list[str]]:
    found = key_list(Source("keys.txt", text), SITE).claims
    return {thing: [claim.value for claim in claims] for thing, claims in found.items()}


@pytest.mark.parametrize(
    ("line", "thing", "value"),
    [
        (f"db1 {A}", "host:db1", A),
        (f"db1: {A}", "host:db1", A),
        (f"| db1 | 10.0.0.1 | {A} |", "host:db1", A),
        (f"host:db1;{A};seen by O. Bello", "host:db1", A),
        (f"256 {A} root@db1 (ED25519)", "host:db1", A),
        (f"256 {A} [db2.example]:2222 (ED25519)", "host:db2", A),
        (f"{A}= DB2.Example.", "host:db2", A),
        (f"fd00:0::0:3 {A}", "host:db3", A),
        (f"[fd00::3]:22 {A}", "host:db3", A),
        (f"fd00::3: {A}", "host:db3", A),
        (f"10.0.0.1,db1 {PUB}", "host:db1", KEY),
        (f"{PUB} root@db1", "host:db1", KEY),
        (f"db1 {HEX.upper()}", "bmc:db1", HEX),
        (f"10.0.1.1 sha256 Fingerprint={COLONS}", "bmc:db1", HEX),
        (f"db1 SHA256:{COLONS}", "bmc:db1", HEX),
        (f"db2 {HEX}", "pdu:db2", HEX),
    ],
)
def test_forms(line: str, thing: str, value: str) -> None:
    assert said(line) == {thing: [value]}


@pytest.mark.parametrize(
    "line",
    [
        f"# db1 {A}",
        f"db9 {A}",
        f"DB1 {A}",
        f"db1x {A}",
        f"fd00::3:22 {A}",
        f"db1:: {A}",
        f"db1 {A}A",
        f"db1 x{HEX}",
        f"db1 {HEX}0",
        f"db1 {COLONS}:00",
        f"db3 {HEX}",
        f"db1 ssh-rsa {PUB.split()[1]}",
        "db1 MD5:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee:ff",
        "",
    ],
)
def test_what_says_nothing(line: str) -> None:
    """Neither a comment, nor another name, nor what is longer or shorter than a fingerprint."""
    assert said(f"db2 {A}\n{line}") == {"host:db2": [A]}
    with pytest.raises(InputError, match="empty-list"):
        said(line)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (f"db1 {A}\n10.0.0.1 {B}", "two-fingerprints", 2),
        (f"db1 {A} {B}", "two-fingerprints", 1),
        (f"db1 {A} (RSA)\n\ndb1 {B}", "two-fingerprints", 3),
        (f"db1 {HEX}\ndb1 {HEX[::-1]}", "two-fingerprints", 2),
        (f"db1 db2 {A}", "two-things", 1),
        (f"@revoked db1 {PUB}", "marked-key", 1),
    ],
)
def test_errors(text: str, code: str, line: int) -> None:
    with pytest.raises(InputError) as caught:
        said(text)
    assert [(p.code, p.line) for p in caught.value.problems] == [(code, line)]


def test_the_same_twice_is_no_contradiction_whatever_stands_between() -> None:
    assert said(f"db1 {A} (RSA)\ndb1 {B} (ED25519)\ndb1 {B} (ED25519)") == {"host:db1": [A, B]}


def test_several_keys_of_one_host_are_told_apart_by_their_sort() -> None:
    assert said(f"3072 {A} db1 (RSA)\n256 {B} db1 (ED25519)\ndb1 {HEX}\ndb1 {HEX}") == {
        "host:db1": [A, B],
        "bmc:db1": [HEX],
    }


@pytest.mark.parametrize(
    ("listed", "agrees", "pinned"),
    [
        ([Claim(A, "ED25519")], True, A),
        ([Claim(B, "RSA")], True, B),
        ([Claim(A, "ED25519"), Claim(B, "RSA")], True, A),
        ([Claim(B)], True, B),
        ([Claim(A, "ED25519"), Claim(KEY, "ECDSA")], True, A),  # a sort that is not shown
        ([Claim(A, "ED25519"), Claim(KEY, "RSA")], False, None),
        ([Claim(A, "RSA")], True, A),  # said to be of another sort, and yet what is shown
        ([Claim(KEY, "ECDSA")], False, None),
        ([Claim(KEY)], False, None),
        ([], None, A),
    ],
)
def test_all_that_can_be_compared_must_be_equal(
    listed: list[Claim], agrees: bool | None, pinned: str | None
) -> None:
    from preflight.evidence import HostKey

    keys = (HostKey(algorithm="ssh-ed25519", fingerprint=A),
            HostKey(algorithm="ssh-rsa", fingerprint=B))  # fmt: skip
    item = Shown("host:db1", "10.0.0.1:22", keys, listed=tuple(listed))
    assert item.agrees is agrees
    if pinned:
        assert item.to_pin == pinned
    assert Shown("host:db1", "10.0.0.1:22", listed=tuple(listed)).agrees is None


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "keys.txt"
    for data in (
        f"db1 {A}\r\n".encode("utf-16"),
        codecs.BOM_UTF8 + f"db1 {A}".encode(),
    ):
        path.write_bytes(data)
        assert read_list(path, SITE).claims["host:db1"] == (Claim(A, "", 1),)
    for data, code in (
        (f"db1 {A} \x1b[2J".encode(), "not-text"),
        (f"db1 {A} \0".encode(), "not-text"),
        (b"\xff\xfe\x00\xd8", "not-text"),
        (f"db1 {A} \xe4".encode("latin-1"), "not-text"),
        (b"\n" * (LIMIT_BYTES + 1), "too-large"),
        (b"", "empty-list"),
    ):
        path.write_bytes(data)
        with pytest.raises(InputError) as caught:
            read_list(path, SITE)
        assert [p.code for p in caught.value.problems] == [code]


def test_a_full_megabyte_on_one_line_is_read_in_no_time() -> None:
    for piece in (f"x{A} db1 ", f"db1 {A} ", f"{COLONS} ", "ssh-" * 8, "AAAA" * 8, "SHA256:" * 8):
        with contextlib.suppress(InputError):
            said(piece * (LIMIT_BYTES // len(piece)))
    different = "\n".join(f"db1 SHA256:{n:043d}" for n in range(15000))
    with pytest.raises(InputError) as caught:
        said(different)
    assert len(caught.value.problems) == 50


PIECES = ["db1", "db2", "10.0.0.1", "root@db1", "(RSA)", "@", "#", " ", "\n", ":", "\u202e", "="]


@given(st.lists(st.sampled_from([A, B, HEX, COLONS, PUB, *PIECES]) | st.text()))
def test_any_text_is_a_list_or_a_problem(pieces: list[str]) -> None:
    with contextlib.suppress(InputError):
        for thing, claims in key_list(Source("keys.txt", "".join(pieces)), SITE).claims.items():
            assert thing in {"host:db1", "host:db2", "bmc:db1", "pdu:db2"}
            assert {c.value for c in claims} <= {A, B, HEX, KEY}

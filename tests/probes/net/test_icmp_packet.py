"""What a packet from anybody may do: be understood, or be ignored."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.probes.icmp_packet import Heard, error_text, read

_HEADER_4 = bytes([0x45, *([0] * 8), 1, 0, 0, 10, 99, 0, 1, 10, 99, 0, 2])
_HEADER_6 = bytes([0x60, 0, 0, 0, 0, 0, 58, 64]) + b"s" * 16 + b"d" * 16


def _echo(kind: int, payload: bytes = b"token") -> bytes:
    return struct.pack("!BBHHH", kind, 0, 0, 7, 9) + payload


def test_a_reply_with_and_without_its_ip_header() -> None:
    reply = Heard(7, 9, b"token")
    assert read(_echo(0), 4, with_ip_header=False) == reply
    assert read(_HEADER_4 + _echo(0), 4, with_ip_header=True) == reply
    assert read(_echo(129), 6, with_ip_header=False) == reply


def test_ip_options_are_stepped_over() -> None:
    with_options = bytes([0x46]) + _HEADER_4[1:] + b"\0\0\0\0"
    assert read(with_options + _echo(0), 4, with_ip_header=True) == Heard(7, 9, b"token")


def test_an_error_names_the_request_it_is_about() -> None:
    about_4 = struct.pack("!BBHI", 3, 13, 0, 0) + _HEADER_4 + _echo(8)
    about_6 = struct.pack("!BBHI", 1, 3, 0, 0) + _HEADER_6 + _echo(128)
    assert read(about_4, 4, with_ip_header=False) == Heard(
        7, 9, b"token", "communication administratively prohibited", bytes([10, 99, 0, 2])
    )
    assert read(about_6, 6, with_ip_header=False) == Heard(
        7, 9, b"token", "address unreachable", b"d" * 16
    )


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        _echo(8),
        _echo(13),
        bytes([0, 1]) + _echo(0)[2:],
        struct.pack("!BBHI", 3, 1, 0, 0) + _HEADER_4[:9] + b"\x11" + _HEADER_4[10:] + _echo(8),
        struct.pack("!BBHI", 3, 1, 0, 0) + _HEADER_4 + _echo(0),
        struct.pack("!BBHI", 3, 1, 0, 0) + _HEADER_4 + _echo(8)[:7],
    ],
    ids=["empty", "request", "timestamp", "code", "about udp", "about a reply", "cut short"],
)
def test_everything_else_is_ignored(packet: bytes) -> None:
    assert read(packet, 4, with_ip_header=False) is None


def test_an_unknown_error_keeps_its_numbers() -> None:
    assert error_text(4, 11, 0) == "ICMP error type 11 code 0"


@given(st.binary(max_size=120), st.sampled_from([4, 6]), st.booleans())
def test_no_bytes_break_it(packet: bytes, version: int, with_ip_header: bool) -> None:
    read(packet, version, with_ip_header=with_ip_header)

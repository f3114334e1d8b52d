"""ICMP on the wire: an echo request as it leaves, and what an arriving packet says to one."""

from __future__ import annotations

import ipaddress
import socket
import struct
from typing import NamedTuple

_ECHO_REPLY = {4: 0, 6: 129}
_ERRORS = {4: frozenset({3, 11, 12}), 6: frozenset({1, 3, 4})}
ECHO_REQUEST = {4: 8, 6: 128}
"""ICMP type by version."""
_IP_PROTOCOL = {4: 1, 6: 58}
_HEADER, _NUMBERS = struct.Struct("!BBHHH"), struct.Struct("!HH")

_TEXTS = {
    (4, 3, 0): "network unreachable",
    (4, 3, 1): "host unreachable",
    (4, 3, 2): "protocol unreachable",
    (4, 3, 3): "port unreachable",
    (4, 3, 9): "network administratively prohibited",
    (4, 3, 10): "host administratively prohibited",
    (4, 3, 13): "communication administratively prohibited",
    (6, 1, 0): "no route to destination",
    (6, 1, 1): "communication administratively prohibited",
    (6, 1, 3): "address unreachable",
    (6, 1, 4): "port unreachable",
    (6, 1, 5): "source address refused by policy",
    (6, 1, 6): "route rejected",
}
"""RFC 792 and RFC 1812 section 5.2.7.1 for IPv4, RFC 4443 section 3.1 for IPv6."""


class Heard(NamedTuple):
    """One ICMP message that concerns an echo request."""

    ident: int
    sequence: int
    payload: bytes
    """Of a reply the whole payload; of an error as much of the request's as was sent back."""
    error: str = ""
    """What the network said, without who said it; empty for an echo reply."""
    destination: bytes = b""
    """Packed address that the request in an error was sent to."""


def request(kind: int, ident: int, sequence: int, payload: bytes, *, summed: bool) -> bytes:
    """An echo request of type `kind`; `summed` where nobody else adds the checksum."""
    header = _HEADER.pack(kind, 0, 0, ident, sequence)
    if summed:
        header = _HEADER.pack(kind, 0, checksum(header + payload), ident, sequence)
    return header + payload


def checksum(message: bytes) -> int:
    """RFC 1071: the complement of the sum of all 16-bit words in ones' complement."""
    whole = message + b"\0" if len(message) % 2 else message
    total: int = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


def read(packet: bytes, version: int, *, with_ip_header: bool) -> Heard | None:
    """None for anything that is neither an echo reply nor an error about an echo request."""
    message = _after_ip_header(packet, version) if with_ip_header else packet
    if len(message) < 8:
        return None
    kind, code = message[0], message[1]
    if kind == _ECHO_REPLY[version]:
        ident, sequence = _NUMBERS.unpack_from(message, 4)
        return Heard(ident, sequence, message[8:]) if code == 0 else None
    if kind in _ERRORS[version]:
        return _about_request(message[8:], version, error_text(version, kind, code))
    return None


def packed(ip: str) -> bytes:
    """An IP address as the bytes that stand in a packet; a zone is left out."""
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    return bytes(socket.inet_pton(family, ip.partition("%")[0]))


def error_text(version: int, kind: int, code: int) -> str:
    """The standard's words for an ICMP error; its numbers where there are none."""
    return _TEXTS.get((version, kind, code), f"ICMP error type {kind} code {code}")


def _after_ip_header(packet: bytes, version: int) -> bytes:
    if version == 6:
        return packet[40:]
    return packet[(packet[0] & 0x0F) * 4 :] if packet else b""


def _about_request(original: bytes, version: int, error: str) -> Heard | None:
    """The packet that an error is about begins with its IP header (RFC 792, RFC 4443 2.4 c)."""
    at = {4: 16, 6: 24}[version]
    size = ipaddress.IPV4LENGTH // 8 if version == 4 else ipaddress.IPV6LENGTH // 8
    protocol = original[9 if version == 4 else 6 : 10 if version == 4 else 7]
    request = _after_ip_header(original, version)
    if protocol != bytes([_IP_PROTOCOL[version]]) or len(request) < 8:
        return None
    if request[0] != ECHO_REQUEST[version]:
        return None
    ident, sequence = _NUMBERS.unpack_from(request, 4)
    return Heard(ident, sequence, request[8:], error, original[at : at + size])

"""Does something speak IPMI there? One datagram without a session, without a credential.

Get Channel Authentication Capabilities (IPMI 2.0, 22.13) in an IPMI 1.5 packet over RMCP (13.1 to
13.6), which every BMC with IPMI over LAN answers to anybody.
"""

from __future__ import annotations

import os
import socket
import time

from preflight.evidence import Present
from preflight.probes.base import Limits
from preflight.probes.ipmi_causes import SILENT
from preflight.probes.unanswered import Deadline, Unanswered, from_os
from preflight.words import UnknownCause

_RMCP = bytes([0x06, 0x00, 0xFF, 0x07])
"""RMCP 1.0, no acknowledgement, class IPMI."""
_SESSIONLESS = bytes(9)
"""Authentication type none, sequence number and session id 0."""
_BMC, _US = 0x20, 0x81
_NETFN, _COMMAND = 0x06, 0x38
_CHANNEL_AND_LEVEL = bytes([0x8E, 0x02])
"""IPMI 2.0 answer wanted, this channel, privilege level User."""
_TRIES = 2
_DATAGRAM = 2048


def present(ip: str, port: int, limits: Limits) -> Present:
    """What answered, and how fast. Raises Unanswered."""
    where = f"UDP port {port}"
    family = socket.AF_INET6 if ":" in ip else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as sock:
            sock.connect((ip, port))
            return _exchange(sock, Deadline(limits.connect_s), where)
    except OSError as error:
        raise from_os(error, where) from error


def _exchange(sock: socket.socket, deadline: Deadline, where: str) -> Present:
    sequence, zero, other = os.urandom(1)[0] & 0x3F, time.monotonic(), False
    for left_over in reversed(range(_TRIES)):
        sock.send(request(sequence))
        until = deadline.seconds * left_over / _TRIES
        while (left := deadline.left() - until) > 0:
            sock.settimeout(left)
            try:
                answer = sock.recv(_DATAGRAM)
            except TimeoutError:
                break
            if answers(answer, sequence):
                return Present(rtt_us=int((time.monotonic() - zero) * 1_000_000))
            other = True
    if other:
        raise Unanswered(UnknownCause.PARSE, f"{where} answers, but not with IPMI")
    detail = f"{where} does not answer within {deadline.seconds:g} s; {SILENT}"
    raise Unanswered(UnknownCause.TIMEOUT, detail)


def request(sequence: int) -> bytes:
    """The datagram; `sequence` is 0 to 63."""
    head = bytes([_BMC, _NETFN << 2])
    body = bytes([_US, sequence << 2, _COMMAND]) + _CHANNEL_AND_LEVEL
    message = head + _checksum(head) + body + _checksum(body)
    return _RMCP + _SESSIONLESS + bytes([len(message)]) + message


def answers(datagram: bytes, sequence: int) -> bool:
    """Whether this is an answer to it, whatever it says."""
    start = len(_RMCP) + len(_SESSIONLESS) + 1
    message = datagram[start:]
    return (
        datagram[:1] == _RMCP[:1]
        and datagram[3:5] == bytes([0x07, 0x00])
        and len(message) >= 8
        and message[1] >> 2 == _NETFN + 1
        and message[4] >> 2 == sequence
        and message[5] == _COMMAND
    )


def _checksum(data: bytes) -> bytes:
    return bytes([-sum(data) & 0xFF])

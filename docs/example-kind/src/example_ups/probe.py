"""`x-nut`: asks upsd of Network UPS Tools (RFC 9271) for two variables of a UPS. No login."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, NoAnswer, Reading, Told
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.dial import dial
from preflight.probes.unanswered import Deadline, Unanswered, from_os
from preflight.text import one_line
from preflight.words import UnknownCause

VARIABLES = ("ups.status", "battery.charge")
LINE_BYTES = 512
"""A longer line is no answer to such a question."""
_VALUE = re.compile(r'VAR (\S+) (\S+) "(.*)"')
_REFUSED = {
    "ACCESS-DENIED": UnknownCause.PERMISSION,
    "USERNAME-REQUIRED": UnknownCause.PERMISSION,
    "UNKNOWN-UPS": UnknownCause.MISSING_ATTRIBUTE,
    "DATA-STALE": UnknownCause.MISSING_ATTRIBUTE,
    "DRIVER-NOT-CONNECTED": UnknownCause.MISSING_ATTRIBUTE,
}


class NutProbe:
    """Fact `x-ups`: a Reading of `ups.status` and `battery.charge`; the argument is the UPS."""

    protocol: ClassVar[str] = "x-nut"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One connection per question."""
        for ask in asks:
            zero = time.monotonic()
            answer = _answer(ask, way)
            tell(ask, Reply(answer, int((time.monotonic() - zero) * 1_000_000)))

    def templates(self, ask: Ask) -> Sequence[str]:
        """One request per variable."""
        return tuple(_request(ask, name) for name in VARIABLES)


def _request(ask: Ask, variable: str) -> str:
    return f"GET VAR {ask.question.argument} {variable}"


def _answer(ask: Ask, way: Way) -> Reading | NoAnswer:
    question, deadline = ask.question, Deadline(way.limits.question_s)
    ip = way.addresses.get(question.address)
    if ip is None:
        detail = f"{question.address} does not resolve to an address"
        return Unanswered(UnknownCause.UNREACHABLE, detail).no_answer
    try:
        with dial(ip, question.port or 3493, way.limits.connect_s) as sock:
            told = [_told(sock, ask, name, way, deadline) for name in VARIABLES]
    except Unanswered as why:
        return why.no_answer
    except OSError as error:
        return from_os(error, f"{ip} port {question.port}").no_answer
    return Reading(values=tuple(told))


def _told(sock: socket.socket, ask: Ask, variable: str, way: Way, deadline: Deadline) -> Told:
    """Raises Unanswered when the answer is none."""
    request = _request(ask, variable)
    if not way.send(ask.thing, request):
        detail = f"{request} is not part of the approved plan; it was not sent"
        raise Unanswered(UnknownCause.NOT_ASKED, detail)
    sock.settimeout(deadline.need(request))
    sock.sendall(f"{request}\n".encode("ascii"))
    line = _line(sock, deadline)
    if line == "ERR VAR-NOT-SUPPORTED":
        return Told(id=variable, value=None)
    if line.startswith("ERR "):
        cause = _REFUSED.get(line[4:], UnknownCause.UNSUPPORTED)
        raise Unanswered(cause, f"upsd answers {line!r} to {request}")
    match = _VALUE.fullmatch(line)
    if match is None or match[1] != ask.question.argument or match[2] != variable:
        raise Unanswered(UnknownCause.PARSE, f"upsd answers {line!r} to {request}")
    return Told(id=variable, value=one_line(match[3]))


def _line(sock: socket.socket, deadline: Deadline) -> str:
    """One line, which may come in pieces or never end."""
    read = b""
    while not read.endswith(b"\n"):
        if len(read) >= LINE_BYTES:
            raise Unanswered(UnknownCause.PARSE, "upsd answers with an endless line")
        sock.settimeout(deadline.need("reading an answer"))
        piece = sock.recv(1)
        if not piece:
            raise Unanswered(UnknownCause.PARSE, "upsd ends the connection in place of an answer")
        read += piece
    return read.decode("ascii", "replace").strip()

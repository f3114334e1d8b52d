"""The seam to python-ipmi: one RMCP+ session to one BMC, held to deadlines and to a list.

What python-ipmi would do otherwise: wait for an ASF pong that many BMCs never send, keep sessions
alive by a thread, wait anew after every stray datagram, send any command, and write the password
into its debug log.
"""

from __future__ import annotations

import contextlib
import struct
import time
from typing import Any

from pyipmi import Target
from pyipmi.errors import (
    AuthenticationError,
    CompletionCodeError,
    DecodingError,
    MessageStatusCodeError,
    NotSupportedError,
    RetryError,
)
from pyipmi.interfaces.rmcpplus import RmcpPlus
from pyipmi.session import Session

from preflight.probes import ipmi_causes as causes
from preflight.probes.base import Limits, Secret, Send
from preflight.probes.ipmi_commands import ALLOWED, HANDSHAKE, Command
from preflight.probes.unanswered import Deadline, Unanswered, from_os
from preflight.words import UnknownCause

_BMC = 0x20
_RETRIES = 1
"""Datagrams get lost; a second try of the same message is no second login."""
_OPEN, _RAKP_3 = 0x10, 0x14
_OFFERED, _CHOSEN = slice(12, 32, 8), slice(16, 36, 8)
"""The algorithms of an Open Session Request and of its response (IPMI 2.0, 13.17, 13.18)."""
_MALFORMED = (DecodingError, struct.error, IndexError, ValueError)
"""What the library raises for bytes that are no IPMI."""


class Log:
    """Announces each request of a session once, before it is first sent."""

    def __init__(self, thing: str, send: Send) -> None:
        self._thing, self._send = thing, send
        self._told: set[str] = set()

    def announce(self, request: str) -> None:
        """Raises Unanswered(not-asked) when it must not be sent."""
        if request in self._told:
            return
        if not self._send(self._thing, request):
            detail = f"{request} is not part of the approved plan; it was not sent"
            raise Unanswered(UnknownCause.NOT_ASKED, detail)
        self._told.add(request)


class _Account(Session):  # type: ignore[misc]
    """Whom to log in. The library writes its text into the debug log, password and all."""

    def __str__(self) -> str:
        return "session"


class _Wire(RmcpPlus):  # type: ignore[misc]
    """RMCP+ as python-ipmi speaks it, within a deadline and the list of commands."""

    def __init__(self, cipher: str, deadline: Deadline, wait_s: float, log: Log) -> None:
        super().__init__(keep_alive_interval=0, max_retries=_RETRIES, cipher_suite=int(cipher))
        self.deadline, self._wait_s, self._log = deadline, wait_s, log
        self._cipher = cipher
        self._until = 0.0
        self.garbled = False
        self.proven = False
        """It has shown that it knows the password: RAKP message 2 was verified."""

    def open(self) -> None:
        super().open()
        self.set_timeout(self._wait_s)

    def ping(self) -> None:
        """No ASF ping: Get Channel Authentication Capabilities comes next, and tells as much."""

    def _send_payload(self, payload_type: int, payload: bytes) -> None:
        if payload_type in HANDSHAKE:
            self._log.announce(HANDSHAKE[payload_type])
        super()._send_payload(payload_type, payload)

    def _handshake(self, request_type: int, request: bytes, response_type: int) -> bytes:
        """RAKP message 3 goes this way only after message 2 was found to be right."""
        self.proven = self.proven or request_type == _RAKP_3
        answer: bytes = super()._handshake(request_type, request, response_type)
        if request_type == _OPEN and not _same_algorithms(request, answer):
            raise causes.cipher_refused(self._cipher, "it chose another one")
        return answer

    def _send_and_receive(
        self, target: Any, lun: int, netfn: int, cmdid: int, payload: bytes
    ) -> bytes:
        self._log.announce(ALLOWED[netfn, cmdid].request)
        answer: bytes = super()._send_and_receive(target, lun, netfn, cmdid, payload)
        return answer

    def _send_rmcp_msg(self, sdu: bytes | None, class_of_msg: int) -> None:
        self._until = time.monotonic() + min(self._wait_s, self.deadline.need("asking by IPMI"))
        super()._send_rmcp_msg(sdu, class_of_msg)

    def _receive_rmcp_msg(self) -> tuple[int | None, int | None, bytes]:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        try:
            message: tuple[int | None, int | None, bytes] = super()._receive_rmcp_msg()
        except _MALFORMED as error:
            raise self._stray() from error
        return message

    def _receive_payload(self) -> tuple[int, bytes]:
        try:
            payload: tuple[int, bytes] = super()._receive_payload()
        except (AuthenticationError, *_MALFORMED) as error:
            raise self._stray() from error
        return payload

    def _receive_ipmi_msg(self, ignore_sdu_length: bool = False) -> bytes:  # noqa: FBT001, FBT002
        """What is no IPMI, or bears no valid code, is none of the BMC's answers: anybody can send
        datagrams in its name."""
        message = None
        while message is None:
            with contextlib.suppress(*_MALFORMED):
                message = super()._receive_ipmi_msg(ignore_sdu_length)
            self.garbled = self.garbled or message is None
        return bytes(message)

    def _stray(self) -> DecodingError:
        self.garbled = True
        return DecodingError("no IPMI")


def _same_algorithms(request: bytes, answer: bytes) -> bool:
    """Nothing but what was offered: a weaker choice would be somebody's wish."""
    return [a & 0x3F for a in request[_OFFERED]] == [a & 0x3F for a in answer[_CHOSEN]]


class Line:
    """One session. `open` and `ask` raise Unanswered; `close` never raises."""

    def __init__(
        self, ip: str, port: int, cipher: str, secret: Secret, deadline: Deadline, limits: Limits,
        log: Log,
    ) -> None:  # fmt: skip
        self._secret, self._cipher, self._where = secret, cipher, f"UDP port {port}"
        self._wire = _Wire(cipher, deadline, limits.connect_s, log)
        self._account = _Account()
        self._account.interface = self._wire
        self._account.set_session_type_rmcp(ip, port)
        self._account.set_auth_type_user(secret.username, secret.password)
        self._account.set_priv_level("user")

    @property
    def proven(self) -> bool:
        """The BMC has shown that it knows the password."""
        return bool(self._wire.proven)

    def open(self) -> None:
        """The login, and the privilege level User."""
        try:
            self._wire.open()
            self._wire.establish_session(self._account)
        except MessageStatusCodeError as error:
            raise causes.session_refused(
                error.msc, cipher=self._cipher, credential=self._secret.id, proven=self.proven
            ) from error
        except AuthenticationError as error:
            own = causes.second_key() if self.proven else causes.wrong_password(self._secret.id)
            raise own from error
        except CompletionCodeError as error:
            refused = causes.privilege_refused if self._account.activated else self._refused
            raise refused(error.cc) from error
        except NotSupportedError as error:
            detail = "the BMC speaks IPMI 1.5 only, which hides nothing and proves nothing"
            raise Unanswered(UnknownCause.UNSUPPORTED, detail) from error
        except (RetryError, OSError, *_MALFORMED) as error:
            raise self._broken(error, "logging in") from error

    def ask(self, command: Command, data: bytes = b"", lun: int = 0) -> bytes:
        """The answer's bytes after its completion code, which was success. Raises Refusal."""
        raw = bytes([command.number]) + data
        try:
            answer = bytes(self._wire.send_and_receive_raw(Target(_BMC), lun, command.netfn, raw))
        except (RetryError, OSError, *_MALFORMED) as error:
            raise self._broken(error, command.request) from error
        if not answer:
            raise Unanswered(UnknownCause.PARSE, f"an empty answer to {command.request}")
        if answer[0]:
            raise causes.Refusal(command.request, answer[0])
        return answer[1:]

    def close(self, within: Deadline) -> None:
        """Ends the session, whatever happened in between. A BMC that cannot is left alone."""
        self._wire.deadline = within
        self._wire.max_retries = 0
        errors = (Unanswered, CompletionCodeError, RetryError, OSError, *_MALFORMED)
        with contextlib.suppress(*errors):
            self._wire.close_session()
        self._wire.close()

    def _refused(self, code: int) -> Unanswered:
        return causes.Refusal("to say how it lets people in", code)

    def _broken(self, error: Exception, what: str) -> Unanswered:
        """The socket's end, silence, or bytes that say nothing."""
        if isinstance(error, OSError) and not isinstance(error, TimeoutError):
            return from_os(error, self._where)
        if self._wire.garbled or isinstance(error, _MALFORMED):
            detail = f"{self._where} answers, but not with IPMI that can be read, to {what}"
            return Unanswered(UnknownCause.PARSE, detail)
        detail = f"{self._where} does not answer to {what}"
        return Unanswered(UnknownCause.TIMEOUT, detail)

"""HTTPS to one service: one connection, no proxies, no redirects, nothing beyond the bounds."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx

from preflight.probes.base import Limits, Send
from preflight.probes.dial import Connect, endpoint
from preflight.probes.http_transport import Transport
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Unanswered, from_os
from preflight.text import one_line
from preflight.words import UnknownCause

BUSY = frozenset({429, 503})
"""What a service answers that wants to be asked later (RFC 6585, RFC 9110)."""
_ABSENT = frozenset({404, 405, 410, 501})
_FAULTY = frozenset({500, 502, 504})
_TRIES_AT_A_BUSY_ONE, _TRIES = 4, 2
_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 2.0
_BREATH_S = 0.1
_NAMES = {"bmc": "the BMC", "pdu": "the PDU", "hypervisor": "the manager", "netbox": "NetBox"}


@dataclass(frozen=True)
class Answered:
    """An HTTP response, read within the bounds. Its repr shows no header: they may hold a token."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class _Dropped(Unanswered):
    """A connection that was good ended without a response: it may have stood idle too long."""


@dataclass(frozen=True)
class Target:
    """Where a service is: `address` is the name or IP that its certificate must bear."""

    thing: str
    address: str
    ip: str
    port: int

    @property
    def what(self) -> str:
        """What sentences call it."""
        return _NAMES.get(self.thing.partition(":")[0], self.thing)

    @property
    def spellings(self) -> frozenset[str]:
        """`host:port` as the service may write itself."""
        hosts = {self.address, self.ip}
        own = {endpoint(host, self.port) for host in hosts}
        return frozenset(own | {endpoint(host, None) for host in hosts if self.port == 443})


class Https:
    """Requests to one service. Every request is logged before it is sent."""

    def __init__(
        self,
        target: Target,
        guard: Guard,
        send: Send,
        limits: Limits,
        connect: Connect | None = None,
    ) -> None:
        """`connect` makes the connections, where they do not go straight to the target."""
        self.target, self.guard = target, guard
        self.attempts = 0
        self.let_in = False
        """An authenticated request has succeeded."""
        self._send, self._limits = send, limits
        self._credentials: httpx.Auth | None = None
        self._client = httpx.Client(
            base_url=f"https://{endpoint(target.ip, target.port)}",
            verify=guard.context,
            transport=Transport(guard.context, self._apart(connect)) if connect else None,
            trust_env=False,
            timeout=httpx.Timeout(limits.question_s, connect=limits.connect_s),
            limits=httpx.Limits(max_connections=1),
            headers={
                "Host": _host(target),
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "preflight",
            },
        )

    def _apart(self, connect: Connect) -> Connect:
        """With a deadline of its own: it may wait for room at a jump host."""

        def dialled(seconds: float) -> socket.socket:
            with self.guard.deadline.paused():
                return connect(seconds)

        return dialled

    def close(self) -> None:
        """Closes the connection."""
        self._client.close()

    def refusal(self, status: int, said: str, senseless: str) -> Unanswered:
        """Why a request ended in this status. `said` is what was asked and what came; `senseless`
        are the words for a status that no service of this sort should answer with."""
        it = self.target.what
        if status == 401 or (status == 403 and not self.let_in):
            return Unanswered(UnknownCause.AUTH, f"{it} does not let us in at {said}")
        if status == 403:
            return Unanswered(UnknownCause.PERMISSION, f"the account may not read {said}")
        if status in _ABSENT and self.let_in:
            return Unanswered(UnknownCause.UNSUPPORTED, f"{it} has nothing at {said}")
        if status in BUSY:
            return Unanswered(UnknownCause.TIMEOUT, f"{it} is too busy to answer {said}")
        return Unanswered(UnknownCause.PARSE, f"{senseless} at {said}")

    def spelled(self, path: str) -> str:
        """The path as it is announced and logged."""
        return path

    def patient(self, method: str, path: str) -> Answered:
        """Again when the service is busy, or hung up on us in between. Raises Unanswered."""
        tries = 0
        while True:
            tries += 1
            first = self.attempts == 0
            try:
                answered = self.request(method, path)
            except _Dropped:
                if first or tries >= _TRIES:
                    raise
                continue
            pause = _pause(answered)
            if tries >= _tries(answered.status) or pause > self.guard.deadline.left() / 2:
                return answered
            self._rest(pause)

    def _rest(self, seconds: float) -> None:
        """In short breaths: the run may be over."""
        end = time.monotonic() + seconds
        while not self.guard.deadline.passed and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _BREATH_S))

    def request(self, method: str, path: str, content: bytes | None = None) -> Answered:
        """One request. Raises Unanswered when it is not approved or no whole response came."""
        said = f"{method} {self.spelled(path)}"
        if not self._send(self.target.thing, said):
            detail = f"{said} is not part of the approved plan; it was not sent"
            raise Unanswered(UnknownCause.NOT_ASKED, detail)
        self.attempts += 1
        try:
            return self._exchange(method, path, content)
        except httpx.TimeoutException as error:
            raise self._late(error, said) from error
        except httpx.HTTPError as error:
            raise self._broken(error, said) from error

    def _exchange(self, method: str, path: str, content: bytes | None) -> Answered:
        headers = {} if content is None else {"Content-Type": "application/json"}
        request = self._client.build_request(
            method, path, content=content, headers=headers,
            extensions={"sni_hostname": self.target.address, "timeout": self._timeouts()},
        )  # fmt: skip
        response = self._client.send(request, auth=self._credentials, stream=True)
        try:
            return Answered(response.status_code, response.headers, self._body(response))
        finally:
            response.close()

    def _timeouts(self) -> dict[str, float]:
        left = self.guard.deadline.need(f"asking {self.target.what}")
        connect = min(left, self._limits.connect_s)
        return {"connect": connect, "read": left, "write": left, "pool": left}

    def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            detail = f"{self.target.what} compresses although it was asked not to"
            raise Unanswered(UnknownCause.PARSE, detail)
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._limits.answer_bytes:
                detail = f"{self.target.what} says more than {self._limits.answer_bytes} bytes"
                raise Unanswered(UnknownCause.PARSE, detail)
        return bytes(body)

    def _late(self, error: httpx.TimeoutException, said: str) -> Unanswered:
        if isinstance(error, httpx.ConnectTimeout) and not self.guard.deadline.passed:
            where = endpoint(self.target.ip, self.target.port)
            return Unanswered(UnknownCause.TIMEOUT, f"{where} does not answer")
        return self.guard.deadline.too_late(f"waiting for {said}")

    def _broken(self, error: httpx.HTTPError, said: str) -> Unanswered:
        if self.guard.fault is not None:
            return self.guard.fault
        where = endpoint(self.target.ip, self.target.port)
        origin = _origin(error)
        if isinstance(error, httpx.ConnectError) and isinstance(origin, OSError):
            if isinstance(origin, ssl.SSLError):
                return self.guard.refusal(origin, where)
            return from_os(origin, where)
        detail = f"{said}: {one_line(str(error)) or type(error).__name__}"
        return _Dropped(UnknownCause.PARSE, f"{where} does not speak HTTP as it should; {detail}")


def login_refused(target: Target, credential: str, status: int) -> Unanswered:
    """Why a login ended in this status. `credential` is its id."""
    it = target.what
    if status in BUSY:
        return Unanswered(UnknownCause.TIMEOUT, f"{it} is too busy for a login: HTTP {status}")
    if 400 <= status < 500:
        detail = f"{it} does not let {credential} in: HTTP {status}"
        return Unanswered(UnknownCause.AUTH, detail)
    return Unanswered(UnknownCause.PARSE, f"the login ended in HTTP {status}")


def _host(target: Target) -> str:
    return endpoint(target.address, None if target.port == 443 else target.port)


def _tries(status: int) -> int:
    """How often a request is sent that ends so."""
    if status in BUSY:
        return _TRIES_AT_A_BUSY_ONE
    return _TRIES if status in _FAULTY else 1


def _pause(answered: Answered) -> float:
    """Seconds that the BMC asks for (RFC 9110, 10.2.3), within reason."""
    asked = answered.headers.get("retry-after", "")
    return min(float(asked), _LONGEST_PAUSE_S) if asked.isdecimal() else _PAUSE_S


def _origin(error: BaseException) -> BaseException:
    """What lies at the bottom of a chain of exceptions."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error

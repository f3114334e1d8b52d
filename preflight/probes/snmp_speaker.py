"""Who asks an agent, and if its answers prove it: a user of version 3, or a community of 2c."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from preflight.probes import snmp_usm as usm
from preflight.probes import snmp_v3 as v3
from preflight.probes.snmp_ber import Oid, arcs, dotted
from preflight.probes.snmp_pdu import (
    GET,
    REPORT,
    RESPONSE,
    Pdu,
    community_message,
    read_community_message,
    request,
)
from preflight.probes.snmp_socket import Agent, now
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_STATISTICS = arcs("1.3.6.1.6.3.15.1.1")
"""usmStats (RFC 3414, section 5): why an engine does not take a message."""
_LEVEL, _WINDOW, _USER, _ENGINE, _SIGNATURE, _HIDING = range(1, 7)
_REFUSALS = {
    _LEVEL: "does not give this user authentication and privacy (usmStatsUnsupportedSecLevels)",
    _USER: "knows no such user (usmStatsUnknownUserNames)",
    _SIGNATURE: "does not take this user's password, or its digest (usmStatsWrongDigests)",
    _HIDING: "does not take the privacy password, or its algorithm (usmStatsDecryptionErrors)",
}
_MOST_CLOCKS = 2
"""How often an engine may say that it is another time before we give up."""


class Speaker(Protocol):
    """One who asks."""

    proven: bool
    """An answer came that only the right agent can give."""

    def ask(self, tag: int, repeat: int, oids: Sequence[Oid], within_s: float) -> Pdu:
        """The response to one request. Raises Unanswered."""
        ...


class Community:
    """Version 2c: the community goes over the wire as it is, and nothing is proven."""

    proven = False

    def __init__(self, agent: Agent, community: str) -> None:
        self._agent, self._community = agent, community.encode()

    def ask(self, tag: int, repeat: int, oids: Sequence[Oid], within_s: float) -> Pdu:
        number = _number()
        packet = community_message(self._community, request(tag, number, repeat, oids))

        def read(data: bytes) -> Pdu | None:
            try:
                pdu = read_community_message(data)
            except ValueError:
                return None
            return pdu if pdu.tag == RESPONSE and pdu.request_id == number else None

        return self._agent.exchange(packet, read, within_s)


def discovered(agent: Agent, within_s: float) -> v3.Engine:
    """The engine behind an address; any may answer, and nothing is proven by it.

    RFC 3414, section 4: the answer is a report, and holds no secret of anybody.
    """
    msg_id = _number()
    packet = v3.discovery(msg_id, request(GET, _number(), 0, ()))

    def read(data: bytes) -> v3.Engine | None:
        try:
            found = v3.opened(data)
            known = found.msg_id == msg_id and _is_engine(found.engine_id)
            report = known and v3.plain_pdu(found).tag == REPORT
        except ValueError:
            return None
        return v3.Engine(found.engine_id, found.boots, found.time, now()) if report else None

    return agent.exchange(packet, read, within_s)


def _is_engine(name: bytes) -> bool:
    """RFC 3411, section 5: SnmpEngineID; some agents have shorter ones."""
    return 1 <= len(name) <= 32


@dataclass(frozen=True)
class _Heard:
    """One datagram for one of our requests."""

    pdu: Pdu | None
    """None: it is for us and not signed as it should be."""
    engine: v3.Engine
    signed: bool


class User:
    """Version 3, signed and hidden. Only answers that are so too count."""

    def __init__(self, agent: Agent, engine: v3.Engine, name: str, keys: usm.Keys) -> None:
        self._agent, self._engine, self._name, self._keys = agent, engine, name.encode(), keys
        self._salt = secrets.randbits(64)
        self.proven = False

    def ask(self, tag: int, repeat: int, oids: Sequence[Oid], within_s: float) -> Pdu:
        for _ in range(_MOST_CLOCKS):
            heard = self._exchange(tag, repeat, oids, within_s)
            pdu = heard.pdu
            if pdu is not None and pdu.tag == RESPONSE:
                self.proven = True
                return pdu
            if not (heard.signed and pdu and _reason(pdu) == _WINDOW):
                raise self._refused(pdu)
            self._engine = heard.engine
        detail = f"{self._agent.where} says each time that it is another time there"
        raise Unanswered(UnknownCause.PARSE, detail)

    def _exchange(self, tag: int, repeat: int, oids: Sequence[Oid], within_s: float) -> _Heard:
        number, msg_id, at = _number(), _number(), now()
        pdu = request(tag, number, repeat, oids)
        packet = v3.secured(
            msg_id, self._engine, at, self._name, self._keys, pdu, self._next_salt()
        )
        forged = False

        def read(data: bytes) -> _Heard | None:
            nonlocal forged
            try:
                found = v3.opened(data)
                heard = self._heard(found, number) if found.msg_id == msg_id else None
            except ValueError:
                return None
            forged = forged or (heard is not None and heard.pdu is None)
            return heard if heard and heard.pdu else None

        try:
            return self._agent.exchange(packet, read, within_s)
        except Unanswered as why:
            if forged and why.no_answer.cause is UnknownCause.TIMEOUT:
                raise self._forged() from why
            raise

    def _heard(self, found: v3.Envelope, number: int) -> _Heard | None:
        """What a datagram for this request says, as far as it is signed (RFC 3414, 3.2)."""
        at = now()
        engine = v3.Engine(found.engine_id, found.boots, found.time, at)
        if not found.flags & v3.SIGNED:
            pdu = v3.plain_pdu(found) if not found.flags & v3.HIDDEN else None
            report = pdu is not None and pdu.tag == REPORT
            return _Heard(pdu if report else None, engine, signed=False)
        if not self._is_of_user(found):
            return _Heard(None, engine, signed=False)
        if not found.flags & v3.HIDDEN:
            pdu = v3.plain_pdu(found)
            return _Heard(pdu if pdu.tag == REPORT else None, engine, signed=True)
        if not self._engine.accepts(found.boots, found.time, at):
            return None
        pdu = v3.hidden_pdu(found, self._keys)
        return _Heard(pdu, engine, signed=True) if self._answers(pdu, number) else None

    def _is_of_user(self, found: v3.Envelope) -> bool:
        ours = (self._engine.id, self._name) == (found.engine_id, found.user)
        return ours and usm.is_signed(self._keys, found.whole, found.mac_at, found.mac_end)

    def _answers(self, pdu: Pdu, number: int) -> bool:
        return pdu.tag == REPORT or (pdu.tag == RESPONSE and pdu.request_id == number)

    def _next_salt(self) -> bytes:
        """Never the same twice under one key: counted from a place drawn by lot (RFC 3826, 3.1.2.1;
        DES wants the boots of the engine before a count of 4 bytes, RFC 3414, 8.1.1.1)."""
        self._salt = (self._salt + 1) % 2**64
        if self._keys.privacy == "des":
            return self._engine.boots.to_bytes(4, "big") + (self._salt % 2**32).to_bytes(4, "big")
        return self._salt.to_bytes(8, "big")

    def _refused(self, pdu: Pdu | None) -> Unanswered:
        reason = _reason(pdu) if pdu else None
        where = self._agent.where
        if reason in _REFUSALS:
            return Unanswered(UnknownCause.AUTH, f"the agent at {where} {_REFUSALS[reason]}")
        said = ", ".join(dotted(oid) for oid, _ in pdu.rows[:1]) if pdu else ""
        detail = f"the agent at {where} reports {said or 'nothing that means anything'}"
        return Unanswered(UnknownCause.PARSE, detail)

    def _forged(self) -> Unanswered:
        detail = (
            f"{self._agent.where} answers without the signature that this user's key gives: it does"
            " not know the key, or somebody on the way changed what it says"
        )
        return Unanswered(UnknownCause.WRONG_SITE, detail)


def _reason(pdu: Pdu) -> int | None:
    """Which of usmStats a report names."""
    if pdu.tag != REPORT or not pdu.rows:
        return None
    oid = pdu.rows[0][0]
    size = len(_STATISTICS)
    return oid[size] if oid[:size] == _STATISTICS and len(oid) > size else None


def _number() -> int:
    """Nobody who does not see our requests guesses it."""
    return secrets.randbelow(2**31 - 1) + 1

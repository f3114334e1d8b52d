"""TCP connects behind jump hosts: each is a channel that the jump host opens."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from preflight.evidence import Ask, Connected, NoAnswer
from preflight.jumps import jump_of
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.dial import through
from preflight.probes.silence import silence
from preflight.probes.tcp_sweep import ATTEMPTS, RETRY_AFTER_S
from preflight.probes.unanswered import Unanswered
from preflight.words import SILENCE, UnknownCause

AT_ONCE = 32
"""Connects at once: as many channels are left to those who are already talking."""


def connect_through(asks: Sequence[Ask], way: Way, tell: Tell) -> None:
    """Tells a reply for each ask; every one of them has a jump host and a port."""

    def one(ask: Ask) -> None:
        tell(ask, _connect(ask, way))

    with ThreadPoolExecutor(max_workers=max(1, min(AT_ONCE, len(asks)))) as pool:
        list(pool.map(one, asks))


def _connect(ask: Ask, way: Way) -> Reply:
    """One retry after silence and after a refusal alike; none when the way is to blame."""
    began = time.monotonic_ns()
    reply = silence(UnknownCause.INTERNAL, "nothing was tried", attempts=0)
    for attempt in range(1, ATTEMPTS + 1):
        if attempt > 1:
            time.sleep(RETRY_AFTER_S)
        answer = _once(ask, way)
        attempts = attempt if _put(answer) else attempt - 1
        reply = Reply(answer, (time.monotonic_ns() - began) // 1000, attempts)
        if not isinstance(answer, NoAnswer) or answer.cause not in SILENCE or answer.because:
            break
    return reply


def _put(answer: Connected | NoAnswer) -> bool:
    """Whether the thing, or the jump host for it, was asked at all."""
    return not isinstance(answer, NoAnswer) or answer.cause is not UnknownCause.NOT_ASKED


def _once(ask: Ask, way: Way) -> Connected | NoAnswer:
    question, started = ask.question, time.monotonic_ns()
    jump = jump_of(way.site, ask.thing) or ""
    try:
        sock = through(way, jump, question.address, question.port or 0, way.limits.connect_s)
    except Unanswered as why:
        return way.passages.broken(way.site, ask, why.no_answer) or why.no_answer
    sock.close()
    return Connected(rtt_us=(time.monotonic_ns() - started) // 1000)

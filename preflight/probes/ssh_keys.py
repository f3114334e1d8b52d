"""Every host key that an SSH server has, for somebody to compare. No login, nothing secret."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, HostKey, NoAnswer
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.ssh_meeting import Meeting, connect_request
from preflight.probes.unanswered import Unanswered, no_answer
from preflight.words import UnknownCause


class KeysProbe:
    """Fact `host-key`; the argument is the family of key that is asked for."""

    protocol: ClassVar[str] = "ssh"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def __init__(self, *, legacy: bool = False) -> None:
        """With `legacy` also servers are met that know only old algorithms."""
        self.legacy = legacy

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One connection for each key that the server has."""
        zero = time.monotonic()
        meeting = Meeting(asks[0], way, legacy=self.legacy)
        shown: dict[str, HostKey] = {}
        none: NoAnswer = no_answer(UnknownCause.UNSUPPORTED, "the server has no such key")
        try:
            for session, key in meeting.sessions():
                session.close()
                shown[key.algorithm] = key
        except Unanswered as why:
            none = why.no_answer
        took_us = int((time.monotonic() - zero) * 1_000_000)
        for ask in asks:
            answer = shown.get(ask.question.argument, none)
            tell(ask, Reply(answer, took_us, attempts=meeting.attempts))

    def templates(self, ask: Ask) -> Sequence[str]:
        """The one request, however often it is sent."""
        return (connect_request(ask),)

"""SSH: the host key that a host shows, a login, and facts by one script in one session."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Answer, Ask, HostKey, Login, NoAnswer
from preflight.jumps import is_jump
from preflight.probes import facts
from preflight.probes.base import Reply, Secret, Tell, Way
from preflight.probes.jump import Jump
from preflight.probes.kept import raw
from preflight.probes.known_hosts import REVOKED
from preflight.probes.ssh_login import log_in
from preflight.probes.ssh_meeting import Meeting, connect_request
from preflight.probes.ssh_transport import Session
from preflight.probes.unanswered import Unanswered, no_answer, not_asked
from preflight.words import UnknownCause

_LOGIN = "SSH login"


class SshProbe:
    """All questions to one host in one session. Nothing is said to a host that proved nothing."""

    protocol: ClassVar[str] = "ssh"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One connection, at most one login, one script; then a reply for each ask."""
        wanted = tuple(dict.fromkeys(asks))
        visit = _Visit(wanted, way)
        visit.run()
        for ask in wanted:
            tell(ask, visit.replies[ask])

    def templates(self, ask: Ask) -> Sequence[str]:
        """The requests, word for word as they are logged."""
        connect = connect_request(ask)
        if ask.question.fact == "host-key":
            return (connect,)
        if ask.question.fact == "login":
            return connect, _LOGIN
        return (connect, _LOGIN, facts.request(ask)) if facts.refusal(ask) is None else ()


class _Visit:
    """One host's batch. Whatever is not answered when it ends, ends with the reason."""

    def __init__(self, asks: Sequence[Ask], way: Way) -> None:
        self.asks, self.way = asks, way
        self.thing = asks[0].thing
        self.host = way.site.hosts[self.thing.partition(":")[2]]
        self.address = asks[0].question.address
        self.meeting = Meeting(asks[0], way)
        self.port, self.deadline = self.meeting.port, self.meeting.deadline
        self.replies: dict[Ask, Reply] = {}
        self._zero = time.monotonic()
        self._proven = False
        self._kept = False
        """Others go through the session, so it stays open."""

    def run(self) -> None:
        """Answers every ask. Raises nothing that a host can cause."""
        self._refuse_arguments()
        if not self._open():
            return
        try:
            session = self._proven_session()
            try:
                self._inside(session)
            finally:
                if not self._kept:
                    session.close()
        except Unanswered as why:
            for ask in self._open():
                self._answer(ask, why.no_answer)

    def _refuse_arguments(self) -> None:
        for ask in self.asks:
            refusal = facts.refusal(ask) if ask.question.fact in facts.FACTS else None
            if refusal is not None:
                self._answer(ask, refusal)

    def _open(self) -> list[Ask]:
        return [ask for ask in self.asks if ask not in self.replies]

    def _answer(
        self, ask: Ask, answer: Answer | NoAnswer, data: bytes | None = None, root: str = ""
    ) -> None:
        self.replies[ask] = Reply(
            answer=answer,
            duration_us=int((time.monotonic() - self._zero) * 1_000_000),
            attempts=self.meeting.attempts,
            proven=self._proven,
            raw=None if data is None else raw(data),
            root=root,
        )

    def _answer_fact(self, fact: str, answer: Answer) -> None:
        for ask in self._open():
            if ask.question.fact == fact:
                self._answer(ask, answer)

    # --- who is it ---

    def _proven_session(self) -> Session:
        """A session with the pinned host key. Raises Unanswered: host-key, wrong-site, ..."""
        pins, source = self._pins()
        first: HostKey | None = None
        for session, shown in self.meeting.sessions():
            first = first or shown
            if pins and shown.fingerprint in pins and not self._is_revoked(shown):
                self._proven = True
                self._answer_fact("host-key", shown)
                return session
            session.close()
            if not pins or self._is_revoked(shown):
                raise self._stranger(shown)
        raise _wrong_site(first, pins, source)

    def _is_revoked(self, shown: HostKey) -> bool:
        return shown.fingerprint in self.way.known_hosts.get(REVOKED, frozenset())

    def _pins(self) -> tuple[frozenset[str], str]:
        """The site file's pin, else what the engineer's own known_hosts says (contract 9.7)."""
        if self.host.ssh.host_key:
            return frozenset({self.host.ssh.host_key}), "the site file"
        ip = self.way.addresses.get(self.address, self.address)
        for name in dict.fromkeys((self.address, ip)):
            entry = name if self.port == 22 else f"[{name}]:{self.port}"
            keys = self.way.known_hosts.get(entry)
            if keys:
                return frozenset(keys), "known_hosts"
        return frozenset(), ""

    def _stranger(self, shown: HostKey) -> Unanswered:
        if self._is_revoked(shown):
            detail = f"the host shows {shown.fingerprint}, which known_hosts marks as revoked"
            return Unanswered(UnknownCause.WRONG_SITE, detail)
        self._answer_fact("host-key", shown)
        detail = (
            f"the host shows {shown.fingerprint}, and neither the site file nor known_hosts knows "
            "its key: have it read to you by somebody at the machine, and write it down with "
            "`preflight pin`"
        )
        return Unanswered(UnknownCause.HOST_KEY, detail)

    # --- inside ---

    def _inside(self, session: Session) -> None:
        if not self._open():
            return
        user, secret = self._credential()
        with self.way.login(secret.id, self.thing, self.deadline):
            self._send(_LOGIN)
            method = log_in(session, user, secret)
        self._answer_fact("login", Login(method=method))
        self._keep(session)
        self._ask_facts(session)

    def _keep(self, session: Session) -> None:
        """One login is enough for this host's facts and for everything behind it."""
        name, limits = self.thing.partition(":")[2], self.way.limits
        if is_jump(self.way.site, name):
            self._kept = True
            self.way.passages.keep(name, Jump(name, session, limits.question_s, limits.run_s))

    def _credential(self) -> tuple[str, Secret]:
        ssh = self.host.ssh
        nothing = "the site file names no ssh credential for this host"
        secret = self.way.secret(ssh.credential, nothing)
        user = ssh.user or secret.username
        if not user:
            raise not_asked(f"neither the site file nor {ssh.credential} names an ssh user")
        return user, secret

    def _ask_facts(self, session: Session) -> None:
        wanted = []
        for ask in facts.ordered(self._open()):
            if self.way.send(self.thing, facts.request(ask)):
                wanted.append(ask)
            else:
                self._answer(ask, _not_approved(facts.request(ask)))
        if not wanted:
            return
        token = secrets.token_hex(16)
        output = session.execute(
            facts.COMMAND, facts.script(wanted, token).encode(), facts.last_line(token)
        )
        self._read(output, token, wanted, session)

    def _read(self, output: bytes, token: str, wanted: list[Ask], session: Session) -> None:
        found = facts.frames(output, token)
        answers = facts.read(output, token, wanted, self._missing(output, token, session))
        for ask in wanted:
            frame = found.get(facts.frame_name(ask))
            data = frame.data if frame else output
            self._answer(ask, answers[ask], data, facts.root_of(found))

    def _missing(self, output: bytes, token: str, session: Session) -> NoAnswer:
        if session.wire.fault is not None:
            return session.wire.fault.no_answer
        if self.deadline.passed:
            return self.deadline.too_late("running the facts script").no_answer
        return facts.lacking(output, token)

    def _send(self, request: str) -> None:
        if not self.way.send(self.thing, request):
            raise Unanswered(UnknownCause.NOT_ASKED, _not_approved(request).detail)


def _wrong_site(shown: HostKey | None, pins: frozenset[str], source: str) -> Unanswered:
    pinned = " or ".join(sorted(pins)[:3])
    key = f"{shown.fingerprint} ({shown.algorithm})" if shown else "no key"
    detail = f"the host shows {key}, but {source} pins {pinned}"
    return Unanswered(UnknownCause.WRONG_SITE, detail)


def _not_approved(request: str) -> NoAnswer:
    detail = f"{request} is not part of the approved plan; it was not sent"
    return no_answer(UnknownCause.NOT_ASKED, detail)

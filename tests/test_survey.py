"""The survey asks each question once, never raises, never drops, and spares locked accounts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import (
    Answer,
    Ask,
    Certificate,
    Connected,
    Login,
    NoAnswer,
    Question,
    Route,
    Text,
)
from preflight.files.site import Site
from preflight.plan import route_ask, way_ask
from preflight.probes.base import Limits, Probe, Reply, Secret, Tell, Way
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.redact import hider, redactor
from preflight.survey import Surveyed, survey
from preflight.words import Ended, UnknownCause

Behaviour = Callable[[Ask], Answer | NoAnswer]


def heard(answer: Answer | NoAnswer) -> Answer:
    if isinstance(answer, NoAnswer):
        raise Unanswered(answer.cause, answer.detail)
    return answer


class Scripted(Probe):
    """A probe that answers by a rule: the survey's own seam, no network in between. In `ssh` every
    ask is a login, and takes its turn."""

    def __init__(
        self, protocol: str, scope: Literal["all", "thing"], behaviour: Behaviour, log: list[Ask]
    ) -> None:
        self.protocol, self.scope = protocol, scope
        self._behaviour, self._log = behaviour, log

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        for ask in asks:
            tell(ask, Reply(self._answer(ask, way)))

    def _answer(self, ask: Ask, way: Way) -> Answer | NoAnswer:
        logs_in = ask.question.protocol == "ssh"
        try:
            with way.login("shared", ask.thing, Deadline(30)) if logs_in else nullcontext():
                self._log.append(ask)
                return heard(self._behaviour(ask))
        except Unanswered as why:
            return why.no_answer

    def templates(self, ask: Ask) -> Sequence[str]:
        return (str(ask),)


def site(hosts: int = 3) -> Site:
    permit = {"by": "x, security", "on": "2026-11-01", "from": "2026-11-01", "until": "2026-12-01",
              "networks": ["127.0.0.0/8"]}  # fmt: skip
    data = {
        f"h{n}": {"address": f"127.0.0.{n}", "ssh": {"credential": "shared", "user": "u"}}
        for n in range(1, hosts + 1)
    }
    return Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": permit, "hosts": data}
    )


def way(limits: Limits | None = None) -> Way:
    return Way(
        site=site(), base=Path(), addresses={}, secrets={}, known_hosts={},
        send=lambda *_: True, limits=limits or Limits(),
    )  # fmt: skip


def ssh(host: int, fact: str = "machine-id") -> Ask:
    question = {"protocol": "ssh", "fact": fact, "address": f"127.0.0.{host}", "port": 22}
    return Ask(thing=f"host:h{host}", question=Question.model_validate(question))


def with_ways(*asks: Ask) -> list[Ask]:
    out: list[Ask] = []
    for ask in asks:
        out += [route_ask(ask), *([w] if (w := way_ask(ask)) else []), ask]
    return list(dict.fromkeys(out))


def good(ask: Ask) -> Answer | NoAnswer:
    answers: dict[str, Answer] = {
        "route": Route(source="127.0.0.1"),
        "tcp": Connected(rtt_us=1),
        "ssh": Text(value="x"),
    }
    return answers[ask.question.protocol]


def look(
    asks: Sequence[Ask],
    behaviour: Behaviour = good,
    limits: Limits | None = None,
    stop: threading.Event | None = None,
) -> tuple[Surveyed, list[Ask]]:
    log: list[Ask] = []

    def probe(protocol: str) -> Scripted:
        scope: Literal["all", "thing"] = "thing" if protocol in {"ssh", "http"} else "all"
        return Scripted(protocol, scope, behaviour, log)

    clock = lambda: datetime.now(timezone.utc)  # noqa: E731
    return survey(asks, way(limits), clock, probe, stop=stop), log


def causes(found: Surveyed, protocol: str = "ssh") -> dict[str, UnknownCause | None]:
    return {
        e.thing: e.no_answer.cause if e.no_answer else None
        for e in found.evidence
        if e.question.protocol == protocol
    }


def test_an_answer_that_cannot_be_kept_is_internal_and_not_dropped() -> None:
    """Redaction may make a text longer than a report holds."""

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        return Text.model_construct(value="x" * 5000) if ask.thing == "host:h1" else good(ask)

    asks = [ssh(1), ssh(2)]
    log: list[Ask] = []
    clock = lambda: datetime.now(timezone.utc)  # noqa: E731
    redact = redactor(hider([Secret(id="x", password="xxxx")]))
    found = survey(
        asks, way(), clock, lambda p: Scripted(p, "thing", behaviour, log), redact=redact
    )
    assert causes(found) == {"host:h1": UnknownCause.INTERNAL, "host:h2": None}


def test_each_question_is_asked_once_and_answered() -> None:
    asks = with_ways(ssh(1), ssh(1, "product-uuid"), ssh(2))
    found, log = look(asks)
    assert sorted(map(str, log)) == sorted(map(str, asks))
    assert found.ended is Ended.NORMAL
    assert all(e.answer for e in found.evidence)
    assert {(e.thing, e.question) for e in found.evidence} == {(a.thing, a.question) for a in asks}


def test_a_thing_whose_port_is_silent_is_not_asked() -> None:
    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask.question.protocol == "tcp" and ask.thing == "host:h1":
            return NoAnswer(cause=UnknownCause.TIMEOUT, detail="no answer in 2 s")
        return good(ask)

    found, log = look(with_ways(ssh(1), ssh(2)), behaviour)
    assert causes(found) == {"host:h1": UnknownCause.TIMEOUT, "host:h2": None}
    assert ssh(1) not in log


def test_without_a_route_nothing_is_asked() -> None:
    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask.question.protocol == "route":
            return NoAnswer(cause=UnknownCause.UNREACHABLE, detail="this machine has no route")
        return good(ask)

    found, log = look(with_ways(ssh(1)), behaviour)
    assert causes(found, "tcp") == causes(found) == {"host:h1": UnknownCause.UNREACHABLE}
    assert [a.question.protocol for a in log] == ["route"]


def test_a_bug_in_one_probe_is_internal_and_the_run_goes_on() -> None:
    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask == ssh(1):
            raise ZeroDivisionError("secret text")
        return good(ask)

    found, _ = look(with_ways(ssh(1), ssh(2)), behaviour)
    assert causes(found) == {"host:h1": UnknownCause.INTERNAL, "host:h2": None}
    detail = next(e.no_answer.detail for e in found.evidence if e.no_answer)
    assert detail == "ZeroDivisionError in the ssh probe"


def test_a_hanging_probe_costs_the_run_deadline_and_leaves_not_run() -> None:
    release = threading.Event()

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask == ssh(1):
            release.wait(60)
        return good(ask)

    found, _ = look(with_ways(ssh(1), ssh(2)), behaviour, Limits(run_s=0.5))
    release.set()
    assert found.ended is Ended.TIMEOUT
    assert causes(found)["host:h1"] is UnknownCause.NOT_RUN


def test_stopping_keeps_what_is_known() -> None:
    stop, release = threading.Event(), threading.Event()

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask == ssh(1):
            stop.set()
            release.wait(60)
        return good(ask)

    found, _ = look(with_ways(ssh(1)), behaviour, stop=stop)
    release.set()
    assert found.ended is Ended.INTERRUPTED
    assert causes(found, "tcp") == {"host:h1": None}
    assert causes(found) == {"host:h1": UnknownCause.NOT_RUN}


def test_a_refused_shared_login_is_tried_on_one_thing_only() -> None:
    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask.question.protocol == "ssh":
            return NoAnswer(cause=UnknownCause.AUTH, detail="permission denied")
        return good(ask)

    found, log = look(with_ways(ssh(1), ssh(2), ssh(3)), behaviour)
    tried = {a.thing for a in log if a.question.protocol == "ssh"}
    assert len(tried) == 1
    others = {t: c for t, c in causes(found).items() if t not in tried}
    assert set(others.values()) == {UnknownCause.NOT_ASKED}
    because = {e.no_answer.because for e in found.evidence if e.thing in others and e.no_answer}
    assert because == tried


def test_a_first_look_is_no_login_that_others_may_rely_on() -> None:
    """What a stranger tells anybody opens no gate: the shared login is still tried alone."""

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask.question.protocol == "http":
            return Certificate(sha256="0" * 64)
        if ask.question.protocol == "ssh":
            return NoAnswer(cause=UnknownCause.AUTH, detail="permission denied")
        return good(ask)

    seen = {"protocol": "http", "fact": "certificate"}
    looks = [
        ask.model_copy(update={"question": ask.question.model_copy(update=seen)})
        for ask in map(ssh, (1, 2, 3))
    ]
    found, log = look(with_ways(*looks, *map(ssh, (1, 2, 3))), behaviour)
    assert len({a.thing for a in log if a.question.protocol == "ssh"}) == 1
    assert set(causes(found, "http").values()) == {None}


def test_a_silent_canary_says_nothing_about_the_login() -> None:
    first: list[str] = []

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        if ask.question.protocol == "ssh":
            first.append(ask.thing)
            if ask.thing == first[0]:
                return NoAnswer(cause=UnknownCause.TIMEOUT, detail="silent after the handshake")
            return Login(method="publickey")
        return good(ask)

    found, _ = look(with_ways(*(ssh(n, "login") for n in (1, 2, 3))), behaviour)
    assert sorted(map(str, causes(found).values())) == ["None", "None", "timeout"]


FATES = st.sampled_from(["good", "timeout", "auth", "raise", "forget"])


@settings(deadline=None, max_examples=60)
@given(st.lists(FATES, min_size=1, max_size=5), st.lists(FATES, min_size=1, max_size=5))
def test_every_ask_ends_in_exactly_one_piece_of_evidence(
    tcp_fates: list[str], ssh_fates: list[str]
) -> None:
    asks = with_ways(*(ssh(n) for n in range(1, len(ssh_fates) + 1)))

    def behaviour(ask: Ask) -> Answer | NoAnswer:
        fates = {"tcp": tcp_fates, "ssh": ssh_fates}.get(ask.question.protocol, ["good"])
        fate = fates[(int(ask.thing[-1]) - 1) % len(fates)]
        if fate == "raise":
            raise RuntimeError(fate)
        if fate in {"timeout", "auth"}:
            return NoAnswer(cause=UnknownCause(fate))
        return good(ask)

    found, _ = look(asks, behaviour)
    assert found.ended is Ended.NORMAL
    assert [(e.thing, e.question) for e in found.evidence if e.answer or e.no_answer]
    assert sorted((e.thing, str(e.question)) for e in found.evidence) == sorted(
        (a.thing, str(a.question)) for a in asks
    )


def test_nothing_is_asked_any_more_once_the_run_has_ended() -> None:
    """A login that waits for its turn when the time is up is not made behind the report's back."""
    stop, over, left = threading.Event(), threading.Event(), threading.Event()
    log: list[Ask] = []

    class Slow(Scripted):
        def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
            super().ask(asks, way, tell)
            if len(log) == 2:  # the first opened the way for the others
                stop.set()
                over.wait(60)
            left.set()

    clock = lambda: datetime.now(timezone.utc)  # noqa: E731
    alone = Limits(jobs=1)
    asks = [ssh(n) for n in (1, 2, 3)]
    found = survey(asks, way(alone), clock, lambda p: Slow(p, "thing", good, log), stop=stop)
    workers = [t for t in threading.enumerate() if t.name.startswith("survey")]
    over.set()
    for worker in workers:
        worker.join(60)
    assert found.ended is Ended.INTERRUPTED
    assert left.is_set()
    assert len(log) == 2


def test_a_login_is_ended_before_the_run_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """The logout comes after the last answer; the report's log must hold it."""
    monkeypatch.setattr("preflight.survey.LEAVE_S", 60)
    done = []

    class Polite(Scripted):
        def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
            super().ask(asks, way, tell)
            threading.Event().wait(0.2)
            done.append(way.send("host:h1", "logout"))

    clock = lambda: datetime.now(timezone.utc)  # noqa: E731
    found = survey([ssh(1)], way(), clock, lambda p: Polite(p, "thing", good, []))
    assert done == [True]
    assert found.ended is Ended.NORMAL

"""Many hosts of one credential: the way to a login waits for nobody, a login does."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask, HostKey, NoAnswer, Question
from preflight.files.site import Site
from preflight.probes import probe
from preflight.probes.base import Secret, Way
from preflight.probes.logins import Logins
from preflight.probes.unanswered import Unanswered
from preflight.survey import survey
from preflight.words import UnknownCause

Put = Callable[..., Any]

pytestmark = [pytest.mark.peer("sshd"), pytest.mark.peer("ssh-keygen")]


def void(_: object) -> None:
    """Says nothing."""


def test_a_tarpit_is_met_while_another_has_the_login(
    ask: Put, speak: Callable[[Callable[[socket.socket], None]], int]
) -> None:
    logins, over = Logins(), threading.Event()
    port = speak(lambda _: void(over.wait(30)))
    with logins.turn("site-ssh", "host:other", 30):
        asked = ask(port, "host-key", "login", pin=None, logins=logins, question_s=0.5)
        over.set()
    assert asked.causes == {"timeout"}


def test_a_host_that_waits_is_met_and_gets_no_login(start: Put, ask: Put) -> None:
    server, logins = start("LogLevel VERBOSE"), Logins()
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(Unanswered), logins.turn("site-ssh", "host:other", 30):
            visit = pool.submit(ask, server, "host-key", "login", logins=logins)
            _until(lambda: "Connection from" in server.log)
            raise Unanswered(UnknownCause.AUTH, "wrong password")
        asked = visit.result()
    assert isinstance(asked["host-key"].answer, HostKey)
    said = asked["login"].answer
    assert isinstance(said, NoAnswer)
    assert (said.cause, said.because) == ("not-asked", "host:other")
    assert "SSH login" not in asked.sent
    assert "publickey" not in server.log


def _until(seen: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_wrong_key_is_tried_once_at_twelve_hosts(start: Put, keys: Path) -> None:
    server = start("LogLevel VERBOSE", "MaxStartups 100")
    (pin,) = server.fingerprints.values()
    ssh = {"user": server.user, "credential": "shared", "port": server.port, "host_key": pin}
    permit = {"by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2026-01-02",
              "networks": ["127.0.0.0/8"]}  # fmt: skip
    hosts = {f"h{n}": {"address": "127.0.0.1", "ssh": ssh} for n in range(12)}
    site = Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": permit, "hosts": hosts}
    )
    secret = Secret(id="shared", key=keys / "other")
    local = {"127.0.0.1": "127.0.0.1"}
    way = Way(site, Path(), local, {"shared": secret}, {}, lambda *_: True)
    asks = [
        Ask(
            thing=f"host:{name}",
            question=Question.model_validate(
                {"protocol": "ssh", "fact": fact, "address": "127.0.0.1", "port": server.port}
            ),
        )
        for name in hosts
        for fact in ("host-key", "login")
    ]
    found = survey(asks, way, lambda: datetime.now(timezone.utc), probe)
    ends = Counter(
        (str(e.question.fact), str(e.no_answer.cause) if e.no_answer else "")
        for e in found.evidence
    )
    assert ends == {("host-key", ""): 12, ("login", "auth"): 1, ("login", "not-asked"): 11}
    assert server.log.count("Failed publickey") == 1

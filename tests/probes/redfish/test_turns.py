"""Many BMCs of one credential: one hanging BMC costs one deadline, one wrong password one try."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask, Question
from preflight.files.site import Site
from preflight.plan import route_ask, way_ask
from preflight.probes import probe
from preflight.probes.base import Limits, Secret, Way
from preflight.survey import Surveyed, survey
from preflight.words import Ended

LOOPBACK = "127.0.0.1"
PASSWORD = "hunter2"
SLOWLY = Limits(connect_s=30, question_s=120, run_s=600)
SESSIONS = "/redfish/v1/SessionService/Sessions"


class Mute:
    """Accepts every connection and never says a word."""

    def __init__(self) -> None:
        self._listener = socket.create_server((LOOPBACK, 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.held: list[socket.socket] = []
        self.over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                self.held.append(self._listener.accept()[0])

    def __enter__(self) -> Mute:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        for sock in (*self.held, self._listener):
            sock.close()


@pytest.fixture
def tarpit() -> Iterator[Callable[[], Mute]]:
    with ExitStack() as stack:
        yield lambda: stack.enter_context(Mute())


def look(bmcs: Mapping[str, tuple[int, str]], limits: Limits, password: str = PASSWORD) -> Surveyed:
    """Asks each BMC (name -> port and certificate) for its power, all with one credential."""
    permit = {"by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2026-01-02",
              "networks": ["127.0.0.0/8"]}  # fmt: skip
    hosts = {
        name: {"address": LOOPBACK, "bmc": {"address": LOOPBACK, "port": port,
               "credential": "site-bmc", "tls": {"sha256": sha256}}}
        for name, (port, sha256) in bmcs.items()
    }  # fmt: skip
    site = Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": permit, "hosts": hosts}
    )
    secret = Secret(id="site-bmc", username="preflight", password=password)
    way = Way(site, Path(), {LOOPBACK: LOOPBACK}, {secret.id: secret}, {}, lambda *_: True, limits)
    asks: list[Ask] = []
    for name, (port, _) in bmcs.items():
        question = Question(protocol="redfish", fact="power", address=LOOPBACK, port=port)
        ask = Ask(thing=f"bmc:{name}", question=question)
        asks += [route_ask(ask), *filter(None, [way_ask(ask)]), ask]
    return survey(asks, way, lambda: datetime.now(timezone.utc), probe)


def ends(found: Surveyed) -> dict[str, str]:
    """How each thing's power came out: a cause, or the state."""
    out = {}
    for item in found.evidence:
        if item.question.fact == "power":
            said: Any = item.answer or item.no_answer
            out[item.thing] = str(getattr(said, "cause", None) or said.state)
    return out


def test_a_wrong_password_is_tried_once_at_64_bmcs(bmc: Callable[..., Any]) -> None:
    server = bmc()
    found = look({f"b{n}": (server.port, server.sha256) for n in range(64)}, SLOWLY, "wrong")
    assert server.paths("POST") == [SESSIONS]
    assert Counter(ends(found).values()) == {"auth": 1, "not-asked": 63}
    (canary,) = (thing for thing, end in ends(found).items() if end == "auth")
    answers = [e.no_answer for e in found.evidence if e.question.fact == "power"]
    assert {a.because for a in answers if a and a.cause == "not-asked"} == {canary}
    assert not any("Authorization" in seen.headers for seen in server.seen)


def test_whatever_hangs_costs_one_deadline(
    bmc: Callable[..., Any], tarpit: Callable[[], Mute]
) -> None:
    """Twenty say nothing at all, and one is given the password and says nothing to that. In a row
    they would outlast the run three times."""
    good, undecided, mute, given = bmc(), bmc(), tarpit(), threading.Event()
    bmcs = {f"mute{n}": (mute.port, "0" * 64) for n in range(20)}
    bmcs |= {f"good{n}": (good.port, good.sha256) for n in range(5)}
    bmcs["undecided"] = (undecided.port, undecided.sha256)

    def hang(handler: Any) -> None:
        given.set()
        mute.over.wait(60)
        handler.close_connection = True

    def wait_for_it(handler: Any) -> None:
        given.wait(60)
        handler.answer(200, good.tree[""])

    undecided.odd["/SessionService/Sessions"] = hang
    good.odd[""] = wait_for_it
    found = look(bmcs, Limits(question_s=10, run_s=60))
    assert found.ended is Ended.NORMAL
    assert Counter(ends(found).values()) == {"timeout": 21, "On": 5}
    assert ends(found)["bmc:undecided"] == "timeout"
    assert len(mute.held) >= 40, "every one was met: for its port, and for its question"

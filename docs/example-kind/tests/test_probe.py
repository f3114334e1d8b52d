"""What upsd says becomes a reading, and whatever else comes a cause."""

from __future__ import annotations

import pytest
from preflight.evidence import NoAnswer, Reading
from preflight.kinds.base import Subject

from example_ups.kind import Parameters, UpsOnMains
from example_ups.probe import NutProbe


def test_a_ups_that_tells_everything(upsd, ask) -> None:
    upsd.tells("ups.status", "OL CHRG")
    upsd.tells("battery.charge", "97")
    answer = ask(upsd.port).answer
    assert isinstance(answer, Reading)
    assert (answer.get("ups.status"), answer.get("battery.charge")) == ("OL CHRG", "97")


def test_it_sends_what_it_announces_and_no_more(upsd, ask) -> None:
    from conftest import CONTEXT

    ask(upsd.port)
    kind = UpsOnMains(Parameters(port=upsd.port))
    announced = NutProbe().templates(kind.asks(Subject("host", "db1"), CONTEXT)[0])
    assert upsd.asked == list(announced)


def test_a_variable_that_it_does_not_have(upsd, ask) -> None:
    upsd.tells("ups.status", "OL")
    assert ask(upsd.port).answer.get("battery.charge") is None


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        (b"ERR ACCESS-DENIED\n", "permission"),
        (b"ERR UNKNOWN-UPS\n", "missing-attribute"),
        (b"ERR SOMETHING-NEW\n", "unsupported"),
        (b"220 mail.example ESMTP\n", "parse"),
        (b'VAR other ups.status "OL"\n', "parse"),
        (b"x" * 5000, "parse"),
    ],
)
def test_what_is_no_answer(upsd, ask, line, cause) -> None:
    upsd.answers["GET VAR ups ups.status"] = line
    answer = ask(upsd.port).answer
    assert isinstance(answer, NoAnswer)
    assert answer.cause == cause


def test_nobody_listens(upsd, ask) -> None:
    upsd.server.shutdown()
    upsd.server.server_close()
    assert ask(upsd.port).answer.cause == "refused"


def test_control_characters_do_not_reach_people(upsd, ask) -> None:
    upsd.tells("ups.status", "OL\x1b[2J")
    assert "\x1b" not in ask(upsd.port).answer.get("ups.status")

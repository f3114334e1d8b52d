"""Every request is announced, logged, and held to an approval."""

from __future__ import annotations

import pytest

from preflight.commands import RequestLog, commands_digest
from preflight.report import Request

ANNOUNCED = (
    Request(thing="bmc:db1", request="GET /redfish/v1/Systems/{system}"),
    Request(thing="host:db1", request="TCP connect 127.0.0.1:22"),
)


@pytest.mark.parametrize(
    ("thing", "request_", "known"),
    [
        ("host:db1", "TCP connect 127.0.0.1:22", True),
        ("bmc:db1", "GET /redfish/v1/Systems/437XR1138R2", True),
        ("bmc:db1", "GET /redfish/v1/Systems/1/Actions/Reset", False),
        ("bmc:db1", "GET /redfish/v1/Systems/", False),
        ("bmc:db1", "POST /redfish/v1/Systems/1", False),
        ("bmc:db2", "GET /redfish/v1/Systems/1", False),
        ("host:db1", "TCP connect 127.0.0.1:23", False),
    ],
)
def test_a_template_segment_is_exactly_one_segment(thing: str, request_: str, known: bool) -> None:
    free, held = RequestLog(ANNOUNCED), RequestLog(ANNOUNCED, approved="0" * 64)
    assert free.send(thing, request_)
    assert free.commands(str).other == (0 if known else 1)
    assert held.send(thing, request_) is known
    assert held.commands(str).other == 0
    assert held.commands(str).sent == (1 if known else 0)


def test_the_digest_is_of_the_set_and_not_of_its_order() -> None:
    assert commands_digest(ANNOUNCED) == commands_digest(ANNOUNCED[::-1])
    assert commands_digest(ANNOUNCED) != commands_digest(ANNOUNCED[:1])


def test_after_the_end_nothing_is_sent_that_the_report_does_not_hold() -> None:
    log = RequestLog(ANNOUNCED)
    assert log.send("host:db1", "TCP connect 127.0.0.1:22")
    log.close()
    assert not log.send("host:db1", "TCP connect 127.0.0.1:22")
    assert log.commands(str).sent == 1


def test_what_a_link_made_us_ask_is_cleaned_and_what_was_announced_stays() -> None:
    """Else the log told which announced word is the password."""
    log = RequestLog([*ANNOUNCED, Request(thing="bmc:db1", request="GET /redfish/v1/Systems")])
    for path in ("Systems", "Systems/Systems"):
        assert log.send("bmc:db1", f"GET /redfish/v1/{path}")
    kept = log.commands(lambda text: text.replace("Systems", "[secret]")).log
    assert [request.request for request in kept] == [
        "GET /redfish/v1/Systems", "GET /redfish/v1/[secret]/[secret]",
    ]  # fmt: skip

"""IPMI, Redfish and SNMP at one site: nobody waits for another's protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.kinds import asks
from preflight.plan import ways_to
from preflight.probes import probe
from preflight.probes import snmp_ber as ber
from preflight.probes.base import Limits, Secret, Way
from preflight.survey import survey
from tests.probes.ipmi.conftest import Peer
from tests.probes.redfish.conftest import (  # noqa: F401 - `bmc` is a fixture, and wants the other
    bmc,
    certificates,
)
from tests.probes.snmp.conftest import COMMUNITY, answering, row

LOOPBACK = "127.0.0.1"
PATIENCE_S = 60
CHASSIS_STATUS = (0x00, 0x01)


class Meeting:
    """Whoever is asked answers only when all three are being asked."""

    def __init__(self) -> None:
        self._asked = {name: threading.Event() for name in ("ipmi", "redfish", "snmp")}

    def at(self, name: str) -> bool:
        """Whether all came."""
        self._asked[name].set()
        return all(event.wait(PATIENCE_S) for event in self._asked.values())


@pytest.fixture
def meeting() -> Meeting:
    return Meeting()


@pytest.fixture
def by_ipmi(meeting: Meeting) -> Iterator[int]:
    def status(_: bytes) -> bytes:
        return b"\0\x01\0\0" if meeting.at("ipmi") else b"\xc0"

    peer = Peer(answers={CHASSIS_STATUS: status})
    port = peer.start()
    yield port
    peer.stop()


@pytest.fixture
def by_snmp(meeting: Meeting) -> Iterator[int]:
    def rows(oid: tuple[int, ...], _: int) -> list[bytes]:
        return [row(oid, ber.tlv(ber.Missing.NO_SUCH_OBJECT.value))] if meeting.at("snmp") else []

    with answering(rows) as port:
        yield port


def _site(redfish: Any, ipmi: int, snmp: int) -> Site:
    permit = {"by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2026-01-02",
              "networks": ["127.0.0.0/8"]}  # fmt: skip
    ours = {"address": LOOPBACK, "port": redfish.port, "credential": "bmc",
            "tls": {"sha256": redfish.sha256}}  # fmt: skip
    theirs = {"address": LOOPBACK, "protocol": "ipmi", "ipmi": {"port": ipmi}, "credential": "bmc"}
    by_2c = {"port": snmp, "version": "2c", "credential": "open"}
    return Site.model_validate(
        {
            "site": "s", "customer": "c", "profile": "p", "authorised": permit,
            "hosts": {"db1": {"address": LOOPBACK, "bmc": ours},
                      "db2": {"address": LOOPBACK, "bmc": theirs}},
            "pdus": {"pdu-1": {"address": LOOPBACK, "snmp": by_2c}},
        }
    )  # fmt: skip


def _asks(site: Site) -> list[Ask]:
    bmcs = [asks.bmc(name, host.bmc, "power") for name, host in site.hosts.items() if host.bmc]
    wanted = [*bmcs, asks.device("pdu", "pdu-1", site.pdus["pdu-1"], "outlets")]
    return list(dict.fromkeys(a for ask in wanted for a in (*ways_to(ask, site), ask)))


def test_three_protocols_are_asked_side_by_side(
    meeting: Meeting,
    bmc: Callable[..., Any],  # noqa: F811 - the fixture
    by_ipmi: int,
    by_snmp: int,
) -> None:
    redfish = bmc()

    def system(handler: Any) -> None:
        handler.answer(200 if meeting.at("redfish") else 503, redfish.tree["/Systems/1"])

    redfish.odd["/Systems/1"] = system
    site = _site(redfish, by_ipmi, by_snmp)
    secrets = {
        "bmc": Secret("bmc", username="preflight", password="hunter2"),
        "open": Secret("open", password=COMMUNITY),
    }
    limits = Limits(connect_s=30, question_s=120, run_s=200)
    way = Way(site, Path(), {LOOPBACK: LOOPBACK}, secrets, {}, lambda *_: True, limits)
    found = survey(_asks(site), way, lambda: datetime.now(timezone.utc), probe)
    told = {e.thing: e for e in found.evidence if e.question.fact in ("power", "outlets")}
    for thing in ("bmc:db1", "bmc:db2"):
        assert getattr(told[thing].answer, "state", None) == "On", told[thing]
    assert told["pdu:pdu-1"].attempts >= 1
    assert meeting.at("snmp")

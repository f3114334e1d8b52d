"""What is announced, granted and excepted where devices are asked by SNMP. No peer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from preflight import access_snmp
from preflight.errors import RefusedError
from preflight.evidence import Ask
from preflight.exceptions import exceptions_of
from preflight.kinds.base import Replies
from preflight.permission import refuse_shared
from preflight.probes import probe
from preflight.probes.snmp_facts import REQUESTS
from tests.probes.snmp.conftest import World

FACTS = tuple(REQUESTS)


def granted(world: World, *facts: Any) -> Sequence[access_snmp.SnmpAccess]:
    asked: dict[str, list[Ask]] = {}
    for ask in world.asks(facts):
        if ask.question.protocol == "snmp":
            asked.setdefault(ask.thing, []).append(ask)
    return access_snmp.access(world.site, asked)


@pytest.mark.parametrize("fact", [fact for fact in FACTS if fact != "presence"])
def test_the_view_is_what_is_asked(world: World, fact: str) -> None:
    """Every announced object lies in the view, and the view holds nothing that is not announced."""
    world.add("pdu:a", 161)
    (row,) = granted(world, fact)
    (ask,) = (a for a in world.asks([fact]) if a.question.fact == fact)
    templates = probe("snmp").templates(ask)
    announced = {t.split()[2].removesuffix(".{index}") for t in templates if "discovery" not in t}
    assert set(row.view) == announced


def test_what_to_grant(world: World) -> None:
    world.add("pdu:a", 161)
    world.add("pdu:b", 161, address="127.0.0.2")
    world.add("ups:c", 1161, version="2c")
    three, two = granted(world, "login")
    assert three.devices == ("pdu:a", "pdu:b")
    assert (three.auth, three.privacy, three.view) == ("sha256", "aes128", ("1.3.6.1.2.1.1.3.0",))
    assert (two.version, two.auth, two.privacy) == ("2c", None, None)
    assert "authPriv" in "\n".join(access_snmp.lines(three, ""))
    text = "\n".join(access_snmp.lines(two, "198.51.100.7"))
    assert "for 198.51.100.7 alone" in text
    assert "authPriv" not in text


def test_the_presence_alone_needs_no_user(world: World) -> None:
    world.add("pdu:a", 161)
    assert granted(world, "presence") == ()


def test_a_community_is_announced(world: World) -> None:
    world.add("pdu:a", 161, version="2c")
    world.add("pdu:b", 1161)
    first = [probe("snmp").templates(a) for a in world.asks(["presence"]) if a.question.port]
    assert first == [
        ("SNMP 2c community in the clear", "SNMP GET 1.3.6.1.2.1.1.3.0"),
        ("SNMP engine discovery",),
    ]


def test_page_1_names_version_2c(world: World) -> None:
    world.add("pdu:a", 161, version="2c")
    world.add("pdu:b", 161, address="127.0.0.2")
    (sentence,) = exceptions_of(world.site, Replies(()))
    assert sentence.startswith("pdu:a: asked by SNMP version 2c")


def test_two_names_of_one_pdu_are_refused(world: World) -> None:
    """Two feeds from one PDU would be one feed."""
    world.add("pdu:a", 161)
    world.add("pdu:b", 161, address="localhost")
    with pytest.raises(RefusedError, match="PDU b resolves to the same address as PDU a"):
        refuse_shared(world.site, {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1"})

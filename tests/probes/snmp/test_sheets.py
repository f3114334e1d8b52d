"""What is announced, granted and excepted where devices are asked by SNMP. No peer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from preflight import access_snmp
from preflight.errors import InputError, RefusedError
from preflight.evidence import Ask
from preflight.exceptions import exceptions_of
from preflight.files.credentials import resolve_credentials
from preflight.kinds.base import Replies, Subject
from preflight.permission import refuse_shared
from preflight.plan import select
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


SORTS = ("pdu", "ups", "ats", "switch")


@pytest.mark.parametrize("sort", SORTS)
def test_page_1_names_version_2c(world: World, sort: str) -> None:
    world.add(f"{sort}:a", 161, version="2c")
    world.add(f"{sort}:b", 161, address="127.0.0.2")
    (sentence,) = exceptions_of(world.site, Replies(()))
    assert sentence.startswith(f"{sort}:a: asked by SNMP version 2c")


WORDS = ("PDU", "UPS", "transfer switch", "switch")
SECTIONS = ("pdus", "ups", "ats", "switches")


@pytest.mark.parametrize(("sort", "word"), [*zip(SORTS, WORDS, strict=True)])
def test_two_names_of_one_device_are_refused(world: World, sort: str, word: str) -> None:
    """Two feeds from one PDU would be one feed, and two cables to one switch one cable."""
    world.add(f"{sort}:a", 161)
    world.add(f"{sort}:b", 161, address="localhost")
    with pytest.raises(RefusedError, match=f"{word} b resolves to the same address as {word} a"):
        refuse_shared(world.site, {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1"})


@pytest.mark.parametrize(("sort", "section"), [*zip(SORTS, SECTIONS, strict=True)])
def test_a_device_gets_only_the_credential_that_is_meant_for_it(
    world: World, tmp_path: Path, sort: str, section: str
) -> None:
    file = tmp_path / "credentials.yaml"
    world.add(f"{sort}:a", 161)
    for site, said in (("s", ""), ("another", "snmp"), (None, f"{section}.a.snmp of s names it")):
        bound = {"site": site, "networks": ["127.0.0.0/8"], "password": "env:NO_SUCH_VARIABLE"}
        file.write_text(json.dumps({"snmp": bound} if site else {}))
        file.chmod(0o600)
        with pytest.raises(InputError) as caught:
            resolve_credentials(world.site, {}, file, lambda _: "")
        assert said in str(caught.value)


@pytest.mark.parametrize("sort", ["pdu", "ups", "switch"])
def test_what_a_selector_names(world: World, sort: str) -> None:
    world.add(f"{sort}:b", 161)
    world.add(f"{sort}:a", 162)
    one, other = Subject(sort, "a"), Subject(sort, "b")  # type: ignore[arg-type]
    assert select(world.site, "all", {sort}) == (one, other)
    assert select(world.site, f"{sort}:b", {sort}) == (other,)
    assert select(world.site, f"{sort}:c", {sort}) == ()
    assert select(world.site, "all", {"site"}) == (Subject("site", "s"),)

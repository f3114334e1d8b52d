"""The real command line at a site with two servers that back each other up: each thing that may
be wrong with them, alone, and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.lab.redundancy.pair import PairLab
from tests.lab.redundancy.telling import (
    APART,
    CLAIMS,
    PROFILE,
    UPLINKS,
    answers,
    first_cause,
    not_passed,
)
from tests.lab.redundancy.wiring import WELL, Wiring
from tests.lab.world.lab import Result

GO, NO_GO, NOT_PROVEN = 0, 3, 4
Changes = Mapping[str, Any]


OWNER = {"redundancy/apart": "facility", "redundancy/two-switches": "network"}
"""Who has to clear it."""
WHO = {"facility": "the customer's facility team", "network": "the customer's network team"}


@dataclass(frozen=True)
class Story:
    """What is wrong, and what the engineer reads."""

    exit: int
    wrong: Mapping[str, str] = field(default_factory=dict)
    """All that did not pass: `CHECK@SUBJECT dimension` -> `fail`, or why it is unknown."""
    says: tuple[str, ...] = ()
    """Sentences on the screen, whatever its width."""
    wiring: Wiring = WELL
    site: Changes = field(default_factory=dict)
    """Laid over the site file, which tells `WELL`."""
    checks: tuple[Changes, ...] = ()
    """Beside those of `PROFILE`."""


MUTE = WELL.server("db1", may_ask_lldp=False)
STORIES = {
    "all is well": Story(
        GO,
        says=("switch:sb: asked by SNMP version 2c",),
    ),
    "one rack is claimed for both": Story(
        NO_GO,
        {f"{APART} rack": "fail", f"{APART} hall": "fail"},
        ("db1 and db2 share rack N1 (said by the site file)", "failed, only said"),
        site={"hosts": {"db2": {"hall": "north", "rack": "N1", "unit": "40"}}},
    ),
    "two racks are claimed, and both are blades of one box": Story(
        NO_GO,
        {f"{APART} {dimension}": "fail" for dimension in ("chassis", "rack", "hall")},
        ("db1 and db2 sit in one enclosure (serial ENC7700042)", "failed, seen"),
        WELL.blades("ENC7700042", "db1", "db2"),
    ),
    "both cables of one server end at one switch": Story(
        NO_GO,
        {f"{UPLINKS}db1 switch": "fail"},
        ("both cables of db1 end at switch sa", "The server hangs on one access switch alone"),
        WELL.server("db1", cables=("sa", "sa")),
    ),
    "a server that backs up none has both on one switch, too": Story(
        NO_GO,
        {f"{UPLINKS}media1 switch": "fail"},
        ("both cables of media1 end at switch sa", "server media1"),
        checks=({"check": "redundancy/two-switches", "on": "role:media"},),
    ),
    "the pair hangs on one switch": Story(
        NO_GO,
        {
            f"{APART} switch": "fail",
            f"{UPLINKS}db1 switch": "fail",
            f"{UPLINKS}db2 switch": "fail",
        },
        (
            "db1 and db2 are both on switch sa",
            "the one cable of db1 ends at switch sa",
            "the one cable of db2 ends at switch sa",
        ),
        WELL.server("db1", cables=("sa", None)).server("db2", cables=("sa", None)),
    ),
    "two addresses lead to one machine": Story(
        NO_GO,
        {
            **{f"{APART} {d}": "fail" for d in ("machine", "chassis", "rack", "hall")},
            f"{CLAIMS} claims": "contradiction",
        },
        (
            "db1 and db2 are one machine",
            "bmc:db1 and bmc:db2 tell of one system (CZ210001)",
            "serial of db2: the site file says CZ210002, bmc:db2 says CZ210001",
        ),
        WELL.one_machine("db1", "db2"),
    ),
    "both hang on one PDU in the drawing": Story(
        NO_GO,
        {f"{APART} pdu": "fail", f"{APART} feed": "fail"},
        ("db1 and db2 share PDU pdu-n-a (said by the site file)",),
        site={"hosts": {"db2": {"outlets": [{"pdu": "pdu-n-a", "outlet": 3}]}}},
    ),
    "both feeds of one server come from one PDU": Story(
        NOT_PROVEN,
        {f"{CLAIMS} claims": "contradiction"},
        ("pdu-n-a and pdu:pdu-n-b tell one serial number (5A31E00017): they are one device",),
        Wiring(WELL.truth, one_pdu=True),
        checks=({"check": "power/two-feeds", "on": "host:db1"},),
    ),
    "the drawing names another switch than LLDP": Story(
        NOT_PROVEN,
        {
            f"{APART} switch": "contradiction",
            f"{UPLINKS}db1 switch": "contradiction",
            f"{CLAIMS} claims": "contradiction",
        },
        ("site file says switch sb, host:db1 says switch sa, switch:sa says switch sa",),
        site={"links": [{"from": "host:db1", "to": "switch:sb"}]},
    ),
    "our login may not ask for neighbours": Story(
        NOT_PROVEN,
        {f"{APART} switch": "permission", f"{UPLINKS}db1 switch": "permission"},
        ("nothing shows which access switches db1 hangs on", "lldpctl"),
        MUTE,
        site={"links": [], "switches": {"sa": {"snmp": None}, "sb": {"snmp": None}}},
    ),
    "it may not, and the switches tell": Story(
        GO,
        wiring=MUTE,
        site={"switches": {"sb": {"snmp": {"credential": "site-snmp", "version": "3"}}}},
    ),
}


@pytest.fixture(scope="module")
def told(pair: PairLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Result]]:
    """Every story run: those of one wiring beside each other, for they mostly wait."""
    at = tmp_path_factory.mktemp("stories")
    results: dict[str, Result] = {}
    with ThreadPoolExecutor(4) as pool:
        for wiring in dict.fromkeys(story.wiring for story in STORIES.values()):
            pair.flip(wiring)
            names = [name for name, story in STORIES.items() if story.wiring == wiring]
            runs = {name: pool.submit(_run, pair, at / str(n + len(results)), STORIES[name])
                    for n, name in enumerate(names)}  # fmt: skip
            results |= {name: run.result() for name, run in runs.items()}
    yield results
    pair.flip(WELL)


def _run(lab: PairLab, folder: Path, story: Story) -> Result:
    checks = [*PROFILE["checks"], *story.checks]
    return lab.run(lab.files(folder, site=story.site, profile={**PROFILE, "checks": checks}))


@pytest.mark.parametrize("name", STORIES)
def test_what_is_wrong_is_said(told: Mapping[str, Result], name: str) -> None:
    story, result = STORIES[name], told[name]
    assert not_passed(result.report) == story.wrong, result.said
    assert result.rc == story.exit, result.said
    screen = " ".join(result.stdout.split())
    for sentence in story.says:
        assert sentence in screen, result.said
    assert result.report["run"]["ended"] == "normal"
    if story.wrong:
        root, owner = first_cause(result.report)
        assert f"{root} " in " ".join([*story.wrong, ""])
        assert owner == OWNER.get(root.partition("@")[0], owner)
        assert f"who {WHO.get(owner, '')}" in screen


def test_every_view_of_a_cable_is_the_same(told: Mapping[str, Result]) -> None:
    """By LLDP-MIB, of version 3 and of 2c, and by lldpctl."""
    for name in ("all is well", "the pair hangs on one switch"):
        evidence = answers(told[name].report, "neighbours")
        heard = STORIES[name].wiring.heard()
        for thing in ("switch:sa", "switch:sb", "host:db1", "host:db2"):
            answer, who = evidence[thing]["answer"], thing.partition(":")[2]
            assert {n["port"]: n["system_name"] for n in answer["neighbours"]} == heard[who], name
            assert answer["system_name"] == who
            assert evidence[thing]["proven"] is (thing != "switch:sb")


# --- the truth itself ----------------------------------------------------------------------------


def test_one_truth_follows_from_the_cables() -> None:
    assert WELL.heard()["db1"] == {"eth0": "sa", "eth1": "sb"}
    assert WELL.heard()["sa"] == {"swp1": "db1", "swp3": "db2", "swp5": "media1", "swp6": "media1"}
    moved = WELL.server("db1", cables=("sb", None)).heard()
    assert moved["db1"] == {"eth0": "sb"}
    assert (moved["sa"].get("swp1"), moved["sb"]["swp1"]) == (None, "db1")
    alone = WELL.one_machine("db1", "db2").heard()
    assert "db2" not in alone
    assert "swp3" not in alone["sa"]

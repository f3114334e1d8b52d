"""`explain`: every id that the program says has a meaning, and a wrong one a suggestion."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from preflight.exits import Exit
from preflight.explaining import Explanation, explanations
from preflight.files.library import library
from preflight.kinds import KINDS
from preflight.meanings import ASSURANCES, CAUSES, SEVERITIES
from preflight.reasons import REASONS, UNCHECKED
from preflight.render.explained import explained
from preflight.shipped import shipped
from preflight.text import shown
from preflight.words import Assurance, Owner, Severity, Stage, UnknownCause
from tests.cli.person import Person

ROOT = Path(__file__).parents[2]
KNOWN = explanations(library())
CHECKS = {p.relative_to(shipped("checks")).with_suffix("").as_posix()
          for p in shipped("checks").rglob("*.yaml")}  # fmt: skip


def ids(sort: str) -> set[str]:
    return {one.id for one in KNOWN if one.sort == sort}


def test_everything_that_has_an_id_is_explained() -> None:
    assert ids("check") == CHECKS
    assert ids("kind") == set(KINDS)
    assert ids("profile") == {p.stem for p in shipped("profiles").glob("*.yaml")}
    assert ids("cause") == set(map(str, UnknownCause))
    assert ids("reason") == set(REASONS)
    assert ids("not checked") == set(UNCHECKED)
    assert ids("exit") == {str(code.value) for code in Exit}
    for sort, words in (
        ("assurance", Assurance), ("severity", Severity), ("owner", Owner), ("stage", Stage),
    ):  # fmt: skip
        assert ids(sort) == {str(word) for word in words}


@pytest.mark.parametrize("one", KNOWN, ids=lambda one: f"{one.sort}-{one.id}")
def test_each_says_something(one: Explanation, person: Person) -> None:
    assert one.what.strip()
    assert all(label and text.strip() for label, text in one.rows)
    done = person.call("explain", one.id)
    assert (done.rc, done.err) == (0, "")
    assert f"{one.id} ({one.sort})\n" in done.out
    words = " ".join(done.out.split())
    assert all(" ".join(text.split()) in words for text in (one.what, *(t for _, t in one.rows)))
    assert max(map(len, done.out.splitlines())) <= 100


def test_a_check_says_what_why_how_and_what_to_do(person: Person) -> None:
    out = person.call("explain", "power/powered-on").out
    for words in (
        "The server is powered on", "Nothing can be installed on a server without power",
        "said by as many independent controllers", "sources: 2", "facility", "base-servers",
        "Ask the person responsible", "the dark hall",
        "    checks:\n      - check: power/powered-on",
    ):  # fmt: skip
        assert words in out


def test_a_finding_of_a_report_explains_its_check(person: Person) -> None:
    alone = person.call("explain", "power/powered-on")
    assert person.call("explain", "power/powered-on@host:db1") == alone


def test_one_word_may_mean_several_things(person: Person) -> None:
    found = json.loads(person.call("explain", "internal", "--json").out)
    assert [one["sort"] for one in found] == ["cause", "reason"]


@pytest.mark.parametrize(
    ("word", "near"),
    [("power/powerd-on", "power/powered-on"), ("time-out", "timeout"), ("seperated", "separated"),
     ("power/powerd-on@host:db1", "power/powered-on")],
)  # fmt: skip
def test_did_you_mean(person: Person, word: str, near: str) -> None:
    done = person.call("explain", word)
    assert (done.rc, done.out) == (2, "")
    assert f'did you mean "{near}"?' in done.err


@pytest.mark.parametrize("word", ["xyzzy", "", "@", "\x1b[2J", "a" * 5000, "../../etc/passwd"])
def test_what_nobody_knows_is_exit_2(person: Person, word: str) -> None:
    done = person.call("explain", word)
    assert (done.rc, done.out) == (2, "")
    assert len(done.err) < 400
    assert shown(done.err) == done.err


def test_the_list_has_everything_and_its_json_too(person: Person) -> None:
    done = person.call("explain")
    assert done.rc == 0
    for one in KNOWN:
        assert re.search(rf"^  {re.escape(one.id)} ", done.out, re.MULTILINE), one.id
    rows: list[dict[str, Any]] = json.loads(person.call("explain", "--json").out)
    assert [(row["sort"], row["id"]) for row in rows] == [(one.sort, one.id) for one in KNOWN]


def test_own_checks_are_explained_and_win(person: Person) -> None:
    folder = person.folder / "own"
    (folder / "power").mkdir(parents=True)
    body = "kind: reachable\nowner: network\nwhy: Because.\nremedy: Ask somebody.\n"
    (folder / "power" / "powered-on.yaml").write_text(f"title: Ours\n{body}", "utf-8")
    (folder / "power" / "more.yaml").write_text(f"title: More\n{body}", "utf-8")
    out = person.call("explain", "power/powered-on", "--checks", folder).out
    assert "  Ours\n" in out
    assert "    on: all" in out
    assert person.call("explain", "power/more", "--checks", folder).rc == 0
    assert person.call("explain", "power/more").rc == 2
    assert person.call("explain", "auth", "--checks", folder / "none").rc == 2


def test_the_contract_has_the_same_meanings() -> None:
    text = (ROOT / "docs" / "contract.md").read_text("utf-8").split("## 4. Files")[0]
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", text, re.MULTILINE))
    for meanings in (CAUSES, ASSURANCES):
        assert {str(w): rows.get(str(w)) for w in meanings} == {
            str(w): m for w, m in meanings.items()
        }
    prose = " ".join(text.split())
    assert all(f"`{word}` ({meaning})" in prose for word, meaning in SEVERITIES.items())


def test_it_fits_a_narrow_terminal() -> None:
    text = explained(KNOWN, 50)
    longest = max(len(word) for one in KNOWN for _, t in one.rows for word in t.split())
    lines = [line for line in text.splitlines() if not line.startswith("    ")]
    assert max(map(len, lines)) <= max(50, longest + 12)

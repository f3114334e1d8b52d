"""Links lead somewhere, examples load, tables and words are those of the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.exits import Exit
from preflight.files.lint import lint
from preflight.kinds import KINDS
from preflight.words import (
    Assurance,
    BuildClass,
    Controller,
    Decision,
    Dimension,
    Ended,
    Outcome,
    Owner,
    Severity,
    Stage,
    UnknownCause,
    Word,
)

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:preflight|tests|docs|checks|profiles)/[A-Za-z0-9_./-]*)`")
_NAME = re.compile(r"# (\S+\.yaml)\b.*\n")
WORDS = (Assurance, BuildClass, Controller, Decision, Dimension, Ended, Outcome, Owner, Severity,
         Stage, UnknownCause)  # fmt: skip
ELSEWHERE = {"checks/reach/voice-gateway-answers.yaml", "preflight/credentials.yaml"}
"""Files that a reader is told to write, and the engineer's own."""


def _anchor(heading: str) -> str:
    """As GitHub makes it."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower().strip()).replace(" ", "-")


def test_links_lead_somewhere(page: Any) -> None:
    for link in _LINK.findall(page.prose):
        if link.startswith(("https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (page.path.parent / name).resolve() if name else page.path
        assert target.exists(), link
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), link


def test_paths_exist(page: Any, root: Path) -> None:
    for path in _PATH.findall(page.prose):
        assert (root / path).exists() or path in ELSEWHERE or "NAME" in path, path


def test_blocks_say_what_they_are(page: Any) -> None:
    """A YAML block that is no complete file is called a fragment, so nothing goes untested."""
    assert page.sorts <= {"", "sh", "text", "yaml", "yaml fragment"}


def test_complete_examples_load(page: Any, tmp_path: Path) -> None:
    written = []
    for number, block in enumerate(page.blocks("yaml")):
        name = match[1] if (match := _NAME.match(block)) else f"{number}.yaml"
        file = tmp_path / name
        assert not file.exists(), f"{name} stands twice on the page"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block, "utf-8")
        file.chmod(0o600)
        written.append(file)
    assert [str(problem) for problem in lint(written)] == []


def test_fragments_are_yaml(page: Any) -> None:
    for block in page.blocks("yaml fragment"):
        assert isinstance(yaml.safe_load(block), dict)


@pytest.mark.parametrize("name", ["README", "contract"])
def test_table_of_exit_codes_is_the_code(name: str, docs: dict[str, Any]) -> None:
    section = docs[name].text.split("# Exit codes\n")[1].split("\n#")[0]
    rows = dict(re.findall(r"^\| (\d+) \| (.+) \|$", section, re.MULTILINE))
    assert {int(code) for code in rows} == set(Exit)
    for code, word in {0: "go", 1: "internal", 3: "no-go", 4: "not proven", 5: "not genuine",
                       130: "interrupted"}.items():  # fmt: skip
        assert word in rows[str(code)]


def test_both_tables_of_exit_codes_are_one(docs: dict[str, Any]) -> None:
    tables = [
        re.findall(
            r"^\| \d+ \|.*$", docs[name].text.split("# Exit codes\n")[1].split("\n#")[0], re.M
        )
        for name in ("README", "contract")
    ]
    assert tables[0] == tables[1]


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words.__name__)
def test_contract_knows_every_word(words: type[Word], docs: dict[str, Any]) -> None:
    text = docs["contract"].text
    missing = [
        str(word) for word in words if f"`{word}`" not in text and f"{word}" not in _lists(text)
    ]
    assert missing == []


def _lists(text: str) -> set[str]:
    """Words in YAML examples: `by: [machine, rack]`."""
    return {
        word.strip() for inner in re.findall(r": \[([^\]]*)\]", text) for word in inner.split(",")
    }


def test_contract_has_a_meaning_for_every_cause(docs: dict[str, Any]) -> None:
    for cause in UnknownCause:
        assert re.search(rf"^\| `{cause}` \| \S.{{10,}} \|$", docs["contract"].text, re.MULTILINE)


@pytest.mark.parametrize("name", ["contract", "writing-a-check"])
def test_every_kind_is_named(name: str, docs: dict[str, Any]) -> None:
    for kind in KINDS.values():
        assert f"`{kind.name}`" in docs[name].text
    table = docs["writing-a-check"].text
    for kind in KINDS.values():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{kind.name}` |"))
        fields = kind.Parameters.model_fields.items()
        assert all(f"`{field.alias or key}`" in row for key, field in fields)


def test_pages_speak_of_the_project_alone(page: Any) -> None:
    assert not re.search(r"(?<![A-Za-z0-9_.])/(work|root|tmp|home)/", page.text)

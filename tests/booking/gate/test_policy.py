"""The policy file: read strictly, and nothing goes without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from preflight.booking.policy import NoPolicyError, read_policy
from preflight.cli import cli
from preflight.cli.edge import run_command
from preflight.errors import NotGenuine, PreflightError
from preflight.files.lint import lint
from preflight.files.policy import Second
from preflight.files.schema import schema
from preflight.signing import folder
from preflight.words import Stage

LINES = (
    "policy: one\nstages:\n"
    "  book: {second: none, max_age: 30d}\n"
    "  commit: {second: key, max_age: 7d}\n"
    "  depart: {second: vantage, max_age: 72h}\n"
)


def test_the_one_that_init_writes(firm: Any) -> None:
    (firm.trust / folder.POLICY).unlink()
    path = folder.write_policy(firm.trust)
    assert lint([path]) == []
    policy = read_policy(firm.trust).policy
    assert policy.at(Stage.BOOK).second is Second.NONE
    assert policy.at(Stage.COMMIT).second is policy.at(Stage.DEPART).second is Second.KEY_OR_VANTAGE
    assert [policy.max_age(s).total_seconds() // 3600 for s in Stage] == [720, 168, 72]
    assert (policy.waivers, policy.profiles) == (False, ())
    assert yaml.safe_load(path.read_text("ascii"))["policy"] == "default"


def test_with_the_default_one_engineer_alone_books_and_does_no_more(firm: Any) -> None:
    (firm.trust / folder.POLICY).unlink()
    folder.write_policy(firm.trust)
    file = firm.full(firm.report())
    assert firm.codes(file, "book") == []
    assert firm.codes(file, "commit") == ["second-missing"]


def test_the_command_writes_it_where_there_is_none(firm: Any) -> None:
    (firm.trust / folder.POLICY).unlink()
    words = ["trust", "policy", "--trust", str(firm.trust)]
    assert run_command(cli, words) == 0
    written = yaml.safe_load((firm.trust / folder.POLICY).read_text("ascii"))
    jsonschema.validate(written, schema("policy"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**written, "secnd": "none"}, schema("policy"))
    assert run_command(cli, words) == 2


def test_it_is_never_overwritten(firm: Any) -> None:
    before = (firm.trust / folder.POLICY).read_bytes()
    with pytest.raises(PreflightError, match="already"):
        folder.write_policy(firm.trust)
    assert (firm.trust / folder.POLICY).read_bytes() == before
    with pytest.raises(PreflightError, match="No such file"):
        folder.write_policy(firm.here / "nowhere")


def test_init_keeps_one_that_is_there(firm: Any, tmp_path: Path) -> None:
    where = tmp_path / "handed-out"
    where.mkdir()
    (where / folder.POLICY).write_text(LINES, "utf-8")
    folder.init(where, firm.anna.principal, firm.anna.key.public, ["preflight-report"])
    assert (where / folder.POLICY).read_text("utf-8") == LINES


def test_none(firm: Any) -> None:
    (firm.trust / folder.POLICY).unlink()
    with pytest.raises(NoPolicyError) as caught:
        read_policy(firm.trust)
    assert "preflight trust init" in caught.value.help
    ruling = firm.ask(firm.full(firm.report()), "book")
    assert (ruling["exit"], ruling["reasons"][0]["code"]) == (2, "policy-missing")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\0",
        "- policy\n",
        "policy: one\n",
        LINES + "secnd: none\n",
        LINES + "waivers: yes\n",
        LINES + "profiles: two-nodes\n",
        LINES + "profiles: [two-nodes]\n",
        LINES + "policy: two\n",
        LINES.replace("second: none", "second: nobody"),
        LINES.replace("second: none, ", ""),
        LINES.replace("max_age: 7d", "max_age: -7d"),
        LINES.replace("max_age: 7d", "max_age: for ever"),
        LINES.replace("  depart: {second: vantage, max_age: 72h}\n", ""),
        LINES.replace("  depart:", "  board:"),
        "site: lagos\n",
    ],
)
def test_one_that_is_wrong(text: str, firm: Any) -> None:
    firm.policy(text)
    with pytest.raises(NotGenuine, match=r"policy\.yaml:\d+:\d+: error\[") as caught:
        read_policy(firm.trust)
    assert caught.value.code == "policy-malformed"
    ruling = firm.ask(firm.full(firm.report()), "book")
    assert (ruling["exit"], ruling["reasons"][0]["code"]) == (5, "policy-malformed")


def test_one_that_is_no_file(firm: Any) -> None:
    (firm.trust / folder.POLICY).unlink()
    (firm.trust / folder.POLICY).mkdir()
    assert firm.codes(firm.full(firm.report()), "book") == ["policy-malformed"]


def test_no_trust_folder(firm: Any) -> None:
    file = firm.full(firm.report())
    (firm.trust / "allowed_signers").unlink()
    assert firm.codes(file, "book") == ["trust-unavailable"]
    (firm.trust / folder.POLICY).unlink()
    assert firm.codes(file, "book") == ["policy-missing"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("allowed_signers", "anna\n", "trust-malformed"),
        ("revoked_keys", None, "revocation-unavailable"),
    ],
)
def test_a_trust_folder_that_is_damaged(name: str, text: str | None, code: str, firm: Any) -> None:
    file = firm.full(firm.report())
    (firm.trust / name).unlink()
    if text is not None:
        (firm.trust / name).write_text(text, "utf-8")
    ruling = firm.ask(file, "book")
    assert (ruling["exit"], ruling["reasons"][0]["code"]) == (5, code)

"""The generated pages are what the program says now."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import click.testing
import jsonschema
import pytest

from preflight.cli import cli

GENERATED = ("codes.md", "kinds.md", "report.schema.json")


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """The pages written anew, over a page of kinds whose marks are all gone."""
    folder = tmp_path_factory.mktemp("docs")
    old = (root / "docs" / "kinds.md").read_text("utf-8")
    (folder / "kinds.md").write_text(re.sub(r"\| x (?=\|)", "|   ", old), "utf-8")
    program = root / "tests" / "docs" / "generate.py"
    subprocess.run([sys.executable, program, folder], check=True)
    return folder


@pytest.mark.parametrize("name", GENERATED)
def test_page_is_current(name: str, fresh: Path, root: Path) -> None:
    wanted = (fresh / name).read_text("utf-8").splitlines()
    found = (root / "docs" / name).read_text("utf-8").splitlines()
    if name == "kinds.md":  # pass and fail are not in the code; another test holds them to examples
        wanted, found = (
            [line for line in page if not line.startswith(("| `pass`", "| `fail`"))]
            for page in (wanted, found)
        )
    assert found == wanted, "write it anew: make docs"


def test_schema_command_prints_the_page(root: Path) -> None:
    result = click.testing.CliRunner().invoke(cli, ["schema", "report"])
    page = (root / "docs" / "report.schema.json").read_text("ascii")
    assert result.output == page
    assert len(page) < 100_000


def test_schema_is_sound_and_fits_a_real_report(
    root: Path, docs: dict[str, Any], tmp_path: Path
) -> None:
    """README's smallest site is this very machine: it can really be looked at."""
    schema = json.loads((root / "docs" / "report.schema.json").read_text("ascii"))
    jsonschema.Draft202012Validator.check_schema(schema)
    today = datetime.now(timezone.utc).date().isoformat()
    [site] = [b for b in docs["README"].blocks("yaml") if b.startswith("# site.yaml\n")]
    site = re.sub(r"\b(on|from|until): [0-9-]+", rf"\1: {today}", site)
    (tmp_path / "site.yaml").write_text(site, "utf-8")
    own = {name: str(tmp_path / name) for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME")}
    order = ["run", "site.yaml", "--no-sign", "-o", "report"]
    done = subprocess.run(
        [sys.executable, "-m", "preflight", *order],
        cwd=tmp_path, env={**os.environ, **own}, capture_output=True,
    )  # fmt: skip
    assert done.returncode in {3, 4}, done.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text("ascii"))
    jsonschema.validate(report, schema)
    del report["verdict"]["decision"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report, schema)

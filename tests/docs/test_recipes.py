"""Recipes of the pages, followed as they stand there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.cli.person import Person

_NAME = re.compile(r"# (\S+\.yaml)\b")


def test_two_pairs_are_two_findings(docs: dict[str, Any], tmp_path: Path, monkeypatch: Any) -> None:
    person = Person(tmp_path, monkeypatch)
    blocks = {m[1]: block for block in docs["usage"].blocks("yaml") if (m := _NAME.match(block))}
    for name in ("pairs.yaml", "two-pairs.yaml"):
        person.write(name, blocks[name])
    assert person.call("lint", "pairs.yaml", "two-pairs.yaml").rc == 0
    shown = next(block for block in docs["usage"].blocks("text") if "group:database-2" in block)
    assert shown in person.call("plan", "two-pairs.yaml").out


def test_the_pairs_of_the_first_page(
    docs: dict[str, Any], tmp_path: Path, monkeypatch: Any
) -> None:
    person = Person(tmp_path, monkeypatch)
    person.write("pairs.yaml", docs["README"].blocks("yaml")[0])
    groups = next(b for b in docs["README"].blocks("yaml fragment") if b.startswith("groups:"))
    rows = "".join(f"db{n},10.20.0.{n},10.20.9.{n},N{n}\n" for n in range(1, 5))
    person.write("servers.csv", f"Name,IP,BMC,Rack\n{rows}")
    person.write("ca.pem", "")
    command = docs["README"].text.split("preflight init ")[1].split("\npreflight")[0]
    words = re.findall(r'"([^"]*)"|([^\s\\]+)', command)
    done = person.call("init", *("".join(word) for word in words))
    assert done.rc == 0, done.said
    site = person.folder / "site.yaml"
    site.write_text(site.read_text("utf-8") + groups, "utf-8")
    assert person.call("lint", "site.yaml", "pairs.yaml").rc == 0
    planned = person.call("plan", "site.yaml").out
    assert "facility: group:database-1, group:database-2\n" in planned
    assert "control:10.20.0.1:443" in planned

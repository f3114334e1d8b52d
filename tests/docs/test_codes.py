"""`docs/codes.md` is the table of reason codes, and the table is complete."""

from __future__ import annotations

import re
from pathlib import Path

from preflight.exits import Exit
from preflight.reasons import REASONS, UNCHECKED, page

ROOT = Path(__file__).parent.parent.parent


def test_the_page_is_the_table() -> None:
    written = (ROOT / "docs" / "codes.md").read_text("ascii")
    assert written == page(), (
        "write it anew: python -c "
        "'from preflight.reasons import page; print(page(), end=\"\")' > docs/codes.md"
    )


def test_every_code_in_the_program_is_in_the_table_and_the_other_way_round() -> None:
    """Codes are plain words in the modules that refuse or collect."""
    modules = [*(ROOT / "preflight" / "signing").glob("*.py")]
    for part in ("selfcheck", "booking"):
        modules += (ROOT / "preflight" / part).glob("*.py")
    modules += (ROOT / "preflight" / "cli").glob("gat*.py")
    modules += [
        ROOT / "preflight" / f"{name}.py"
        for name in ("verify", "fresh", "follows", "strict", "acceptances")
    ]
    text = "".join(module.read_text("utf-8") for module in modules)
    refused = set(re.findall(r'refusal\(\s*"([a-z0-9-]+)"', text))
    assert refused <= set(REASONS)
    words = set(re.findall(r'"([a-z0-9]+(?:-[a-z0-9]+)*)"', text))
    assert set(REASONS) <= words
    assert set(UNCHECKED) <= words


def test_every_reason_says_what_to_do() -> None:
    for code, reason in REASONS.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
        assert reason.sentence.endswith(".")
        assert reason.next.endswith(".")
        assert reason.exit is not Exit.GO

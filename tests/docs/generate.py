"""Writes the generated pages of docs/ anew: `make docs`, or with another folder to write to.

codes.md and report.schema.json come whole from the program; of kinds.md the rows of causes do.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from preflight import reasons
from preflight.files.schema import schema
from preflight.kinds import KINDS
from preflight.words import UnknownCause

DOCS = Path(__file__).parents[2] / "docs"
_CAUSE_ROWS = re.compile(rf"(\| `{UnknownCause.UNREACHABLE}` \|.*\n(?:\| `[a-z-]+` \|.*\n)*)")


def report_schema() -> str:
    """What `preflight schema report` prints."""
    return json.dumps(schema("report"), indent=1, sort_keys=True) + "\n"


def kinds(page: str) -> str:
    """The page with the table's rows of causes as the kinds have them.

    Raises:
        ValueError: the page has no such table.
    """
    rows = [_row(cause) for cause in UnknownCause]
    written, count = _CAUSE_ROWS.subn("".join(rows), page, count=1)
    if count != 1:
        raise ValueError("kinds.md has no table of causes")
    return written


def _row(cause: UnknownCause) -> str:
    marks = ["x" if cause in kind.causes else " " for kind in KINDS.values()]
    return f"| `{cause}` | {' | '.join(marks)} |\n"


def write(docs: Path) -> None:
    """Writes every generated page into a folder that holds kinds.md."""
    table = docs / "kinds.md"
    table.write_text(kinds(table.read_text("utf-8")), "utf-8")
    (docs / "codes.md").write_text(reasons.page(), "utf-8")
    (docs / "report.schema.json").write_text(report_schema(), "utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS)

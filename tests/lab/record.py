"""Writes `tests/recordings/` anew: what the real lab answered, story by story. Needs root.

    .venv/bin/python -m tests.lab.record

Raw texts are left out; inputs and typed answers stay, so that every story can be judged again on a
machine that has no lab. Look at the differences before you commit them.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from preflight.canonical import canonical
from tests.lab.test_end_to_end import STORIES
from tests.lab.world.lab import Lab

RECORDINGS = Path(__file__).parent.parent / "recordings"
KEPT = ("inputs", "evidence", "run")


def main() -> int:
    """Every story of the end-to-end tests, and the ready site."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "lab"
        home.mkdir()
        lab = Lab(home)
        try:
            for story in ("ready", *STORIES):
                folder = Path(name) / slug(story)
                folder.mkdir()
                papers = (
                    STORIES[story].happens(lab, folder) if story in STORIES else lab.files(folder)
                )
                write(slug(story), lab.run(papers).report)
                lab.reset()
        finally:
            lab.close()
    return 0


def slug(story: str) -> str:
    """A file name for a story."""
    return re.sub(r"[^a-z0-9]+", "-", story.lower()).strip("-")


def write(name: str, report: dict[str, Any]) -> None:
    """The parts of a report that a judgement needs, and how it came out."""
    kept = {key: report[key] for key in KEPT}
    kept["evidence"] = [{**item, "raw": None} for item in report["evidence"]]
    kept["decision"] = report["verdict"]["decision"]
    kept["findings"] = [
        {"id": f["id"], "outcome": f["outcome"], "unknown": f["unknown"]}
        for f in report["findings"]
    ]
    kept["roots"] = [cause["root"] for cause in report["causes"]]
    (RECORDINGS / f"{name}.json").write_bytes(canonical(kept))


if __name__ == "__main__":
    sys.exit(main())

"""What large sites cost beside a run: files, what is provable, pages, verifying.

python -m benchmarks.site [HOSTS]

Nothing is contacted. Processor time of one thread, once for half of the hosts and once for all:
what is flat per host takes twice as long.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from benchmarks.judging import START, evidence, report, site
from preflight.evidence import Evidence, NoAnswer
from preflight.files.lint import lint
from preflight.files.load import load_site
from preflight.follows import known_here
from preflight.garbage import collect_seldom
from preflight.plan import make_plan
from preflight.provable import means_of, provable
from preflight.render import html, text
from preflight.report import FORMAT, Report, report_bytes
from preflight.runner import Given, gather
from preflight.strict import read_document
from preflight.words import UnknownCause

SILENT = 3
"""Of the answers of a bad report every so manieth is missing."""


def silenced(answers: list[Evidence]) -> list[Evidence]:
    """The same machines on a bad day."""
    timeout = NoAnswer(cause=UnknownCause.TIMEOUT, detail="nothing came back")
    return [
        e.model_copy(update={"answer": None, "no_answer": timeout}) if n % SILENT == 0 else e
        for n, e in enumerate(answers)
    ]


def measured(hosts: int) -> dict[str, float]:
    """Step -> seconds of the processor."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "site.yaml"
        path.write_text(yaml.safe_dump(site(hosts)))
        took = {"load the site file": _took(lambda: load_site(path))}
        took["lint"] = _took(lambda: lint([path]))
        given = gather(path)
    means = means_of(given.site.value, {}, {})
    took["plan --provable"] = _took(lambda: provable(given.inputs, means, START))
    return took | _of_reports(given)


def _of_reports(given: Given) -> dict[str, float]:
    plan, answers = make_plan(given.inputs), evidence(given)
    good, bad = report(given, plan, answers), report(given, plan, silenced(answers))
    data = report_bytes(good)
    return {
        "judge a bad day": _took(lambda: report(given, plan, silenced(answers))),
        "text": _took(lambda: text.render(good)),
        "text of a bad day": _took(lambda: text.render(bad)),
        "page": _took(lambda: html.render(good)),
        "page of a bad day": _took(lambda: html.render(bad)),
        "read it strictly": _took(lambda: read_document(data, Report, FORMAT)),
        "judge it again": _took(lambda: known_here(good)),
    }


def _took(step: Callable[[], Any]) -> float:
    begun = time.process_time()
    step()
    return time.process_time() - begun


def main(hosts: int) -> None:
    half, whole = measured(hosts // 2), measured(hosts)
    print(f"{'':24}{hosts // 2:>8}{hosts:>8} hosts")
    for name, seconds in whole.items():
        print(f"{name:24}{half[name]:>7.2f}s{seconds:>7.2f}s  x {seconds / half[name]:.1f}")


if __name__ == "__main__":
    collect_seldom()  # as the command does
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

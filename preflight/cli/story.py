"""The demo's story, told with the very functions that `preflight run` and `verify` call."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from preflight import places
from preflight.cli import chapters, running
from preflight.cli.screen import note, result, show
from preflight.cli.trust import EVERYTHING
from preflight.demo import papers
from preflight.demo.site import DemoSite
from preflight.demo.world import FAULTS
from preflight.exits import Exit
from preflight.model import Clock
from preflight.probes.base import Limits
from preflight.publish import REPORT
from preflight.render import render
from preflight.report import Report
from preflight.runner import gather
from preflight.stored import open_report
from preflight.words import Decision, Ended

PRINCIPAL = "demo"
TRUE_CAUSES = frozenset(
    {
        "redundancy/apart@group:database",
        "power/powered-on@host:media1",
        "software/released-build@host:db2",
    }
)
"""What is wrong with the site as found, and nothing else."""
LIMITS = Limits(connect_s=1.0, question_s=60.0, run_s=300.0)
"""The whole site is on this machine: what is not there in a second does not come."""
LOOK_UP_S = 0.2
"""How often a served site looks at its switches."""


def tell(folder: Path, clock: Clock, *, kept: bool) -> int:
    """The whole story in `folder`; exit 0 if it came out as it must."""
    with _site(folder, clock) as site:
        note("1. The site as found. The customer says that all is ready.")
        first = _look(site, site.files.before, clock)
        told = _verified(site, site.files.before, clock)
        told = _asked_and_answered(site, first, clock) and told
        note("4. media1 is switched on, db2 moved to the other hall, the release installed.")
        site.repair()
        second = _look(site, site.files.after, clock)
        told = _verified(site, site.files.after, clock) and told and _true(first, second)
        note("5. The report goes into the calendar, and the booking system asks whether to pay.")
        chapters.attach(site, trust_folder(site), clock)
        told = chapters.gate(site, trust_folder(site), clock) and told
    if kept:
        result(_commands(site, "what was left for you; the site itself is down"))
        result(_verify(site))
    else:
        note("nothing was left; `preflight demo --keep DIR` leaves both pages for your browser")
    if not told:
        note("the demo did not come out as it must: this is a bug in preflight")
    return int(Exit.GO if told else Exit.INTERNAL)


def _asked_and_answered(site: DemoSite, first: Report, clock: Clock) -> bool:
    """The customer is asked, looks too, and those answers are judged beside ours."""
    note("2. The customer's people get a mail with what is open on their side, and run its script.")
    chapters.ask(site, clock)
    answers = chapters.answer(site)
    note("3. Their answers come back, are accepted, and judged beside what was seen from here.")
    accepted = chapters.accept(site, answers, trust_folder(site), clock)
    note(render(accepted, "text").splitlines()[-1])
    same = [cause.root for cause in accepted.causes] == [cause.root for cause in first.causes]
    return _verified(site, site.files.answered, clock) and same


@contextmanager
def _site(folder: Path, clock: Clock) -> Iterator[DemoSite]:
    """The demo site, with a signing key and a trust folder of its own for one day."""
    from preflight.signing import folder as trusted
    from preflight.signing import keys

    moment = clock()
    with DemoSite(folder, moment) as site:
        _own_places(site)
        places.signing_key().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = keys.make(places.signing_key(), PRINCIPAL)
        window = trusted.Window(moment - timedelta(minutes=5), moment + timedelta(days=1))
        for where in (trust_folder(site), places.trust()):
            where.mkdir(parents=True)
            (where / trusted.POLICY).write_bytes(papers.policy())
            trusted.init(where, PRINCIPAL, key, EVERYTHING, window)
        yield site


def _own_places(site: DemoSite) -> None:
    """The demo reads and writes nothing of the reader's own."""
    os.environ["XDG_CONFIG_HOME"] = str(site.files.config)
    os.environ["XDG_DATA_HOME"] = str(site.files.data)
    for name in ("PREFLIGHT_KEY", "PREFLIGHT_PRINCIPAL"):
        os.environ.pop(name, None)


def trust_folder(site: DemoSite) -> Path:
    """The trust folder that a kept demo leaves beside its reports."""
    return site.files.folder / "trust"


def _look(site: DemoSite, folder: Path, clock: Clock) -> Report:
    """As `preflight run FOLDER/site.yaml --booking booking.yaml -o FOLDER` does it."""
    given = gather(folder / "site.yaml", booking=site.files.booking)
    key = running.signer(None, None)
    order = replace(running.order(given.inputs, None, LIMITS), known_hosts=())
    running.look(given, order, key, folder, clock)
    stored = open_report(folder / REPORT)
    show(stored)
    if stored.run.ended is Ended.INTERRUPTED:
        raise KeyboardInterrupt
    return stored


def _verified(site: DemoSite, folder: Path, clock: Clock) -> bool:
    """As `preflight verify` does it, on the files just written."""
    from preflight.cli import verifying

    for name in (REPORT, "report.html"):
        found = verifying.check(
            folder / name, trust=trust_folder(site), at=clock(),
            booking=papers.BOOKING, site=papers.SITE,
        )  # fmt: skip
        if not found.genuine:
            note(verifying.sentence(found))
            return False
    note(f"verified: signed by {PRINCIPAL}, page and report agree")
    return True


def _true(first: Report, second: Report) -> bool:
    """Both verdicts are what they must be, for the true reasons."""
    roots = {cause.root for cause in first.causes}
    return (
        first.verdict.decision is Decision.NO_GO
        and roots == TRUE_CAUSES
        and second.verdict.decision is Decision.GO
    )


def serve(folder: Path, clock: Clock) -> int:
    """Keeps the site up until Ctrl-C; a file per fault switches it."""
    stop = threading.Event()
    with _site(folder, clock) as site:
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        switches = folder / "faults"
        switches.mkdir()
        for fault in site.broken:
            (switches / fault).touch()
        result(_commands(site, "the site is up; in another terminal"))
        result(_run(site))
        result(_switches(switches))
        sys.stdout.flush()
        while not stop.wait(LOOK_UP_S):
            _follow(site, switches)
    note("the site is down")
    return int(Exit.GO)


def _follow(site: DemoSite, switches: Path) -> None:
    """Makes reality follow the switches."""
    wanted = {path.name for path in switches.iterdir()} & set(FAULTS)
    for name in sorted(wanted ^ site.broken):
        site.switch(name, broken=name in wanted)
        fault = FAULTS[name]
        note(f"{name}: {fault.broken if name in wanted else fault.sound}")


def _switches(folder: Path) -> str:
    lines = ["", "A fault holds while its file is there; create it to break, remove it to repair:"]
    width = max(map(len, FAULTS))
    lines += [f"  {folder}/{name:<{width}}  {fault.broken}" for name, fault in FAULTS.items()]
    return "\n".join([*lines, "", "Ctrl-C ends it."])


def _commands(site: DemoSite, what: str) -> str:
    files = site.files
    return "\n".join(
        [
            f"{what}:",
            f"  export XDG_CONFIG_HOME={files.config} XDG_DATA_HOME={files.data}",
            f"  preflight plan {files.site} --booking {files.booking} --commands",
        ]
    )


def _run(site: DemoSite) -> str:
    return f"  preflight run {site.files.site} --booking {site.files.booking}"


def _verify(site: DemoSite) -> str:
    folder = site.files.folder
    known = f"--booking {papers.BOOKING} --site {papers.SITE} --trust {folder}/trust"
    return f"  preflight verify {folder}/before/report.html {known}"

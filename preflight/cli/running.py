"""The steps that `run`, `judge` and `demo` share: who signs, where to, write, show, exit."""

from __future__ import annotations

import signal
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight import places
from preflight.attempts import Attempt, Attempts
from preflight.cli.screen import note, show
from preflight.errors import SigningError
from preflight.exits import Exit
from preflight.probes.base import Limits
from preflight.publish import REPORT, new_folder, publish, write_files
from preflight.runner import Given, Order, run
from preflight.text import sha256_hex
from preflight.words import Decision, Ended

if TYPE_CHECKING:
    from preflight.model import Clock
    from preflight.report import Inputs, Report
    from preflight.signing.signer import Signer

AGENT = "agent:"
EXIT_OF = {
    Decision.GO: Exit.GO,
    Decision.NO_GO: Exit.NO_GO,
    Decision.NOT_PROVEN: Exit.NOT_PROVEN,
}


def signer(key: str | None, principal: str | None) -> Signer:
    """The key that will sign, opened before anything is contacted.

    Raises:
        SigningError: there is none, or it cannot be opened.
    """
    from preflight.signing.signer import open_signer

    if key and key.startswith(AGENT):
        return open_signer(None, key.removeprefix(AGENT), principal, _passphrase)
    path = Path(key) if key else places.signing_key()
    if not path.exists():
        raise SigningError(
            f"no signing key at {path}",
            help="make one with `preflight key new --principal you@vendor.example`, "
            "or write an unsigned draft with --no-sign",
        )
    return open_signer(path, None, principal, _passphrase)


def _passphrase(what: str) -> str:
    """Asks a person on a terminal; anywhere else there is nobody to ask."""
    if not sys.stdin.isatty():
        raise SigningError(
            f"{what} is encrypted and there is no terminal to ask for its passphrase",
            help="load the key into ssh-agent and name it with --key agent:SHA256:...",
        )
    return str(click.prompt(f"Passphrase of {what}", hide_input=True, err=True))


def ask_secret(what: str) -> str:
    """A credential written as `prompt:`."""
    if not sys.stdin.isatty():
        raise SigningError(f"{what} is asked for on a terminal, and there is none")
    return str(click.prompt(what, hide_input=True, err=True))


def folder(output: Path | None, inputs: Inputs, now: datetime) -> Path:
    """Where the report goes; made before anything is contacted."""
    trip = inputs.booking.booking if inputs.booking else inputs.site.site
    stamp = now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    return new_folder(output or Path("reports") / trip / stamp)


def order(
    inputs: Inputs, credentials: Path | None, timeout: float, jobs: int, approved: str | None
) -> Order:
    """How to look."""
    trip = inputs.booking.booking if inputs.booking else None
    return Order(
        credentials=credentials or places.credentials(),
        known_hosts=places.known_hosts(),
        ask_secret=ask_secret,
        limits=Limits(run_s=timeout, jobs=jobs),
        approved=approved,
        last=Attempts(places.data() / "attempts").last(inputs.site.site, trip),
    )


def look(given: Given, how: Order, clock: Clock) -> Report:
    """The run itself. From here on Ctrl-C ends the asking, and what is known gets written."""
    note(f"looking at {given.inputs.site.site}: {len(given.inputs.site.hosts)} hosts")
    signal.signal(signal.SIGINT, lambda *_: how.stop.set())
    return run(given, how, clock)


def finish(report: Report, key: Signer | None, to: Path, *, quiet: bool = False) -> int:
    """Signs, writes, shows; the exit code by the verdict."""
    published = publish(report, key)
    write_files(to, published.files)
    _remember(published.report, published.files[REPORT])
    if not quiet:
        show(published.report)
    note(f"written to {to}")
    return int(exit_of(published.report))


def _remember(report: Report, data: bytes) -> None:
    """The report is written by now; a data folder that cannot be written only costs the count."""
    attempt = Attempt(attempt=report.run.attempt, sha256=sha256_hex(data))
    try:
        Attempts(places.data() / "attempts").note(report.site, report.booking, attempt)
    except OSError as error:
        note(f"the attempt was not counted: {error.filename}: {error.strerror}")


def exit_of(report: Report) -> Exit:
    """By the verdict at the report's stage; without a booking at best 4 (contract 9.2)."""
    if report.run.ended is Ended.INTERRUPTED:
        return Exit.INTERRUPTED
    found = EXIT_OF[report.verdict.decision]
    return Exit.NOT_PROVEN if found is Exit.GO and report.booking is None else found

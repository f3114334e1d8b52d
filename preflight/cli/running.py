"""The steps that `run`, `judge` and `demo` share: who signs, where to, write, show, exit."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight import places
from preflight.attempts import Attempt, Attempts, SeenNotes
from preflight.before import newest, seen_in
from preflight.cli.prompts import answered, somebody_there
from preflight.cli.screen import note
from preflight.errors import PreflightError, SigningError
from preflight.exits import Exit
from preflight.probes.base import Limits
from preflight.publish import PAGE, REPORT, Published, publish, report_folder, unused, write_files
from preflight.render.phrases import clock_words
from preflight.runner import Given, Order, run
from preflight.text import sha256_hex
from preflight.verdict import EXIT_OF, clock_was_set
from preflight.words import Ended

if TYPE_CHECKING:
    from preflight.files.load import Loaded
    from preflight.files.problems import Problem
    from preflight.files.site import Site
    from preflight.keeping import Earlier
    from preflight.model import Clock
    from preflight.report import Inputs, Report
    from preflight.signing.signer import Signer

AGENT = "agent:"


def signer(key: str | None, principal: str | None) -> Signer:
    """The key that will sign, opened before anything is contacted.

    Raises:
        SigningError: there is none, or it cannot be opened.
    """
    from preflight.signing.signer import open_signer

    if key and key.startswith(AGENT):
        return open_signer(None, key.removeprefix(AGENT), principal, passphrase)
    path = Path(key) if key else places.signing_key()
    if not path.exists():
        raise SigningError(
            f"no signing key at {path}",
            help="make one with `preflight key new --principal you@vendor.example`, "
            "or write an unsigned draft with --no-sign",
        )
    return open_signer(path, None, principal, passphrase)


def passphrase(what: str) -> str:
    """Asks a person on a terminal; anywhere else there is nobody to ask."""
    otherwise = "load the key into ssh-agent and name it with --key agent:SHA256:..."
    if not somebody_there():
        raise SigningError(
            f"{what} is encrypted and there is no terminal to ask for its passphrase",
            help=otherwise,
        )
    with answered(f"the passphrase of {what}", otherwise):
        return str(click.prompt(f"Passphrase of {what}", hide_input=True, err=True))


def ask_secret(what: str) -> str:
    """A credential written as `prompt:`. Ctrl-C at the question ends the command: nothing was
    contacted yet."""
    otherwise = "run this on a terminal, or write env: or file: in the credentials file"
    if not somebody_there():
        raise PreflightError(
            f"{what} is asked for on a terminal, and there is none", help=otherwise
        )
    with on_signal(signal.default_int_handler), answered(what, otherwise):
        return str(click.prompt(what, hide_input=True, err=True))


@contextmanager
def on_signal(handler: Callable[..., object]) -> Iterator[None]:
    """Ctrl-C and SIGTERM do this inside, and what they did before after it."""
    before = {n: signal.signal(n, handler) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, signal.SIG_DFL if old is None else old)


@contextmanager
def folder(output: Path | None, inputs: Inputs, now: datetime) -> Iterator[Path]:
    """Where the report goes; made before anything is contacted."""
    trip = inputs.booking.booking if inputs.booking else inputs.site.site
    stamp = now.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    with report_folder(output or unused(Path("reports") / trip / stamp)) as made:
        yield made


def about_credentials(site: Loaded[Site], credentials: Path | None) -> tuple[Problem, ...]:
    """What a run would log in to nowhere, or under another name. A credentials file with mistakes
    is refused later, and by who is to get the secrets."""
    from preflight.errors import InputError
    from preflight.files.credentials import load_credentials
    from preflight.files.logins import about_accounts, about_logins
    from preflight.probes.known_hosts import read_known_hosts

    found = about_logins(site, read_known_hosts(places.known_hosts()))
    try:
        held = load_credentials(credentials or places.credentials())
    except InputError:
        return found
    return (*found, *about_accounts(site, held))


def order(
    inputs: Inputs,
    credentials: Path | None,
    limits: Limits,
    approved: str | None = None,
    earlier: Earlier | None = None,
) -> Order:
    """How to look."""
    trip = inputs.booking.booking if inputs.booking else None
    return Order(
        credentials=credentials or places.credentials(),
        known_hosts=places.known_hosts(),
        ask_secret=ask_secret,
        limits=limits,
        approved=approved,
        earlier=earlier,
        announce=lambda: _announce(inputs),
        last=Attempts(places.data() / "attempts").last(inputs.site.site, trip),
    )


def with_seen_before(given: Given, earlier: Earlier | None) -> Given:
    """The inputs, and what the reports before this one saw of the site's machines: those that this
    machine knows of, and the one that `run --with` names."""
    site = given.inputs.site
    known = SeenNotes(places.data() / "seen").of(site.site)
    named = seen_in(earlier.report.evidence, earlier.sha256) if earlier else ()
    things = {f"{sort}:{name}" for name in site.hosts for sort in ("host", "bmc")}
    seen = tuple(one for one in newest(known, named) if one.thing in things)
    return replace(given, inputs=given.inputs.model_copy(update={"earlier": seen}))


def look(given: Given, how: Order, key: Signer | None, to: Path, clock: Clock) -> Report:
    """The run itself, signed and written. Ctrl-C ends the asking; what is known is still written.

    Raises:
        InputError, RefusedError: nothing was contacted.
        SigningError: no signature could be made; an unsigned draft was written.
    """
    with on_signal(lambda *_: how.stop.set()):
        report = run(given, how, clock)
        published = _written(report, key, to)
    note(f"written to {to}")
    if clock_was_set(report.run.clock_jump_s):
        note(f"{clock_words(report.run.clock_jump_s)}; set the clock, then look again")
    elif key and report.run.ended is Ended.NORMAL:
        say_how_to_verify(report, to)
    return published.report


def say_how_to_verify(report: Report, folder: Path) -> None:
    """The next command, as it is to be typed. Without a booking there is nothing to compare."""
    if report.booking:
        where = f"--booking {report.booking} --site {report.site}"
        note(f"to check it: preflight verify {shlex.quote(str(folder / PAGE))} {where}")


def _announce(inputs: Inputs) -> None:
    hosts = len(inputs.site.hosts)
    note(f"looking at {inputs.site.site}: {hosts} host{'s' * (hosts != 1)}")


def _written(report: Report, key: Signer | None, to: Path) -> Published:
    """What was seen is kept even if the key or the agent fails at the last moment."""
    try:
        published = publish(report, key)
    except SigningError as error:
        write_files(to, publish(report, None).files)
        raise SigningError(
            f"{error}; an unsigned draft was written to {to}",
            help=f"sign it with `preflight judge {to / REPORT} -o DIR`",
        ) from error
    write_files(to, published.files)
    _remember(published.report, published.files[REPORT])
    return published


def _remember(report: Report, data: bytes) -> None:
    """The report is written by now; a data folder that cannot be written only costs the count."""
    sha256 = sha256_hex(data)
    attempt = Attempt.of(report, sha256)
    try:
        Attempts(places.data() / "attempts").note(report.site, report.booking, attempt)
        SeenNotes(places.data() / "seen").note(report.site, seen_in(report.evidence, sha256))
    except OSError as error:
        note(f"the attempt was not counted: {error.filename}: {error.strerror}")


def exit_of_run(report: Report) -> Exit:
    """130 for a run that was interrupted, else by its verdict."""
    return Exit.INTERRUPTED if report.run.ended is Ended.INTERRUPTED else exit_of(report)


def exit_of(report: Report) -> Exit:
    """By the verdict at the report's stage; without a booking at best 4 (contract 9.2)."""
    found = EXIT_OF[report.verdict.decision]
    return Exit.NOT_PROVEN if found is Exit.GO and report.booking is None else found

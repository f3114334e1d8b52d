"""The steps of `preflight ask`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from preflight import atomic, places
from preflight.asking import Parties, attachments, compose, parties, stored_attachments
from preflight.cli import running
from preflight.cli.screen import note
from preflight.errors import PreflightError, SigningError
from preflight.render.mail import render
from preflight.render.mail.letter import Letter, letter
from preflight.render.mail.wanted import asked_about
from preflight.render.moments import moment
from preflight.render.phrases import headline
from preflight.report import Report
from preflight.selfcheck.build import Draft, build, draft
from preflight.selfcheck.parts import TooLong
from preflight.selfcheck.requests import Built, Requests

MOST_ATTACHED = 4
"""So many self-checks go with one mail: nobody runs ten."""
_ONLY_OPEN = (
    "the self-check of the whole site takes {} scripts: attached is that of the {} with open items;"
    " for all of them `preflight selfcheck build`"
)
_TOO_MANY = (
    "no self-check attached: it takes {} scripts, and {} are the most in one mail; make them with"
    " `preflight selfcheck build`, by --host if only some servers matter"
)


@dataclass(frozen=True)
class Order:
    """What the command line asks for."""

    booking: Path | None
    site: Path | None
    output: Path | None
    selfchecks: tuple[Path, ...]
    """Folders whose self-checks are attached instead of new ones."""
    with_selfcheck: bool
    key: str | None
    principal: str | None


def ask(report: Report, order: Order, now: datetime) -> str:
    """Writes the mail, if there is anything to ask; what was done, in one sentence.

    Raises:
        InputError, PreflightError: a file is wrong, about another trip, or there already.
        SigningError: no key, and a self-check was to be made.
    """
    if letter(report, now).empty:
        return _nothing(report)
    path = order.output or Path(f"ask-{report.booking or report.site}.eml")
    _refuse_overwriting(path)
    who = parties(report, order.booking, order.site)
    built = _built(report, order, now)
    attached = attachments(built) or stored_attachments(order.selfchecks, report, now)
    enclosed = [one.enclosed for one in attached]
    written = letter(report, now, to=who.name, by=who.signature, enclosed=enclosed)
    _write(path, compose(render(written), who, attached, now))
    _warn(built)
    _remember(built, path)
    _hint(report, who, now)
    return _done(path, written, who, len(enclosed))


def _nothing(report: Report) -> str:
    """Why: all is ready, or what is open is not theirs."""
    count = len(report.causes)
    if not count:
        return f"nothing to ask the customer: {headline(report)}, and no cause is open"
    are = "1 cause is" if count == 1 else f"{count} causes are"
    return f"nothing to ask the customer: {headline(report)}, {are} open, none on their side"


def _built(report: Report, order: Order, now: datetime) -> Sequence[Built]:
    """New self-checks, unless others are attached, none is wanted, or none can be made. No key is
    opened, and nobody asked for its passphrase, before it is known that they can."""
    if order.selfchecks or not order.with_selfcheck:
        return ()
    if report.booking is None:
        note("no self-check attached: it belongs to a booking, and the report is about none")
        return ()
    try:
        wanted = _draft(report, now)
        return build(wanted, running.signer(order.key, order.principal)) if wanted else ()
    except SigningError as error:
        raise SigningError(
            f"the self-check cannot be signed: {error}",
            help="make a key with `preflight key new`, or leave it out with --no-selfcheck",
        ) from error
    except PreflightError as error:
        raise PreflightError(
            f"no self-check can be made: {error}",
            help="make one with `preflight selfcheck build` and attach it with --selfcheck, or"
            " leave it out with --no-selfcheck",
        ) from error


def _draft(report: Report, now: datetime) -> Draft | None:
    """Of the whole site, or of the servers with open items where that is too much for a mail."""
    try:
        whole = draft(report.inputs, now)
        if (count := len(whole.parts)) <= MOST_ATTACHED:
            return whole
        if servers := asked_about(report):
            few = draft(report.inputs, now, hosts=servers)
            if len(few.parts) <= MOST_ATTACHED:
                note(_ONLY_OPEN.format(count, f"{len(servers)} server{'s' * (len(servers) > 1)}"))
                return few
        note(_TOO_MANY.format(count, MOST_ATTACHED))
    except TooLong as error:
        note(f"no self-check attached: {error}; {error.help}")
    return None


def _refuse_overwriting(path: Path) -> None:
    if path.exists() or path.is_symlink():
        raise _taken(path)


def _taken(path: Path) -> PreflightError:
    return PreflightError(
        f"{path} is there already, and a mail is never overwritten",
        help="name another file with -o, or delete that one",
    )


def _write(path: Path, data: bytes) -> None:
    """For its owner alone: people's addresses and the self-check's seal are in it."""
    try:
        atomic.create(path, data, mode=0o600)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        raise PreflightError(
            f"{path}: {error.strerror}", help="name another file with -o"
        ) from error


def _remember(built: Sequence[Built], path: Path) -> None:
    """A request counts from now on, and voids the ones before it; so not before its mail is
    written, and without it there is no mail."""
    try:
        Requests(places.requests()).store(*built)
    except PreflightError:
        path.unlink(missing_ok=True)
        raise


def _warn(built: Sequence[Built]) -> None:
    """Answers to an earlier request are refused from here on."""
    made = Requests(places.requests())
    earlier = sorted({request for one in built for request in made.still_asked(one.pack)})
    if earlier:
        note(
            f"its self-check replaces {', '.join(earlier)}: answers to that are refused from now"
            " on; to attach the earlier one instead, name its folder with --selfcheck"
        )


def _hint(report: Report, who: Parties, now: datetime) -> None:
    """What to mind before it is sent."""
    if not who.to:
        note("no recipient: a report holds no people; write one into To, or name --booking")
    if report.expires <= now:
        note(f"the report ran out at {moment(report.expires)}: look again before you ask")


def _done(path: Path, written: Letter, who: Parties, parts: int) -> str:
    to = f" to {', '.join(one.addr_spec for one in who.to)}" if who.to else ""
    with_it = f"with the self-check{f' in {parts} parts' if parts > 1 else ''}"
    attached = with_it if parts else "without the self-check"
    return f"{path}: {written.count}{to}, {attached}; open it, read it, send it"

"""The steps of `preflight ask`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from preflight import atomic, places
from preflight.asking import (
    Attachments,
    Parties,
    attachments,
    compose,
    parties,
    stored_attachments,
)
from preflight.cli import running
from preflight.cli.screen import note
from preflight.errors import PreflightError, SigningError
from preflight.render.mail import render
from preflight.render.mail.letter import Letter, letter
from preflight.render.moments import moment
from preflight.render.phrases import headline
from preflight.report import Report
from preflight.selfcheck.build import build
from preflight.selfcheck.requests import Built, Requests


@dataclass(frozen=True)
class Order:
    """What the command line asks for."""

    booking: Path | None
    site: Path | None
    output: Path | None
    selfcheck: Path | None
    """A folder whose self-check is attached instead of a new one."""
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
    attached = attachments(built) if built else _stored(report, order, now)
    enclosed = attached.enclosed if attached else None
    written = letter(report, now, to=who.name, enclosed=enclosed)
    _write(path, compose(render(written), who, attached, now))
    _warn(built)
    _remember(built, path)
    _hint(report, who, now)
    return _done(path, written, who)


def _nothing(report: Report) -> str:
    """Why: all is ready, or what is open is not theirs."""
    count = len(report.causes)
    if not count:
        return f"nothing to ask the customer: {headline(report)}, and no cause is open"
    are = "1 cause is" if count == 1 else f"{count} causes are"
    return f"nothing to ask the customer: {headline(report)}, {are} open, none on their side"


def _built(report: Report, order: Order, now: datetime) -> Built | None:
    """A new self-check, unless another is attached, none is wanted, or none can be made."""
    if order.selfcheck or not order.with_selfcheck:
        return None
    if report.booking is None:
        note("no self-check attached: it belongs to a booking, and the report is about none")
        return None
    try:
        return build(report.inputs, running.signer(order.key, order.principal), now)
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


def _stored(report: Report, order: Order, now: datetime) -> Attachments | None:
    return stored_attachments(order.selfcheck, report, now) if order.selfcheck else None


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


def _remember(built: Built | None, path: Path) -> None:
    """A request counts from now on, and voids the ones before it; so not before its mail is
    written, and without it there is no mail."""
    try:
        if built:
            Requests(places.requests()).store(built)
    except PreflightError:
        path.unlink(missing_ok=True)
        raise


def _warn(built: Built | None) -> None:
    """Answers to an earlier request are refused from here on."""
    earlier = Requests(places.requests()).still_asked(built.pack) if built else []
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


def _done(path: Path, written: Letter, who: Parties) -> str:
    to = f" to {', '.join(one.addr_spec for one in who.to)}" if who.to else ""
    attached = "with" if written.selfcheck else "without"
    return f"{path}: {written.count}{to}, {attached} the self-check; open it, read it, send it"

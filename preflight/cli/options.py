"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)
STAGES = click.Choice(["book", "commit", "depart"])


class Moment(click.ParamType[datetime]):
    """A date and time with its offset."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """ISO 8601; the offset (or Z) is required: a bare time is somebody's local time."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        except ValueError:
            self.fail(f"{value!r} is no date and time like 2026-12-03T12:00:00+01:00", param, ctx)
        if moment.tzinfo is None:
            self.fail(
                f"{value!r} has no offset; write it like 2026-12-03T12:00:00+01:00", param, ctx
            )
        try:
            return moment.astimezone(timezone.utc).replace(microsecond=0)
        except OverflowError:  # year 1 or 9999 with an offset that leaves the calendar
            self.fail(f"{value!r} lies outside the calendar", param, ctx)


class Amount(click.FloatRange):
    """A number between two others; `nan` is none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """click's own, but a number that compares with nothing is refused."""
        amount = float(super().convert(value, param, ctx))
        if amount != amount:  # only nan differs from itself
            self.fail(f"{value!r} is no number", param, ctx)
        return amount


def inputs(command: F) -> F:
    """What is judged: booking, stage, checks, releases, delivery note."""
    for option in reversed(
        (
            click.option("--booking", type=FILE, help="The trip, YAML or .ics."),
            click.option("--stage", type=STAGES, default="commit", show_default=True,
                         help="The decision the verdict is for."),
            click.option("--checks", "checks_dir", type=FILE, help="A folder of your own checks."),
            click.option("--releases", type=FILE, multiple=True,
                         help="A release list; wins over the profile's."),
            click.option("--delivery", type=FILE,
                         help="The delivery note, CSV; wins over the site file's."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def signer(command: F) -> F:
    """Who signs."""
    for option in reversed(
        (
            click.option("--key", type=str, envvar="PREFLIGHT_KEY",
                         help="Private key file, or agent:SHA256:... for a key in ssh-agent."),
            click.option("--principal", envvar="PREFLIGHT_PRINCIPAL",
                         help="Who signs; default: the comment of the key's .pub file."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def signing(command: F) -> F:
    """Who signs, or nobody."""
    return signer(click.option("--no-sign", is_flag=True, help="Write an unsigned draft.")(command))


def now() -> datetime:
    """The clock of the program's edge."""
    return datetime.now(timezone.utc)

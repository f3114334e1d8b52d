"""Each file that people write, read and checked on its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, Literal, TypeVar

from pydantic import BaseModel

from preflight.errors import InputError
from preflight.files.booking import Booking
from preflight.files.check import Check, Profile
from preflight.files.document import Document, Loc, Spot
from preflight.files.loader import parse
from preflight.files.policy import Policy
from preflight.files.problems import Problem, errors_of, in_order
from preflight.files.profile_rules import check_rules, profile_rules
from preflight.files.references import cross_check
from preflight.files.release_rules import told_apart
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.files.source import START, Mark, Source, read_bytes, read_source
from preflight.files.validate import keys_at, validate
from preflight.garbage import no_garbage_collection

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[T]):
    """A file's value, its path, and where in it everything stands."""

    value: T
    path: Path
    document: Document = field(repr=False)
    warnings: tuple[Problem, ...] = ()

    @property
    def folder(self) -> Path:
        """Relative paths in the file start here."""
        return self.path.parent

    def problem(
        self,
        code: str,
        loc: Loc,
        message: str,
        help: str = "",  # noqa: A002 - the word users see
        *,
        key: bool = False,
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        """A problem found later, at its place in this file."""
        return self.document.problem(code, loc, message, help, key=key, severity=severity)


def load_site(path: Path, document: Document | None = None) -> Loaded[Site]:
    """The site file, its cross-references checked; `document` is what was read of it already.

    Raises:
        InputError: with every error of the file. This holds for all six.
    """
    return _checked(path, document or parse(read_source(path)), Site, cross_check)


def load_booking(path: Path) -> Loaded[Booking]:
    """The booking: a YAML file, or the trip's calendar file by its ending .ics."""
    return _load_calendar(path) if is_calendar(path) else _load(path, Booking)


def is_calendar(path: Path) -> bool:
    """By its name: a calendar's text may be anything."""
    return path.suffix.lower() in {".ics", ".ical"}


def _load_calendar(path: Path) -> Loaded[Booking]:
    from preflight.booking import calendar

    data = read_bytes(path, calendar.LIMIT_BYTES)
    source = Source(str(path), data.decode("utf-8", "replace"))
    try:
        booking = calendar.booking_of(calendar.read_calendar(data))
    except calendar.CalendarRefused as error:
        mark = Mark(max(error.line - 1, 0), 0, 0)
        raise InputError([source.problem(error.code, error.reason, mark, error.help)]) from error
    return Loaded(booking, path, Document(source, {}, Spot(START)))


def load_releases(path: Path) -> Loaded[ReleaseList]:
    """A release list whose builds can be told apart."""
    return _load(path, ReleaseList, told_apart)


def load_check(path: Path) -> Loaded[Check]:
    """A check, without its kind's view of `with:` (`resolve` has that)."""
    return _load(path, Check, check_rules)


def load_profile(path: Path) -> Loaded[Profile]:
    """One profile file, without those it extends."""
    return _load(path, Profile, profile_rules)


def load_policy(path: Path) -> Loaded[Policy]:
    """What the gate asks for."""
    return _load(path, Policy)


_Rules = Callable[[Document], Iterable[Problem]]


def _no_rules(_: Document) -> Iterable[Problem]:
    return ()


def _load(path: Path, model: type[T], rules: _Rules = _no_rules) -> Loaded[T]:
    return _checked(path, parse(read_source(path)), model, rules)


def _checked(path: Path, document: Document, model: type[T], rules: _Rules) -> Loaded[T]:
    if mistaken := _another_sort(model, document):
        raise InputError([mistaken])
    with no_garbage_collection():
        value, problems = validate(model, document)
        problems = in_order([*problems, *rules(document)])
    if value is None or errors_of(problems):
        raise InputError(problems)
    return Loaded(value, path, document, tuple(problems))


_SORTS: dict[type[BaseModel], tuple[str, str]] = {
    Site: ("site", "site file"),
    Booking: ("booking", "booking"),
    Profile: ("profile", "profile"),
    ReleaseList: ("releases", "release list"),
    Policy: ("policy", "policy"),
}
"""The key that each sort of file begins with, and its name."""


def _another_sort(model: type[BaseModel], document: Document) -> Problem | None:
    """Two files swapped on the command line are one mistake, not one per key."""
    first, wanted = _SORTS.get(model, ("", ""))
    if not first or first in document.data:
        return None
    own = keys_at(model, ())
    for key, name in _SORTS.values():
        if key in document.data and key not in own:
            message = f"this is a {name}, and a {wanted} is wanted here"
            help_ = f"a {wanted} begins with {first}: and its name"
            return document.problem("wrong-file", (key,), message, help_, key=True)
    return None

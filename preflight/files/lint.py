"""Every mistake in any of the files that people write, whichever sort each of them is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from preflight.errors import InputError
from preflight.files.catalogue import profile_chain
from preflight.files.credentials import load_credentials
from preflight.files.dates import about_dates, look_again
from preflight.files.delivery_note import delivery_of
from preflight.files.load import Loaded, load_booking, load_check, load_policy, load_releases
from preflight.files.loader import parse
from preflight.files.logins import KnownHosts, about_accounts, about_logins
from preflight.files.opened import Opened
from preflight.files.plan_check import lint_check
from preflight.files.problems import Problem, in_order
from preflight.files.resolve import all_kinds, resolve_chain, resolve_profile
from preflight.files.site import Site
from preflight.files.source import read_source
from preflight.model import utc_text
from preflight.text import one_line

if TYPE_CHECKING:
    from preflight.kinds.base import Kind

T = TypeVar("T")


def lint(
    files: Opened | Iterable[Path],
    checks_dir: Path | None = None,
    kinds: Mapping[str, type[Kind]] | None = None,
    now: datetime | None = None,
    known: KnownHosts | None = None,
) -> list[Problem]:
    """All problems of these files, warnings among them; a site's profile is followed. With `now`
    also the dates of bookings: beside the permission of a site, where one site is among the files.
    With `known`, the host keys of this machine, also what a run would log in to nowhere.

    Release lists among the files count as given by `--releases`. Never raises InputError.
    """
    opened = _opened(files)
    linter = _Linter(checks_dir, opened, kinds if kinds is not None else all_kinds())
    problems = [
        problem for path, sort in opened.sorts.items() for problem in linter.problems(path, sort)
    ]
    if now:
        problems += _about_dates(opened, now)
    if known is not None:
        problems += _about_logins(opened, known)
    return in_order(list(dict.fromkeys(problems)))


def _about_logins(opened: Opened, known: KnownHosts) -> Iterator[Problem]:
    held = [_sound(load_credentials, path) for path in opened.of_sort("credentials")]
    for path in opened.of_sort("site"):
        if site := _sound(opened.site, path):
            yield from about_logins(site, known)
            for credentials in held:
                yield from about_accounts(site, credentials)


def _about_dates(opened: Opened, now: datetime) -> Iterator[Problem]:
    """Two sites: nobody says which one a booking is for."""
    sites = opened.of_sort("site")
    site = _sound(opened.site, sites[0]) if len(sites) == 1 else None
    for path in opened.of_sort("booking"):
        yield from about_dates(site, _sound(load_booking, path), now)


def rechecks(files: Opened | Iterable[Path]) -> tuple[str, ...]:
    """When a run must be made for the stage `depart`, of each booking among the files."""
    trips = (_sound(load_booking, path) for path in _opened(files).of_sort("booking"))
    return tuple(
        f"{one_line(trip.value.booking)}: the run for `depart` is to be made between"
        f" {utc_text(first)} and {utc_text(last)}"
        for trip in trips
        if trip
        for first, last in [look_again(trip.value.departs)]
    )


def _opened(files: Opened | Iterable[Path]) -> Opened:
    return files if isinstance(files, Opened) else Opened(files)


def _sound(load: Callable[[Path], T], path: Path) -> T | None:
    """A file without mistakes; those have been told."""
    try:
        return load(path)
    except InputError:
        return None


@dataclass
class _Linter:
    checks_dir: Path | None
    opened: Opened
    kinds: Mapping[str, type[Kind]]
    _by_sort: dict[str, Callable[[Path], Sequence[Problem]]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_sort = {
            "site": self._site,
            "profile": self._profile,
            "check": self._check,
            "booking": lambda path: load_booking(path).warnings,
            "releases": lambda path: load_releases(path).warnings,
            "policy": lambda path: load_policy(path).warnings,
            "credentials": lambda path: load_credentials(path).warnings,
            "unreadable": _unreadable,
            "unknown": _unknown,
        }

    @property
    def _lists(self) -> Sequence[Path]:
        return self.opened.of_sort("releases")

    def problems(self, path: Path, sort: str) -> Sequence[Problem]:
        """Those of one file, and of the files it leads to."""
        try:
            return self._by_sort[sort](path)
        except InputError as e:
            return [_later(problem) for problem in e.problems]

    def _site(self, path: Path) -> Sequence[Problem]:
        site = self.opened.site(path)
        try:
            resolved = resolve_profile(
                site, checks_dir=self.checks_dir, releases=self._lists, kinds=self.kinds
            )
            found = _about_run(resolved.warnings)
        except InputError as e:
            found = list(map(_later, e.problems))
        return [*site.warnings, *found, *_of_note(site)]

    def _profile(self, path: Path) -> Sequence[Problem]:
        chain = profile_chain(path)
        return _about_run(resolve_chain(chain, self.checks_dir, self._lists, self.kinds).warnings)

    def _check(self, path: Path) -> Sequence[Problem]:
        return lint_check(load_check(path), self.kinds)


def _of_note(site: Loaded[Site]) -> Sequence[Problem]:
    try:
        delivered = delivery_of(site, None)
    except InputError as e:
        return e.problems
    return delivered.warnings if delivered else ()


def _later(problem: Problem) -> Problem:
    """A run may still be given the list by `--releases`."""
    is_later = problem.code == "missing-release-list"
    return replace(problem, severity="warning") if is_later else problem


def _about_run(warnings: Iterable[Problem]) -> list[Problem]:
    """Without lists that are linted for their own sake and used by no profile here."""
    return [problem for problem in warnings if problem.code != "not-used"]


def _unreadable(path: Path) -> Sequence[Problem]:
    parse(read_source(path))
    return ()


def _unknown(path: Path) -> Sequence[Problem]:
    document = parse(read_source(path))
    message = "this is no file that preflight knows"
    first = "site:, booking:, profile:, releases: or policy:"
    help_ = f"begin with {first}, or with title: and kind: of a check"
    return [document.problem("unknown-format", (), message, help_)]

"""Files that people write, whichever sort each is, opened once: a site of thousands of servers
takes a second to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from preflight.errors import InputError
from preflight.files.booking import Booking
from preflight.files.check import Check, Profile
from preflight.files.credentials import Credential
from preflight.files.document import Document
from preflight.files.load import Loaded, is_calendar, load_site
from preflight.files.loader import parse
from preflight.files.plain import mapping
from preflight.files.policy import Policy
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.files.source import read_source
from preflight.files.validate import keys_at

_MODELS: dict[str, Any] = {
    "site": Site,
    "booking": Booking,
    "profile": Profile,
    "check": Check,
    "releases": ReleaseList,
    "policy": Policy,
}


class Opened:
    """Paths with the sort of each; see `sort_of`."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._documents: dict[Path, Document] = {}
        self._sites: dict[Path, Loaded[Site] | InputError] = {}
        self.sorts: Mapping[Path, str] = {path: self._open(path) for path in paths}

    def of_sort(self, sort: str) -> list[Path]:
        """The files of this sort, in the order given."""
        return [path for path, is_sort in self.sorts.items() if is_sort == sort]

    def site(self, path: Path) -> Loaded[Site]:
        """The site file.

        Raises:
            InputError: with every error of the file.
        """
        if path not in self._sites:
            try:
                self._sites[path] = load_site(path, self._documents.get(path))
            except InputError as e:
                self._sites[path] = e
        loaded = self._sites[path]
        if isinstance(loaded, InputError):
            raise loaded
        return loaded

    def _open(self, path: Path) -> str:
        sort, document = _read(path)
        if document and sort == "site":
            self._documents[path] = document
        return sort


def sort_of(path: Path) -> str:
    """`site`, `booking`, `profile`, `check`, `releases`, `policy`, `credentials`, or why none.

    Told by its keys: the sort that knows most of them. A file that cannot be read has the sort
    `unreadable`, one with strange keys `unknown`. A calendar is a booking.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[str, Document | None]:
    """What is wrong with it is told by whoever reads it as what it is."""
    if is_calendar(path):
        return "booking", None
    try:
        document = parse(read_source(path))
    except InputError:
        return ("credentials" if path.stem == "credentials" else "unreadable"), None
    return _sort(document), document


def _sort(document: Document) -> str:
    if _holds_credentials(document):
        return "credentials"
    keys = set(document.data)
    known = {name: len(keys & set(keys_at(model, ()))) for name, model in _MODELS.items()}
    best = max(known, key=lambda name: (name in keys, known[name]))
    return best if known[best] else "unknown"


def _holds_credentials(document: Document) -> bool:
    own = set(keys_at(Credential, ())) - {"site"}
    entries = document.data.values()
    return all(isinstance(entry, dict) for entry in entries) and any(
        own & set(mapping(entry)) for entry in entries
    )

"""What was asked of customers from this machine, and which answers were accepted already.

A folder per request: script, pack, its signature, and `accepted`, the digests of answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from preflight import atomic
from preflight.errors import PreflightError
from preflight.reasons import refusal
from preflight.statements import Pack

PACK, SIGNATURE, ACCEPTED = "pack.json", "pack.json.sig", "accepted"
_REQUEST = re.compile(r"r-[0-9a-f]{12}")
_SCRIPT = re.compile(r"selfcheck-([A-Za-z0-9][A-Za-z0-9._-]{0,69})\.txt")
"""SITE, or SITE-2 where a site takes several."""
_DIGEST = re.compile(r"[0-9a-f]{64}")
_MOST_BYTES = 262144
"""Of one file of a request; a script has 20,000."""


@dataclass(frozen=True)
class Built:
    """A request as it goes to the customer."""

    pack: Pack
    files: Mapping[str, bytes]
    """selfcheck-SITE.txt, README-SITE.txt, pack.json, pack.json.sig."""
    about: str = ""
    """`part 1 of 2: the site itself and 7 servers, db1 to db7`; empty for the only request."""


@dataclass(frozen=True)
class RequestFiles:
    """The three files of a request that accepting answers takes. Nobody has checked them yet."""

    pack: bytes
    signature: str
    script: bytes

    @classmethod
    def read(cls, folder: Path) -> RequestFiles:
        """From the folder that `selfcheck build -o` wrote, or from a copy of it.

        Raises:
            NotGenuine: `request-unknown`: they are not there or cannot be read.
        """
        try:
            pack = _read(folder / PACK)
            signature = _read(folder / SIGNATURE).decode("ascii", "replace")
            return cls(pack, signature, _read(folder / _script_name(pack)))
        except (OSError, ValueError) as error:
            said = f"{folder} does not hold a request: {_why(error)}."
            raise refusal("request-unknown", said) from None


def _why(error: OSError | ValueError) -> str:
    return f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)


def _read(path: Path) -> bytes:
    if path.is_fifo():  # out of somebody's archive: it would never end
        raise ValueError(f"{path.name} is no file")
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"{path.name} has more than {_MOST_BYTES} bytes")
    return data


def _script_name(pack: bytes) -> str:
    """The script that an unverified pack names, if that is a plain name of its kind."""
    value: Any = _json(pack)
    try:
        name = value["script"]["name"]
    except (KeyError, TypeError):
        name = None
    if not isinstance(name, str) or not _SCRIPT.fullmatch(name):
        raise ValueError(f"{PACK} names no script")
    return name


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


class Requests:
    """The requests that were made on this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def store(self, *every: Built) -> None:
        """Keeps requests, all or none: without them nobody can tell whether answers are genuine.

        Raises:
            PreflightError: one is there already, or the folder cannot be written.
        """
        kept = {}
        for built in every:
            names = [PACK, SIGNATURE, built.pack.script.name]
            kept[self._of(built.pack.request)] = {name: built.files[name] for name in names}
        write_every(kept, private=True)

    def open(self, request: str) -> RequestFiles:
        """The files of a request.

        Raises:
            NotGenuine: `request-unknown`: this machine did not make it.
        """
        if not _REQUEST.fullmatch(request) or not (self._of(request) / PACK).exists():
            raise refusal("request-unknown", f"Request {request!r:.80} was not made here.")
        return RequestFiles.read(self._of(request))

    def newer_than(self, pack: Pack) -> Pack | None:
        """A later request here that asks the same, the newest: for this booking and site, of all
        hosts that this one is about. The parts of a large site are requests beside each other."""
        about = (pack.booking, pack.site)
        later = [
            other
            for other in self._packs()
            if (other.booking, other.site) == about
            and other.issued > pack.issued
            and _covers(other, pack)
        ]
        return max(later, key=lambda other: other.issued, default=None)

    def still_asked(self, pack: Pack) -> list[str]:
        """Earlier requests here that hold still and that this one makes void."""
        about = (pack.booking, pack.site)
        return sorted(
            other.request
            for other in self._packs()
            if (other.booking, other.site) == about
            and other.issued < pack.issued < other.expires
            and _covers(pack, other)
        )

    def _packs(self) -> Iterator[Pack]:
        """Every readable one; an unreadable folder is no request."""
        for path in self._folder.glob(f"r-*/{PACK}"):
            with suppress(OSError, ValueError, ValidationError):
                yield Pack.model_validate(_json(_read(path)))

    def accepted(self, request: str) -> frozenset[str]:
        """Digests of the answers to a request that were accepted here.

        Raises:
            OSError: the list is there and cannot be read.
        """
        path = self._of(request) / ACCEPTED
        return frozenset(_DIGEST.findall(path.read_text("ascii")) if path.exists() else ())

    def note_accepted(self, request: str, sha256: str) -> None:
        """Remembers answers, so that they are accepted only once.

        Raises:
            OSError: the folder cannot be written.
        """
        lines = sorted({*self.accepted(request), sha256})
        folder = self._of(request)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        text = "".join(f"{line}\n" for line in lines)
        atomic.replace(folder / ACCEPTED, text.encode("ascii"), mode=0o600)

    def _of(self, request: str) -> Path:
        if not _REQUEST.fullmatch(request):
            raise refusal("request-unknown", f"{request!r:.80} is no request.")
        return self._folder / request


def _covers(other: Pack, pack: Pack) -> bool:
    return not other.hosts or (bool(pack.hosts) and set(pack.hosts) <= set(other.hosts))


def readme_name(pack: Pack) -> str:
    """Of the README beside a pack's script.

    Raises:
        ValueError: the script has no name of its kind.
    """
    if not (named := _SCRIPT.fullmatch(pack.script.name)):
        raise ValueError(f"{PACK} names no script")
    return f"README-{named[1]}.txt"


def write_every(folders: Mapping[Path, Mapping[str, bytes]], *, private: bool = False) -> None:
    """Writes new folders with their files, all or none of them.

    Raises:
        PreflightError: one holds a pack, or cannot be written.
    """
    written: list[Path] = []
    try:
        for folder, files in folders.items():
            write_new(folder, files, private=private)
            written += [folder / name for name in files]
    except PreflightError:
        for path in written:
            path.unlink(missing_ok=True)
        raise


def write_new(folder: Path, files: Mapping[str, bytes], *, private: bool = False) -> None:
    """Writes all files or none, the pack last, and never over another pack.

    Raises:
        PreflightError: the folder holds a pack, or cannot be written.
    """
    written: list[Path] = []
    try:
        if private:
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700 if private else 0o777)
        if (folder / PACK).exists():
            raise FileExistsError(None, f"already holds a {PACK}, and one is never overwritten")
        for name in sorted(files, key=lambda name: name == PACK):
            atomic.replace(folder / name, files[name], mode=0o600 if private else 0o644)
            written.append(folder / name)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        way_out = "make room there, or set XDG_DATA_HOME" if private else "name another with -o"
        raise PreflightError(f"{folder}: {error.strerror}", help=way_out) from error

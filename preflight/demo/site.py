"""The demo site as a whole: start it, break it, repair it, stop it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType

from preflight.demo import papers
from preflight.demo.bmc_server import Account
from preflight.demo.certificates import Authority
from preflight.demo.execution import PATH
from preflight.demo.files import Files
from preflight.demo.loopback import open_sockets
from preflight.demo.papers import Ways
from preflight.demo.ssh_server import USER, loaded, new_key
from preflight.demo.station import Station, Trust
from preflight.demo.tree import File, Tree
from preflight.demo.world import AS_FOUND, FAULTS, SOUND, truth
from preflight.errors import PreflightError

_SECRET = 0o600


class DemoSite:
    """Three machines on loopback, real in all that a check can look at.

    Use as a context manager, or call `start` and `stop`. Not for several threads at once.
    """

    def __init__(self, folder: Path, now: datetime) -> None:
        """`folder` is new or empty; `now` has an offset, and all dates lie around it."""
        self.files = Files(folder.absolute())
        self._now = now
        self._broken = frozenset(AS_FOUND)
        self._stations: dict[str, Station] = {}
        self._opened = contextlib.ExitStack()
        self._tree = Tree(self.files.folder)

    @property
    def broken(self) -> frozenset[str]:
        """Names of the faults that hold now (`world.FAULTS` says what they are)."""
        return self._broken

    @property
    def ways(self) -> dict[str, Ways]:
        """Addresses and ports by machine, while it runs."""
        return {name: station.ways for name, station in self._stations.items()}

    def start(self) -> None:
        """Writes the files and opens the ports, as found at the story's beginning.

        Raises:
            PreflightError: the folder is in use, this system has no `sh`, or loopback has no port.
        """
        try:
            _prepare(self.files)
            self._open()
        except OSError as error:
            self.stop()
            raise PreflightError(
                f"the demo site cannot start in {self.files.folder}: {error}",
                help="It needs a folder to write in and free TCP ports on 127.0.0.1.",
            ) from error

    def stop(self) -> None:
        """Ends every connection, process and thread. The files stay."""
        self._opened.close()
        self._stations.clear()

    def switch(self, name: str, *, broken: bool) -> None:
        """Makes one fault, or puts it right, in reality; the site file follows the places.

        Raises:
            PreflightError: there is no fault of that name.
        """
        if name not in FAULTS:
            raise PreflightError(
                f"the demo has no fault called {name!r}", help=f"It has: {', '.join(FAULTS)}."
            )
        self._become(self._broken | {name} if broken else self._broken - {name})

    def repair(self) -> None:
        """Puts everything right, in reality and in the site file."""
        self._become(frozenset())

    def __enter__(self) -> DemoSite:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _open(self) -> None:
        password, key = secrets.token_urlsafe(18), new_key()
        trust = Trust(
            client=loaded(key),
            account=Account(USER, password),
            site=Authority("demo site's BMCs", self._now),
            stranger=Authority("somebody else", self._now),
        )
        for name, sockets in open_sockets(self._opened).items():
            self._stations[name] = Station(SOUND[name], sockets, self.files, trust)
            self._opened.callback(self._stations[name].close)
        self._lay(self._papers_once(trust.site) | self._logins(key, password))
        self._become(self._broken)

    def _become(self, broken: frozenset[str]) -> None:
        self._lay({self.files.site: File(self._site(broken))})
        for name, machine in truth(broken).items():
            self._stations[name].become(machine)
        self._broken = broken

    def _lay(self, files: Mapping[Path, File]) -> None:
        folder = self.files.folder
        self._tree.lay({str(path.relative_to(folder)): file for path, file in files.items()})

    def _site(self, broken: Collection[str], up: str = "") -> bytes:
        return papers.site(truth(broken), self.ways, self._now, up)

    def _papers_once(self, authority: Authority) -> dict[Path, File]:
        ports = {ways.calls_port for ways in self.ways.values()}
        return {
            self.files.booking: File(papers.booking(self._now)),
            self.files.invitation: File(papers.invitation(self._now)),
            self.files.profile: File(papers.profile(ports.pop())),
            self.files.releases: File(papers.releases(self._now, packages=_has_dpkg())),
            self.files.ca: File(authority.pem),
            self.files.before / "site.yaml": File(self._site(AS_FOUND, "../")),
            self.files.after / "site.yaml": File(self._site((), "../")),
        }

    def _logins(self, key: bytes, password: str) -> dict[Path, File]:
        files = self.files
        here = files.credentials.parent
        refers = papers.credentials(
            os.path.relpath(files.ssh_key, here), os.path.relpath(files.bmc_password, here), USER
        )
        return {
            files.credentials: File(refers, _SECRET),
            files.ssh_key: File(key, _SECRET),
            files.bmc_password: File(f"{password}\n".encode(), _SECRET),
        }


def _prepare(files: Files) -> None:
    """A folder of our own: we never overwrite, and only the owner may look at logins."""
    if files.folder.exists() and any(files.folder.iterdir()):
        raise PreflightError(
            f"{files.folder} is not empty", help="Name a folder that is new or empty."
        )
    for private in (files.config, files.data, files.machines):
        private.mkdir(mode=0o700, parents=True)


def _has_dpkg() -> bool:
    """Without it nobody could say which package is installed."""
    return shutil.which("dpkg-query", path=PATH) is not None

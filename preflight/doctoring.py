"""Is this machine ready for a signed run? Looks at itself alone: nothing beyond loopback is
contacted, no name is resolved."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from preflight import __version__, places
from preflight.errors import InputError, PreflightError
from preflight.text import one_line

OLDEST_PYTHON = (3, 10)
ROOM_BYTES = 100 * 1024 * 1024
"""A report with its page takes a few megabytes, with photos many."""
SKEW = timedelta(seconds=300)
"""By so much two good clocks may differ (contract 9.16)."""
NAMESPACE = "preflight-doctor"
"""Nobody trusts a key for it: the test signature is worth nothing to anybody."""
_ACROSS = {"IPv4": "192.0.2.1", "IPv6": "2001:db8::1"}
"""Addresses of nobody (RFC 5737, RFC 3849); the kernel's own table is asked, no packet leaves."""

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Item:
    """One thing that was looked at."""

    id: str
    state: State
    found: str
    next: str = ""
    """What to do; empty when it is ok."""
    needed: bool = False
    """Without it there is no signed run."""

    def line(self) -> str:
        """For people: the state, the item, and below it what to do."""
        mark = "!" if self.needed and self.state != "ok" else " "
        said = f"{mark} {self.state:<8}{self.id:<16} {one_line(self.found, 1000)}"
        return f"{said}\n{' ' * 27}do: {one_line(self.next, 1000)}" if self.next else said

    def as_json(self) -> dict[str, str | bool]:
        """With every field, always."""
        return {"id": self.id, "state": self.state, "needed": self.needed, "found": self.found,
                "next": self.next}  # fmt: skip


@dataclass(frozen=True)
class Bench:
    """What is looked at, where it may be elsewhere than usual."""

    key: str | None = None
    """File, or `agent:SHA256:...`."""
    principal: str | None = None
    credentials: Path | None = None
    site: Path | None = None
    output: Path = Path()
    """Where reports are to go."""
    ask: Callable[[str], str] | None = None
    """Asks for the key's passphrase; None: nobody is asked, an encrypted key stays closed."""


def examine(bench: Bench, now: datetime) -> tuple[Item, ...]:
    """Every item, in the order in which it is worth mending.

    Raises:
        InputError: the site file is wrong; `lint` says the same.
    """
    from preflight.doctor_files import credentials, site, trust
    from preflight.doctor_keys import agent, signing_key
    from preflight.doctor_needs import for_site
    from preflight.doctor_plug_ins import plug_ins
    from preflight.files.load import load_site

    signer, key = signing_key(bench)
    looks = [
        [_program(), _python(), _clock(now), key],
        trust(places.trust(), signer, now),
        credentials(bench),
        [agent(bench.key)],
        [_output(bench.output), _data(), _echo(), *_routes()],
        plug_ins(),
        site(bench.site, now) if bench.site else [],
    ]
    items = tuple(item for items in looks for item in items)
    if bench.site is None:
        return items
    needed_there = load_site(bench.site).value
    return for_site(items, needed_there, bench.credentials or places.credentials())


def ready(items: tuple[Item, ...]) -> bool:
    """Whether a signed run is possible."""
    return all(item.state == "ok" for item in items if item.needed)


def _program() -> Item:
    return Item("version", "ok", f"preflight {__version__} on {platform.system()}")


def _python() -> Item:
    from preflight.probes.own_machine import tls_library

    found = f"Python {platform.python_version()}, {tls_library()}"
    if sys.version_info >= OLDEST_PYTHON:
        return Item("python", "ok", found, needed=True)
    wanted = ".".join(map(str, OLDEST_PYTHON))
    return Item("python", "broken", found, f"install Python {wanted} or newer", needed=True)


def _clock(now: datetime) -> Item:
    """Nothing is newer than the present: a file from the future means that the clock is behind."""
    newest, path = max(_file_times(), default=(0.0, Path()))
    written = datetime.fromtimestamp(newest, timezone.utc)
    found = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now + SKEW >= written:
        return Item("clock", "ok", f"{found}, later than every file of preflight's", needed=True)
    found += f", but {path} was written {written:%Y-%m-%d %H:%M:%S} UTC"
    next_ = "set the clock: signatures, permissions and expiry all rest on it"
    return Item("clock", "broken", found, next_, needed=True)


def _file_times() -> Iterator[tuple[float, Path]]:
    own = [*Path(__file__).parent.glob("*.py"), places.signing_key(), places.credentials()]
    own += [places.trust() / "allowed_signers", *(places.data() / "attempts").glob("*")]
    for path in own:
        with suppress(OSError):
            yield path.stat().st_mtime, path


def _output(folder: Path) -> Item:
    """A run makes what is missing of the folder, so the nearest that exists counts."""
    return _room("output", folder, "name another folder with -o, or make room")


def _data() -> Item:
    return _room("data", places.data(), "set XDG_DATA_HOME to a folder of yours, or make room")


def _room(name: str, folder: Path, next_: str) -> Item:
    there = folder.absolute()
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free
    except OSError as error:
        found = f"{there} takes no file: {error.strerror}"
        return Item(name, "broken", found, next_, needed=True)
    found = f"{there} is writable, {free // 2**20} MB free"
    return Item(name, "ok" if free >= ROOM_BYTES else "broken", found,
                "" if free >= ROOM_BYTES else next_, needed=True)  # fmt: skip


def _echo() -> Item:
    from preflight.evidence import Echo
    from preflight.probes.own_machine import echo_way

    found = echo_way()
    if isinstance(found, Echo):
        how = {"ping": "by the ping program"}.get(found.way, f"by a {found.way} socket")
        return Item("icmp", "ok", f"echo requests work {how}")
    next_ = (
        "only checks that ask for ICMP need it: install ping, or allow your group "
        "(sysctl net.ipv4.ping_group_range)"
    )
    return Item("icmp", "missing", found.detail, next_)


def _routes() -> list[Item]:
    return [_route(family, address) for family, address in _ACROSS.items()]


def _route(family: str, address: str) -> Item:
    from preflight.probes.route import source_for

    name = f"route-{family.lower()}"
    try:
        return Item(name, "ok", f"{family} leaves from {source_for(address)}")
    except OSError as error:
        next_ = "connect the network or VPN, if the site is reached by it"
        return Item(name, "missing", f"no {family} route ({error.strerror})", next_)


def refused(name: str, error: PreflightError, *, needed: bool = False) -> Item:
    """An item that did not work, in the words of the error."""
    said, help_ = str(error), error.help
    if isinstance(error, InputError):
        first = error.problems[0]
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        said, help_ = f"{first.path}: {first.message}{more}", first.help
    help_ = help_ or "mend what is named here"
    return Item(name, "broken", one_line(said, 1000), one_line(help_, 1000), needed=needed)

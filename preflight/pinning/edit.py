"""Pins into a site file's text: only they are added, and nothing else in it moves."""

from __future__ import annotations

import codecs
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from preflight import atomic
from preflight.errors import InputError
from preflight.files.document import Document, Spot
from preflight.files.load import Loaded
from preflight.files.loader import parse
from preflight.files.site import Device, Host, Redfish, Site, Tls
from preflight.files.source import Mark, decode, read_bytes
from preflight.files.validate import validate

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class NotWritten(Exception):  # noqa: N818 - no error: the lines are printed instead
    """The file was left as it was, and why."""


@dataclass(frozen=True)
class Pin:
    """A host key or the digest of a certificate that somebody confirmed."""

    thing: str
    """`host:db1`, `bmc:db1`, `pdu:n1-a`, `hypervisor:pve` or `netbox:lagos-ikeja`."""
    value: str

    @property
    def name(self) -> str:
        """In the site file; empty for NetBox, of which there is one."""
        return "" if self.thing.startswith("netbox:") else self.thing.partition(":")[2]

    @property
    def place(self) -> tuple[str, str]:
        """Where in the site file: the folder of the name, and the key below it, if any."""
        return _PLACES[self.thing.partition(":")[0]]

    @property
    def key(self) -> str:
        """What holds the pin."""
        return "host_key" if self.thing.startswith("host:") else "tls"

    @property
    def entry(self) -> str:
        """As it stands in the file."""
        value = f'"{self.value}"'
        return f"{self.key}: {value if self.key == 'host_key' else f'{{sha256: {value}}}'}"

    @property
    def under(self) -> str:
        """The key it stands under."""
        folder, below = self.place
        return ".".join(filter(None, (folder, self.name, below)))


_PLACES = {
    "host": ("hosts", "ssh"),
    "bmc": ("hosts", "bmc"),
    "pdu": ("pdus", "redfish"),
    "hypervisor": ("hypervisors", ""),
    "netbox": ("netbox", ""),
}


@dataclass(frozen=True)
class _Change:
    start: int
    end: int
    text: str


def write(loaded: Loaded[Site], pins: Sequence[Pin]) -> None:
    """Writes the pins into the file that was loaded.

    Raises:
        NotWritten: it cannot be done without changing anything else; the file is untouched.
    """
    path = loaded.path.resolve()
    try:
        before = read_bytes(loaded.path)
        if decode(str(path), before).text != loaded.document.source.text:
            raise NotWritten("the file was changed meanwhile")
        text = with_pins(loaded, pins)
        bom = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
        mode = stat.S_IMODE(path.stat().st_mode)
        atomic.replace(path, bom + text.encode(), mode=mode)
    except InputError as error:
        raise NotWritten("the file cannot be read any more") from error
    except OSError as error:
        raise NotWritten(f"{error.strerror}") from error


def with_pins(loaded: Loaded[Site], pins: Sequence[Pin]) -> str:
    """The file's text with these pins, read again and compared.

    Raises:
        NotWritten: the result would not be the same site with just these pins.
    """
    places = _Places(loaded.document)
    text = loaded.document.source.text
    for change in sorted((places.change(pin) for pin in pins), key=lambda c: -c.start):
        text = text[: change.start] + change.text + text[change.end :]
    if _read(loaded.path, text) != _pinned(loaded.value, pins):
        raise NotWritten("the way it is written there would change more than the pin")
    return text


def _read(path: Path, text: str) -> Site | None:
    try:
        return validate(Site, parse(decode(str(path), text.encode())))[0]
    except InputError:
        return None


def _pinned(site: Site, pins: Iterable[Pin]) -> Site:
    hosts, pdus, managers = dict(site.hosts), dict(site.pdus), dict(site.hypervisors)
    netbox = site.netbox
    for pin in pins:
        kind = pin.thing.partition(":")[0]
        if kind == "pdu":
            pdus[pin.name] = _pdu_with(pdus[pin.name], Tls(sha256=pin.value))
        elif kind == "hypervisor":
            update = {"tls": Tls(sha256=pin.value)}
            managers[pin.name] = managers[pin.name].model_copy(update=update)
        elif kind == "netbox" and netbox:
            netbox = netbox.model_copy(update={"tls": Tls(sha256=pin.value)})
        else:
            hosts[pin.name] = _with_pin(hosts[pin.name], pin)
    changed = {"hosts": hosts, "pdus": pdus, "hypervisors": managers, "netbox": netbox}
    return site.model_copy(update=changed)


def _pdu_with(pdu: Device, tls: Tls) -> Device:
    spoken = (pdu.redfish or Redfish()).model_copy(update={"tls": tls})
    return pdu.model_copy(update={"redfish": spoken})


def _with_pin(host: Host, pin: Pin) -> Host:
    if pin.thing.startswith("bmc:") and host.bmc:
        bmc = host.bmc.model_copy(update={"tls": Tls(sha256=pin.value)})
        return host.model_copy(update={"bmc": bmc})
    return host.model_copy(update={"ssh": host.ssh.model_copy(update={"host_key": pin.value})})


class _Places:
    """Where in a text something can be added."""

    def __init__(self, document: Document) -> None:
        self._text = document.source.text
        self._root = document.root
        self._starts = [0, *(m.end() for m in _LINE_BREAK.finditer(self._text))]
        found = _LINE_BREAK.search(self._text)
        self._newline = found.group() if found else "\n"

    def change(self, pin: Pin) -> _Change:
        """What to do to the text for one pin. Raises NotWritten."""
        folder, below = pin.place
        thing = self._spot(self._root, folder)
        thing = self._spot(thing, pin.name) if pin.name else thing
        parent = thing.child(below) if below else thing
        if parent is None:
            return self._beside(self._spot(thing, "address"), f"{below}: {{{pin.entry}}}", thing)
        if existing := parent.child(pin.key):
            return self._instead(existing, pin)
        last = _last_scalar(parent) if below else self._spot(thing, "address")
        if last is None:  # `ssh: {}`
            at = self._offset(parent.value) + 1
            return _Change(at, at, pin.entry)
        return self._beside(last, pin.entry, parent)

    def _spot(self, spot: Spot | None, part: str) -> Spot:
        found = spot and spot.child(part)
        if found is None:
            raise NotWritten(f"{part} does not stand where it should")
        return found

    def _offset(self, mark: Mark) -> int:
        return self._starts[mark.line] + mark.column

    def _instead(self, spot: Spot, pin: Pin) -> _Change:
        """`host_key: null`."""
        start, value = self._offset(spot.value), pin.entry.partition(": ")[2]
        return _Change(start, start + spot.value.width, value)

    def _beside(self, sibling: Spot, entry: str, parent: Spot | None) -> _Change:
        """After a scalar of the same mapping: on its line in flow style, else on one of its own."""
        if parent is not None and self._text[self._offset(parent.value)] == "{":
            at = self._offset(sibling.value) + sibling.value.width
            return _Change(at, at, f", {entry}")
        column = sibling.key.column if sibling.key else 0
        line = " " * column + entry
        if sibling.value.line + 1 < len(self._starts):
            at = self._starts[sibling.value.line + 1]
            return _Change(at, at, line + self._newline)
        return _Change(len(self._text), len(self._text), self._newline + line)


def _last_scalar(parent: Spot) -> Spot | None:
    inside = parent.inside if isinstance(parent.inside, dict) else {}
    scalars = [spot for spot in inside.values() if spot.inside is None]
    return max(scalars, key=lambda s: s.value, default=None)

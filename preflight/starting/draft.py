"""A site file before it is written: what is known, and what is blank. Pure data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SSH_PORT, BMC_PORT = 22, 443


@dataclass(frozen=True)
class Permission:
    """Who permitted the look, when, and where. An empty value is a blank to fill in."""

    by: str = ""
    on: str = ""
    from_: str = ""
    until: str = ""
    networks: tuple[str, ...] = ()


@dataclass(frozen=True)
class HallDraft:
    """A hall with the labels found in it."""

    racks: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    rows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Row -> its racks."""


@dataclass(frozen=True)
class BmcDraft:
    """A management controller, and the certificate it showed to a stranger."""

    address: str
    port: int = BMC_PORT
    sha256: str = ""
    notes: tuple[str, ...] = ()
    """What was seen, for comments."""
    credential: str = ""
    ca: str = ""
    """A PEM file, as the site file names it; with it no digest is written."""


@dataclass(frozen=True)
class HostDraft:
    """A server. Empty values are left out, except the address: that is a blank."""

    name: str
    address: str = ""
    roles: tuple[str, ...] = ()
    hall: str = ""
    rack: str = ""
    unit: str = ""
    feeds: tuple[str, ...] = ()
    serial: str = ""
    user: str = ""
    credential: str = ""
    port: int = SSH_PORT
    host_key: str = ""
    """Shown to a stranger, confirmed by nobody."""
    bmc: BmcDraft | None = None
    notes: tuple[str, ...] = ()
    """What was seen, for comments."""
    enclosure: str = ""
    runs_on: str = ""
    outlets: tuple[tuple[str, int], ...] = ()
    """PDU and number."""


@dataclass(frozen=True)
class DeviceDraft:
    """A switch, PDU, UPS or transfer switch."""

    name: str
    address: str = ""
    hall: str = ""
    rack: str = ""
    unit: str = ""
    feeds: tuple[str, ...] = ()
    pair: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class NetboxDraft:
    """Where NetBox is asked in every run."""

    address: str
    port: int
    path: str
    site: str
    credential: str
    reference: str = ""
    """Of its token, for the credentials file; empty where the entry is there already."""
    ca: str = ""
    """A PEM file, as the site file names it."""
    sha256: str = ""
    is_outside: bool = False
    """None of the permitted networks holds it, so that a run with it would be refused."""


@dataclass(frozen=True)
class SiteDraft:
    """The whole. An empty `site` or `customer` is a blank; without hosts it gets an example."""

    site: str = ""
    customer: str = ""
    profile: str = "base-servers"
    permission: Permission = Permission()
    halls: Mapping[str, HallDraft] = field(default_factory=dict)
    hosts: tuple[HostDraft, ...] = ()
    notes: tuple[str, ...] = ()
    """Where all this comes from, for the head of the file."""
    homeless: tuple[BmcDraft, ...] = ()
    """BMCs of which nobody said whose they are."""
    devices: Mapping[str, tuple[DeviceDraft, ...]] = field(default_factory=dict)
    """`switches`, `pdus`, `ups` or `ats` -> those."""
    links: tuple[tuple[str, str], ...] = ()
    """Things at both ends of a cable, like `host:db1` and `switch:sw-n`."""
    netbox: NetboxDraft | None = None
    control: tuple[str, ...] = ()
    """What proves the way to the site, as `address:port`."""

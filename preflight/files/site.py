"""The site file: the customer's environment as somebody described it. All of it is a claim."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from preflight.model import (
    Day,
    Flag,
    Hex64,
    Id,
    Label,
    Line,
    Model,
    Named,
    Natural,
    Port,
    misplaced,
)
from preflight.words import Dimension


@lru_cache(maxsize=16384)
def _host_or_ip(value: str) -> str:
    """RFC 1123 name or an IPv4 / IPv6 address without brackets or zone."""
    if all(part.isdigit() for part in value.split(".")):
        ipaddress.IPv4Address(value)
    if ":" in value:
        ipaddress.IPv6Address(value)
    return value


_ADDRESS = r"^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$"


def _endpoint(value: str) -> str:
    address, _, port = value.rpartition(":")
    if not re.match(_ADDRESS, address.strip("[]")):
        raise ValueError("before the port stands a name or an IP address")
    _host_or_ip(address.strip("[]"))
    if not 1 <= int(port) <= 65535:
        raise ValueError("a port is a number from 1 to 65535")
    return value


Address = Annotated[str, StringConstraints(pattern=_ADDRESS), AfterValidator(_host_or_ip)]
"""Where a thing is asked: a name or an IP address."""
Fingerprint = Annotated[str, StringConstraints(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]
"""An SSH key's fingerprint as `ssh-keygen -l` prints it."""
Endpoint = Annotated[
    str,
    StringConstraints(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$"),
    AfterValidator(_endpoint),
]
"""`address:port`, IPv6 in brackets."""
Thing = Annotated[
    str, StringConstraints(pattern=r"^(host|switch|pdu|ups|ats):[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
]
"""A thing of the site file by its sort and name: `switch:sa`."""
Network = Annotated[str, AfterValidator(lambda v: str(ipaddress.ip_network(v)))]
"""An IPv4 or IPv6 network in CIDR notation, host bits zero."""


class Authorised(Model):
    """Who permitted the look, when, and which networks. Whole UTC days, both inclusive."""

    by: Line
    on: Day
    from_: Day = Field(alias="from")
    until: Day
    networks: tuple[Network, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _order(self) -> Authorised:
        if self.until < self.from_:
            raise misplaced("until", "until lies before from")
        return self


class Ssh(Model):
    """How a host is asked by SSH."""

    user: Line | None = None
    credential: Id | None = None
    """An id in the engineer's own credentials file; never a secret."""
    port: Port = 22
    host_key: Fingerprint | None = None
    sudo: Flag = False
    """Its sudoers(5) hold the lines that `plan --access` prints, so that facts which only root may
    read can be asked for. Without them a sudo would alarm the host's administrator."""
    legacy: Flag = False
    """Also takes the algorithms of old servers, from this host alone: `ssh-rsa` host keys, group 1
    and 14 with SHA-1, CBC ciphers, `hmac-sha1`. Page 1 of the report names it."""
    jump: Id | None = None
    """The host of this site file to go through, for SSH and every TCP port of this host. That host
    may have one itself."""


class Tls(Model):
    """How a BMC's certificate proves it: one of the two."""

    sha256: Hex64 | None = None
    """Digest over the DER certificate. With it only the digest is compared (contract 9.8)."""
    ca: Line | None = None
    """A PEM file, relative to the site file."""
    min: Literal["1.0", "1.1"] | None = None
    """The oldest TLS version that this BMC alone may speak, with old ciphers; 1.2 without it.
    Page 1 of the report names it."""

    @model_validator(mode="after")
    def _one(self) -> Tls:
        if (self.sha256 is None) == (self.ca is None):
            raise misplaced("", "give exactly one of sha256 and ca")
        return self


class Ipmi(Model):
    """How a BMC is asked by IPMI 2.0 (RMCP+, UDP). Page 1 of the report names every BMC that is."""

    port: Port = 623
    cipher: Literal["17", "3"] = "17"
    """The cipher suite (IPMI 2.0, table 22-20): 17 is HMAC-SHA256 with AES-CBC-128, 3 is HMAC-SHA1
    with AES-CBC-128. Nothing else is spoken."""


class Bmc(Model):
    """A server's management controller."""

    address: Address
    protocol: Literal["auto", "redfish", "ipmi"] = "auto"
    """`auto` means Redfish; IPMI is spoken only where it is named."""
    port: Port = 443
    """Of Redfish."""
    ipmi: Ipmi = Ipmi()
    """Used where `protocol` is `ipmi`."""
    credential: Id | None = None
    tls: Tls | None = None
    jump: Id | None = None
    """The host to go through, its own server perhaps. Without it the BMC is asked directly,
    whatever its server's `ssh.jump` says."""


class Outlet(Model):
    """One power outlet that feeds a host."""

    pdu: Id
    outlet: Annotated[Natural, Field(ge=1)]
    """As printed on the device."""


class Host(Model):
    """A server of the installation."""

    address: Address
    roles: tuple[Id, ...] = ()
    hall: Label | None = None
    rack: Label | None = None
    unit: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(-\d{1,2})?$")] | None = None
    """Rack units, counted from the bottom: `21` or `21-22`."""
    feeds: tuple[Label, ...] = ()
    serial: Line | None = None
    """The delivered serial number: a requirement, not a source."""
    os: Literal["linux", "other"] = "linux"
    ssh: Ssh = Ssh()
    bmc: Bmc | None = None
    outlets: tuple[Outlet, ...] = ()
    enclosure: Label | None = None
    """The box that it sits in together with others: an enclosure of blades."""
    storage: tuple[Label, ...] = ()
    """What storage of others it uses, by its label."""
    hypervisor: Literal["libvirt"] | None = None
    """It runs virtual machines, and its SSH login may ask libvirt for them, read-only."""
    runs_on: Id | None = None
    """A virtual machine: the host of this site file, or the node of a manager, that it runs on."""


class Snmp(Model):
    """How a device is asked by SNMP. Page 1 of the report names every device asked by 2c."""

    version: Literal["3", "2c"] = "3"
    """3 is authPriv (RFC 3414). 2c proves nothing and hides nothing: the credential's password is
    its community, and what it tells counts as `reported`."""
    credential: Id | None = None
    port: Port = 161
    auth: Literal["sha256", "sha1", "sha512", "md5"] = "sha256"
    """Of version 3: RFC 7860, RFC 3414."""
    privacy: Literal["aes128", "aes256", "des"] = "aes128"
    """Of version 3: RFC 3826, RFC 3414."""


class Redfish(Model):
    """How a device that is no server's BMC is asked by Redfish."""

    port: Port = 443
    credential: Id | None = None
    tls: Tls | None = None


class Device(Model):
    """A PDU, UPS or switch."""

    address: Address | None = None
    snmp: Snmp | None = None
    redfish: Redfish | None = None
    """With both, Redfish is asked."""
    hall: Label | None = None
    rack: Label | None = None
    unit: Annotated[str, StringConstraints(pattern=r"^\d{1,2}(-\d{1,2})?$")] | None = None
    feeds: tuple[Label, ...] = ()
    pair: Label | None = None
    """Of a switch: the stack or pair that it is a half of; two of one label fail together."""


class Manager(Model):
    """What manages virtual machines over several physical ones."""

    address: Address
    protocol: Literal["proxmox", "vsphere"]
    port: Port | None = None
    """8006 for Proxmox VE, 443 for vSphere, unless said otherwise."""
    credential: Id | None = None
    tls: Tls | None = None


class Netbox(Model):
    """Where NetBox is asked what people wrote into it."""

    address: Address
    port: Port = 443
    path: Annotated[str, StringConstraints(pattern=r"^(/[A-Za-z0-9._-]+)*$")] = ""
    """Where it does not live at the root of its server: `/netbox`."""
    site: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,100}$")]
    """The slug of the site there."""
    credential: Id | None = None
    tls: Tls | None = None


class Hall(Model):
    """A hall with the labels of its racks and of its power feeds."""

    racks: tuple[Label, ...] = ()
    feeds: tuple[Label, ...] = ()
    rows: Named[tuple[Label, ...]] = Field(default_factory=dict)
    """Row -> the racks that stand in it."""


class Group(Model):
    """Things that back each other up. `must_differ` adds to a profile, and never weakens it."""

    hosts: tuple[Id, ...] = ()
    things: tuple[Thing, ...] = ()
    """Others than hosts: `switch:sa`, `pdu:pdu-n1-a`, `ups:u1`, `ats:t1`."""
    must_differ: tuple[Dimension, ...] = ()
    anti_affinity: Line | None = None
    """What keeps the virtual machines among them on different physical ones, as somebody says; a
    manager that can be asked knows better."""

    @model_validator(mode="after")
    def _several(self) -> Group:
        if len(self.hosts) + len(self.things) < 2:
            raise misplaced("hosts", "one alone backs nothing up: name at least two")
        return self


class Link(Model):
    """A declared cable or dependency between two things (`host:db1`, `switch:sa`)."""

    from_: Line = Field(alias="from")
    to: Line


class Contact(Model):
    """A person on the customer's side. Never enters a report; only the role does."""

    name: Line | None = None
    phone: Line | None = None
    email: Line | None = None


class Site(Model):
    """The whole site file. The least that works: site, customer, profile, authorised, hosts."""

    site: Id
    customer: Line
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] = "en"
    profile: Line
    authorised: Authorised
    control: tuple[Endpoint, ...] = ()
    """Things that prove the way to the site: gateway, VPN end."""
    halls: Named[Hall] = Field(default_factory=dict)
    hosts: Named[Host] = Field(min_length=1)
    groups: Named[Group] = Field(default_factory=dict)
    switches: Named[Device] = Field(default_factory=dict)
    pdus: Named[Device] = Field(default_factory=dict)
    ups: Named[Device] = Field(default_factory=dict)
    ats: Named[Device] = Field(default_factory=dict)
    """Transfer switches: each makes one feed of two."""
    hypervisors: Named[Manager] = Field(default_factory=dict)
    netbox: Netbox | None = None
    links: tuple[Link, ...] = ()
    contacts: Named[Contact] = Field(default_factory=dict)
    expects: tuple[Line, ...] = ()
    known_issues: tuple[Line, ...] = ()
    load: Named[Natural] = Field(default_factory=dict)
    delivery_note: Line | None = None
    """A CSV of the delivered serial numbers, relative to the site file."""

    def device(self, thing: str) -> Device | None:
        """The PDU, UPS, transfer switch or switch of a thing id (`pdu:pdu-n1-a`); None where there
        is none."""
        kind, _, name = thing.partition(":")
        devices = {"pdu": self.pdus, "ups": self.ups, "ats": self.ats, "switch": self.switches}
        return devices.get(kind, {}).get(name)

    def devices(self) -> dict[str, Device]:
        """Every PDU, UPS, transfer switch and switch by its thing id, in this order."""
        sorts = {"pdu": self.pdus, "ups": self.ups, "ats": self.ats, "switch": self.switches}
        return {f"{sort}:{name}": d for sort, named in sorts.items() for name, d in named.items()}

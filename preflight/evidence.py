"""Questions, answers and evidence: frozen data, and the only thing a judgement may rest on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from preflight.canonical import digest
from preflight.files.site import Address
from preflight.model import Hex64, Id, Line, Model, Natural, Port, UtcTime, utc_text
from preflight.words import Assurance, Controller, UnknownCause

OwnProtocol = Literal[
    "route", "icmp", "tcp", "ssh", "redfish", "ipmi", "snmp",
    "tls", "http", "dns", "clock",  # today only the customer's self-check asks these four
    "person",  # asked of somebody on site, once, through the self-check
    "proxmox", "vsphere",  # managers of virtual machines
    "netbox",  # what people wrote into NetBox
]  # fmt: skip
OwnFact = Literal[
    "route",  # route: does the own kernel know a way (UDP connect, no packet)
    "echo",  # icmp
    "connect",  # tcp
    "host-key",  # ssh: the key it shows, no login
    "login",  # ssh, redfish, ipmi, snmp: we were let in
    "presence",  # ipmi, snmp: something speaks the protocol there; sends no credential
    "machine-id",
    "product-uuid",
    "product-serial",
    "chassis-serial",  # ssh: of the enclosure, as the firmware tells it (DSP0134, type 3)
    "asset-tag",  # ssh: of the chassis
    "boot-id",  # ssh: changes with every start
    "virtual",  # ssh: is it a virtual machine
    "interfaces",  # ssh: network interfaces, their MAC addresses and networks
    "gateway",  # ssh: the default gateways and their MAC addresses
    "storage",  # ssh: what storage of others is in use
    "neighbours",  # ssh, redfish, snmp: who says by LLDP that he is at the other end of a cable
    "guests",  # ssh, proxmox, vsphere: which virtual machines run where
    "record",  # netbox: what is written there about a host; argument = its name there
    "file",  # ssh: argument = absolute path; digest of a regular file
    "package",  # ssh: argument = Debian package name
    "system",  # redfish, ipmi: identity of the computer system
    "power",  # redfish, ipmi: is it on
    "chassis",  # redfish: chassis identity and placement
    "supplies",  # redfish, ipmi: power supplies
    "outlets",  # redfish, snmp: the outlets of a PDU
    "battery",  # snmp: what a UPS feeds from, and for how long
    "device",  # redfish, snmp: identity of a PDU, UPS or switch
    "certificate",  # tls, http: the certificate it shows
    "service-root",  # http: the Redfish service root, which needs no login
    "addresses",  # dns: what a name resolves to
    "clock",  # clock: the time, and whether something keeps it
    "rack-label",  # person: what is written on the rack; argument = the question's words
    "power-seen",  # person: `lit` or `dark`; argument = the question's words
    "said",  # person: anything else; argument = the question's words
]
FOREIGN = "x-"
"""How protocols and facts of other distributions begin, and none of our own."""
Foreign = Annotated[str, StringConstraints(pattern=r"^x-[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Protocol = OwnProtocol | Foreign
Fact = OwnFact | Foreign


class Question(Model):
    """What a probe is asked about one thing. Equal questions to one thing are asked once."""

    protocol: Protocol
    fact: Fact
    argument: Line = ""
    address: Address | Literal[""] = ""
    """As the site file writes it; the resolved IP address is in the evidence. Empty where no
    packet is sent: a person is asked, or a clock is read."""
    port: Port | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Question:
        """A foreign probe tells foreign facts; what ours mean, and for how long, is settled."""
        if self.fact.startswith(FOREIGN) != is_foreign(self):
            raise ValueError(f"the protocol {self.protocol} has no fact {self.fact}")
        return self


def is_foreign(question: Question) -> bool:
    """Whether the probe of another distribution is asked."""
    return question.protocol.startswith(FOREIGN)


class Ask(Model):
    """A question to a thing (`host:db1`, `bmc:db1`, `control:10.20.0.1:443`)."""

    thing: Line
    question: Question


# --- answers -------------------------------------------------------------------------------


class Route(Model):
    """The kernel has a route; the packets would leave from `source`."""

    type: Literal["route"] = "route"
    source: Line


class Echo(Model):
    """ICMP echo: replies and round trips in microseconds, in order of sending."""

    type: Literal["echo"] = "echo"
    sent: Natural
    received: Natural
    rtt_us: tuple[Natural, ...]
    way: Line
    """Which way it was asked: `datagram`, `raw` or `ping` (the system's program)."""


class Connected(Model):
    """A TCP connection was accepted."""

    type: Literal["connected"] = "connected"
    rtt_us: Natural


class HostKey(Model):
    """The SSH host key that the thing showed and signed with."""

    type: Literal["host-key"] = "host-key"
    algorithm: Line
    fingerprint: Line


class Login(Model):
    """We were let in, by this method (`publickey`, `password`, `basic`, `session`, `rakp`)."""

    type: Literal["login"] = "login"
    method: Line


class Text(Model):
    """One attribute as text; null when the thing has none or shows junk there."""

    type: Literal["text"] = "text"
    value: Annotated[str, Field(max_length=4096)] | None


class FileState(Model):
    """A regular file and its digest, or that there is none."""

    type: Literal["file"] = "file"
    present: bool
    sha256: Hex64 | None = None
    size_bytes: Natural | None = None


class PackageState(Model):
    """An installed package and its version, or that it is not installed."""

    type: Literal["package"] = "package"
    installed: bool
    version: Line | None = None


ChosenBy = Literal["manager", "system-type", "host-name", "serial"]
"""By what a system was told from the others that one BMC lists."""


class System(Model):
    """A Redfish ComputerSystem's identity. Absent, null and junk values are null."""

    type: Literal["system"] = "system"
    serial: Line | None = None
    uuid: Line | None = None
    manufacturer: Line | None = None
    model: Line | None = None
    sku: Line | None = None
    host_name: Line | None = None
    chosen_by: ChosenBy | None = None
    """Null when the BMC lists no other. By `serial`: the declared one was looked for among all, so
    that its presence is no comparison."""


class Present(Model):
    """Something speaks the protocol at this address; nothing proves what it is."""

    type: Literal["present"] = "present"
    rtt_us: Natural


class Power(Model):
    """A system's power state in the words of Redfish PowerState (DSP0268): `On`, `Off`,
    `PoweringOn`, ... IPMI's chassis status is `On` or `Off`."""

    type: Literal["power"] = "power"
    state: Line | None = None


class Chassis(Model):
    """The chassis that holds the system: identity, and where its BMC says it stands."""

    type: Literal["chassis"] = "chassis"
    serial: Line | None = None
    enclosure_serial: Line | None = None
    """Of the outermost chassis that contains it (DSP0268, Chassis.Links.ContainedBy)."""
    enclosure_uuid: Line | None = None
    """The same box's UUID, where its maker tells one."""
    bay: Line | None = None
    """The bay or slot of that box."""
    chassis_type: Line | None = None
    """Of the server's own chassis, in the words of Redfish ChassisType: `RackMount`, `Blade`, ...
    Null where it is said to stand alone, and sits in a box or a bay all the same."""
    asset_tag: Line | None = None
    rack: Line | None = None
    row: Line | None = None
    hall: Line | None = None


class Supply(Model):
    """One power supply; what is not told is null. States are in the words of Redfish (DSP0268)."""

    name: Line
    """Unlike that of every other supply of the same answer."""
    state: Line | None = None
    """Status.State: `Enabled`, `Absent`, `UnavailableOffline`, `StandbyOffline`, ..."""
    health: Line | None = None
    """Status.Health: `OK`, `Warning`, `Critical`."""
    input_state: Line | None = None
    """LineInputStatus: `Normal`, `LossOfInput`, `OutOfRange`."""
    input_mv: Natural | None = None
    """Millivolts that it measures at its input, never the nominal voltage."""
    serial: Line | None = None
    source: Line | None = None
    """What it says it is fed from: an outlet, circuit or feed, as somebody wrote it into it."""


class Supplies(Model):
    """All power supplies that the chassis lists."""

    type: Literal["supplies"] = "supplies"
    supplies: tuple[Supply, ...] = Field(max_length=64)


class OutletState(Model):
    """One outlet of a PDU."""

    number: Natural
    """As printed on the device, from 1."""
    name: Line | None = None
    on: bool | None = None
    """Null when it does not tell, or tells something in between."""
    said: Line = ""
    """The state as the device writes it."""


class Outlets(Model):
    """All outlets that a PDU lists, by number."""

    type: Literal["outlets"] = "outlets"
    outlets: tuple[OutletState, ...] = Field(max_length=1024)


class Battery(Model):
    """What a UPS feeds from (RFC 1628); null where it does not tell."""

    type: Literal["battery"] = "battery"
    source: Line | None = None
    """upsOutputSource: `normal`, `battery`, `bypass`, `none`, `booster`, `reducer`, `other`."""
    battery: Line | None = None
    """upsBatteryStatus: `normal`, `low`, `depleted`, `unknown`."""
    minutes_left: Natural | None = None
    charge_percent: Natural | None = None
    on_battery_s: Natural | None = None
    """Seconds since it went on battery; 0 when it is not."""
    alarms: Natural | None = None


class DeviceIdentity(Model):
    """Who a PDU, UPS or switch says it is. Absent and junk values are null."""

    type: Literal["device"] = "device"
    name: Line | None = None
    description: Line | None = None
    location: Line | None = None
    manufacturer: Line | None = None
    model: Line | None = None
    serial: Line | None = None


class Neighbour(Model):
    """Who said by LLDP (IEEE 802.1AB) that he is at the other end of one cable. All of it is text
    from outside; what is not told is null."""

    port: Line
    """The own port that heard it, as the asked thing calls it."""
    chassis_id: Line | None = None
    """Of type `mac` in lower case with colons."""
    chassis_id_type: Line | None = None
    """`mac`, `ifname`, `ip`, `local`, ... in the words of lldpd's lldpctl(8)."""
    port_id: Line | None = None
    port_id_type: Line | None = None
    system_name: Line | None = None
    address: Line | None = None
    """Its first management address."""


class Neighbours(Model):
    """Everybody that the asked thing hears at its ports, and what it calls itself to them."""

    type: Literal["neighbours"] = "neighbours"
    chassis_id: Line | None = None
    """Its own, as it tells others; of type `mac` in lower case with colons."""
    system_name: Line | None = None
    neighbours: tuple[Neighbour, ...] = Field(max_length=1024)


class Interface(Model):
    """One network interface of a host."""

    name: Line
    mac: Line | None = None
    """Lower case with colons; null for all zeros."""
    up: bool | None = None
    """It has a carrier: a cable with something at its other end."""
    physical: bool | None = None
    """A device of its own stands behind it, real or of a virtual machine: no bridge, bond, VLAN."""
    networks: tuple[Line, ...] = Field(max_length=64, default=())
    """IPv4 networks that are reached by it directly, in CIDR notation."""


class Interfaces(Model):
    """The network interfaces of a host, by name; the loopback is left out."""

    type: Literal["interfaces"] = "interfaces"
    interfaces: tuple[Interface, ...] = Field(max_length=1024)


class Gateway(Model):
    """A default gateway."""

    address: Line
    mac: Line | None = None
    """Null when the host has not spoken to it lately."""
    interface: Line | None = None


class Gateways(Model):
    """The default gateways of a host (IPv4)."""

    type: Literal["gateways"] = "gateways"
    gateways: tuple[Gateway, ...] = Field(max_length=64)


class StorageInUse(Model):
    """What storage of others a host uses."""

    type: Literal["storage"] = "storage"
    sources: tuple[Line, ...] = Field(max_length=256)
    """`nfs:SERVER`, `cifs:SERVER`, `ceph:MONITORS`, `iscsi:TARGET NAME`, `fc:TARGET WWPN`, sorted;
    servers and targets only, no paths."""


class Virtual(Model):
    """Whether a host is a virtual machine, as its own system tells."""

    type: Literal["virtual"] = "virtual"
    virtual: bool | None = None
    """Null when nothing tells it for sure."""
    technology: Line | None = None
    """In the words of systemd-detect-virt(1) where it is there: `kvm`, `vmware`, `docker`, ..."""


class Guest(Model):
    """One virtual machine."""

    name: Line
    uuid: Line | None = None
    """As its firmware shows it to the guest, in lower case; null also where there was no time to
    ask for it, or it may not be read."""
    node: Line = ""
    """The physical machine that it runs on, as the manager calls it; empty: the asked host."""
    running: bool | None = None


class ApartRule(Model):
    """A rule of a manager that keeps virtual machines on different nodes."""

    name: Line
    guests: tuple[Line, ...] = Field(max_length=1024)
    """Names of the guests, as in `Guest.name`."""
    binding: bool = True
    """The manager rather stops one of them than to put two on one node."""


class Guests(Model):
    """Which virtual machines run where."""

    type: Literal["guests"] = "guests"
    guests: tuple[Guest, ...] = Field(max_length=4096)
    unplaced: tuple[Line, ...] = Field(max_length=4096, default=())
    """Names of more that it knows, without a word where they run."""
    rules: tuple[ApartRule, ...] | None = Field(max_length=1024, default=None)
    """Null when whoever was asked cannot tell rules."""


class Record(Model):
    """What an inventory says of one host. Written by people: a claim, whoever keeps it."""

    type: Literal["record"] = "record"
    name: Line
    status: Line | None = None
    """`active`, `planned`, ... as written there."""
    hall: Line | None = None
    row: Line | None = None
    rack: Line | None = None
    unit: Line | None = None
    """Its units in the site file's way: `21` or `21-22`."""
    serial: Line | None = None
    asset_tag: Line | None = None
    feeds: tuple[Line, ...] = Field(max_length=64, default=())
    pdus: tuple[Line, ...] = Field(max_length=64, default=())
    switches: tuple[Line, ...] = Field(max_length=64, default=())
    runs_on: Line | None = None
    """The physical machine of a virtual one."""


class Certificate(Model):
    """The certificate that a TLS server showed; nobody checked its chain."""

    type: Literal["certificate"] = "certificate"
    sha256: Hex64
    """Over the DER certificate."""
    subject: Line = ""
    issuer: Line = ""
    not_before: UtcTime | None = None
    not_after: UtcTime | None = None


class ServiceRoot(Model):
    """What a BMC tells anybody who asks for `/redfish/v1/` (DSP0266, 6.5)."""

    type: Literal["service-root"] = "service-root"
    status: Natural
    """Of the HTTP answer."""
    version: Line | None = None
    uuid: Line | None = None
    vendor: Line | None = None


class Addresses(Model):
    """What a name resolves to; empty when there is no such name."""

    type: Literal["addresses"] = "addresses"
    addresses: tuple[Line, ...] = Field(max_length=64)


class ClockState(Model):
    """A machine's clock, and whether something keeps it; null when it does not tell."""

    type: Literal["clock"] = "clock"
    utc: UtcTime
    synchronised: bool | None = None


class Statement(Model):
    """What a person says; `value` is null for "I do not know"."""

    type: Literal["statement"] = "statement"
    value: Line | None = None
    by: Line = ""
    """Who says so, by role; no names."""


class Told(Model):
    """One value of a reading; null when the thing has none."""

    id: Id
    value: Line | None


class Reading(Model):
    """What a probe of another distribution learned: named values as text, so that every report can
    be read by everybody, whether or not they have that probe."""

    type: Literal["reading"] = "reading"
    values: tuple[Told, ...] = Field(max_length=256)

    @model_validator(mode="after")
    def _each_once(self) -> Reading:
        if len({told.id for told in self.values}) != len(self.values):
            raise ValueError("a reading tells each value once")
        return self

    def get(self, name: str) -> str | None:
        """The value of this name; None when it was not told, or told as nothing."""
        return next((told.value for told in self.values if told.id == name), None)


Answer = Annotated[
    Route
    | Echo
    | Connected
    | HostKey
    | Login
    | Text
    | FileState
    | PackageState
    | System
    | Present
    | Power
    | Chassis
    | Supplies
    | Outlets
    | Battery
    | DeviceIdentity
    | Neighbours
    | Interfaces
    | Gateways
    | StorageInUse
    | Virtual
    | Guests
    | Record
    | Certificate
    | ServiceRoot
    | Addresses
    | ClockState
    | Statement
    | Reading,
    Field(discriminator="type"),
]


class NoAnswer(Model):
    """It could not be learned, and why. A value of its own, never False."""

    cause: UnknownCause
    detail: Line = ""
    """One sentence for people: what was tried and what came back."""
    because: Line = ""
    """The thing whose failure is the reason, where it is another one (a shared login's canary)."""


class Raw(Model):
    """What really came over the wire: at most 4 kB of it, and the whole's size and digest."""

    text: Annotated[str, Field(max_length=4096)]
    size_bytes: Natural
    sha256: Hex64


class Evidence(Model):
    """One answer with everything needed to weigh it."""

    id: Line
    thing: Line
    question: Question
    controller: Controller
    vantage: Literal["vendor", "customer"] = "vendor"
    taken: UtcTime
    duration_us: Natural
    attempts: Natural
    good_for_s: Natural
    proven: bool
    """Vendor: the thing showed the pinned host key or certificate, or a chain to the site's CA.
    Customer: the answers came under an unbroken seal."""
    ip: Line = ""
    """The address asked, after resolution."""
    answer: Answer | None = None
    no_answer: NoAnswer | None = None
    raw: Raw | None = None
    root: Line = ""
    """A non-empty PREFLIGHT_ROOT on the host: its facts come from a subtree (contract 9.12)."""
    distribution: Line = ""
    """Whose probe answered (`example-ups 1.2.0`); empty: ours."""

    @property
    def assurance(self) -> Assurance:
        """`observed` only from our own vantage and on a proven thing (contract 9.7). What a person
        says, and what anybody may have altered on its way, is a claim (law 2)."""
        unsealed = self.vantage == "customer" and not self.proven
        if unsealed or self.controller is Controller.PERSON:
            return Assurance.CLAIMED
        if self.vantage == "vendor" and (self.proven or shows_itself(self.question)):
            return Assurance.OBSERVED
        return Assurance.REPORTED


UNPROVEN_IS_FINE = frozenset({"route", "icmp", "tcp"})
"""An answer to our own probe at the asked address is observed without a pin (contract 9.7)."""


def shows_itself(question: Question) -> bool:
    """Whether an answer is about nothing but itself: that something there answers."""
    return question.protocol in UNPROVEN_IS_FINE or question.fact == "presence"


_DAY = 86400
_GOOD_FOR_S = {
    "product-serial": 90 * _DAY,
    "product-uuid": 90 * _DAY,
    "machine-id": 90 * _DAY,
    "system": 90 * _DAY,
    "device": 90 * _DAY,
    "chassis": 30 * _DAY,
    "chassis-serial": 90 * _DAY,
    "asset-tag": 90 * _DAY,
    "virtual": 90 * _DAY,
    "record": 30 * _DAY,
    "file": 7 * _DAY,
    "package": 7 * _DAY,
    "certificate": 7 * _DAY,
    "rack-label": 30 * _DAY,
    "said": 30 * _DAY,
}


def good_for_s(fact: str) -> int:
    """How long evidence counts: serial 90 d, rack 30 d, build 7 d, all else 24 h (contract 3)."""
    return _GOOD_FOR_S.get(fact, _DAY)


def controller_of(ask: Ask) -> Controller:
    """Who has the asked fact in hand."""
    if ask.question.protocol in _OWN:
        return _OWN[ask.question.protocol]
    kind = ask.thing.partition(":")[0]
    return _CONTROLLERS.get(kind, Controller.NETWORK)


_OWN: dict[str, Controller] = {
    "route": Controller.VENDOR,
    "person": Controller.PERSON,
    "netbox": Controller.PERSON,
    "clock": Controller.CUSTOMER,
}
_CONTROLLERS = {
    "host": Controller.HOST,
    "bmc": Controller.BMC,
    "pdu": Controller.PDU,
    "ups": Controller.UPS,
    "switch": Controller.SWITCH,
    "hypervisor": Controller.HYPERVISOR,
    "control": Controller.NETWORK,
}


def evidence_id(ask: Ask, vantage: str, taken: UtcTime) -> str:
    """`e-` plus 12 hex of the digest of {question, thing, vantage, taken} (contract 9.18)."""
    whole = {
        "question": ask.question.model_dump(mode="json"),
        "thing": ask.thing,
        "vantage": vantage,
        "taken": utc_text(taken),
    }
    return "e-" + digest(whole)[:12]

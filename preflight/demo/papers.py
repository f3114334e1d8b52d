"""The files that people would write about the demo site: site, booking, profile, release list.

Block style throughout, keys at column 0 with bare values: a reader's first examples, and easy to
change with a stream editor (contract 9.22).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import yaml

from preflight.demo.builds import BUILDS, PRODUCT, Build
from preflight.demo.world import HALLS, SOUND, Machine
from preflight.model import utc_text
from preflight.text import sha256_hex
from preflight.words import Stage

SITE, BOOKING = "demo-site", "DEMO-1"
Data = dict[str, Any]


@dataclass(frozen=True)
class Ways:
    """How one machine is reached, and what proves it."""

    address: str
    ssh_port: int
    host_key: str
    """Fingerprint of the key that it was delivered with."""
    bmc_address: str
    bmc_port: int
    calls_port: int | None


class _Block(yaml.SafeDumper):
    """Writes what preflight's loader reads: text stays bare unless it says null, true or false."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002
        """Lists stand one step in, under their key."""
        super().increase_indent(flow, False)  # noqa: FBT003 - the base class's signature


_Block.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.endswith((":null", ":bool"))]
    for first, pairs in yaml.SafeDumper.yaml_implicit_resolvers.items()
    if first in "~nNtTfF"
}


def yaml_text(title: str, data: Data) -> bytes:
    """A YAML file with one line of comment above."""
    dump = yaml.dump(
        _texts(data), Dumper=_Block, sort_keys=False, default_flow_style=False, width=100
    )
    return f"# {title}\n{dump}".encode()


def _texts(value: object) -> object:
    """Numbers as text: that is how they are read."""
    if isinstance(value, Mapping):
        return {key: _texts(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [_texts(item) for item in value]
    return str(value)


def site(
    machines: Mapping[str, Machine], ways: Mapping[str, Ways], now: datetime, up: str = ""
) -> bytes:
    """The site file as somebody would write it who knows where everything stands.

    Places are described as they are; serial numbers as they were delivered. `up` leads from the
    file's folder to the demo's.
    """
    complaints = any(BUILDS[m.build].word != "release" for m in machines.values())
    data = {
        "site": SITE,
        "customer": "Example Telecom",
        "profile": f"{up}profile.yaml",
        "authorised": _authorised(now),
        "halls": {name: vars(hall) for name, hall in HALLS.items()},
        "hosts": {name: _host(m, ways[name], up) for name, m in machines.items()},
        "groups": {"database": {"hosts": [n for n, m in machines.items() if m.role == "db"]}},
        "contacts": {"facility": {"name": "F. Adeyemi", "phone": "+44 1632 960142"}},
        "known_issues": ["VND-1182", "VND-1240"] if complaints else None,
    }
    return yaml_text("The demo site, as its owner describes it. All of it is a claim.", data)


def _authorised(now: datetime) -> Data:
    day = timedelta(days=1)
    return {
        "by": "F. Adeyemi, facility",
        "on": (now - 3 * day).date(),
        "from": (now - day).date(),
        "until": (now + 21 * day).date(),
        "networks": ["127.0.0.0/8"],
    }


def _host(machine: Machine, ways: Ways, up: str) -> Data:
    return {
        "address": ways.address,
        "roles": [machine.role],
        "hall": machine.hall,
        "rack": machine.rack,
        "unit": machine.unit,
        "feeds": machine.feeds,
        "serial": SOUND[machine.name].serial,
        "ssh": {
            "user": "preflight",
            "credential": "site-ssh",
            "port": ways.ssh_port,
            "host_key": ways.host_key,
        },
        "bmc": {
            "address": ways.bmc_address,
            "protocol": "redfish",
            "port": ways.bmc_port,
            "credential": "site-bmc",
            "tls": {"ca": f"{up}bmc-ca.pem"},
        },
    }


def booking(now: datetime) -> bytes:
    """The trip: six days to decide, nine to departure."""
    day = timedelta(days=1)
    data = {
        "booking": BOOKING,
        "engineer": "anna@vendor.example",
        "contact": {
            "name": "B. Okoro",
            "phone": "+44 1632 960177",
            "email": "b.okoro@customer.example",
        },
        "departs": utc_text(now + 9 * day),
        "on_site": {"from": utc_text(now + 10 * day), "to": utc_text(now + 14 * day)},
        "decide_by": utc_text(now + 6 * day),
        "cost_if_wasted": "6800 EUR",
    }
    return yaml_text("The trip that depends on the verdict.", data)


def invitation(now: datetime) -> bytes:
    """The same trip as a calendar has it (RFC 5545), with the two lines of a booking system."""
    day = timedelta(days=1)
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Vendor Example//Bookings//EN",
        "BEGIN:VEVENT", f"UID:{BOOKING.lower()}@bookings.vendor.example", f"DTSTAMP:{_stamp(now)}",
        f"DTSTART:{_stamp(now + 10 * day)}", f"DTEND:{_stamp(now + 14 * day)}",
        "SUMMARY:Installation at Example Telecom", "LOCATION:Example Telecom\\, both halls",
        "DESCRIPTION:Bring the console cable.", "STATUS:TENTATIVE", "SEQUENCE:0",
        f"X-PREFLIGHT-BOOKING:{BOOKING}", f"X-PREFLIGHT-SITE:{SITE}",
        f"X-PREFLIGHT-DEPARTS:{_stamp(now + 9 * day)}",
        f"X-PREFLIGHT-DECIDE-BY:{_stamp(now + 6 * day)}",
        "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def policy() -> bytes:
    """What the demo's gate wants: the demo has one key, so it asks for no second one."""
    wanted = {"second": "none", "max_age": "1d"}
    data = {"policy": "demo", "stages": {stage.value: wanted for stage in Stage}}
    return yaml_text("What must hold before the demo's trip may go.", data)


def _stamp(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")


def profile(calls_port: int | None) -> bytes:
    """Which checks the demo asks for. `calls_port`: the application's port, if all share one."""
    claims = {"rack": "claimed", "hall": "claimed", "feed": "claimed", "machine": "observed"}
    apart = {"by": ["machine", "rack", "hall", "feed"]}
    build = {"product": PRODUCT, "releases": "releases.yaml"}
    data = {
        "profile": "demo",
        "version": 1,
        "needs": {"role:db": 2, "hall": 2},
        "checks": [
            _entry("reach/answers", "all", calls_port and {"ports": [calls_port]}),
            _entry("reach/bmc-answers", "all"),
            _entry("reach/login-works", "all"),
            _entry("reach/bmc-login-works", "all"),
            _entry("power/powered-on", "all"),
            _entry("redundancy/apart", "group:database", apart, claims),
            _entry("identity/as-delivered", "all"),
            _entry("place/rack-label", "group:database"),
            _entry("software/released-build", "role:db", build),
        ],
    }
    return yaml_text("What must be true before anybody travels to the demo site.", data)


def _entry(check: str, on: str, parameters: object = None, assurance: Data | None = None) -> Data:
    return {"check": check, "on": on, "with": parameters, "assurance": assurance}


def releases(now: datetime, *, packages: bool) -> bytes:
    """The release list, with the digests of the builds' real files.

    `packages`: also what dpkg must say, where this machine has dpkg to ask.
    """
    builds = [_build(build, now, packages) for build in BUILDS.values()]
    data = {"releases": PRODUCT, "builds": builds}
    return yaml_text("Every build that the vendor made. What is not on it was not released.", data)


def _build(build: Build, now: datetime, packages: bool) -> Data:  # noqa: FBT001
    return {
        "id": build.id,
        "version": build.version,
        "class": build.word,
        "released": (now - timedelta(days=build.age_days)).date(),
        "files": [
            {"path": path, "sha256": sha256_hex(content)} for path, content in build.files().items()
        ],
        "packages": [{"name": PRODUCT, "version": build.package_version}] if packages else None,
        "fixes": build.fixes,
    }


def credentials(key: str, password: str, username: str) -> bytes:
    """The engineer's credentials: references to two secret files, relative to this one."""
    bound = {"site": SITE, "networks": ["127.0.0.0/8"]}
    data = {
        "site-ssh": {**bound, "key": key},
        "site-bmc": {**bound, "username": username, "password": f"file:{password}"},
    }
    return yaml_text("Made for this run; bound to the demo site and to loopback.", data)

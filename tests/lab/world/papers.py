"""What the engineer holds: site file, booking, profile, release list, credentials, keys, trust."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import yaml

from tests.lab.world import bmcs, boxes
from tests.lab.world.packages import package_version
from tests.lab.world.truth import BUILDS, GATE, HALLS, NETWORK, PRODUCT, Host, ProductBuild, Truth

Changes = Mapping[str, Any]
SITE, BOOKING, PRINCIPAL = "lagos-ikeja", "BK-2026-1142", "anna@vendor.example"
RELEASE_DAY = "2026-01-15"


@dataclass(frozen=True)
class Pins:
    """What the engineer was told about one host, over the telephone."""

    host_key: str
    """`SHA256:...`"""
    tls: Mapping[str, str]
    """`ca:` or `sha256:` as a site file writes it."""


@dataclass(frozen=True)
class Papers:
    """Paths of one engineer's files; all in one folder."""

    folder: Path

    @property
    def site(self) -> Path:
        """The site file."""
        return self.folder / "site.yaml"

    @property
    def booking(self) -> Path:
        """The booking file."""
        return self.folder / "booking.yaml"

    @property
    def releases(self) -> Path:
        """The vendor's release list."""
        return self.folder / "releases.yaml"

    @property
    def credentials(self) -> Path:
        """The engineer's credentials."""
        return self.folder / "credentials.yaml"

    @property
    def key(self) -> Path:
        """The engineer's signing key."""
        return self.folder / "signing_key"

    @property
    def trust(self) -> Path:
        """The folder with `allowed_signers` and `revoked_keys`."""
        return self.folder / "config/preflight/trust"

    @property
    def environment(self) -> dict[str, str]:
        """Home and XDG folders of this engineer alone."""
        places = {"HOME": "home", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data"}
        return {name: str(self.folder / folder) for name, folder in places.items()}


def write(
    folder: Path, truth: Truth, pins: Mapping[str, Pins], ssh_key: Path, changes: Changes
) -> Papers:
    """Files that claim exactly the truth, but for `changes`: file name -> nested mapping laid over
    it, where None removes a key."""
    papers = Papers(folder)
    for place in ("home", "data"):
        (folder / place).mkdir(parents=True)
    contents = {
        "site": _site(truth, pins),
        "booking": _booking(),
        "profile": _profile(),
        "releases": _releases(),
        "credentials": _credentials(ssh_key),
    }
    if unknown := set(changes) - set(contents):
        raise ValueError(f"no such file: {', '.join(sorted(unknown))}")
    for name, content in contents.items():
        laid = _over(content, changes.get(name, {}))
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(laid, sort_keys=False))
    papers.credentials.chmod(0o600)
    _sign_with(papers)
    return papers


def _over(base: Changes, changes: Changes) -> dict[str, Any]:
    laid = dict(base)
    for key, value in changes.items():
        below = laid.get(key)
        if value is None:
            laid.pop(key, None)
        elif isinstance(value, Mapping) and isinstance(below, Mapping):
            laid[key] = _over(below, value)
        else:
            laid[key] = value
    return laid


def _site(truth: Truth, pins: Mapping[str, Pins]) -> dict[str, Any]:
    now = datetime.now(timezone.utc).date()
    return {
        "site": SITE,
        "customer": "Example Telecom",
        "profile": "profile.yaml",
        "authorised": {
            "by": "C. Eze, security",
            "on": (now - timedelta(days=3)).isoformat(),
            "from": (now - timedelta(days=2)).isoformat(),
            "until": (now + timedelta(days=20)).isoformat(),
            "networks": [NETWORK],
        },
        "control": [f"{GATE}:443"],
        "halls": HALLS,
        "hosts": _hosts(truth, pins),
        "groups": {"database": {"hosts": ["db1", "db2"]}},
    }


def _hosts(truth: Truth, pins: Mapping[str, Pins]) -> dict[str, Any]:
    """A second name of one machine goes without its unit: `lint` knows that it is taken."""
    found: dict[str, Any] = {}
    places = set()
    for host in truth.hosts:
        found[host.name] = _host(host, pins[host.name])
        place = (host.machine.hall, host.machine.rack, host.machine.unit)
        if place in places:
            del found[host.name]["unit"]
        places.add(place)
    return found


def _host(host: Host, pins: Pins) -> dict[str, Any]:
    machine = host.machine
    return {
        "address": host.address,
        "roles": list(host.roles),
        "hall": machine.hall,
        "rack": machine.rack,
        "unit": str(machine.unit),
        "feeds": list(machine.feeds),
        "serial": machine.serial,
        "os": "linux",
        "ssh": {"user": boxes.USER, "credential": "site-ssh", "host_key": pins.host_key},
        "bmc": {
            "address": host.bmc,
            "protocol": "redfish",
            "credential": "site-bmc",
            "tls": dict(pins.tls),
        },
    }


def _booking() -> dict[str, Any]:
    now = datetime.now(timezone.utc)

    def day(days: int) -> str:
        return (now + timedelta(days=days)).isoformat(timespec="seconds")

    return {
        "booking": BOOKING,
        "engineer": PRINCIPAL,
        "contact": {"name": "B. Okoro", "phone": "+234 1 555 0142"},
        "departs": day(10),
        "on_site": {"from": day(11), "to": day(15)},
        "decide_by": day(5),
        "cost_if_wasted": "6800 EUR",
    }


def _profile() -> dict[str, Any]:
    release: dict[str, Any] = {"check": "software/released-build", "on": "role:db"}
    release["with"] = {"product": PRODUCT, "version": ">=7.2,<8", "releases": "releases.yaml"}
    return {"profile": "lab", "version": "1", "extends": "two-node-cluster", "checks": [release]}


def _releases() -> dict[str, Any]:
    return {"releases": PRODUCT, "builds": [_build(build) for build in BUILDS]}


def _build(build: ProductBuild) -> dict[str, Any]:
    return {
        "id": build.id,
        "version": build.version,
        "class": build.class_,
        "released": RELEASE_DAY,
        "files": [{"path": path, "sha256": digest} for path, digest in build.telling.items()],
        "packages": [{"name": PRODUCT, "version": package_version(build)}],
        "fixes": list(build.fixes),
    }


def _credentials(ssh_key: Path) -> dict[str, Any]:
    where = {"site": SITE, "networks": [NETWORK]}
    return {
        "site-ssh": {**where, "username": boxes.USER, "key": str(ssh_key)},
        "site-bmc": {**where, "username": bmcs.USER, "password": "env:SITE_BMC"},
    }


def _sign_with(papers: Papers) -> None:
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", PRINCIPAL]
    subprocess.run([*words, "-f", str(papers.key)], check=True)
    kind, public = papers.key.with_suffix(".pub").read_text().split()[:2]
    papers.trust.mkdir(parents=True)
    purposes = ",".join(f"preflight-{what}" for what in ("report", "pack", "acceptance", "slip"))
    line = f'{PRINCIPAL} namespaces="{purposes}" {kind} {public}\n'
    (papers.trust / "allowed_signers").write_text(line)
    (papers.trust / "revoked_keys").write_text("")

"""A running demo site, and clients that others wrote to look at it with."""

from __future__ import annotations

import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import datetime, timezone
from pathlib import Path

import httpx
import pytest

from preflight.demo.site import DemoSite

Ssh = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def now() -> datetime:
    return datetime.now(timezone.utc)


@pytest.fixture
def site(tmp_path: Path, now: datetime) -> Iterator[DemoSite]:
    """As found; in a folder with a blank in its name."""
    with DemoSite(tmp_path / "demo site", now) as running:
        yield running


@pytest.fixture
def running(now: datetime) -> Iterator[Callable[[Path], DemoSite]]:
    """Starts further sites."""
    sites: list[DemoSite] = []

    def start(folder: Path) -> DemoSite:
        sites.append(DemoSite(folder, now))
        sites[-1].start()
        return sites[-1]

    yield start
    for site in sites:
        site.stop()


@pytest.fixture
def ssh_argv(site: DemoSite, tmp_path: Path) -> Callable[..., list[str]]:
    """The stock client's command line, strict about the host key that lies in the machine."""

    def argv(
        machine: str, *more: str, key: Path | None = None, user: str = "preflight"
    ) -> list[str]:
        ways = site.ways[machine]
        pin = (site.files.root(machine) / "etc/ssh/ssh_host_ed25519_key.pub").read_text()
        known = tmp_path / "known_hosts"
        known.write_text(f"[{ways.address}]:{ways.ssh_port} {pin}")
        options = [
            "BatchMode=yes",
            "StrictHostKeyChecking=yes",
            f'UserKnownHostsFile="{known}"',
            "GlobalKnownHostsFile=none",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "LogLevel=ERROR",
        ]
        flags = [word for option in options for word in ("-o", option)]
        where = ["-p", str(ways.ssh_port), f"{user}@{ways.address}"]
        return ["ssh", "-F", "none", "-i", str(key or site.files.ssh_key), *flags, *where, *more]

    return argv


@pytest.fixture
def ssh(ssh_argv: Callable[..., list[str]]) -> Ssh:
    """Runs one command on a machine through the stock client."""

    def run(machine: str, *more: str, stdin: bytes = b"", **how: str) -> object:
        argv = ssh_argv(machine, *more, **how)
        return subprocess.run(argv, input=stdin, capture_output=True, timeout=120, check=False)

    return run  # type: ignore[return-value]


@pytest.fixture
def password(site: DemoSite) -> str:
    return site.files.bmc_password.read_text().strip()


@pytest.fixture
def redfish(site: DemoSite) -> Iterator[Callable[[str], httpx.Client]]:
    """A client for one machine's BMC that trusts the site's authority alone, without a login."""
    clients: list[httpx.Client] = []

    def client(machine: str) -> httpx.Client:
        ways = site.ways[machine]
        trust = ssl.create_default_context(cafile=site.files.ca)
        trust.verify_flags |= ssl.VERIFY_X509_STRICT
        base = f"https://{ways.bmc_address}:{ways.bmc_port}"
        clients.append(httpx.Client(base_url=base, verify=trust, trust_env=False, timeout=60))
        return clients[-1]

    yield client
    for one in clients:
        one.close()

"""What a run would log in to nowhere, or under another name: warnings before it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from preflight.files.credentials import Credentials
from preflight.files.document import Loc
from preflight.files.load import Loaded
from preflight.files.problems import Problem
from preflight.files.site import Bmc, Host, Site

KnownHosts = Mapping[str, AbstractSet[str]]
"""As `known_hosts` files name them: `ADDRESS` or `[ADDRESS]:PORT` -> fingerprints."""


def about_logins(site: Loaded[Site], known: KnownHosts) -> tuple[Problem, ...]:
    """Warnings about hosts, BMCs and managers without a pin or without a credential, counted; and
    about NetBox."""
    return (*_unpinned(site, known), *_nameless(site), *_netbox(site))


def _netbox(site: Loaded[Site]) -> Iterator[Problem]:
    netbox = site.value.netbox
    if netbox and netbox.tls is None:
        help_ = f"run `preflight pin {site.path}`, or write `tls: {{ca: FILE}}` under it"
        message = "netbox has no pin: no token will be sent there"
        yield _warning(site, "no-pin", message, help_, ("netbox",))
    if netbox and netbox.credential is None:
        help_ = "name an entry of your credentials file whose `password` is the token"
        message = "netbox has no `credential:`: nothing will be asked of it"
        yield _warning(site, "no-credential", message, help_, ("netbox",))


def _unpinned(site: Loaded[Site], known: KnownHosts) -> Iterator[Problem]:
    hosts = [host for host in site.value.hosts.values() if not _is_known(host, known)]
    bmcs = [bmc for bmc in _bmcs(site.value) if bmc.tls is None and bmc.protocol != "ipmi"]
    managers = [one for one in site.value.hypervisors.values() if one.tls is None]
    if hosts or bmcs or managers:
        counted, have = _counted(len(hosts), len(bmcs), len(managers))
        message = f"{counted} {have} no pin: nothing will be logged in to there"
        yield _warning(site, "no-pin", message, f"run `preflight pin {site.path}`")


def _nameless(site: Loaded[Site]) -> Iterator[Problem]:
    hosts = [host for host in site.value.hosts.values() if host.ssh.credential is None]
    bmcs = [bmc for bmc in _bmcs(site.value) if bmc.credential is None]
    managers = [one for one in site.value.hypervisors.values() if one.credential is None]
    if hosts or bmcs or managers:
        counted, have = _counted(len(hosts), len(bmcs), len(managers))
        message = f"{counted} {have} no `credential:`: nothing will be logged in to there"
        help_ = "name an entry of your credentials file: ssh: {user: NAME, credential: ID}"
        yield _warning(site, "no-credential", message, help_)


def about_accounts(site: Loaded[Site], held: Loaded[Credentials] | None) -> Iterator[Problem]:
    """Warnings about SSH accounts that the credentials file names otherwise. Nothing of it is
    ever shown, so not its name either."""
    if held is None:
        return
    accounts: dict[tuple[str, str], list[str]] = {}
    for name, host in site.value.hosts.items():
        credential = held.value.root.get(host.ssh.credential or "")
        if credential and credential.username and host.ssh.user not in {None, credential.username}:
            pair = (str(host.ssh.user), str(host.ssh.credential))
            accounts.setdefault(pair, []).append(name)
    for (user, credential_id), names in accounts.items():
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        message = (
            f'{names[0]}{more} is logged in to as "{user}", but credential "{credential_id}" has'
            " another username"
        )
        help_ = "the site file's name is used; correct one of the two, or leave username: out"
        yield _warning(site, "other-username", message, help_, ("hosts", names[0], "ssh", "user"))


def _bmcs(site: Site) -> list[Bmc]:
    return [host.bmc for host in site.hosts.values() if host.bmc]


def _is_known(host: Host, known: KnownHosts) -> bool:
    at = host.address if host.ssh.port == 22 else f"[{host.address}]:{host.ssh.port}"
    return bool(host.ssh.host_key or known.get(at))


def _counted(hosts: int, bmcs: int, managers: int) -> tuple[str, str]:
    """`20 hosts and 1 BMC`, `have`."""
    counts = {"host": hosts, "BMC": bmcs, "manager": managers}
    *sorts, last = [f"{n} {what}{'s' * (n != 1)}" for what, n in counts.items() if n]
    listed = " and ".join(filter(None, (", ".join(sorts), last)))
    return listed, "has" if sum(counts.values()) == 1 else "have"


def _warning(
    site: Loaded[Site], code: str, message: str, help_: str, loc: Loc = ("hosts",)
) -> Problem:
    return site.problem(code, loc, message, help_, key=len(loc) == 1, severity="warning")

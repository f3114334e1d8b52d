"""How servers and BMCs are logged in to, the same everywhere: for a draft, and for the
credentials file that goes with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network

from preflight.starting.draft import BmcDraft, HostDraft, SiteDraft
from preflight.starting.scalars import flow, scalar

SSH_ID, BMC_ID, ACCOUNT = "site-ssh", "site-bmc", "preflight"
"""What examples call them."""


@dataclass(frozen=True)
class Logins:
    """What `init` was given; empty is not given."""

    ssh_user: str = ""
    ssh_credential: str = ""
    bmc_credential: str = ""
    bmc_ca: str = ""
    """As the site file names it."""


def with_logins(draft: SiteDraft, logins: Logins) -> SiteDraft:
    """The draft with these at every host and BMC; an account of the spreadsheet stays."""
    hosts = tuple(
        replace(
            host,
            user=host.user or logins.ssh_user,
            credential=logins.ssh_credential,
            bmc=_bmc(host.bmc, logins) if host.bmc else None,
        )
        for host in draft.hosts
    )
    homeless = tuple(_bmc(bmc, logins) for bmc in draft.homeless)
    return replace(draft, hosts=hosts, homeless=homeless)


def _bmc(bmc: BmcDraft, logins: Logins) -> BmcDraft:
    return replace(bmc, credential=logins.bmc_credential, ca=logins.bmc_ca)


def still_missing(draft: SiteDraft) -> str:
    """One line: what has neither credential nor pin yet; empty when nothing is left."""
    bmcs = _bmcs(draft)
    nameless = _counted(
        [host for host in draft.hosts if not host.credential],
        [bmc for bmc in bmcs if not bmc.credential],
    )
    unpinned = _counted(draft.hosts, [bmc for bmc in bmcs if not bmc.ca])
    lacks = [f"a credential of {nameless}"] if nameless else []
    lacks += [f"a pin of {unpinned}"] if unpinned else []
    return "; ".join(lacks)


def _counted(hosts: Sequence[HostDraft], bmcs: Sequence[BmcDraft]) -> str:
    sorts = ((len(hosts), "host"), (len(bmcs), "BMC"))
    return " and ".join(f"{n} {what}{'s' * (n != 1)}" for n, what in sorts if n)


def _bmcs(draft: SiteDraft) -> list[BmcDraft]:
    return [*(host.bmc for host in draft.hosts if host.bmc), *draft.homeless]


def credentials_example(draft: SiteDraft) -> str:
    """A complete credentials file for this draft: a key for SSH, a password for the BMCs, each
    bound to the site and to those permitted networks that hold what it is for."""
    bmcs = _bmcs(draft)
    users = {host.user for host in draft.hosts if host.user}
    ssh = next((host.credential for host in draft.hosts if host.credential), SSH_ID)
    bmc = next((one.credential for one in bmcs if one.credential), BMC_ID)
    lines = [
        *_entry(ssh, draft, [host.address for host in draft.hosts]),
        f"  username: {scalar(users.pop() if len(users) == 1 else ACCOUNT)}",
        "  key: ~/.ssh/id_ed25519    # passphrase: \"prompt:\" where it has one",
    ]  # fmt: skip
    if bmc != ssh and (bmcs or not draft.hosts):
        lines += _entry(bmc, draft, [one.address for one in bmcs])
        lines.append(f"  username: {ACCOUNT}")
    if bmcs or not draft.hosts:
        lines.append("  password: env:SITE_BMC    # or file:PATH, prompt:, keyring:SERVICE/NAME")
    if draft.netbox and draft.netbox.reference:
        lines += _entry(draft.netbox.credential, draft, [draft.netbox.address])
        lines.append(f"  password: {scalar(draft.netbox.reference)}    # the token of NetBox")
    return "\n".join(lines)


def _entry(name: str, draft: SiteDraft, addresses: Sequence[str]) -> Iterator[str]:
    permitted = draft.permission.networks or ("10.20.0.0/16",)
    holding = [text for text in permitted if any(_inside(at, text) for at in addresses)]
    yield f"{scalar(name)}:"
    yield f"  site: {scalar(draft.site) if draft.site else 'SITE'}"
    yield f"  networks: {flow(holding or permitted)}"


def _inside(address: str, network: str) -> bool:
    """Names, and networks with mistakes, which `lint` tells, are in none."""
    try:
        return ip_address(address) in ip_network(network)
    except ValueError:
        return False

"""The doctor's look at the trust folder, the credentials, and one site file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from preflight import places
from preflight.doctor_keys import Signing
from preflight.doctor_needs import addresses as asked_from_here
from preflight.doctoring import Bench, Item, refused
from preflight.errors import InputError, NotGenuine, RefusedError
from preflight.files.credentials import load_credentials, resolve_credentials
from preflight.files.load import Loaded, load_policy, load_site
from preflight.files.logins import about_accounts
from preflight.files.site import Site
from preflight.permission import refuse_unpermitted
from preflight.probes.resolve import literal
from preflight.probes.route import source_addresses
from preflight.signing import trust as trusting
from preflight.signing.folder import POLICY
from preflight.signing.publickey import PublicKey
from preflight.text import one_line

NAMESPACES = ("preflight-report", "preflight-pack", "preflight-acceptance", "preflight-slip")


def trust(folder: Path, signing: Signing, now: datetime) -> Iterator[Item]:
    """A run signs without it; verify and gate do nothing without it."""
    if not folder.is_dir():
        next_ = "preflight trust init you@vendor.example FILE.pub"
        yield Item("trust", "missing", f"there is no trust folder {folder}", next_)
        return
    try:
        known = trusting.load(folder)
    except NotGenuine as error:
        yield refused("trust", error)
        return
    yield Item("trust", "ok", f"{folder} holds {len(known.grants)} lines, all understood")
    if signing:
        yield _own_key(known, signing, now)
    yield _policy(folder / POLICY)


def _own_key(known: trusting.Trust, signing: Signing, now: datetime) -> Item:
    name, key = signing or ("", None)
    trusted = [space for space in NAMESPACES if key and _allows(known, name, space, key, now)]
    if "preflight-report" in trusted:
        return Item("trust-key", "ok", f"{name}'s key is trusted for {', '.join(trusted)}")
    found = f"{name}'s key is trusted for {', '.join(trusted) or 'nothing'} here"
    next_ = f"preflight trust add {name} FILE.pub, after you compared the fingerprint"
    return Item("trust-key", "missing", found, next_)


def _allows(known: trusting.Trust, name: str, space: str, key: PublicKey, now: datetime) -> bool:
    try:
        trusting.authorise(known, name, space, key, now)
    except NotGenuine:
        return False
    return True


def _policy(path: Path) -> Item:
    if not path.exists():
        next_ = "preflight trust policy, if this machine gates trips"
        return Item("policy", "missing", f"there is no {path}", next_)
    try:
        load_policy(path)
    except InputError as error:
        return refused("policy", error)
    return Item("policy", "ok", f"{path} is understood")


def credentials(bench: Bench) -> Iterator[Item]:
    """The file itself; and every id that the site names, resolved as a run resolves it."""
    path = bench.credentials or places.credentials()
    if path.exists():
        try:
            ids = ", ".join(load_credentials(path).value.root)
            yield Item("credentials", "ok", f"{path} holds {ids or 'nothing'}")
        except InputError as error:
            yield refused("credentials", error, needed=bench.site is not None)
            return
    else:
        next_ = "write one, mode 0600, when a site names credentials"
        yield Item("credentials", "missing", f"there is no {path}", next_)
    if bench.site:
        site = load_site(bench.site)
        yield _of_site(site.value, path)
        yield from _accounts(site, path)


def _of_site(site: Site, path: Path) -> Item:
    addresses = {text: ip for text in _targets(site) if (ip := literal(text)) is not None}
    try:
        found = resolve_credentials(site, addresses, path, lambda _: "asked for at the run")
    except InputError as error:
        return refused("site-credentials", error, needed=True)
    named = ", ".join(found) or "none: nothing will be logged in to"
    return Item("site-credentials", "ok", f"{site.site} names {named}", needed=True)


def _accounts(site: Loaded[Site], path: Path) -> Iterator[Item]:
    """Only what differs: a run goes ahead with it, and is refused by every host."""
    held = load_credentials(path) if path.exists() else None
    for problem in about_accounts(site, held):
        yield Item("site-accounts", "broken", problem.message, problem.help)


def _targets(site: Site) -> Iterator[str]:
    for host in site.hosts.values():
        yield host.address
        if host.bmc:
            yield host.bmc.address


def site(path: Path, now: datetime) -> Iterator[Item]:
    """Whether a run may start today, and whether our own kernel knows a way there."""
    found = load_site(path).value
    addresses = {text: ip for text in _targets(found) if (ip := literal(text)) is not None}
    try:
        refuse_unpermitted(found, addresses, now)
        permit = found.authorised
        said = f"{found.site} may be looked at until {permit.until}, UTC"
        yield Item("permission", "ok", said, needed=True)
    except RefusedError as error:
        yield refused("permission", error, needed=True)
    there = {text: ip for text in asked_from_here(found) if (ip := literal(text)) is not None}
    yield _ways(there)


def _ways(addresses: dict[str, str]) -> Item:
    lost = [text for text, ip in addresses.items() if not source_addresses([ip])]
    if lost:
        next_ = "connect the VPN or network that leads there"
        shown = one_line(", ".join(lost[:10]), 500)
        return Item("site-route", "missing", f"no route to {len(lost)}: {shown}", next_)
    return Item("site-route", "ok", f"the kernel knows a way to all {len(addresses)} IP addresses")

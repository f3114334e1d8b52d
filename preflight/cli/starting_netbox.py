"""The steps of `init --from netbox`: ask, draw, and say how it was understood."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import places
from preflight.cli.options import now
from preflight.cli.screen import note
from preflight.errors import PreflightError
from preflight.starting.draft import NetboxDraft, SiteDraft
from preflight.text import one_line

if TYPE_CHECKING:
    from preflight.files.site import Tls
    from preflight.starting.netbox_look import Looked
    from preflight.starting.netbox_place import Where

NETBOX = "netbox"


@dataclass(frozen=True)
class Access:
    """The command's options about NetBox."""

    url: str
    token: str
    credential: str
    ca: Path | None
    sha256: str

    @property
    def is_given(self) -> bool:
        """Any of them."""
        return any((self.url, self.token, self.credential, self.ca, self.sha256))


def from_netbox(
    access: Access,
    slug: str,
    mapped: Mapping[str, str],
    networks: Sequence[str],
    folder: Path,
) -> SiteDraft:
    """The site of this slug as a draft.

    Raises:
        PreflightError: something is not given, or NetBox cannot be asked.
    """
    from preflight.inventory.names import identifier
    from preflight.starting.netbox import drawn
    from preflight.starting.netbox_map import wanted
    from preflight.starting.netbox_place import where
    from preflight.starting.netbox_told import told

    if not access.url or not slug:
        raise PreflightError(
            "NetBox is asked with --url and --site",
            help="--from netbox --url https://netbox.example --site SLUG --token env:NETBOX_TOKEN",
        )
    at = where(access.url)
    looked = _look(access, at, slug)
    found = drawn(looked.inventory, wanted(mapped, looked.inventory))
    for line in told(looked.inventory, found):
        note(line)
    note(f"sent {looked.sent}; servers: {len(found.hosts)}; cables to switches: {len(found.links)}")
    said = f"From NetBox, {now():%Y-%m-%d}: have the customer confirm the labels."
    return SiteDraft(
        site=identifier(slug, "site"), hosts=found.hosts, halls=found.halls, notes=(said,),
        devices=found.devices, links=found.links,
        netbox=_section(access, at, slug, looked, networks, folder),
    )  # fmt: skip


def _look(access: Access, at: Where, slug: str) -> Looked:
    from preflight.cli.running import ask_secret
    from preflight.starting.netbox_look import CREDENTIAL, look, token

    own = token(access.token, access.credential, places.credentials(), ask_secret)
    netbox = at.of(slug, access.credential or CREDENTIAL)

    def announce(count: int) -> None:
        note(f"{count} sorts of requests to NetBox at {one_line(access.url)}, all of them GET")

    return look(netbox, _tls(access), own, now().date(), announce)


def _tls(access: Access) -> Tls | None:
    """Raises PreflightError: both are given, or one of them cannot be."""
    from preflight.files.site import Tls

    if access.ca and access.sha256:
        raise PreflightError("--ca and --sha256 are both given", help="one of them proves NetBox")
    if access.ca and not access.ca.is_file():
        raise PreflightError(
            f"--ca {one_line(str(access.ca), 4096)}: there is no such file",
            help="name the PEM file of the authority that signed NetBox's certificate",
        )
    digest = access.sha256.replace(":", "").lower()
    if digest and (len(digest) != 64 or not set(digest) <= set("0123456789abcdef")):
        raise PreflightError(
            "--sha256 is no digest of a certificate",
            help="64 hexadecimal digits, over the certificate in DER",
        )
    if access.ca:
        return Tls(ca=str(access.ca.resolve()))
    return Tls(sha256=digest) if digest else None


def _section(
    access: Access, at: Where, slug: str, looked: Looked, networks: Sequence[str], folder: Path
) -> NetboxDraft:
    """Where every run asks NetBox again. Without --ca the certificate itself is pinned: this
    machine's authorities, or --sha256, have proven it."""
    from preflight.starting.netbox_look import CREDENTIAL

    ca = access.ca
    named = "" if ca is None else str(ca) if ca.is_absolute() else os.path.relpath(ca, folder)
    return NetboxDraft(
        address=at.address, port=at.port, path=at.path, site=slug,
        credential=access.credential or CREDENTIAL, reference=access.token, ca=named,
        sha256="" if ca else looked.sha256,
        is_outside=bool(networks) and not _inside(looked.ip, networks),
    )  # fmt: skip


def _inside(ip: str, networks: Sequence[str]) -> bool:
    return any(_holds(text, ip) for text in networks)


def _holds(network: str, ip: str) -> bool:
    """One with a mistake, which `lint` tells, holds nothing."""
    try:
        return ipaddress.ip_address(ip) in ipaddress.ip_network(network)
    except ValueError:
        return False

"""The steps of `init`: what to start from, the draft, the two files, and what to do next."""

from __future__ import annotations

import os
import shlex
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preflight import atomic, places
from preflight.cli.options import now
from preflight.cli.screen import note, result
from preflight.cli.starting_netbox import NETBOX, Access, from_netbox
from preflight.errors import PreflightError
from preflight.starting.draft import Permission, SiteDraft
from preflight.text import one_line

if TYPE_CHECKING:
    from preflight.starting.logins import Logins

SHEETS = frozenset({".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xls", ".ods"})
SITE, BOOKING = "site.yaml", "booking.yaml"


@dataclass(frozen=True)
class Options:
    """The command's options that fill in blanks or read a sheet."""

    by: str
    on: str
    until: str
    networks: tuple[str, ...]
    control: tuple[str, ...]
    site: str
    customer: str
    profile: str
    mapped: tuple[str, ...]
    fill: tuple[str, ...]
    ssh_user: str
    ssh_credential: str
    bmc_credential: str
    bmc_ca: Path | None
    url: str
    token: str
    credential: str
    ca: Path | None
    sha256: str


def start(folder: Path, sources: Sequence[str], is_from: bool, given: Mapping[str, Any]) -> None:  # noqa: FBT001 - the command's own
    """Writes the files.

    Raises:
        InputError, PreflightError: nothing was written, and nothing contacted unless it says so.
        RefusedError: a look that nobody permitted.
    """
    if sources and not is_from:
        raise PreflightError(
            f"{one_line(sources[0])!r} stands alone",
            help="to write into a folder: -o DIR; to look at a host or read a sheet: --from",
        )
    from preflight.starting.logins import Logins, with_logins

    options = Options(**given)
    _refuse_existing(folder / SITE)
    logins = _logins(options, folder)
    if logins != Logins() and not sources:
        raise PreflightError(
            "accounts and credentials are written into hosts, and none is named",
            help="name them with --from SHEET.csv or --from HOST",
        )
    draft = _filled(_draft(sources, options, folder), options)
    _write(folder, with_logins(draft, logins))


def _logins(options: Options, folder: Path) -> Logins:
    """The same everywhere, as the site file takes them."""
    from preflight.starting import values
    from preflight.starting.logins import Logins

    try:
        user = values.user(options.ssh_user) if options.ssh_user else ""
        ssh, bmc = (
            values.credential(text) if text else ""
            for text in (options.ssh_credential, options.bmc_credential)
        )
    except values.Impossible as why:
        raise PreflightError(one_line(str(why)), help=why.help) from None
    return Logins(user, ssh, bmc, _named_from(folder, options.bmc_ca))


def _named_from(folder: Path, file: Path | None) -> str:
    """Relative paths of a site file start at the site file."""
    if file is None:
        return ""
    if not file.is_file():
        raise PreflightError(
            f"--bmc-ca {one_line(str(file), 4096)}: there is no such file",
            help="name the PEM file of the authority that signed the BMCs' certificates",
        )
    return str(file) if file.is_absolute() else os.path.relpath(file, folder)


def _draft(sources: Sequence[str], options: Options, folder: Path) -> SiteDraft:
    """Hosts, halls and notes; what the options say is filled in later."""
    access = Access(options.url, options.token, options.credential, options.ca, options.sha256)
    if list(sources) == [NETBOX]:
        mapped = dict(_mapping(text) for text in options.mapped)
        return from_netbox(access, options.site, mapped, _listed(options.networks), folder)
    if access.is_given:
        raise PreflightError(
            "--url, --token, --credential, --ca and --sha256 are about NetBox",
            help="--from netbox, and nothing else beside it",
        )
    sheets = [source for source in sources if Path(source).suffix.lower() in SHEETS]
    if len(sources) == 1 and (sheets or Path(sources[0]).is_file()):
        return _from_sheet(Path(sources[0]), options)
    if sheets:
        raise PreflightError(
            f"{one_line(sheets[0])} stands among other sources", help="one spreadsheet alone"
        )
    if options.mapped or options.fill:
        raise PreflightError(
            "--map and --fill go with a spreadsheet, and --map with NetBox",
            help="--from SHEET.csv, or --from netbox",
        )
    return _from_look(sources, options) if sources else SiteDraft()


def _from_sheet(path: Path, options: Options) -> SiteDraft:
    from preflight.files.source import read_bytes
    from preflight.starting.sheet import understood

    wanted = dict(_mapping(text) for text in options.mapped)
    found = understood(str(path), read_bytes(path), wanted, options.fill)
    for line in found.told:
        note(line)
    count = len(found.hosts)
    racks = len({(hall, rack) for hall, labels in found.halls.items() for rack in labels.racks})
    note(f"servers: {count}; declared halls: {len(found.halls)}, with racks: {racks}")
    said = f"Servers from {path.name}, {now():%Y-%m-%d}: have the customer confirm the labels."
    return SiteDraft(hosts=found.hosts, halls=found.halls, notes=(said,))


def _mapping(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals or not column:
        raise PreflightError(
            f"--map {one_line(text)!r} is no COLUMN=FIELD", help="like --map 'Mgmt IP=address'"
        )
    return column, field


def _from_look(sources: Sequence[str], options: Options) -> SiteDraft:
    from preflight.report import Request
    from preflight.starting.looking import look
    from preflight.starting.seen import anything_answers, drafts
    from preflight.starting.targets import permitted_site, targets

    def announce(requests: tuple[Request, ...]) -> None:
        for request in requests:
            note(f"  {request.thing}  {request.request}")
        note(f"{len(requests)} requests, no login, as permitted by {one_line(options.by)}")

    found = targets(sources)
    site = permitted_site(found, _said(options.by), _listed(options.networks), now().date())
    looked = look(site, found, now, announce)
    hosts, homeless = drafts(found, looked.evidence, now())
    if not anything_answers(looked.evidence):
        note("nothing answered at all: is the way there up (VPN, own network)?")
    note(f"sent {looked.sent}; servers: {len(hosts)}; BMCs of unknown servers: {len(homeless)}")
    said = f"Looked at {now():%Y-%m-%d %H:%M} UTC without a login: nothing here is proven."
    return SiteDraft(hosts=hosts, homeless=homeless, notes=(said,))


def _listed(networks: Sequence[str]) -> tuple[str, ...]:
    return tuple(part for text in networks for part in text.replace(",", " ").split())


def _filled(draft: SiteDraft, options: Options) -> SiteDraft:
    """With what the options say; anything else stays blank."""
    on, until = _day(options.on), _day(options.until)
    permission = Permission(_said(options.by), on, on, until, networks=_listed(options.networks))
    return replace(
        draft,
        site=draft.site or one_line(options.site),
        customer=_said(options.customer),
        profile=_said(options.profile),
        permission=permission,
        control=_control(options.control),
    )


def _control(given: Sequence[str]) -> tuple[str, ...]:
    from preflight.starting import values

    try:
        return tuple(dict.fromkeys(values.endpoint(text) for text in given))
    except values.Impossible as why:
        raise PreflightError(f"--control {one_line(str(why))}", help=why.help) from None


def _said(text: str) -> str:
    """One line of the length that the site file takes."""
    return one_line(text)[:1000]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError:
        raise PreflightError(
            f"{one_line(text)!r} is no day", help="write it like 2026-11-10"
        ) from None


def _refuse_existing(path: Path) -> None:
    if os.path.lexists(path):
        raise PreflightError(
            f"{one_line(str(path), 4096)} is there already", help="name another folder with -o DIR"
        )


def _write(folder: Path, draft: SiteDraft) -> None:
    from preflight.files.source import LIMIT_BYTES
    from preflight.starting.booking_file import BOOKING_FILE
    from preflight.starting.site_file import blanks, site_file

    data = site_file(draft).encode()
    if len(data) > LIMIT_BYTES:
        raise PreflightError(f"the site file would be larger than {LIMIT_BYTES} bytes")
    texts = {SITE: data, BOOKING: BOOKING_FILE.encode()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in texts.items():
            if name == BOOKING and os.path.lexists(folder / name):
                note(f"{folder / name} is there already and stays as it is")
                continue
            atomic.create(folder / name, content)
            result(one_line(str(folder / name), 4096))
    except OSError as error:
        raise PreflightError(f"{error.filename or folder}: {error.strerror}") from error
    _next(folder, blanks(draft), draft)


def _next(folder: Path, empty: Sequence[str], draft: SiteDraft) -> None:
    from preflight.starting.logins import credentials_example, still_missing

    site, booking = (shlex.quote(str(folder / name)) for name in (SITE, BOOKING))
    if empty:
        shown = ", ".join(empty[:12]) + (f" and {len(empty) - 12} more" if len(empty) > 12 else "")
        note(f"to fill in: {shown}; and the booking")
    if lacking := still_missing(draft):
        note(f"missing for logins: {lacking}")
    note(f"then: preflight lint {site} {booking}")
    note(f"      preflight plan {site} --commands     # for whoever must permit it")
    note(f"      preflight pin {site}                 # host keys and certificates, to confirm")
    note(f"secrets: {places.credentials()} (mode 0600), like this:")
    note(textwrap.indent(credentials_example(draft), "  "))

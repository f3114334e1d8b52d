"""Asks NetBox for one site, as `init --from netbox` names it, by the probe of a run.

No site file permits this look: whoever runs NetBox did, by giving out the token.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from preflight.commands import RequestLog, commands_digest
from preflight.errors import PreflightError
from preflight.files.credentials import resolve_credentials
from preflight.files.secrets import REFERENCE, Unresolved
from preflight.files.secrets import Ask as AskSecret
from preflight.files.secrets import resolve as secret_of
from preflight.files.site import Authorised, Host, Netbox, Site, Tls
from preflight.inventory.model import Inventory
from preflight.inventory.names import identifier
from preflight.inventory.versions import known
from preflight.probes import netbox_paths
from preflight.probes.base import Limits, Secret, Way
from preflight.probes.dial import endpoint
from preflight.probes.netbox import Visit
from preflight.probes.resolve import resolve
from preflight.probes.tls import SYSTEM
from preflight.probes.unanswered import Unanswered
from preflight.report import Request
from preflight.runner import RESOLVE_S
from preflight.text import one_line
from preflight.words import UnknownCause

CREDENTIAL = "netbox"
"""What its entry of the credentials file is called, unless said otherwise."""


@dataclass(frozen=True)
class Token:
    """How the token is come by: one of the two, and the credentials file for the latter."""

    reference: str
    credential: str
    credentials: Path
    ask: AskSecret

    def secret(self, site: Site, addresses: dict[str, str]) -> Secret:
        """Raises InputError or PreflightError: there is none, or it may not go there."""
        if not self.reference:
            return resolve_credentials(site, addresses, self.credentials, self.ask)[self.credential]
        try:
            return Secret(CREDENTIAL, password=secret_of(self.reference, Path(), WHAT, self.ask))
        except Unresolved as why:
            raise PreflightError(f"the token does not resolve: {why}", help=why.help) from None


WHAT = "token of NetBox"


@dataclass(frozen=True)
class Looked:
    """What came back, and by which certificate it was proven."""

    inventory: Inventory
    sha256: str
    ip: str
    sent: int


def token(reference: str, credential: str, credentials: Path, ask: AskSecret) -> Token:
    """Raises PreflightError: neither is given, both are, or a token itself."""
    if bool(reference) == bool(credential):
        raise PreflightError(
            "NetBox is asked with a token, named by one of --token and --credential",
            help="--token env:NETBOX_TOKEN, file:PATH, keyring:SERVICE/NAME or prompt:; "
            "--credential ID of your credentials file",
        )
    if reference and not REFERENCE.match(reference):
        raise PreflightError(
            "--token holds something that is no reference; the token itself must not stand there: "
            "others can read command lines",
            help="put it into a variable or file: --token env:NETBOX_TOKEN, or file:PATH",
        )
    return Token(reference, credential, credentials, ask)


def look(
    netbox: Netbox, tls: Tls | None, own: Token, today: date, announce: Callable[[int], None]
) -> Looked:
    """Reads the site from NetBox. `tls` None: this machine's own authorities prove it. `announce`
    is given the number of requests that may be sent, before the first is.

    Raises:
        PreflightError: saying what is wrong and what to do.
    """
    addresses = resolve([netbox.address], RESOLVE_S)
    site = _site(netbox, today)
    secret = own.secret(site, addresses)
    thing = f"netbox:{netbox.site}"
    requests = [Request(thing=thing, request=r) for r in netbox_paths.requests(netbox.site)]
    log = RequestLog(requests, commands_digest(requests))
    way = Way(
        site=site, base=Path(), addresses=addresses, known_hosts={}, send=log.send,
        secrets={netbox.credential or "": secret}, limits=Limits(question_s=LIMIT_S),
    )  # fmt: skip
    visit = Visit(thing, way, tls or SYSTEM)
    announce(len(requests))
    try:
        inventory = visit.inventory()
    except Unanswered as why:
        raise _refused(why, netbox) from None
    return Looked(inventory, visit.shown, addresses.get(netbox.address, ""), log.commands(str).sent)


LIMIT_S = 30.0
"""For one request: somebody waits for this one alone."""


def _site(netbox: Netbox, today: date) -> Site:
    """Of this one look; what is asked is NetBox alone."""
    permit = Authorised(
        by="whoever gave out the token", on=today, from_=today, until=today,
        networks=("0.0.0.0/0", "::/0"),
    )  # fmt: skip
    return Site(
        site=identifier(netbox.site, "site"),
        customer="not yet known",
        profile="none",
        authorised=permit,
        hosts={"none": Host(address=netbox.address)},
        netbox=netbox,
    )


def _refused(why: Unanswered, netbox: Netbox) -> PreflightError:
    answer, at = why.no_answer, endpoint(netbox.address, netbox.port)
    if answer.cause is UnknownCause.WRONG_SITE:
        message = f"{at} shows another certificate than --sha256 says; no token was sent"
        return PreflightError(message, help=_HELP[answer.cause])
    message = f"{one_line(answer.detail, 900)} ({answer.cause}, {at})"
    return PreflightError(message, help=_HELP.get(answer.cause, ""))


_HELP = {
    UnknownCause.AUTH: "make a token in NetBox for a user of its own, without write access; one of"
    " version 2 (from NetBox 4.5 on) is the whole nbt_KEY.TOKEN",
    UnknownCause.PERMISSION: "let the token's user view: " + ", ".join(netbox_paths.models()),
    UnknownCause.TLS: "--ca FILE names the authority that signed its certificate (PEM), and"
    " --sha256 DIGEST the certificate itself, once somebody confirmed it",
    UnknownCause.WRONG_SITE: "ask whoever runs NetBox for the digest of its certificate",
    UnknownCause.MISSING_ATTRIBUTE: "--site is the slug of the site, as its page in NetBox has it",
    UnknownCause.UNSUPPORTED: f"known are NetBox {known()}; a spreadsheet of its devices does as"
    " well: --from SHEET.csv",
    UnknownCause.PARSE: "--url is where NetBox itself answers, with its path if it has one; a login"
    " page before it has to let the API through",
    UnknownCause.TIMEOUT: "check --url, and the way there (VPN, proxy, firewall)",
    UnknownCause.REFUSED: "check --url and its port",
    UnknownCause.UNREACHABLE: "check --url, and the way there (VPN, name server)",
}

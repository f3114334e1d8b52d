"""`preflight ask`: the mail to the customer as a file that mail programs open as a draft."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path

from preflight.errors import NotGenuine, PreflightError
from preflight.files.booking import Booking
from preflight.files.load import load_booking, load_site
from preflight.files.site import Contact, Site
from preflight.model import utc_text
from preflight.render.mail import Mail
from preflight.render.mail.letter import Enclosed
from preflight.report import Report
from preflight.selfcheck.parts import servers
from preflight.selfcheck.requests import Built, RequestFiles, readme_name
from preflight.statements import Pack
from preflight.text import one_line, sha256_hex

NAME_CHARS = 60
"""Longest name of a person in a header."""
_MOST_BYTES = 65536
"""Of a README."""
_MAILBOX = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
)
"""ASCII only: any mail server takes it, and nothing in it can steer a header (RFC 5321, 4.1.2)."""
_NAMED = re.compile(r"\s*(?P<name>[^<>]*?)\s*<\s*(?P<mailbox>[^<>\s]+)\s*>\s*")


@dataclass(frozen=True)
class Parties:
    """Between whom the mail goes. A report holds no people: files of the engineer name them."""

    to: tuple[Address, ...] = ()
    sender: Address | None = None
    name: str = ""
    """Of the one that it is to, for the greeting."""
    signature: tuple[str, ...] = ()
    """Name and address of the one who asks, a line each, as far as the booking has them."""


def parties(report: Report, booking: Path | None, site: Path | None) -> Parties:
    """The booking's contact, else the site's contacts; the booking's engineer writes.

    Raises:
        InputError: a file is wrong.
        PreflightError: it is about another trip or site than the report: its people would read
            somebody else's open items.
    """
    trip = _own_booking(report, load_booking(booking).value) if booking else None
    place = _own_site(report, load_site(site).value) if site else None
    contact = trip.contact if trip else None
    to = _reachable([(contact.name, contact.email)] if contact else [])
    to = to or _reachable(_contacts(place))
    names = [contact.name] if contact else [one.display_name for one in to]
    engineer = trip.engineer or "" if trip else ""
    sender = address(engineer)
    own = [sender.display_name, sender.addr_spec] if sender else [_name(engineer)]
    name = _name(names[0] or "") if len(names) == 1 else ""
    return Parties(to, sender, name, tuple(filter(None, own)))


def _own_booking(report: Report, booking: Booking) -> Booking:
    if booking.booking != report.booking:
        raise PreflightError(
            f"the report is about booking {report.booking or '(none)'}, the booking file is"
            f" {booking.booking}",
            help="name the booking file of this report's trip with --booking",
        )
    return booking


def _own_site(report: Report, site: Site) -> Site:
    if site.site != report.site:
        raise PreflightError(
            f"the report is about site {report.site}, the site file is {site.site}",
            help="name the site file of this report with --site",
        )
    return site


def _contacts(site: Site | None) -> list[tuple[str | None, str | None]]:
    contacts: Mapping[str, Contact] = site.contacts if site else {}
    return [(one.name, one.email) for _, one in sorted(contacts.items())]


def _reachable(people: Sequence[tuple[str | None, str | None]]) -> tuple[Address, ...]:
    found = [addressed(name or "", mailbox or "") for name, mailbox in people]
    return tuple({one.addr_spec: one for one in found if one}.values())


def address(text: str) -> Address | None:
    """`anna@vendor.example` or `Anna Kern <anna@vendor.example>`; None for anything else."""
    named = _NAMED.fullmatch(text)
    return addressed(named["name"], named["mailbox"]) if named else addressed("", text.strip())


def addressed(name: str, mailbox: str) -> Address | None:
    """A person's name and address as a header takes them; None where it is no mail address."""
    if not _MAILBOX.fullmatch(mailbox):
        return None
    user, _, domain = mailbox.partition("@")
    if "" in user.split(".") or "" in domain.split("."):
        return None
    return Address(display_name=_name(name), username=user, domain=domain)


def _name(name: str) -> str:
    """Nothing in a name may steer a header; quotes that somebody wrote around it are not his."""
    return one_line(name.strip().strip('"'), NAME_CHARS)


@dataclass(frozen=True)
class Attached:
    """A self-check as it is attached: two text files, byte by byte. The pack stays here."""

    enclosed: Enclosed
    files: tuple[tuple[str, bytes], ...]


def attachments(every: Iterable[Built]) -> tuple[Attached, ...]:
    """What the customer needs of new requests."""
    return tuple(
        _attached(b.pack, b.files[b.pack.script.name], b.files[readme_name(b.pack)], b.about)
        for b in every
    )


def _attached(pack: Pack, script: bytes, readme: bytes, about: str = "") -> Attached:
    names = pack.script.name, readme_name(pack)
    enclosed = Enclosed(*names, pack.script.sha256, pack.expires, about)
    return Attached(enclosed, tuple(zip(names, (script, readme), strict=True)))


def stored_attachments(
    folders: Iterable[Path], report: Report, now: datetime
) -> tuple[Attached, ...]:
    """The files that `preflight selfcheck build -o DIR` left in each folder, or in the folders
    `part-1`, `part-2`, ... of it.

    Raises:
        PreflightError: they are not there, not for this trip, not whole, or ran out; or two have
            one name.
    """
    found = tuple(_stored(one, report, now) for folder in folders for one in _parts(folder))
    names = Counter(one.enclosed.script for one in found)
    if twice := [name for name, count in names.items() if count > 1]:
        raise PreflightError(
            f"two of the self-checks are called {twice[0]}, and in one mail nobody could tell which"
            " is which",
            help="let one `preflight selfcheck build` make them all, or write a mail for each",
        )
    return found


def _parts(folder: Path) -> Sequence[Path]:
    """In the order of their numbers; the folder itself where it has none."""
    found = [path for path in folder.glob("part-*") if path.name[5:].isdecimal()]
    return sorted(found, key=lambda path: int(path.name[5:])) or [folder]


def _stored(folder: Path, report: Report, now: datetime) -> Attached:
    help_ = "make new ones with `preflight selfcheck build`, or leave --selfcheck away"
    try:
        files = RequestFiles.read(folder)
        pack = Pack.model_validate_json(files.pack)
        with (folder / readme_name(pack)).open("rb") as file:
            readme = file.read(_MOST_BYTES)
    except (NotGenuine, OSError, ValueError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error).splitlines()[0]
        raise PreflightError(f"{folder} holds no self-check: {said}", help=help_) from error
    if wrong := _unfit(pack, files.script, report, now):
        raise PreflightError(f"the self-check in {folder} {wrong}", help=help_)
    about = f"for {servers(pack.hosts)}" if pack.hosts else ""
    return _attached(pack, files.script, readme, about)


def _unfit(pack: Pack, script: bytes, report: Report, now: datetime) -> str:
    """Why its answers would be refused; empty when they would not."""
    if (pack.booking, pack.site) != (report.booking, report.site):
        return f"is for booking {pack.booking} at {pack.site}"
    if sha256_hex(script) != pack.script.sha256:
        return "is not the one that its pack speaks of: the script was changed"
    return f"ran out at {utc_text(pack.expires)}" if pack.expires <= now else ""


def compose(mail: Mail, who: Parties, attached: Iterable[Attached], at: datetime) -> bytes:
    """The mail as bytes of a .eml file. The same input gives the same bytes."""
    message = EmailMessage(policy=policy.SMTP)
    _head(message, mail, who, at)
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html", charset="us-ascii")
    for name, data in (file for one in attached for file in one.files):
        message.add_attachment(data, "text", "plain", filename=name, cte="base64")
    _name_boundaries(message, sha256_hex("\0".join([mail.text, mail.html]).encode("utf-8")))
    return message.as_bytes()


def _head(message: EmailMessage, mail: Mail, who: Parties, at: datetime) -> None:
    """`X-Unsent: 1` makes mail programs open the file as a draft."""
    message["X-Unsent"] = "1"
    message["Date"] = at
    if who.sender:
        message["From"] = who.sender
        message["Reply-To"] = who.sender
    message["To"] = who.to
    message["Subject"] = mail.subject
    message["Message-ID"] = _message_id(mail, who, at)


def _message_id(mail: Mail, who: Parties, at: datetime) -> str:
    """Names no machine: the sender's domain, or one that nobody can own (RFC 2606)."""
    domain = who.sender.domain if who.sender else "preflight.invalid"
    whole = "\0".join([utc_text(at), mail.subject, mail.text])
    return f"<{sha256_hex(whole.encode('utf-8'))[:32]}@{domain}>"


def _name_boundaries(message: EmailMessage, digest: str) -> None:
    """The library would draw them by lot. Of the parts, two are hashed and two in base64."""
    whole = [part for part in message.walk() if part.is_multipart()]
    for number, part in enumerate(whole):
        part.set_boundary(f"=_{digest[:40]}_{number}")

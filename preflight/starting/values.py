"""What people type into cells, as the site file writes it; or why it cannot be. Pure."""

from __future__ import annotations

import re
import unicodedata

from pydantic import TypeAdapter, ValidationError

from preflight.files.site import Address, Endpoint
from preflight.model import Id, Label, Line

_NOTHING = (
    "n/a na n.a. n.a #n/a #ref! #value! #name? - -- --- \u2013 \u2014 . ? ?? tbd tba tbc t.b.d."
    " none null nil unknown empty pending k.a. unbekannt offen keine"
)
_BLANKS = frozenset(_NOTHING.split())
_ROUNDED = re.compile(r"[0-9][.,]?[0-9]*E[+-]?[0-9]+", re.IGNORECASE)
"""How a spreadsheet shows a long number that it took for one."""
_UNITS = re.compile(
    r"(?:R?U?|HE)\s*(\d{1,2})\s*(?:U|HE)?"
    r"(?:\s*[-\u2013/]\s*(?:R?U?|HE)\s*(\d{1,2})\s*(?:U|HE)?)?",
    re.IGNORECASE,
)
"""`U21`, `21-22`, `HE 21/22`."""
_SEVERAL = re.compile(r"\s*(?:[,;/&+]|\b(?:and|und)\b)\s*")


class Impossible(ValueError):  # noqa: N818 - said of a value, not of the program
    """The text cannot be this; the message says why, `help` what to do."""

    def __init__(self, message: str, help: str = "") -> None:  # noqa: A002 - the word users see
        super().__init__(message)
        self.help = help


def is_blank(text: str) -> bool:
    """Nothing, or one of the ways in which people write nothing."""
    return not text or text.casefold() in _BLANKS


def address(text: str) -> str:
    """A name or an IP address. Raises Impossible."""
    if "://" in text:
        raise Impossible(f'"{text}" is a URL, not an address', "write the name or address in it")
    if re.fullmatch(r"[0-9.]+/[0-9]+", text):
        raise Impossible(f'"{text}" is a network', f"write {text.partition('/')[0]} if that is it")
    wanted = "write one host name or one IP address, without port"
    return _checked(_ADDRESS, text, "is no address", wanted)


def endpoint(text: str) -> str:
    """`ADDRESS:PORT`, IPv6 in brackets. Raises Impossible."""
    wanted = "write a name or IP address and a TCP port: 10.20.0.1:443, [fd00::1]:443"
    return _checked(_ENDPOINT, text, "is no ADDRESS:PORT", wanted)


def identifier(text: str, what: str) -> str:
    """A name as the site file may refer to it: `DB Server 1 (new)` is `DB-Server-1-new`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9._-]+", "-", plain).strip("-._")
    help_ = "give it a name with letters or digits, 64 at most"
    return _checked(_ID, made, f'"{text}" makes no {what}', help_, quoted=False)


def named_by(address: str) -> str:
    """A server's name where only its address is known; empty when it makes none."""
    try:
        return identifier(address, "name")
    except Impossible:
        return ""


def unit(text: str) -> str:
    """Rack units, `21` or `21-22`, however they are written. Raises Impossible."""
    found = _UNITS.fullmatch(text)
    if not found:
        raise Impossible(f'"{text}" is no rack unit', "write 21, or 21-22")
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


def serial(text: str) -> str:
    """As it stands there; a number that the spreadsheet has rounded is none. Raises Impossible."""
    if _ROUNDED.fullmatch(text):
        help_ = "format the column as text, enter the number again and save the sheet anew"
        raise Impossible(f'the serial "{text}" was rounded by the spreadsheet', help_)
    return _checked(_LINE, text, "is no serial", "it is too long")


def label(text: str) -> str:
    """What stands on a rack or a feed. Raises Impossible."""
    return _checked(_LABEL, text, "is too long for a label", "write what stands on it")


def user(text: str) -> str:
    """An account's name. Raises Impossible."""
    if not text.isprintable():
        raise Impossible(f"{text[:60]!r} is no account", "write its name on one line")
    return _checked(_LINE, text, "is no account", "it is too long")


def credential(text: str) -> str:
    """The id of an entry of the credentials file. Raises Impossible."""
    help_ = "an id has letters, digits, dots, dashes and underscores, 64 at most: site-ssh"
    return _checked(_ID, text, "is no credential's id", help_)


def several(text: str) -> list[str]:
    """`A, B`, `A/B` or `A + B`: each once."""
    return list(dict.fromkeys(part for part in _SEVERAL.split(text) if not is_blank(part)))


_ADDRESS: TypeAdapter[str] = TypeAdapter(Address)
_ENDPOINT: TypeAdapter[str] = TypeAdapter(Endpoint)
_ID: TypeAdapter[str] = TypeAdapter(Id)
_LABEL: TypeAdapter[str] = TypeAdapter(Label)
_LINE: TypeAdapter[str] = TypeAdapter(Line)


def _checked(
    wanted: TypeAdapter[str], text: str, what: str, help_: str, *, quoted: bool = True
) -> str:
    """By the site file's own types: whatever passes here passes `lint`."""
    try:
        return wanted.validate_python(text)
    except ValidationError:
        raise Impossible(f'"{text[:60]}" {what}' if quoted else what, help_) from None

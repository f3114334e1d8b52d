"""Whose signature counts, for what, and when: `allowed_signers` and `revoked_keys`, strictly.

A subset of what ssh-keygen reads (ssh-keygen(1), ALLOWED SIGNERS), in which every line that is
not understood spoils the whole file: principals and namespaces are literal, times are UTC.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from preflight.errors import NotGenuine
from preflight.model import utc_text
from preflight.reasons import refusal
from preflight.signing import publickey
from preflight.signing.publickey import PublicKey
from preflight.signing.wire import Reader

ALLOWED = "allowed_signers"
REVOKED = "revoked_keys"
FILE_LIMIT = 1024 * 1024
"""Bytes; about 8000 lines."""
PRINCIPAL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:+-]{0,127}")
NAMESPACE = re.compile(r"[a-z0-9][a-z0-9.@-]{0,63}")
_TIME = re.compile(r"([0-9]{8})(?:([0-9]{4})([0-9]{2})?)?Z")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_OPTION = re.compile(r'cert-authority|(namespaces|valid-after|valid-before)="([^"]*)"')
_BLANKS = re.compile(r"[ \t]+")
T = TypeVar("T")


@dataclass(frozen=True)
class Grant:
    """One line of `allowed_signers`."""

    principals: tuple[str, ...]
    key: PublicKey
    namespaces: tuple[str, ...] | None = None
    """None: the line does not say, and so authorises nothing."""
    valid_after: datetime | None = None
    valid_before: datetime | None = None
    authority: bool = False
    """`cert-authority`: speaks of certificates, never of the key itself."""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Trust:
    """A trust folder as it was read."""

    grants: tuple[Grant, ...]
    revoked: frozenset[bytes]
    """Key blobs."""
    fingerprint: str
    """What `sha256sum allowed_signers revoked_keys | sha256sum` prints in the folder."""


def load(folder: Path) -> Trust:
    """The trust folder; both files must be there, and every line must be understood.

    Raises:
        NotGenuine: `trust-unavailable`, `trust-malformed`, `revocation-unavailable`.
    """
    allowed = _read(folder / ALLOWED, "trust-unavailable")
    revoked = _read(folder / REVOKED, "revocation-unavailable")
    return Trust(parse_allowed(allowed), parse_revoked(revoked), _fingerprint(allowed, revoked))


def parse_allowed(data: bytes) -> tuple[Grant, ...]:
    """The lines of an `allowed_signers` file.

    Raises:
        NotGenuine: `trust-malformed`, naming the line.
    """
    return tuple(_each(data, ALLOWED, _grant))


def parse_revoked(data: bytes) -> frozenset[bytes]:
    """The key blobs of a `revoked_keys` file; one that holds only comments is an empty list.

    Raises:
        NotGenuine: `revocation-unavailable` for a binary list, `trust-malformed` otherwise.
    """
    if data.startswith(b"SSHKRL\n") or b"\0" in data:
        raise refusal(
            "revocation-unavailable",
            f"{REVOKED} is a binary list; preflight reads text lists only, a public key a line.",
        )
    return frozenset(_each(data, REVOKED, _revoked))


def refuse_revoked(trust: Trust, key: PublicKey) -> None:
    """A revoked key kills all its signatures, whenever they were made.

    Raises:
        NotGenuine: `key-revoked`.
    """
    if key.blob in trust.revoked:
        raise refusal("key-revoked", f"The key {key.fingerprint} has been revoked.")


def authorise(trust: Trust, principal: str, namespace: str, key: PublicKey, at: datetime) -> Grant:
    """The first line that lets this key sign this, under this name, at this time.

    Raises:
        NotGenuine: `key-revoked`, `key-untrusted`, `key-not-namespaced`, `key-wrong-namespace`,
            `key-expired`, `key-not-yet-valid`.
    """
    refuse_revoked(trust, key)
    grants = [g for g in trust.grants if g.key == key and not g.authority]
    named = [g for g in grants if principal in g.principals]
    if not named:
        raise refusal("key-untrusted", _stranger(principal, key, grants))
    spaced = [g for g in named if g.namespaces is not None and namespace in g.namespaces]
    if not spaced:
        if all(g.namespaces is None for g in named):
            raise refusal("key-not-namespaced")
        purposes = ", ".join(sorted({n for g in named for n in g.namespaces or ()}))
        said = f"{principal} is trusted for {purposes}, and not for {namespace}."
        raise refusal("key-wrong-namespace", said)
    late = [g for g in spaced if g.valid_before is not None and at > g.valid_before]
    early = [g for g in spaced if g.valid_after is not None and at < g.valid_after]
    for grant in spaced:
        if grant not in late and grant not in early:
            return grant
    raise _outside(late, early)


def _stranger(principal: str, key: PublicKey, grants: list[Grant]) -> str:
    if grants:
        names = ", ".join(sorted({name for g in grants for name in g.principals}))
        return f"The key {key.fingerprint} belongs to {names}, not to {principal}."
    return f"The trust folder does not know the key {key.fingerprint}."


def _outside(late: list[Grant], early: list[Grant]) -> NotGenuine:
    ends = [g.valid_before for g in late if g.valid_before]
    if ends:
        return refusal("key-expired", f"The key was trusted until {utc_text(max(ends))}.")
    starts = [g.valid_after for g in early if g.valid_after]
    return refusal("key-not-yet-valid", f"The key is trusted from {utc_text(min(starts))} on.")


def _read(path: Path, absent: str) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(FILE_LIMIT + 1)
    except OSError as error:
        raise refusal(absent, f"{path}: {error.strerror}") from None
    if len(data) > FILE_LIMIT:
        raise refusal("trust-malformed", f"{path} is larger than {FILE_LIMIT} bytes.")
    return data


def _fingerprint(allowed: bytes, revoked: bytes) -> str:
    lines = [
        f"{hashlib.sha256(data).hexdigest()}  {name}\n"
        for data, name in ((allowed, ALLOWED), (revoked, REVOKED))
    ]
    return hashlib.sha256("".join(lines).encode("ascii")).hexdigest()


def _each(data: bytes, file: str, read: Callable[[str, int], T]) -> Iterator[T]:
    """What `read` makes of every line that is neither blank nor a comment."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise refusal("trust-malformed", f"{file} is not UTF-8 text.") from None
    for number, line in enumerate(lines, start=1):
        text = line.strip(" \t")
        if not text or text.startswith("#"):
            continue
        try:
            yield read(text, number)
        except (ValueError, NotGenuine) as error:
            why = str(error).rstrip(".")
            raise refusal("trust-malformed", f"{file}, line {number}: {why}.") from None


def _words(text: str) -> list[str]:
    if not text.isprintable() and not text.replace("\t", " ").isprintable():
        raise ValueError("a control character; line ends must be LF")
    return _BLANKS.split(text)


def _grant(text: str, number: int) -> Grant:
    words = _words(text)
    optional = words[1] if len(words) > 1 and ("=" in words[1] or words[1] == _AUTHORITY) else ""
    options = _options(optional) if optional else {}
    key = publickey.parse_line(" ".join(words[2:] if optional else words[1:]))
    publickey.refuse_weak(key)
    namespaces = options.get("namespaces")
    after, before = (_time(options.get(name)) for name in ("valid-after", "valid-before"))
    if after and before and after >= before:
        raise ValueError("valid-after is not before valid-before")
    return Grant(
        principals=_listed(words[0], PRINCIPAL, "principal"),
        key=key,
        namespaces=None if namespaces is None else _listed(namespaces, NAMESPACE, "namespace"),
        valid_after=after,
        valid_before=before,
        authority=_AUTHORITY in options,
        line=number,
    )


_AUTHORITY = "cert-authority"


def _options(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while at <= len(text):
        match = _OPTION.match(text, at)
        if match is None:
            raise ValueError(f"the option at {text[at : at + 40]!r} is not known")
        name = match[1] or _AUTHORITY
        if name in found or text[match.end() : match.end() + 1] not in {"", ","}:
            raise ValueError(f"the option {name} is given twice or badly ended")
        found[name] = match[2] or ""
        at = match.end() + 1
    return found


def _listed(text: str, allowed: re.Pattern[str], what: str) -> tuple[str, ...]:
    names = text.split(",")
    for name in names:
        if not allowed.fullmatch(name):
            raise ValueError(f"{name!r} is not a plain {what}; patterns are not accepted")
    return tuple(names)


def _time(text: str | None) -> datetime | None:
    """`20261120Z`, `202611201405Z` or `20261120140500Z`."""
    if text is None:
        return None
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no UTC time like 20261120Z or 20261120140500Z")
    digits = match[1] + (match[2] or "0000") + (match[3] or "00")
    moment = datetime.strptime(digits + "+0000", "%Y%m%d%H%M%S%z")
    if moment <= _EPOCH:  # to ssh-keygen, seconds that are not positive are no time
        raise ValueError(f"{text!r} is not after {_EPOCH:%Y-%m-%d}")
    return moment


def _revoked(text: str, _number: int) -> bytes:
    """The blob of a public key line, of whatever sort: also keys that nobody may use count."""
    words = _words(text)
    blob = base64.b64decode(words[1] if len(words) > 1 else "", validate=True)
    if Reader(blob).name() != words[0]:
        raise ValueError("not a public key line")
    with suppress(NotGenuine):  # a sort of key that nobody may use counts as it is written
        publickey.parse(blob)
    return blob

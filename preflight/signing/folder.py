"""Editing a trust folder. Every change is written whole, and only onto files that can be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from preflight import atomic
from preflight.errors import PreflightError
from preflight.signing import publickey, trust
from preflight.signing.publickey import PublicKey
from preflight.signing.trust import ALLOWED, REVOKED, Trust

_ALLOWED_HEAD = (
    b'# Who may sign what. A line: NAME namespaces="..." [valid-after=,valid-before=] KEY\n'
    b"# Times end in Z (UTC). A line that preflight does not understand spoils the whole file.\n"
)
_REVOKED_HEAD = b"# Keys that count no more, whenever they signed: a public key a line.\n"
POLICY = "policy.yaml"
_POLICY = b"""\
# What must hold before a trip may go. `preflight gate` reads this file and no other: whoever can
# write it decides what "may go" means. `preflight lint` shows every mistake in it.
policy: default

stages:
  # max_age: how long ago the look at the site may have ended (s, m, h, d). The report's own expiry
  #   counts as well, and mostly comes first.
  # second: who must agree beside the one who signed the report.
  #   none            nobody
  #   key             another person: an acceptance of the customer's answers that is signed under
  #                   another name and key, and names this very report
  #   vantage         the customer's side: a sealed self-check in the report that answered a
  #                   question which our own look answered too, and nothing contradicts anything
  #   key-or-vantage  one of the two
  book: {second: none, max_age: 30d}
  commit: {second: key-or-vantage, max_age: 7d}
  depart: {second: key-or-vantage, max_age: 72h}

# May findings be waived? With true, GO WITH WAIVERS may go.
waivers: false

# Digests of the profiles that count, as reports have them in inputs.profile.sha256. Empty: any.
profiles: []

# Kinds of other distributions that may judge a report again here: their code runs with the gate's
# rights. A report that needs another one may not go.
kinds: []
"""


@dataclass(frozen=True)
class Window:
    """When a key is trusted; both ends included, none means without end."""

    after: datetime | None = None
    before: datetime | None = None


ALWAYS = Window()


def init(
    folder: Path,
    principal: str,
    key: PublicKey,
    namespaces: Sequence[str],
    window: Window = ALWAYS,
) -> Trust:
    """A new trust folder that trusts one key, with a policy for the gate.

    Raises:
        PreflightError: there is one already, the line would be wrong, or it cannot be written.
        NotGenuine: `key-weak`.
    """
    line = _line(principal, key, namespaces, window)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        atomic.create(folder / ALLOWED, _ALLOWED_HEAD + line)
        atomic.create(folder / REVOKED, _REVOKED_HEAD)
        if not (folder / POLICY).exists():  # a firm may hand out its own beforehand
            atomic.create(folder / POLICY, _POLICY)
    except FileExistsError as error:
        raise PreflightError(
            f"{error.filename}: is there already", help="Add a key with `preflight trust add`."
        ) from None
    except OSError as error:
        raise _unwritten(folder, error) from None
    return trust.load(folder)


def write_policy(folder: Path) -> Path:
    """A policy for a trust folder that has none: the one that `init` writes.

    Raises:
        PreflightError: there is one already, or it cannot be written.
    """
    path = folder / POLICY
    try:
        atomic.create(path, _POLICY)
    except FileExistsError:
        raise PreflightError(f"{path}: is there already", help="Edit it.") from None
    except OSError as error:
        raise _unwritten(path, error) from None
    return path


def add(
    folder: Path,
    principal: str,
    key: PublicKey,
    namespaces: Sequence[str],
    window: Window = ALWAYS,
) -> Trust:
    """The folder, trusting one key more.

    Raises:
        PreflightError: the line would be wrong, is there already, or cannot be written.
        NotGenuine: the folder cannot be read, `key-weak`, `key-revoked`.
    """
    known = trust.load(folder)
    line = _line(principal, key, namespaces, window)
    trust.refuse_revoked(known, key)
    if trust.parse_allowed(line)[0] in known.grants:
        raise PreflightError(f"{folder / ALLOWED}: holds exactly this line already")
    _append(folder / ALLOWED, line)
    return trust.load(folder)


def revoke(folder: Path, key: PublicKey) -> Trust:
    """The folder, with this key's signatures void, old ones too. Its lines stay, without effect.

    Raises:
        PreflightError: it is revoked already, or the list cannot be written.
        NotGenuine: the folder cannot be read.
    """
    if key.blob in trust.load(folder).revoked:
        raise PreflightError(f"{folder / REVOKED}: the key {key.fingerprint} is revoked already")
    _append(folder / REVOKED, f"{key.text}\n".encode("ascii"))
    return trust.load(folder)


def key_of(known: Trust, fingerprint: str) -> PublicKey:
    """The trusted key with this fingerprint.

    Raises:
        PreflightError: the folder holds no such key.
    """
    for grant in known.grants:
        if grant.key.fingerprint == fingerprint:
            return grant.key
    raise PreflightError(
        f"the trust folder holds no key {fingerprint}", help="See `preflight trust list`."
    )


def _line(principal: str, key: PublicKey, namespaces: Sequence[str], window: Window) -> bytes:
    publickey.refuse_weak(key)
    if not trust.PRINCIPAL.fullmatch(principal):
        raise PreflightError(
            f"{principal!r} cannot be a signer's name",
            help="Use letters, digits and ._@:+- like anna@vendor.example.",
        )
    wrong = [name for name in namespaces if not trust.NAMESPACE.fullmatch(name)]
    if wrong or not namespaces:
        raise PreflightError(f"{wrong or 'nothing'}: no purpose that a key can be trusted for")
    options = [f'namespaces="{",".join(namespaces)}"']
    ends = {"valid-after": window.after, "valid-before": window.before}
    options += [f'{name}="{_time(end)}"' for name, end in ends.items() if end]
    line = f"{principal} {','.join(options)} {key.text}\n".encode("ascii")
    if window.after and window.before and window.after >= window.before:
        raise PreflightError("the time in which the key is trusted ends before it begins")
    return line


def _time(moment: datetime) -> str:
    return moment.astimezone(timezone.utc).strftime("%Y%m%d%H%M%SZ")


def _append(path: Path, line: bytes) -> None:
    try:
        data = path.read_bytes()
        separator = b"" if data.endswith(b"\n") or not data else b"\n"
        atomic.replace(path, data + separator + line)
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> PreflightError:
    return PreflightError(f"{path}: {error.strerror}", help="Is the trust folder yours to change?")

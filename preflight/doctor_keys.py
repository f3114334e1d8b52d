"""The doctor's look at the key that signs, and at the ssh-agent."""

from __future__ import annotations

from pathlib import Path

from preflight import places
from preflight.doctoring import NAMESPACE, Bench, Item, refused
from preflight.errors import NotGenuine, SigningError
from preflight.signing import agent as ssh_agent
from preflight.signing import keys, sshsig
from preflight.signing.publickey import PublicKey
from preflight.signing.signer import Signer, open_signer

AGENT = "agent:"
_MESSAGE = b"a message of the doctor's own"


class _Closed(SigningError):  # noqa: N818 - a state of the key, not a mistake
    """The key is encrypted, and nobody is asked for its passphrase."""


Signing = tuple[str, PublicKey] | None
"""Who would sign with which key; None when nobody would."""


def signing_key(bench: Bench) -> tuple[Signing, Item]:
    """The key, opened as a run opens it, and a test message signed and verified in memory."""
    try:
        signer = _opened(bench)
        armored = signer.sign(NAMESPACE, _MESSAGE)
        key = sshsig.verify(armored, NAMESPACE, _MESSAGE)
    except _Closed:
        return _closed(bench)
    except (SigningError, NotGenuine) as error:
        path = _path(bench)
        if path is not None and not path.exists():
            return None, Item("key", "missing", f"there is no key {path}", _MAKE, needed=True)
        return None, refused("key", error, needed=True)
    found = f"{signer.principal} signs with {signer.fingerprint}; tried in memory"
    return (signer.principal, key), Item("key", "ok", found, needed=True)


_MAKE = "preflight key new --principal you@vendor.example"


def _path(bench: Bench) -> Path | None:
    if bench.key and bench.key.startswith(AGENT):
        return None
    return Path(bench.key) if bench.key else places.signing_key()


def _opened(bench: Bench) -> Signer:
    def closed(what: str) -> str:
        raise _Closed(what)

    path = _path(bench)
    held = bench.key.removeprefix(AGENT) if bench.key and path is None else None
    return open_signer(path, held, bench.principal, bench.ask or closed)


def _closed(bench: Bench) -> tuple[Signing, Item]:
    """What can be said of an encrypted key without opening it."""
    path = _path(bench) or Path()
    try:
        public = keys.read_public(path.with_name(path.name + ".pub"))
    except (SigningError, NotGenuine) as error:
        return None, refused("key", error, needed=True)
    name = bench.principal or keys.comment_of(path, public)
    found = f"{name} signs with {public.fingerprint}; encrypted, and not tried without a terminal"
    return (name, public), Item("key", "ok", found, needed=True)


def agent(key: str | None) -> Item:
    """Whether it answers, and with how many keys. Needed only by who names a key in it."""
    needed = bool(key and key.startswith(AGENT))
    try:
        held = ssh_agent.keys()
    except SigningError as error:
        return Item("agent", "missing", str(error), error.help, needed=needed)
    return Item("agent", "ok", f"the ssh-agent holds {len(held)} keys", needed=needed)

"""What unpinned things show, in a form to be read to somebody on the telephone. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from preflight.canonical import canonical
from preflight.evidence import Certificate
from preflight.pinning.shown import Shown, State, shared

_GROUP, _GROUPS = 4, 8
_FILES = {"ssh-ed25519": "ed25519", "ssh-rsa": "rsa"}


def text(shown: Sequence[Shown], later: Collection[str] = ()) -> str:
    """Every thing with all it shows, but for those that are shown `later`, one by one; what is to
    be pinned is marked with `>`."""
    lines = [line for item in shown if item.thing not in later for line in (*block(item), "")]
    return "\n".join([*lines, *_shared(shown), *_how_to_read(shown)]).rstrip("\n")


def block(item: Shown) -> Iterator[str]:
    """One thing."""
    what = _SORTS[item.thing.partition(":")[0]]
    yield f"{item.thing}  {item.where}  {what}: {_STATES[item.state]}"
    if item.state is State.SILENT:
        yield f"    {item.why}"
    if item.state is State.WRONG_SITE:
        yield from _wrong_site(item)
    if item.agrees is False:
        yield from _other_than_listed(item)
    yield from _keys(item)
    if item.certificate:
        yield from _certificate(item.certificate, item)
    yield from (f"    {line}" for line in _remarks(item))


_SORTS = {
    "host": "SSH host keys",
    "bmc": "BMC certificate",
    "pdu": "PDU certificate",
    "hypervisor": "manager's certificate",
    "netbox": "NetBox's certificate",
}
_STATES = {
    State.UNPINNED: "not pinned yet",
    State.PINNED: "as pinned",
    State.BY_CA: "proven by the ca file in every run, not compared here",
    State.WRONG_SITE: "WRONG SITE",
    State.SILENT: "not seen",
}


def _wrong_site(item: Shown) -> Iterator[str]:
    pins = ", ".join(sorted(item.pins))
    yield f"    !!! {item.pinned_by} pins another one, and that stays: {pins}"
    yield "    !!! find out whether the machine was replaced, or the address leads elsewhere"


def _other_than_listed(item: Shown) -> Iterator[str]:
    lines = ", ".join(dict.fromkeys(str(claim.line) for claim in item.listed))
    values = ", ".join(dict.fromkeys(claim.value for claim in item.listed))
    yield f"    !!! THE LIST SAYS OTHERWISE (line {lines}): {values}"
    yield "    !!! nothing is written: another machine answers here, or the list is wrong"


def _keys(item: Shown) -> Iterator[str]:
    for key in item.keys:
        prefix, _, digest = key.fingerprint.partition(":")
        spaced = f"{prefix}  {' '.join(_groups(digest))}"
        yield f"{_mark(item, key.fingerprint)} {key.algorithm:<20} {spaced}"


def _how_to_read(shown: Sequence[Shown]) -> Iterator[str]:
    """Once for every sort of key that is to be pinned."""
    marked = {
        _FILES.get(key.algorithm, "ecdsa"): None
        for item in shown
        for key in item.keys
        if _mark(item, key.fingerprint) == ">"
    }
    for sort in marked:
        yield f"read on the machine by: ssh-keygen -lf /etc/ssh/ssh_host_{sort}_key.pub"


def _mark(item: Shown, value: str) -> str:
    offered = item.state is State.UNPINNED and item.agrees is not False
    return ">" if offered and item.to_pin == value else " "


def _certificate(shown: Certificate, item: Shown) -> Iterator[str]:
    groups = _groups(shown.sha256)
    yield f"{_mark(item, shown.sha256)} SHA-256   {' '.join(groups[:_GROUPS])}"
    yield f"            {' '.join(groups[_GROUPS:])}"
    yield f"  subject   {shown.subject or '(none)'}"
    own = " (self-signed)" if shown.issuer == shown.subject else ""
    yield f"  issuer    {shown.issuer or '(none)'}{own}"
    if shown.not_before and shown.not_after:
        yield f"  valid     {shown.not_before:%Y-%m-%d} to {shown.not_after:%Y-%m-%d} UTC"


def _groups(value: str) -> list[str]:
    return [value[i : i + _GROUP] for i in range(0, len(value), _GROUP)]


def _remarks(item: Shown) -> Iterator[str]:
    if item.root:
        vendor = f", vendor {item.root.vendor}" if item.root.vendor else ""
        yield f"Redfish {item.root.version or 'of no version'}{vendor}"
    if item.agrees:
        yield "the list says the same"
    if item.listed and item.agrees is None:
        yield "it stands in the list, and nothing was seen to compare: nothing is written"
    if item.pinned_by == "known_hosts" and item.agrees is None and item.state is State.UNPINNED:
        yield "the key marked is the one in your known_hosts"
    if item.old:
        need = "ssh: legacy: true" if item.thing.startswith("host:") else 'tls: min: "1.0"'
        yield f"it answers only by old algorithms: a run needs {need} there to log in"


def _shared(shown: Sequence[Shown]) -> Iterator[str]:
    for value, things in shared(shown).items():
        yield f"{', '.join(things)} show the same: {value}. One machine, or copies of one?"


def spoken(item: Shown) -> Iterator[str]:
    """The one value that is about to be confirmed, alone."""
    value = item.to_pin
    if item.certificate:
        groups = _groups(value)
        yield f"{item.thing}  SHA-256 of the certificate:"
        yield f"  {' '.join(groups[:_GROUPS])}"
        yield f"  {' '.join(groups[_GROUPS:])}"
    else:
        key = next(key for key in item.keys if key.fingerprint == value)
        yield f"{item.thing}  {key.algorithm}:"
        yield f"  SHA256:  {' '.join(_groups(value.partition(':')[2]))}"


_AGREES = {True: "equal", False: "differs", None: "not-compared"}


def json(shown: Sequence[Shown], written: Sequence[str] = ()) -> str:
    """The same for programs."""
    rows = [
        {
            "thing": item.thing,
            "where": item.where,
            "state": item.state.value,
            "keys": [key.model_dump(mode="json", exclude={"type"}) for key in item.keys],
            "certificate": item.certificate
            and item.certificate.model_dump(mode="json", exclude={"type"}),
            "pins": sorted(item.pins),
            "pinned_by": item.pinned_by or None,
            "old_algorithms": item.old,
            "why": item.why if item.state is State.SILENT else "",
            "listed": _AGREES[item.agrees] if item.listed else None,
            "written": item.thing in written,
        }
        for item in shown
    ]
    return canonical({"things": rows}).decode("ascii")

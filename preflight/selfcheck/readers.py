"""What the self-check's tools said, as typed answers. Pure. Whatever else it is, is `parse`.

The text is the customer's tools', and whoever could alter the file: every pattern is bounded, and
nothing in it is believed beyond its form.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timezone

from cryptography import x509

from preflight.errors import NotGenuine
from preflight.evidence import (
    Addresses,
    Answer,
    Certificate,
    ClockState,
    Connected,
    Echo,
    HostKey,
    ServiceRoot,
)
from preflight.files.addresses import ip_of
from preflight.probes.kept import attribute
from preflight.probes.redfish_json import object_of
from preflight.probes.unanswered import Unanswered
from preflight.redact import without_people
from preflight.selfcheck.answers import Given
from preflight.selfcheck.items import Action
from preflight.signing import publickey
from preflight.signing.publickey import ED25519, RSA, PublicKey
from preflight.signing.wire import WireError
from preflight.text import one_line, sha256_hex

_MOST_LINES = 1000
_LINE_CHARS = 2000
_WAY_CHARS = 40
_ADDRESSES = 64


def lines(raw: str) -> Iterator[str]:
    """The text's lines, so few and so short that no pattern gets slow."""
    for line in raw.splitlines()[:_MOST_LINES]:
        yield line[:_LINE_CHARS].strip()


_SUMMARY = re.compile(r"(\d{1,4}) packets transmitted, (\d{1,4}) (?:packets )?received")
_REPLY = re.compile(r"\b(?:icmp_)?seq=(\d{1,6})\b.{0,80}?\btime[=<](\d{1,6}(?:\.\d{1,6})?) ?ms")


def echo(given: Given) -> Echo | None:
    """ping(8) of iputils, busybox, BSD and macOS: its summary, and the round trips line by line."""
    counted = [m for line in lines(given.raw) if (m := _SUMMARY.search(line))]
    if len(counted) != 1:
        return None
    sent, received = int(counted[0][1]), int(counted[0][2])
    if not 0 < received <= sent:
        return None
    trips: dict[int, int] = {}
    for line in lines(given.raw):
        if reply := _REPLY.search(line):
            trips.setdefault(int(reply[1]), round(float(reply[2]) * 1000))
    rtt_us = tuple(trips[n] for n in sorted(trips))[:received]
    return Echo(sent=sent, received=received, rtt_us=rtt_us, way=way(given))


def way(given: Given) -> str:
    """The tool that looked, for people."""
    return one_line(without_people(given.way), _WAY_CHARS)[:_WAY_CHARS]


def connected(given: Given) -> Connected:  # noqa: ARG001 - a Reader; that it is open is all there is
    """Shell tools tell no round trip: 0 is shown as under 0.1 ms."""
    return Connected(rtt_us=0)


def host_key(given: Given, pin: str | None) -> HostKey | None:
    """ssh-keyscan(1): the pinned key if it is shown, else the sort that OpenSSH prefers."""
    shown = [key for line in lines(given.raw) if (key := _key(line))]
    if not shown:
        return None
    key = min(shown, key=lambda k: (k.fingerprint != pin, *_rank(k)))
    return HostKey(algorithm=key.type, fingerprint=key.fingerprint)


def _key(line: str) -> PublicKey | None:
    """`HOST TYPE BASE64`."""
    try:
        return None if line.startswith("#") else publickey.parse_line(line.partition(" ")[2])
    except (WireError, NotGenuine):
        return None


def _rank(key: PublicKey) -> tuple[int, str]:
    sorts = [ED25519, *publickey.CURVES, RSA]
    return sorts.index(key.type) if key.type in sorts else len(sorts), key.fingerprint


_PEM = re.compile(
    r"-----BEGIN CERTIFICATE-----\s([A-Za-z0-9+/=\s]{1,32768})-----END CERTIFICATE-----"
)


def certificate(given: Given) -> Certificate | None:
    """The first certificate in PEM: the server's own."""
    found = _PEM.search(given.raw)
    try:
        der = base64.b64decode("".join(found[1].split()), validate=True) if found else b""
        return _certificate(der) if der else None
    except binascii.Error:
        return None


def _certificate(der: bytes) -> Certificate | None:
    try:
        read = x509.load_der_x509_certificate(der)
        subject = read.subject.rfc4514_string()
        ends = read.not_valid_after_utc.astimezone(timezone.utc)
        return Certificate(
            sha256=sha256_hex(der),
            subject=one_line(without_people(subject), 900)[:900],
            not_after=ends,
        )
    except Exception:  # noqa: BLE001 - the seam: the library fails in many ways over odd bytes
        return None


_OBJECT = re.compile(r"(?m)^\{")
_STATUS = re.compile(r"HTTP/\d(?:\.\d)? (\d{3})\b")


def service_root(given: Given) -> ServiceRoot | None:
    """An HTTP answer: the last status line (of redirects too), and JSON if it holds any."""
    statuses = [m[1] for line in lines(given.raw) if (m := _STATUS.match(line))]
    if not statuses:
        return None
    fields = _fields(given.raw)
    return ServiceRoot(
        status=int(statuses[-1]),
        version=_person_free(fields.get("RedfishVersion")),
        uuid=_person_free(fields.get("UUID")),
        vendor=_person_free(fields.get("Vendor")),
    )


def _fields(raw: str) -> Mapping[str, object]:
    """The JSON object behind the header; some tools write words of their own behind it."""
    found, end = _OBJECT.search(raw), raw.rfind("}") + 1
    try:
        return object_of(raw[found.start() : end].encode("utf-8", "replace"), "") if found else {}
    except Unanswered:
        return {}


def _person_free(value: object) -> str | None:
    text = attribute(value)
    return None if text is None else without_people(text)[:1000]


def addresses(given: Given) -> Addresses | None:
    """One address a line, as its first word (getent(1), and what the script makes of others)."""
    words = [line.split(None, 1)[0] for line in lines(given.raw) if line]
    found = dict.fromkeys(str(ip) for word in words if (ip := ip_of(word)))
    return Addresses(addresses=tuple(found)[:_ADDRESSES]) if found else None


_KEPT = re.compile(r"synchronized: yes$|^Leap status +: (Normal|Insert|Delete)|\bsync_(?!unspec)\w")
_NOT_KEPT = re.compile(r"synchronized: no$|^Leap status +: Not synchronised|\bleap_alarm\b")


def clock(given: Given) -> ClockState:
    """timedatectl(1), chronyc(1) and ntpq(8), where there is one, tell if something keeps it."""
    kept = any(_KEPT.search(line) for line in lines(given.raw))
    not_kept = any(_NOT_KEPT.search(line) for line in lines(given.raw))
    return ClockState(utc=given.taken, synchronised=kept or (False if not_kept else None))


Reader = Callable[[Given], Answer | None]
READERS: dict[tuple[Action, str], Reader] = {
    ("ping", "answered"): echo,
    ("tcp", "open"): connected,
    ("tls", "certificate"): certificate,
    ("http", "answered"): service_root,
    ("dns", "resolved"): addresses,
    ("dns", "absent"): lambda _: Addresses(addresses=()),
    ("clock", "told"): clock,
}
"""By action and status. Host keys and facts need to know more than what was given."""

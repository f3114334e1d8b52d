"""The customer's own list of keys: what it says of which thing. Hostile input, read with care.

A line counts when it holds a fingerprint and a name or address of the site file; anything else on
it is ignored. So the output of `ssh-keygen -l`, lines of a `known_hosts` file, `.pub` files with a
comment like `root@db1`, and `openssl x509 -fingerprint -sha256` do as well as a table from a mail.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import contextlib
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from pathlib import Path

from preflight.doors import doors
from preflight.errors import InputError
from preflight.files.problems import Problem
from preflight.files.site import Site
from preflight.files.source import Mark, Source, decode, read_bytes
from preflight.pinning.shown import Claim, key_sort
from preflight.probes.known_hosts import fingerprint
from preflight.text import sha256_hex

LIMIT_BYTES = 1024 * 1024
"""Room for thousands of public keys."""
_PROBLEMS = 50
"""So many are told of one list."""
_FINGERPRINT = re.compile(r"(?<![\w+/])(SHA256:[A-Za-z0-9+/]{43})=?(?![\w+/=])", re.ASCII)
_PUBLIC = re.compile(r"(?<!\S)((?:ssh|ecdsa)-[a-z0-9-]+)[ \t]+(AAAA[A-Za-z0-9+/]+={0,2})(?!\S)")
_SORT = re.compile(r"\((ED25519|RSA|ECDSA|DSA)\)")
_DIGEST = re.compile(r"(?<![0-9A-Za-z+/])[0-9A-Fa-f]{64}(?![0-9A-Za-z+/=])")
_COLONS = re.compile(
    r"(?<![0-9A-Za-z:])(?:sha-?256:)?((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2})(?![0-9A-Za-z:])",
    re.IGNORECASE,
)
_APART = re.compile(r"""[\s,;|="'<>()]+""")


@dataclass(frozen=True)
class KeyList:
    """What a list says, by thing, and the lines with a fingerprint that is nobody's here."""

    claims: Mapping[str, tuple[Claim, ...]]
    nobodys: tuple[int, ...]
    """Numbers of lines, from 1."""
    sha256: str = ""
    """Of the file's bytes, for the engineer's papers."""


def read_list(path: Path, site: Site) -> KeyList:
    """The list in a file, UTF-8, or UTF-16 with its byte order mark as PowerShell writes it.

    Raises:
        InputError: no text, larger than `LIMIT_BYTES`, a thing with two fingerprints of one sort, a
            line about two things, or nothing in it about this site.
    """
    data = read_bytes(path, LIMIT_BYTES)
    digest = sha256_hex(data)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        with contextlib.suppress(UnicodeDecodeError):  # what is no UTF-16 is no UTF-8 either
            data = data.decode("utf-16").encode()
    return replace(key_list(decode(str(path), data), site), sha256=digest)


def key_list(source: Source, site: Site) -> KeyList:
    """The same from text. Pure. Raises InputError."""
    reader = _Reader(source, _names(site))
    for number, line in enumerate(source.lines):
        reader.read(number, line)
    if not reader.claims and not reader.problems:
        help_ = "each line: a name or address of the site file, and SHA256:... or 64 hex digits"
        reader.tell("empty-list", "no line has a fingerprint of a thing of this site", 0, help_)
    if reader.problems:
        raise InputError(reader.problems)
    claims = {thing: tuple(found) for thing, found in reader.claims.items()}
    return KeyList(claims, tuple(reader.nobodys))


Names = Mapping[tuple[str, str], frozenset[str]]
"""What proves it, `ssh` or `tls`, and what it is called -> the things."""


def _names(site: Site) -> Names:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name, host in site.hosts.items():
        for word in _called(f"host:{name}", host.address, host.ssh.port):
            found["ssh", word].add(f"host:{name}")
    for thing, door in doors(site).items():
        for word in _called(thing, door.address, door.port):
            found["tls", word].add(thing)
    return {called: frozenset(things) for called, things in found.items()}


def _called(thing: str, address: str, port: int) -> tuple[str, ...]:
    at = f"@{_plain(address)}"
    bare = () if ":" in at else (f"{at}:{port}",)  # fd00::1:22 is an address of its own
    return thing, thing.partition(":")[2], at, *bare, f"@[{at[1:]}]:{port}"


def _plain(address: str) -> str:
    """An address in its one spelling; a name as DNS compares it."""
    try:
        return str(ip_address(address))
    except ValueError:
        return address.lower()


class _Reader:
    """Collects claims and problems, line by line."""

    def __init__(self, source: Source, names: Names) -> None:
        self.claims: dict[str, list[Claim]] = defaultdict(list)
        self.problems: list[Problem] = []
        self.nobodys: list[int] = []
        self._source, self._names = source, names

    def read(self, number: int, line: str) -> None:
        """One line. What is commented out confirms nothing."""
        text = line.strip()
        found = [] if text.startswith("#") else list(_found(text, number + 1))
        if found and text.startswith("@"):
            help_ = "take the line out: it is no key of a machine, or one that was revoked"
            self.tell("marked-key", "a line with a marker confirms nothing", number, help_)
            return
        things = self._things(text) if found else {}
        for claim in found:
            self._file(claim, things[_proves(claim.value)])

    def tell(self, code: str, message: str, number: int, help_: str) -> None:
        """A problem of a line, from 0."""
        if len(self.problems) == _PROBLEMS:
            return
        mark = Mark(number, 0, len(self._source.lines[number][:60]))
        self.problems.append(self._source.problem(code, message, mark, help_))

    def _things(self, text: str) -> dict[str, set[str]]:
        """What the line's words name, by what proves it."""
        words = set(_words(text))
        return {
            by: {thing for word in words for thing in self._names.get((by, word), ())}
            for by in ("ssh", "tls")
        }

    def _file(self, claim: Claim, things: set[str]) -> None:
        if len(things) > 1:
            said = f"this line is about {' and '.join(sorted(things)[:4])}"
            self.tell("two-things", said, claim.line - 1, "write one line for each, like bmc:db1")
        for thing in things if len(things) == 1 else ():
            self._add(thing, claim)
        if not things and claim.line not in self.nobodys[-1:]:
            self.nobodys.append(claim.line)

    def _add(self, thing: str, claim: Claim) -> None:
        if any((o.value, o.sort) == (claim.value, claim.sort) for o in self.claims[thing]):
            return
        for other in self.claims[thing]:
            if other.value != claim.value and other.may_be_of_sort(claim.sort):
                said = f"{thing} has another fingerprint in line {other.line}"
                help_ = "ask the customer which holds; of several keys say each one's sort: (RSA)"
                self.tell("two-fingerprints", said, claim.line - 1, help_)
                return
        self.claims[thing].append(claim)


def _proves(value: str) -> str:
    return "ssh" if value.startswith("SHA256:") else "tls"


def _words(text: str) -> Iterator[str]:
    """Whatever may be a name, or with `@` before it an address: as it stands, without a colon
    behind, and the host of `root@db1`."""
    for word in _APART.split(text):
        for form in dict.fromkeys((word, _without_end(word), word.rpartition("@")[2])):
            if form:
                yield from (form, f"@{_plain(form)}")


def _without_end(word: str) -> str:
    """`db1:` and the end of a sentence; not `fd00::`."""
    return word[:-1] if word.endswith((":", ".")) and not word.endswith("::") else word


def _found(text: str, line: int) -> Iterator[Claim]:
    """Every fingerprint of a line."""
    sorts: Sequence[str] = _SORT.findall(text)
    for value in _FINGERPRINT.findall(text):
        yield Claim(value, sorts[0] if len(sorts) == 1 else "", line)
    for algorithm, blob in _PUBLIC.findall(text):
        if wire := _wire(algorithm, blob):
            yield Claim(fingerprint(wire), key_sort(algorithm), line)
    for digest in (*_DIGEST.findall(text), *_COLONS.findall(text)):
        yield Claim(digest.replace(":", "").lower(), "", line)


def _wire(algorithm: str, text: str) -> bytes:
    """The wire form of a public key, which begins with its own type (RFC 4253, 6.6)."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    name = algorithm.encode("ascii")
    return blob if blob.startswith(len(name).to_bytes(4, "big") + name) else b""

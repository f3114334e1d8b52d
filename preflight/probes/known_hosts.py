"""The engineer's own known_hosts (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT), parsed once per run."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

REVOKED = "@revoked"
"""The entry under which the fingerprints stand that never match, whatever the host."""


def fingerprint(blob: bytes) -> str:
    """`SHA256:...` of a public key's wire form, as `ssh-keygen -l` prints it."""
    digest = base64.b64encode(hashlib.sha256(blob).digest())
    return "SHA256:" + digest.rstrip(b"=").decode("ascii")


@dataclass(frozen=True)
class _Hashed:
    """A name that is stored only as HMAC-SHA1 of itself."""

    salt: bytes
    digest: bytes
    key: str

    def names(self, host: str) -> bool:
        made = hmac.new(self.salt, host.encode("utf-8", "replace"), hashlib.sha1).digest()
        return hmac.compare_digest(made, self.digest)


@dataclass(frozen=True)
class _Patterns:
    """A list of names with wildcards or negations."""

    wanted: tuple[re.Pattern[str], ...]
    unwanted: tuple[re.Pattern[str], ...]
    key: str

    def names(self, host: str) -> bool:
        if any(p.fullmatch(host) for p in self.unwanted):
            return False
        return any(p.fullmatch(host) for p in self.wanted)


class KnownHosts(Mapping[str, frozenset[str]]):
    """`address` or `[address]:port` -> fingerprints. Hashed and wildcard lines are looked up too.

    Iteration and length speak of the plain names only. Names compare in lower case.
    """

    def __init__(
        self,
        plain: Mapping[str, Iterable[str]],
        others: Iterable[_Hashed | _Patterns] = (),
        revoked: Iterable[str] = (),
    ) -> None:
        self._revoked = frozenset(revoked)
        self._plain = {name: frozenset(keys) for name, keys in plain.items()}
        self._others = tuple(others)

    def __getitem__(self, name: str) -> frozenset[str]:
        if name == REVOKED:
            return self._revoked
        host = name.lower()
        found = {other.key for other in self._others if other.names(host)}
        keys = (self._plain.get(host, frozenset()) | found) - self._revoked
        if not keys:
            raise KeyError(name)
        return keys

    def __iter__(self) -> Iterator[str]:
        return (name for name, keys in self._plain.items() if keys - self._revoked)

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True)
class _Line:
    marker: str
    names: str
    key: str


def read_known_hosts(paths: Iterable[Path]) -> KnownHosts:
    """Reads the files that exist. Lines that cannot be read are skipped, as OpenSSH does.

    `@cert-authority` lines are skipped: host certificates are not checked here, and such a key is
    no host's key. A key on a `@revoked` line never matches, for no host.
    """
    plain: dict[str, set[str]] = defaultdict(set)
    others: list[_Hashed | _Patterns] = []
    revoked: set[str] = set()
    for line in (line for path in paths for line in _lines(path)):
        if line.marker == REVOKED:
            revoked.add(line.key)
        elif not line.marker:
            _file(line, plain, others)
    return KnownHosts(plain, others, revoked)


def _file(line: _Line, plain: dict[str, set[str]], others: list[_Hashed | _Patterns]) -> None:
    if line.names.startswith("|1|"):
        hashed = _hashed(line)
        others.extend([hashed] if hashed else [])
        return
    names = line.names.lower().split(",")
    if any(char in line.names for char in "*?!"):
        others.append(_patterns(names, line.key))
        return
    for name in names:
        plain[name].add(line.key)


def _lines(path: Path) -> Iterator[_Line]:
    try:
        text = path.read_bytes().decode("utf-8", "replace")
    except OSError:
        return
    for row in text.split("\n"):
        line = _line(row.split())
        if line is not None:
            yield line


def _line(words: list[str]) -> _Line | None:
    """`[marker] names keytype key [comment]`."""
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#"):
        return None
    blob = _decoded(words[2])
    if blob is None or not _is_key(blob, words[1]):
        return None
    return _Line(marker, words[0], fingerprint(blob))


def _is_key(blob: bytes, kind: str) -> bool:
    """The wire form begins with its own type (RFC 4253, 6.6)."""
    name = kind.encode("utf-8", "replace")
    return blob.startswith(len(name).to_bytes(4, "big") + name)


def _hashed(line: _Line) -> _Hashed | None:
    parts = line.names.split("|")
    salt, digest = (_decoded(p) for p in parts[2:4]) if len(parts) == 4 else (None, None)
    return _Hashed(salt, digest, line.key) if salt and digest else None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _patterns(names: list[str], key: str) -> _Patterns:
    return _Patterns(
        tuple(_pattern(n) for n in names if n and not n.startswith("!")),
        tuple(_pattern(n[1:]) for n in names if n.startswith("!")),
        key,
    )


def _pattern(name: str) -> re.Pattern[str]:
    """`*` and `?` only (ssh_config(5), PATTERNS)."""
    escaped = re.escape(name).replace(r"\*", ".*").replace(r"\?", ".")
    return re.compile(escaped)

"""Attributes, files and packages: what the facts script says of them, as answers. Pure."""

from __future__ import annotations

import re

from preflight.evidence import FileState, PackageState, Text
from preflight.probes.facts_frames import Frame
from preflight.probes.kept import attribute
from preflight.text import one_line

_SHA256 = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_SIZE = re.compile(rb"^size\s+(\d{1,15})\s*$", re.MULTILINE)
_STATUS = re.compile(rb"^Status: \S+ \S+ (\S+)$", re.MULTILINE)
_VERSION = re.compile(rb"^Version: (\S.*)$", re.MULTILINE)
_INSTALLED = frozenset({b"installed", b"triggers-awaited", b"triggers-pending"})
"""Of dpkg(1), PACKAGE STATES: unpacked and configured, so that it works."""


def text(frame: Frame) -> Text | None:
    """One attribute; what is absent says nothing, and neither does junk."""
    if frame.status in {"absent", "special"}:
        return Text(value=None)
    said = frame.data.decode("utf-8", "replace")
    return Text(value=attribute(said)) if frame.status == "value" else None


def file(frame: Frame) -> FileState | None:
    """Size and digest."""
    if frame.status in {"absent", "special"}:
        return FileState(present=False)
    digest, size = _SHA256.search(frame.data), _SIZE.search(frame.data)
    if frame.status != "value" or digest is None or size is None:
        return None
    return FileState(present=True, sha256=digest[0].decode(), size_bytes=int(size[1]))


def package(frame: Frame) -> PackageState | None:
    """Of several architectures the installed one counts."""
    if frame.status == "absent":
        return PackageState(installed=False)
    if frame.status != "value":
        return None
    states = _STATUS.findall(frame.data)
    installed = any(state in _INSTALLED for state in states)
    return PackageState(installed=installed, version=_version(frame.data) if installed else None)


def _version(data: bytes) -> str | None:
    """The version under the first installed state."""
    blocks = re.split(rb"(?m)^(?=Status: )", data)
    for block in blocks:
        state, version = _STATUS.search(block), _VERSION.search(block)
        if state and version and state[1] in _INSTALLED:
            return one_line(version[1])[:1000]
    return None

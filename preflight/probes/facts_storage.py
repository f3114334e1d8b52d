"""`storage`: network filesystems of /proc/mounts, and targets that sysfs names. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from preflight.evidence import StorageInUse
from preflight.junk import real
from preflight.probes.facts_frames import Frame
from preflight.probes.facts_lines import clean, few, rows

MOST_SOURCES = 256
_SORTS = {
    "nfs": "nfs", "nfs4": "nfs", "cifs": "cifs", "smb3": "cifs", "ceph": "ceph",
    "fuse.glusterfs": "glusterfs",
}  # fmt: skip
"""Types of file systems -> our words. Others with a server of their own are not known here."""
_TARGETS = frozenset({"iscsi", "fc", "nvme"})
_OCTAL = re.compile(r"\\([0-7]{3})")
"""How /proc/mounts writes spaces and the like."""
_PORT = re.compile(r"(?<=[\w.\]]):\d{1,5}$")
_CLUSTER = re.compile(
    r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.[^.]*", re.IGNORECASE
)
"""`FSID.FILESYSTEM` (mount.ceph(8))."""


def storage(frame: Frame) -> StorageInUse:
    """Every server, by the name and by the address that it is mounted from, and every target.
    Raises Unanswered(parse) for too many."""
    found = set(_sources(frame.data))
    few(list(found), MOST_SOURCES, "servers and targets")
    return StorageInUse(sources=tuple(sorted(found)))


def _sources(data: bytes) -> Iterator[str]:
    for word, values in rows(data):
        if word == "mount" and len(values) > 1 and values[0] in _SORTS:
            servers = list(_servers(values[0], " ".join(values[1:])))
            yield from (_named(_SORTS[values[0]], server) for server in servers)
        elif word in _TARGETS and real(name := " ".join(values)):
            yield _named(word, name.strip().lower())


def _named(sort: str, name: str) -> str:
    return f"{sort}:{clean(name)}"[:1000]


def _servers(kind: str, written: str) -> Iterator[str]:
    """One device may name several: Ceph's monitors, Gluster's servers."""
    plain = _OCTAL.sub(lambda found: chr(int(found[1], 8)), written)
    for server in re.split(r"[,/]", plain) if kind in {"ceph", "fuse.glusterfs"} else [plain]:
        name = server.strip().lower()
        name = _CLUSTER.sub(r"\1", name) if kind == "ceph" else name
        name = _PORT.sub("", name) if kind == "ceph" else name
        if bare := name.strip("[]"):
            yield bare

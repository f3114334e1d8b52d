"""What managers of virtual machines have in common, once their JSON is read. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass
from itertools import islice

from preflight.evidence import Guest, Guests
from preflight.files.site import Site
from preflight.junk import real
from preflight.probes.unanswered import Unanswered
from preflight.text import one_line
from preflight.words import DECLINED, UnknownCause

MOST_GUESTS = 4096
MOST_RULES = 1024
MOST_IDENTITIES = 512
"""So many virtual machines are asked for their UUID, each by a request of its own."""
_NO_UUID = frozenset({*DECLINED, UnknownCause.PARSE})
"""Why one virtual machine is left without a UUID: it is gone, its node is down, or it is hidden."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Machine:
    """One virtual machine as its manager lists it."""

    id: str
    """The manager's own: `qemu/101`, `vm-42`."""
    name: str
    """As somebody called it; two may have one name."""
    node: str | None
    """None: the manager does not tell."""
    running: bool | None = None


def bounded(what: str, found: Sized, most: int) -> None:
    """Raises Unanswered(parse) for more than a report holds: a part of them would be a guess."""
    if len(found) > most:
        detail = f"{len(found)} {what}, and no more than {most} are read"
        raise Unanswered(UnknownCause.PARSE, detail)


def uuid_of(value: object) -> str | None:
    """A UUID in lower case; None for junk and for anything else."""
    text = (real(value) or "").lower()
    return text if _UUID.fullmatch(text) else None


def clean(value: object, otherwise: str) -> str:
    """Text from outside on one line; `otherwise` where there is none."""
    return (one_line(value).strip() if isinstance(value, str) else "") or otherwise


def names_of(machines: Iterable[Machine]) -> Mapping[str, str]:
    """Id -> name; those that share a name bear their id behind it."""
    found = list(machines)
    times = Counter(machine.name for machine in found)
    return {m.id: m.name if times[m.name] == 1 else f"{m.name} ({m.id})" for m in found}


def likely_first(machines: Iterable[Machine], site: Site) -> list[Machine]:
    """Those first that bear the name of a host of the site, or of its address."""
    known = {label for name, host in site.hosts.items() for label in _labels(name, host.address)}
    return sorted(machines, key=lambda machine: known.isdisjoint(_labels(machine.name)))


def _labels(*names: str) -> Iterator[str]:
    """Each name, and what stands before its domain."""
    for name in names:
        folded = name.casefold()
        yield folded
        if not folded.replace(".", "").isdigit():
            yield folded.partition(".")[0]


def uuids_of(
    paths: Iterable[tuple[str, str]], read: Callable[[str], str | None]
) -> dict[str, str | None]:
    """By machine id, from these paths, while there is time. Raises Unanswered."""
    found: dict[str, str | None] = {}
    for name, path in islice(paths, MOST_IDENTITIES):
        uuid, late = _read(path, read)
        if late:
            break
        found[name] = uuid
    return found


def _read(path: str, read: Callable[[str], str | None]) -> tuple[str | None, bool]:
    """The UUID, and whether there was no time left to ask for it."""
    try:
        return read(path), False
    except Unanswered as why:
        late = why.no_answer.cause is UnknownCause.TIMEOUT
        if late or why.no_answer.cause in _NO_UUID:
            return None, late
        raise


def guests_of(machines: Sequence[Machine], uuids: Mapping[str, str | None]) -> Guests:
    """The answer without rules. Raises Unanswered(parse) for too many."""
    bounded("virtual machines", machines, MOST_GUESTS)
    names = names_of(machines)
    placed = (
        Guest(name=names[m.id], uuid=uuids.get(m.id), node=m.node, running=m.running)
        for m in machines
        if m.node
    )
    return Guests(
        guests=tuple(sorted(placed, key=lambda guest: guest.name)),
        unplaced=tuple(sorted(names[m.id] for m in machines if not m.node)),
    )

"""Which builds of a release list fit what was found on a host, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from preflight.evidence import Ask, Evidence, FileState, NoAnswer, PackageState
from preflight.files.releases import Build, ReleaseList
from preflight.files.site import Host
from preflight.kinds import asks
from preflight.kinds.base import Replies
from preflight.kinds.reading import A, Heard, Reading, Silent, read
from preflight.words import Assurance, BuildClass, UnknownCause

Item = tuple[str, str]
"""What identifies a build: `("file", path)` or `("package", name)`."""
SHIPPED = frozenset({BuildClass.RELEASE, BuildClass.HOTFIX})
"""Classes that are made for every customer."""


def items_of(build: Build) -> dict[Item, str]:
    """Every file's digest and every package's version that make this build."""
    files = {("file", file.path): file.sha256 for file in build.files}
    return {**files, **{("package", p.name): p.version for p in build.packages}}


def item_asks(name: str, host: Host, releases: ReleaseList) -> dict[Item, Ask]:
    """One ask per file and package that any build of the list has, files first."""
    items = sorted({item for build in releases.builds for item in items_of(build)})
    return {
        item: asks.ssh(name, host, "file" if item[0] == "file" else "package", item[1])
        for item in items
    }


@dataclass(frozen=True)
class State:
    """What is known of one item: values told (None: it is not there), or why nothing is."""

    item: Item
    told: tuple[str | None, ...]
    """By the best-assured answers."""
    evidence: tuple[Evidence, ...]
    """One per value told."""
    silent: tuple[Silent, ...]
    against: tuple[tuple[Evidence, str | None], ...] = ()
    """Worse-assured answers that say something else."""
    instead: Assurance | None = None
    """See `Reading`."""

    @property
    def values(self) -> frozenset[str | None]:
        """What was told, without repetition; empty when nothing was."""
        return frozenset(self.told)

    @property
    def answered(self) -> bool:
        """Seen, by everything that was asked. Declining to tell is no answer about a build."""
        return bool(self.values) and not self.silent


def states(replies: Replies, asked: dict[Item, Ask]) -> dict[Item, State]:
    """What came back for each item."""
    return {
        item: _file(replies, item, ask) if item[0] == "file" else _package(replies, item, ask)
        for item, ask in asked.items()
    }


def _file(replies: Replies, item: Item, ask: Ask) -> State:
    reading = read(replies, ask, FileState)
    told = [(h, h.answer.sha256 if h.answer.present else None) for h in reading.heard]
    return _state(item, reading, told, [h for h, v in told if h.answer.present and not v])


def _package(replies: Replies, item: Item, ask: Ask) -> State:
    reading = read(replies, ask, PackageState)
    told = [(h, h.answer.version if h.answer.installed else None) for h in reading.heard]
    return _state(item, reading, told, [h for h, v in told if h.answer.installed and not v])


def _state(
    item: Item, reading: Reading[A], told: list[tuple[Heard[A], str | None]], hollow: list[Heard[A]]
) -> State:
    """`hollow` are answers that say it is there, and not what it is."""
    whole = [(h.evidence, value) for h, value in told if h not in hollow]
    best = max((e.assurance.rank for e, _ in whole), default=0)
    chosen = [(e, value) for e, value in whole if e.assurance.rank == best]
    values = {value for _, value in chosen}
    untold = [h.evidence for h in hollow if not (whole and h.evidence.vantage == "customer")]
    return State(
        item=item,
        told=tuple(value for _, value in chosen),
        evidence=tuple(evidence for evidence, _ in chosen),
        silent=(*reading.silent, *(_untold(reading.ask, e) for e in untold)),
        against=tuple((e, v) for e, v in whole if e.assurance.rank < best and v not in values),
        instead=reading.instead,
    )


def _untold(ask: Ask, evidence: Evidence) -> Silent:
    detail = "it is there, but without a digest or version"
    return Silent(ask, NoAnswer(cause=UnknownCause.PARSE, detail=detail), evidence)


def fits(build: Build, seen: dict[Item, State]) -> bool:
    """Nothing that was seen speaks against this build."""
    wanted = items_of(build)
    return all(seen[item].values <= {value} for item, value in wanted.items())


def confirmed(build: Build, seen: dict[Item, State]) -> bool:
    """Every file and package of this build was answered, and is equal."""
    return fits(build, seen) and all(seen[item].answered for item in items_of(build))


def candidates(builds: Sequence[Build], seen: dict[Item, State]) -> tuple[Build, ...]:
    """The builds that fit. One that is wholly part of a confirmed one says less: it is dropped."""
    fitting = [build for build in builds if fits(build, seen)]
    whole = [set(items_of(b).items()) for b in fitting if confirmed(b, seen)]
    return tuple(b for b in fitting if not any(set(items_of(b).items()) < w for w in whole))


def nearest(builds: Sequence[Build], seen: dict[Item, State]) -> tuple[Build, Item]:
    """Of builds that do not fit, the one with most in common, and the first item that differs."""

    def common(build: Build) -> int:
        return sum(seen[i].values == {v} for i, v in items_of(build).items())

    best = max(builds, key=common)
    return best, next(i for i, v in items_of(best).items() if not seen[i].values <= {v})


@dataclass(frozen=True)
class Wanted:
    """What a build must be to be accepted at a site."""

    site: str
    version: SpecifierSet | None
    classes: frozenset[BuildClass]
    fixes: frozenset[str]

    def objections(self, build: Build, others: Iterable[Build]) -> list[str]:
        """Why this build is not acceptable; empty when it is."""
        found = []
        if build.class_ not in self.classes:
            found.append(f"is a {build.class_} build{_disguise(build, others)}")
        elif build.class_ is BuildClass.CUSTOM and self.site not in build.sites:
            found.append("is a custom build for another site")
        if build.withdrawn:
            found.append("was withdrawn")
        if self.version is not None and not within(build.version, self.version):
            found.append(f"has version {build.version}, and {self.version} is wanted")
        if lacking := sorted(self.fixes - set(build.fixes)):
            found.append(f"lacks the fixes of {', '.join(lacking)}")
        return found


def _disguise(build: Build, others: Iterable[Build]) -> str:
    same = [b for b in others if b.class_ in SHIPPED and b.version == build.version]
    known = build.class_ not in SHIPPED and same
    return f" under the {same[0].class_}'s version {build.version}" if known else ""


def within(version: str, wanted: SpecifierSet) -> bool:
    """PEP 440 containment; a version that is not PEP 440 only equals the same text."""
    try:
        parsed = Version(version)
    except InvalidVersion:
        return all(s.operator in {"==", "==="} and s.version == version for s in wanted)
    return wanted.contains(parsed, prereleases=True)


def not_older(build: Build, than: Build) -> bool:
    """Whether its version is the same or later; unreadable versions are only ever the same."""
    try:
        return Version(build.version) >= Version(than.version)
    except InvalidVersion:
        return build.version == than.version


def latest(builds: Iterable[Build]) -> Build | None:
    """The one with the highest version; unreadable versions come last."""

    def key(build: Build) -> tuple[bool, Version]:
        try:
            return True, Version(build.version)
        except InvalidVersion:
            return False, Version("0")

    return max(builds, key=key, default=None)

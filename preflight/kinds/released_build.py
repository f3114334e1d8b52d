"""`released-build`: what is installed is a build that the vendor released for this customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import AfterValidator, Field

from preflight.evidence import Ask, Evidence
from preflight.files.releases import Build, ReleaseList
from preflight.finding import Advice, Contradiction, Part, Said
from preflight.kinds import builds
from preflight.kinds.base import Case, Context, Judgement, Subject, failed, passed, unknown
from preflight.kinds.reading import FROM_PROBES, capped, least, unanswered
from preflight.kinds.sources import quoted, who
from preflight.model import Id, Line, Model
from preflight.words import BuildClass, Outcome, UnknownCause


def _specifier(text: str) -> str:
    try:
        SpecifierSet(text)
    except InvalidSpecifier as error:
        raise ValueError(f"not a version requirement like '>=7.2,<8': {text!r}") from error
    return text


class ReleasedBuildParameters(Model):
    """Which builds of the product's release list are accepted here."""

    product: Id
    version: Annotated[Line, AfterValidator(_specifier)] | None = None
    """PEP 440 specifiers, `>=7.2,<8`; null accepts every version."""
    classes: Annotated[tuple[BuildClass, ...], Field(min_length=1)] = (
        BuildClass.RELEASE,
        BuildClass.HOTFIX,
    )
    fixes: tuple[Line, ...] = ()
    """Faults that the build must have fixed."""
    releases: Line | None = None
    """Where the release list lies; read with the profile, not here."""


class ReleasedBuild:
    """Builds are told by the digests of their files, never by a version string alone.

    Accepts one build that every file and package confirms. `custom` needs both its class in
    `classes` and this site in its `sites`.
    """

    name: ClassVar[str] = "released-build"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"host"})
    dimensions: ClassVar[tuple[str, ...]] = ("build",)
    causes: ClassVar[frozenset[UnknownCause]] = FROM_PROBES | {
        UnknownCause.CONTRADICTION,
        UnknownCause.AMBIGUOUS_LABEL,
    }
    Parameters: ClassVar[type[Model]] = ReleasedBuildParameters

    def __init__(self, parameters: ReleasedBuildParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:
        """Every file and package that any build of the list has."""
        releases = context.releases.get(self.parameters.product)
        host = context.site.hosts[subject.name]
        return tuple(builds.item_asks(subject.name, host, releases).values()) if releases else ()

    def judge(self, case: Case) -> Judgement:
        """One part, and the advice not to travel for faults that a released build has fixed."""
        releases = case.context.releases.get(self.parameters.product)
        required = self._required(case.subject)
        if releases is None:
            return Judgement((_no_list(required, self.parameters.product),))
        host = case.context.site.hosts[case.subject.name]
        seen = builds.states(case.replies, builds.item_asks(case.subject.name, host, releases))
        look = _Look(case, required, releases, seen, self._wanted(case.context))
        part = look.part()
        return Judgement((part,), look.advice(part))

    def _required(self, subject: Subject) -> str:
        wanted = self.parameters
        classes = " or ".join(wanted.classes)
        version = f", version {wanted.version}" if wanted.version else ""
        return f"{subject.name} runs a {classes} build of {wanted.product}{version}"

    def _wanted(self, context: Context) -> builds.Wanted:
        return builds.Wanted(
            site=context.site.site,
            version=None
            if self.parameters.version is None
            else SpecifierSet(self.parameters.version),
            classes=frozenset(self.parameters.classes),
            fixes=frozenset(self.parameters.fixes),
        )


def _no_list(required: str, product: str) -> Part:
    found = f"there is no release list of {product}"
    note = "name it in the profile, or give it with --releases"
    return unknown("build", required, UnknownCause.MISSING_ATTRIBUTE, found, note=note)


@dataclass(frozen=True)
class _Look:
    """One look at one host, beside the release list."""

    case: Case
    required: str
    releases: ReleaseList
    seen: dict[builds.Item, builds.State]
    wanted: builds.Wanted

    def part(self) -> Part:
        """What the best-assured answers come to, and who contradicts them."""
        against = next((s for s in self.seen.values() if s.against), None)
        part = self._best_part()
        if against is None or part.contradiction:
            return part
        if part.outcome is Outcome.FAIL:
            contradiction = _contradiction(self.case.subject, against)
            return part.model_copy(update={"contradiction": contradiction})
        return _disputed(self.required, self.case.subject, against)

    def _best_part(self) -> Part:
        """Without one file's content nothing is said: packages have only version strings."""
        files = [s for s in self.seen.values() if s.item[0] == "file"]
        disputed = [s for s in self.seen.values() if len(s.values) > 1]
        if disputed:
            return _disputed(self.required, self.case.subject, disputed[0])
        if not any(s.values for s in files):
            return unanswered("build", self.required, [t for s in files for t in s.silent])
        if all(s.answered and s.values == {None} for s in files):
            found = f"{self.releases.releases} is not installed: none of its files is there"
            return self._failed(found, files)
        return self._by_candidates()

    def advice(self, part: Part) -> Advice | None:
        """All reported faults are fixed in one accepted build, and not all in the installed one."""
        installed = self._installed()
        issues = _unique(self.case.context.site.known_issues)
        if (
            part.outcome is Outcome.UNKNOWN
            or installed is None
            or set(issues) <= set(installed.fixes)
        ):
            return None
        cure = builds.latest(
            b
            for b in self._shipped()
            if set(issues) <= set(b.fixes) and not self.wanted.objections(b, ())
        )
        return _fix_remotely(len(issues), cure) if cure else None

    def _by_candidates(self) -> Part:
        fitting = builds.candidates(self.releases.builds, self.seen)
        if not fitting:
            return self._stranger()
        objections = [self.wanted.objections(b, self.releases.builds) for b in fitting]
        if all(objections):
            found = "; or ".join(
                f"{b.id} {' and '.join(o)}" for b, o in zip(fitting, objections, strict=True)
            )
            # What excludes every other build counts too: these may have told nothing themselves.
            return self._failed(found + self._lacking(), list(self.seen.values()))
        silent = [t for s in self._states(fitting) for t in s.silent]
        if silent:
            note = f"so far it may be {_or(fitting)}"
            return unanswered("build", self.required, silent, note=note)
        if len(fitting) > 1:
            return self._alike(fitting)
        return self._passed(fitting[0])

    def _passed(self, build: Build) -> Part:
        evidence = [e for s in self._states([build]) for e in s.evidence]
        found = f"{build.id}, a {build.class_} build, version {build.version}{self._lacking()}"
        level = capped(least(evidence), (s.instead for s in self.seen.values()))
        return passed("build", self.required, found, level, evidence)

    def _alike(self, fitting: Sequence[Build]) -> Part:
        found = f"the release list does not tell {_or(fitting)} apart"
        note = "list a file in which they differ"
        evidence = [e for s in self._states(fitting) for e in s.evidence]
        cause = UnknownCause.AMBIGUOUS_LABEL
        return unknown("build", self.required, cause, found, evidence, note=note)

    def _stranger(self) -> Part:
        build, item = builds.nearest(self.releases.builds, self.seen)
        value = next(iter(self.seen[item].values))
        what = f"{item[0]} {item[1]} {_shown(item, value)}"
        found = f"not a build we released: {what}, unlike in {build.id}, which is nearest"
        return self._failed(found, list(self.seen.values()))

    def _failed(self, found: str, states: Sequence[builds.State]) -> Part:
        evidence = [e for s in states for e in s.evidence]
        return failed("build", self.required, found, least(evidence), evidence)

    def _states(self, fitting: Sequence[Build]) -> list[builds.State]:
        items = dict.fromkeys(i for build in fitting for i in builds.items_of(build))
        return [self.seen[item] for item in items]

    def _installed(self) -> Build | None:
        """The one build that every file and package confirms."""
        fitting = builds.candidates(self.releases.builds, self.seen)
        if len(fitting) != 1 or not builds.confirmed(fitting[0], self.seen):
            return None
        return fitting[0]

    def _shipped(self) -> list[Build]:
        return [b for b in self.releases.builds if b.class_ in builds.SHIPPED and not b.withdrawn]

    def _lacking(self) -> str:
        """Which of the customer's complaints a build of the same or a later version has fixed."""
        installed = self._installed()
        if installed is None:
            return ""
        newer = [b for b in self._shipped() if builds.not_older(b, installed)]
        fixed = {issue for b in newer for issue in b.fixes} - set(installed.fixes)
        lacking = [i for i in _unique(self.case.context.site.known_issues) if i in fixed]
        return f"; lacks the released fixes of {', '.join(lacking)}" if lacking else ""


def _disputed(required: str, subject: Subject, state: builds.State) -> Part:
    """Looks at one file or package that cannot all be right."""
    contradiction = _contradiction(subject, state)
    found = f"{contradiction.fact} was seen in different states: " + ", ".join(
        s.value for s in contradiction.said
    )
    return unknown(
        "build",
        required,
        UnknownCause.CONTRADICTION,
        found,
        [e for e, _ in _all_told(state)],
        contradiction=contradiction,
    )


def _contradiction(subject: Subject, state: builds.State) -> Contradiction:
    said = tuple(
        Said(who=who(e), value=_shown(state.item, value), assurance=e.assurance, evidence=e.id)
        for e, value in _all_told(state)
    )
    fact = f"{state.item[0]} {state.item[1]}"
    return Contradiction(thing=str(subject), fact=fact, said=said)


def _all_told(state: builds.State) -> list[tuple[Evidence, str | None]]:
    return [*zip(state.evidence, state.told, strict=True), *state.against]


def _fix_remotely(count: int, cure: Build) -> Advice:
    faults = {1: "the reported fault is", 2: "both reported faults are"}.get(
        count, f"all {count} reported faults are"
    )
    return Advice(code="fix-remotely", text=f"{faults} fixed in {cure.id}: no trip needed")


def _shown(item: builds.Item, value: str | None) -> str:
    if value is None:
        return "is missing"
    return f"has SHA-256 {value[:12]}…" if item[0] == "file" else f"has version {quoted(value)}"


def _or(fitting: Sequence[Build]) -> str:
    return " or ".join(b.id for b in fitting)


def _unique(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))

"""What every id, word and code means, put together from the tables that the program works by. Pure.

Nothing is explained here in words of its own: checks and profiles speak by their files, kinds by
their docstrings, codes and words by the tables that the docs are made from or held equal to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

from preflight.exits import Exit
from preflight.files.check import Check, Entry, Profile
from preflight.meanings import ASSURANCES, CAUSES, SEVERITIES
from preflight.next_steps import NEXT_STEPS
from preflight.reasons import EXIT_TEXT, REASONS, UNCHECKED
from preflight.render.vocabulary import OWNERS, STAGES

if TYPE_CHECKING:
    from preflight.kinds.base import Kind

_ON = {
    **dict.fromkeys(("host", "pdu", "ups", "switch"), "all"),
    **dict.fromkeys(("site", "role", "hall"), "site"),
    "group": "group:NAME",
}
"""A selector that reaches a kind's subjects."""


@dataclass(frozen=True)
class Explanation:
    """One thing explained."""

    sort: str
    """`check`, `kind`, `profile`, `cause`, `reason`, `not checked`, `exit`, `assurance`,
    `severity`, `owner` or `stage`."""
    id: str
    what: str
    """In a sentence."""
    rows: tuple[tuple[str, str], ...] = ()
    """A label and a text each; no text is empty."""
    example: str = ""
    """A piece of a file."""

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        more = [{"label": label, "text": text} for label, text in self.rows]
        return {
            "sort": self.sort, "id": self.id, "what": self.what, "more": more,
            "example": self.example,
        }  # fmt: skip


@dataclass(frozen=True)
class Library:
    """The files and kinds that can be explained, by id."""

    checks: Mapping[str, Check]
    profiles: Mapping[str, Profile]
    kinds: Mapping[str, type[Kind]]
    distributions: Mapping[str, str] = field(default_factory=dict)
    """Of kinds that are not ours."""
    broken: Mapping[str, str] = field(default_factory=dict)
    """Why a kind of another distribution cannot be used."""


def explanations(library: Library) -> tuple[Explanation, ...]:
    """Everything that can be explained, in the order in which it is listed."""
    return (
        *(_check(name, check, library) for name, check in sorted(library.checks.items())),
        *(_profile(name, profile, library) for name, profile in sorted(library.profiles.items())),
        *(_kind(kind, library) for kind in library.kinds.values()),
        *(
            _made("kind", name, "cannot be used", [("why", why)])
            for name, why in library.broken.items()
        ),
        *_words(library),
        *_codes(),
    )


def asked(word: str, known: Iterable[Explanation]) -> tuple[Explanation, ...]:
    """What is meant by a word. One word may mean several things; a finding's id means its check."""
    name = word.partition("@")[0] if "/" in word else word
    return tuple(one for one in known if one.id == name)


def _made(
    sort: str, name: str, what: str, rows: Iterable[tuple[str, str]], example: str = ""
) -> Explanation:
    kept = tuple((label, text) for label, text in rows if text)
    return Explanation(sort, name, what, kept, example)


def _check(name: str, check: Check, library: Library) -> Explanation:
    kind = library.kinds.get(check.kind)
    rows = (
        ("if not", check.otherwise or ""),
        ("why", check.why),
        ("judged by", f"{check.kind}: {_summary(kind)}" if kind else check.kind),
        ("how", _how(kind) if kind else ""),
        ("with", _assigned(check.with_)),
        ("weight", f"{check.severity}: {SEVERITIES[check.severity]}"),
        ("backed by", _assigned(check.assurance)),
        ("needed by", f"{check.needed_by}"),
        ("who", f"{check.owner}: {OWNERS[check.owner]}"),
        ("to do", check.remedy),
        ("only after", check.safe_after or ""),
        ("takes", check.takes or ""),
        ("learned", check.learned_from or ""),
        ("in", ", ".join(p for p, profile in library.profiles.items() if _has(profile, name))),
    )
    return _made("check", name, check.title, rows, _example(name, kind, library))


def _has(profile: Profile, name: str) -> bool:
    return any(entry.check == name for entry in profile.checks)


def _example(name: str, kind: type[Kind] | None, library: Library) -> str:
    """As a shipped profile has it, else as one could have it."""
    entries = [e for p in library.profiles.values() for e in p.checks if e.check == name]
    if entries:
        return _entry(entries[0])
    subjects = sorted(kind.subjects) if kind else ["host"]
    return f"checks:\n  - check: {name}\n    on: {_ON.get(subjects[0], subjects[0] + ':NAME')}"


def _entry(entry: Entry) -> str:
    on = entry.on[0] if len(entry.on) == 1 else f"[{', '.join(entry.on)}]"
    lines = ["checks:", f"  - check: {entry.check}", f"    on: {on}"]
    lines += [f"    with: {_flow(entry.with_)}"] if entry.with_ else []
    lines += [f"    assurance: {_flow(entry.assurance)}"] if entry.assurance else []
    return "\n".join(lines)


def _flow(value: object) -> str:
    """As YAML writes it in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_flow, value))}]"
    return f"{value}"


def _assigned(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}: {_flow(value)}" for name, value in values.items())


def _profile(name: str, profile: Profile, library: Library) -> Explanation:
    checks = [library.checks[e.check].title for e in profile.checks if e.check in library.checks]
    rows = (
        ("extends", profile.extends or ""),
        ("needs", _assigned(profile.needs)),
        ("checks", ", ".join(entry.check for entry in profile.checks)),
        ("that is", "; ".join(checks)),
    )
    return _made("profile", name, f"version {profile.version}", rows, f"profile: {name}")


def _kind(kind: type[Kind], library: Library) -> Explanation:
    fields = kind.Parameters.model_fields
    defaults = {
        name: "required" if field.is_required() else _flow(field.default)
        for name, field in fields.items()
    }
    rows = (
        ("how", _how(kind)),
        ("about", ", ".join(sorted(kind.subjects))),
        ("in", ", ".join(kind.dimensions)),
        ("with", _assigned(defaults)),
        ("unknown", ", ".join(str(cause) for cause in CAUSES if cause in kind.causes)),
        ("checks", _named(n for n, check in library.checks.items() if check.kind == kind.name)),
        ("version", str(kind.version)),
        ("from", library.distributions.get(kind.name, "")),
    )
    return _made("kind", kind.name, _summary(kind), rows)


def _summary(kind: type[Kind]) -> str:
    """The first line of its file: "`powered`: the server is on, ..."."""
    documented = sys.modules[kind.__module__].__doc__ or kind.__doc__ or kind.name
    return documented.strip().splitlines()[0].removeprefix(f"`{kind.name}`: ")


def _how(kind: type[Kind]) -> str:
    return " ".join(cleandoc(kind.__doc__ or "").split())


def _words(library: Library) -> Iterator[Explanation]:
    for cause, meaning in CAUSES.items():
        told = _named(kind.name for kind in library.kinds.values() if cause in kind.causes)
        yield _made("cause", cause, meaning, (("to do", NEXT_STEPS[cause]), ("kinds", told)))
    ladder = " < ".join(ASSURANCES)
    for assurance, meaning in ASSURANCES.items():
        yield _made("assurance", assurance, meaning, (("order", ladder),))
    for severity, meaning in SEVERITIES.items():
        told = _named(n for n, check in library.checks.items() if check.severity is severity)
        yield _made("severity", severity, meaning, (("checks", told),))
    for owner, meaning in OWNERS.items():
        told = _named(n for n, check in library.checks.items() if check.owner is owner)
        yield _made("owner", owner, meaning, (("checks", told),))
    order = " < ".join(STAGES)
    for stage, meaning in STAGES.items():
        told = _named(n for n, check in library.checks.items() if check.needed_by is stage)
        yield _made("stage", stage, meaning, (("order", order), ("checks", told)))


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def _codes() -> Iterator[Explanation]:
    for code, reason in REASONS.items():
        ends = f"{reason.exit.value}: {EXIT_TEXT[reason.exit]}"
        yield _made("reason", code, reason.sentence, (("exit", ends), ("to do", reason.next)))
    for code, sentence in UNCHECKED.items():
        yield _made("not checked", code, sentence, ())
    for exit_ in Exit:
        codes = ", ".join(code for code, reason in REASONS.items() if reason.exit is exit_)
        yield _made("exit", str(exit_.value), EXIT_TEXT[exit_], (("reasons", codes),))

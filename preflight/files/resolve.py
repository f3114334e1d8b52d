"""A site's profile, resolved: which checks apply, with what parameters, against which lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from preflight.canonical import digest
from preflight.errors import InputError
from preflight.files.catalogue import ALWAYS, catalogue, profile_chain, profile_path
from preflight.files.check import Entry, Need, PlannedCheck, Profile, ProfileUsed
from preflight.files.load import Loaded
from preflight.files.merge import Layer, Merge, Merged, Origin, merge
from preflight.files.plan_check import Planner
from preflight.files.problems import Problem, errors_of, in_order
from preflight.files.profile_rules import identity
from preflight.files.releases import ReleaseList
from preflight.files.shelf import Shelf
from preflight.files.site import Site
from preflight.files.suggest import one_of
from preflight.unasked import groups_not_compared, roles_not_compared, several

if TYPE_CHECKING:
    from preflight.kinds.base import Kind


@dataclass(frozen=True)
class Resolved:
    """Everything the plan needs beside site and booking."""

    checks: tuple[PlannedCheck, ...]
    profile: ProfileUsed
    releases: dict[str, ReleaseList]
    """By product; only those that a check uses."""
    warnings: tuple[Problem, ...] = ()


def resolve_profile(
    site: Loaded[Site],
    profile: Path | None = None,
    checks_dir: Path | None = None,
    releases: Sequence[Path] = (),
    kinds: Mapping[str, type[Kind]] | None = None,
) -> Resolved:
    """The profile that the site file names, or the one given, resolved for this site.

    `releases` are release lists that win for their product; `kinds` defaults to all kinds known.

    Raises:
        InputError: every mistake of the profiles, their checks and release lists.
    """
    path = profile or profile_path(site, site.value.profile, ("profile",))
    resolved = resolve_chain(profile_chain(path), checks_dir, releases, kinds)
    return Resolved(
        resolved.checks,
        resolved.profile,
        resolved.releases,
        (
            *resolved.warnings,
            *_selecting_nothing(site, resolved.checks),
            *_comparing_nothing(site, resolved),
        ),
    )


def resolve_chain(
    chain: Sequence[Loaded[Profile]],
    checks_dir: Path | None = None,
    releases: Sequence[Path] = (),
    kinds: Mapping[str, type[Kind]] | None = None,
) -> Resolved:
    """A profile and those it extends (base first), resolved for no site in particular.

    Raises:
        InputError: as `resolve_profile`.
    """
    result = merge(chain)
    _plan_always(result, chain[-1])
    found, shelf = catalogue(checks_dir, chain), Shelf.of(releases)
    planner = Planner(found, shelf, kinds if kinds is not None else all_kinds())
    checks = tuple(
        check for merged in result.merged.values() if (check := planner.plan(merged)) is not None
    )
    problems = [*result.problems, *found.problems, *planner.problems, *shelf.problems]
    problems += shelf.unused()
    if errors_of(problems):
        raise InputError(in_order(list(dict.fromkeys(problems))))
    return Resolved(checks, _used(chain[-1].value, result, checks), shelf.used, tuple(problems))


def all_kinds() -> Mapping[str, type[Kind]]:
    """Every kind known, imported only now: kinds know files, not the other way round."""
    from preflight.kinds import AllKinds

    return AllKinds()


def _plan_always(result: Merge, child: Loaded[Profile]) -> None:
    for name in ALWAYS:
        entry = Entry(check=name, on=("site",))
        key = identity(name, entry.on, None)
        result.merged.setdefault(key, Merged([Layer(entry, Origin(child, ("profile",)))]))


def _used(profile: Profile, result: Merge, checks: Sequence[PlannedCheck]) -> ProfileUsed:
    needs = tuple(Need(what=what, least=least) for what, least in sorted(result.needs.items()))
    whole = {
        "id": profile.profile,
        "version": profile.version,
        "needs": [need.model_dump(mode="json") for need in needs],
        "checks": [check.model_dump(mode="json", by_alias=True) for check in checks],
    }
    return ProfileUsed(
        id=profile.profile,
        version=profile.version,
        sha256=digest(whole),
        needs=needs,
        dropped=tuple(result.dropped),
    )


def _selecting_nothing(site: Loaded[Site], checks: Sequence[PlannedCheck]) -> Iterator[Problem]:
    """No error, for the report says so too: such a finding ends `unknown` (empty-selection)."""
    value = site.value
    known = {
        "host": set(value.hosts),
        "role": {role for host in value.hosts.values() for role in host.roles},
        "group": set(value.groups),
        "pdu": set(value.pdus),
        "ups": set(value.ups),
        "switch": set(value.switches),
    }
    for selector in dict.fromkeys(s for check in checks for s in check.on):
        sort, colon, name = selector.partition(":")
        if colon and name not in known[sort]:
            message = f"the profile speaks of {selector}, and the site file has no {sort} {name}"
            help_ = one_of(name, known[sort])
            yield site.problem("empty-selection", ("profile",), message, help_, severity="warning")


def _comparing_nothing(site: Loaded[Site], resolved: Resolved) -> Iterator[Problem]:
    """The report says it too, on its first page; here there is still time to change it."""
    profile = resolved.profile.id
    if groups := groups_not_compared(site.value, resolved.checks):
        which = f"{groups[0]} and {len(groups) - 1} more" if len(groups) > 1 else groups[0]
        message = f"the profile {profile} does not ask whether the members of {which} are apart"
        help_ = "compare them by a check of a profile: redundancy/apart, on: group:NAME"
        loc = ("groups", groups[0])
        yield site.problem("not-compared", loc, message, help_, key=True, severity="warning")
    if roles := roles_not_compared(site.value, resolved.checks):
        message = (
            f"nothing asks whether servers that back each other up ({several(roles)}) are apart"
        )
        help_ = "put those that do into a group, and choose a profile that compares its members"
        yield site.problem("not-compared", ("profile",), message, help_, severity="warning")

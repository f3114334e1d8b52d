"""What nobody asked: servers that stand for each other, and a profile that does not compare them.

A GO says nothing about what its profile leaves out, and is read as if it did.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from preflight.files.check import PlannedCheck
from preflight.files.site import Site

COMPARES = frozenset({"separated"})
"""The kinds that compare the members of a group."""
TOPICS = (
    (frozenset({"supplies", "feeds"}), "whether each power supply has input"),
    (frozenset({"released-build"}), "whether the installed software is a build that was released"),
)
"""Kinds, and what a profile without any of them leaves open."""


def groups_not_compared(site: Site, checks: Collection[PlannedCheck]) -> tuple[str, ...]:
    """Groups of the site file that no check compares, in its order."""
    named = {one for check in checks if check.kind in COMPARES for one in check.on}
    return tuple(name for name in site.groups if not named & {"all", f"group:{name}"})


def roles_not_compared(site: Site, checks: Collection[PlannedCheck]) -> dict[str, int]:
    """Role -> its servers, of roles with several, where no check compares any. Empty where groups
    are declared: who stands for whom is said there."""
    if site.groups or any(check.kind in COMPARES for check in checks):
        return {}
    having = Counter(role for host in site.hosts.values() for role in host.roles)
    return {role: many for role, many in sorted(having.items()) if many > 1}


def topics_not_asked(checks: Iterable[PlannedCheck]) -> tuple[str, ...]:
    """What else no check of these asks about servers."""
    kinds = {check.kind for check in checks}
    return tuple(words for those, words in TOPICS if not kinds & those)


def several(roles: Mapping[str, int]) -> str:
    """`4 of role db, 16 of role media`: the first few."""
    return ", ".join(f"{many} of role {role}" for role, many in list(roles.items())[:3])

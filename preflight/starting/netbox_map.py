"""What `--map` says about an inventory: what devices of a role are, which location is a hall."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from preflight.errors import PreflightError
from preflight.files.suggest import one_of
from preflight.inventory.model import Inventory
from preflight.inventory.places import LEVELS, Level
from preflight.inventory.sorts import SORTS, Sort
from preflight.text import one_line

T = TypeVar("T", Sort, Level)
ROLE, LOCATION, SITE = "role:", "location:", "site"


@dataclass(frozen=True)
class Wanted:
    """By slug, as NetBox has it."""

    roles: Mapping[str, Sort] = field(default_factory=dict)
    locations: Mapping[str, Level] = field(default_factory=dict)
    whole_is_hall: bool = False
    """What stands in no location stands in one hall, the site."""


def wanted(mapped: Mapping[str, str], inventory: Inventory) -> Wanted:
    """`role:SLUG` -> sort, `location:SLUG` -> level, `site` -> hall.

    Raises:
        PreflightError: something that NetBox does not have, or no such meaning.
    """
    roles = {machine.role for machine in inventory.machines.values() if machine.role}
    locations = {location.slug for location in inventory.locations.values()}
    for name, meaning in mapped.items():
        if not name.startswith((ROLE, LOCATION)) and (name, meaning) != (SITE, "hall"):
            raise PreflightError(
                f"--map {one_line(name)}={one_line(meaning)} means nothing for NetBox",
                help="like --map role:compute=host, location:row-7=row or site=hall",
            )
    return Wanted(
        roles=_of(mapped, ROLE, roles, SORTS),
        locations=_of(mapped, LOCATION, locations, LEVELS),
        whole_is_hall=SITE in mapped,
    )


def _of(
    mapped: Mapping[str, str], prefix: str, there: Iterable[str], meanings: tuple[T, ...]
) -> dict[str, T]:
    found: dict[str, T] = {}
    known = {str(meaning): meaning for meaning in meanings}
    slugs = set(there)
    for name, meaning in mapped.items():
        if not name.startswith(prefix):
            continue
        slug = name.removeprefix(prefix)
        if slug not in slugs:
            what = prefix.rstrip(":")
            raise PreflightError(
                f"--map {one_line(name)}: this site has no {what} {one_line(slug)}",
                help=one_of(slug, slugs) or f"a {what} is named by its slug",
            )
        if meaning not in known:
            raise PreflightError(
                f"--map {one_line(name)}: {one_line(meaning)!r} is no meaning",
                help=f"write one of {', '.join(known)}",
            )
        found[slug] = known[meaning]
    return found

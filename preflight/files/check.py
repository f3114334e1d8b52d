"""Checks (what must be true), profiles (which checks where), and the two merged."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from preflight.model import Hex64, Id, Line, Model, Natural, Seconds
from preflight.words import Assurance, Owner, Severity, Stage

CheckId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(/[a-z0-9-]+)+$")]
"""A check's id is its path: `power/powered-on`."""
Selector = Annotated[str, StringConstraints(pattern=r"^(all|site|[a-z]+:[A-Za-z0-9._-]+)$")]
"""`all`, `site`, `host:db1`, `role:db`, `group:database`, `pdu:p1`, `ups:u1`, `switch:sa`."""
Threshold = Annotated[
    dict[str, Assurance],
    BeforeValidator(lambda v: {"default": v} if isinstance(v, str) else v),
]
"""The least assurance per dimension; `default` holds for every other (contract 9.1)."""


def _one_or_list(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class Check(Model):
    """One file under `checks/`: *what* must be true. Never contains an expression."""

    title: Line
    """What must be true, as a statement."""
    otherwise: Line | None = None
    """The same when it is not true: the headline of a failure. Default: the title."""
    kind: Id
    severity: Severity = Severity.BLOCKER
    owner: Owner
    needed_by: Stage = Stage.COMMIT
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")
    assurance: Threshold = Field(default_factory=dict)
    good_for: Seconds | None = None
    """Caps how long this check's evidence counts, in seconds."""
    why: str
    remedy: str
    safe_after: Line | None = None
    takes: Line | None = None
    """Usual time to fix; printed only because somebody wrote it."""
    learned_from: Line | None = None


class Entry(Model):
    """One line of a profile: a check, where it applies, and what differs from its file."""

    check: CheckId
    on: Annotated[tuple[Selector, ...], BeforeValidator(_one_or_list), Field(min_length=1)]
    as_: Annotated[CheckId | None, Field(alias="as")] = None
    severity: Severity | None = None
    owner: Owner | None = None
    needed_by: Stage | None = None
    with_: dict[str, Any] | None = Field(default=None, alias="with")
    assurance: Threshold | None = None
    good_for: Seconds | None = None
    title: Line | None = None
    otherwise: Line | None = None
    why: str | None = None
    remedy: str | None = None
    takes: Line | None = None


class Drop(Model):
    """A check that a child profile leaves out, and why. It leaves a tombstone in the report."""

    check: CheckId
    on: Annotated[tuple[Selector, ...], BeforeValidator(_one_or_list)] = ()
    why: Line


class Profile(Model):
    """*Which* checks a product needs, where, with what parameters."""

    profile: Id
    version: Natural
    extends: Line | None = None
    needs: dict[str, Natural] = Field(default_factory=dict)
    """What must exist: `role:db: 2`, `hall: 2`."""
    checks: tuple[Entry, ...] = ()
    drop: tuple[Drop, ...] = ()


class PlannedCheck(Model):
    """A check as it applies here: its file, the profiles and the site merged (contract 4)."""

    id: CheckId
    """The check's id, or the profile's `as:` name."""
    check: CheckId
    kind: Id
    on: tuple[Selector, ...]
    title: Line
    otherwise: Line | None = None
    severity: Severity
    owner: Owner
    needed_by: Stage
    parameters: tuple[Parameter, ...] = ()
    thresholds: tuple[ThresholdOf, ...] = ()
    good_for_s: Natural | None = None
    why: str
    remedy: str
    safe_after: Line | None = None
    takes: Line | None = None
    learned_from: Line | None = None

    def parameter_values(self) -> dict[str, Any]:
        """The `with:` values by name, for the kind's own model."""
        return {p.id: p.value for p in self.parameters}

    def threshold(self, dimension: str) -> Assurance:
        """The least assurance accepted for a dimension; `observed` unless the profile says so."""
        given = {t.id: t.least for t in self.thresholds}
        return given.get(dimension, given.get("default", Assurance.OBSERVED))


class Parameter(Model):
    """One `with:` value. Values are text, lists of text or maps of these."""

    id: Id
    value: Any


class ThresholdOf(Model):
    """The least assurance of one dimension (`default` for all others)."""

    id: Id
    least: Assurance


PlannedCheck.model_rebuild()


class ProfileUsed(Model):
    """The resolved profile's name, and a digest over everything it resolved to."""

    id: Id
    version: Natural
    sha256: Hex64
    needs: tuple[Need, ...] = ()
    dropped: tuple[Drop, ...] = ()


class Need(Model):
    """One entry of `needs`: at least `least` of `what` (`role:db`, `hall`)."""

    what: Annotated[str, StringConstraints(pattern=r"^(hall|role:[A-Za-z0-9._-]+)$")]
    least: Natural


ProfileUsed.model_rebuild()

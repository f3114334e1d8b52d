"""The gate's policy: what must hold before a trip may go, beside a report that says so."""

from __future__ import annotations

from datetime import timedelta

from preflight.model import Flag, Hex64, Id, Model, Seconds
from preflight.words import Stage, Word


class Second(Word):
    """Who must agree beside the one who signed the report."""

    NONE = "none"
    KEY = "key"
    """Another person: an acceptance signed under another name and key, for this very report."""
    VANTAGE = "vantage"
    """The customer's side: a sealed self-check in the report that saw the same."""
    KEY_OR_VANTAGE = "key-or-vantage"


class StagePolicy(Model):
    """What one stage asks for."""

    second: Second
    max_age: Seconds
    """How long ago the run may have ended; a report's own expiry counts as well."""


class Stages(Model):
    """All stages: one that is left out would be one that nobody decided about."""

    book: StagePolicy
    commit: StagePolicy
    depart: StagePolicy


class Policy(Model):
    """The whole file."""

    policy: Id
    """Its name, which the gate's answers carry."""
    stages: Stages
    waivers: Flag = False
    """Whether a finding may be waived."""
    profiles: tuple[Hex64, ...] = ()
    """Digests of the profiles that count; empty: any."""
    kinds: tuple[Id, ...] = ()
    """Kinds of other distributions that the gate may load to judge a report again."""

    def at(self, stage: Stage) -> StagePolicy:
        """What this stage asks for."""
        by_stage = {
            Stage.BOOK: self.stages.book,
            Stage.COMMIT: self.stages.commit,
            Stage.DEPART: self.stages.depart,
        }
        return by_stage[stage]

    def max_age(self, stage: Stage) -> timedelta:
        """The greatest age of a run at this stage."""
        return timedelta(seconds=self.at(stage).max_age)

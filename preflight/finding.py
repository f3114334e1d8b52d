"""Findings, causes and verdicts: what a judgement says."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from preflight.model import Id, Line, Model, Natural, UtcTime
from preflight.words import Assurance, Decision, Outcome, Owner, Stage, UnknownCause

FindingId = Line
"""`CHECK-or-AS@TYPE:NAME` (contract 9.18)."""
Sentence = Annotated[str, Field(max_length=2000)]


class Said(Model):
    """Who says what about one fact. `evidence` is null for a claim of the site file."""

    who: Line
    """`site file`, or the thing that answered: `bmc:db1`."""
    value: Line
    assurance: Assurance
    evidence: Line | None = None


class Contradiction(Model):
    """Two sources that cannot both be right about one fact of one thing."""

    thing: Line
    fact: Line
    said: tuple[Said, ...] = Field(min_length=2)


class Shared(Model):
    """One thing that several members of a group hang on, where none may be shared."""

    what: Line
    """As people call it: `rack N1`, `switch sa`, `enclosure ENC7`."""
    members: tuple[Line, ...] = Field(min_length=1)
    """Things: `host:db1`, `switch:sa`."""
    source: Line
    """Who says so: `said by the site file`, `seen by bmc:db1`."""


class Part(Model):
    """A finding's outcome in one dimension (or of one source), with what it rests on."""

    dimension: Id
    outcome: Outcome
    unknown: UnknownCause | None = None
    assurance: Assurance | None = None
    required: Sentence
    found: Sentence
    evidence: tuple[Line, ...] = ()
    """Evidence ids this part rests on; for an unknown part, those that did not answer."""
    contradiction: Contradiction | None = None
    shared: tuple[Shared, ...] = ()
    """What a failed part of a group says in words, for pictures."""
    note: Sentence = ""
    """A reason for not-applicable, or what would prove it."""


class Advice(Model):
    """What else to do than travel: `fix-remotely`."""

    code: Id
    text: Sentence


class Finding(Model):
    """One planned finding and how it ended."""

    id: FindingId
    outcome: Outcome
    unknown: UnknownCause | None = None
    required: Sentence
    found: Sentence
    assurance: Assurance | None = None
    parts: tuple[Part, ...] = ()
    evidence: tuple[Line, ...] = ()
    contradiction: Contradiction | None = None
    expires: UtcTime | None = None
    """When the oldest evidence it rests on runs out; null when it rests on none."""
    advice: Advice | None = None
    waiver: Line | None = None


class Located(Model):
    """Where the way from us to several things ends. The rungs of silence, from here on: own route,
    control points in the site file's order, the site, a hall, a rack, a server (contract 3). Before
    a door for which nobody confirmed a pin we stop ourselves: `pins`."""

    rung: Literal["route", "control", "site", "hall", "rack", "server", "pins"]
    name: Line = ""
    """Of the control point, hall or rack."""
    last: Line = ""
    """The last thing on the way that answered; empty when none did."""
    silent: Natural
    """How many things behind it stayed silent, or were not asked."""
    headline: Line
    says: Sentence
    owner: Owner
    to_do: Sentence


class Cause(Model):
    """One root behind several findings. Owner and remedy come from the root's check, or from the
    place where the silence was located."""

    id: Id
    root: FindingId
    folded: tuple[FindingId, ...] = ()
    located: Located | None = None


class Reason(Model):
    """Why a verdict is what it is: a code and the findings it speaks of."""

    code: Id
    findings: tuple[FindingId, ...] = ()


class StageVerdict(Model):
    """The verdict at one stage."""

    stage: Stage
    decision: Decision
    reasons: tuple[Reason, ...] = ()


class Verdict(Model):
    """The verdict at the report's stage, and at every stage."""

    stage: Stage
    decision: Decision
    stages: tuple[StageVerdict, ...]
    advice: tuple[Advice, ...] = ()
    passed: Natural
    seen: Natural
    """Of the passed: how many rest on observation; the others were only said."""
    counted: Natural
    """Blocker and safety findings that count at this stage."""


class Promise(Model):
    """A date given for an open item. A claim; turns nothing green."""

    finding: FindingId
    ready: UtcTime
    by: Line


class Waiver(Model):
    """A signed exception over a fail or unknown, valid for exactly what was found."""

    id: Line
    finding: FindingId
    found_sha256: Line
    reason: Sentence
    approver: Line
    expires: UtcTime

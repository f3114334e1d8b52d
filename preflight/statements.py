"""The small signed documents beside the report: pack, acceptance and slip.

Each is one canonical JSON file with one armored signature beside it, in a namespace of its own
(contract 6). `signing.statement` writes and opens them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from preflight.files.booking import OnSite
from preflight.model import Hex64, Id, Line, Model, Natural, UtcTime
from preflight.words import Decision, Stage

Armored = Annotated[str, Field(max_length=16384)]
"""A signature as a file holds it; the largest RSA key that is accepted makes 6 kB."""


class Tool(Model):
    """The program that made a document."""

    name: Line
    version: Line


class Signer(Model):
    """Who signs: a principal of the trust file, and the key's fingerprint."""

    principal: Line
    fingerprint: Line


class Statement(Model):
    """What every small signed document says."""

    booking: Id
    site: Id
    tool: Tool
    signer: Signer


class Script(Model):
    """The self-check script that a pack speaks of, by its exact bytes."""

    name: Line
    sha256: Hex64
    size_bytes: Natural


class Pack(Statement):
    """The vendor's request to the customer: who asks, for which trip, with which script."""

    format: Literal["preflight-pack/0"] = "preflight-pack/0"
    request: Id
    plan_sha256: Hex64
    """Digest of the plan that `run` follows too."""
    nonce: Hex64
    """Random; stands in the answers."""
    hosts: tuple[Id, ...]
    """The hosts that the script is narrowed to; empty: all of the plan."""
    issued: UtcTime
    expires: UtcTime
    script: Script


class Subject(Model):
    """The answers file that an acceptance speaks of, by its bytes as the script wrote them: without
    what mail did to line ends and beginning, so that one file is one file however it came."""

    sha256: Hex64
    size_bytes: Natural
    seal: Literal["hmac", "none"]


class Acceptance(Statement):
    """The vendor's statement that a customer's answers came, are genuine, and were judged."""

    format: Literal["preflight-acceptance/0"] = "preflight-acceptance/0"
    request: Id
    pack_sha256: Hex64
    subject: Subject
    report_sha256: Hex64
    """The vendor's report that the answers were judged with."""
    report_signer: Signer
    received: UtcTime
    evidence: tuple[Line, ...]
    """Ids of the evidence that the answers became, sorted."""
    evidence_sha256: tuple[Hex64, ...]
    """Digest of each, in this order: newer answers to one question may replace one of them, and
    the others must stay what was accepted."""
    stage: Stage
    decision: Decision
    """The verdict with the answers, at this stage."""
    expires: UtcTime
    """Never later than the report's."""


class Accepted(Model):
    """An acceptance and its pack as a report embeds them: anybody can verify them again."""

    acceptance: Acceptance
    signature: Armored
    """Over the canonical text of `acceptance`. This is acceptance.json.sig."""
    pack: Pack
    pack_signature: Armored


class SlipStage(Model):
    """The verdict at one stage."""

    stage: Stage
    decision: Decision


class Slip(Statement):
    """The small statement for calendars. No addresses, no topology, no people."""

    format: Literal["preflight-slip/0"] = "preflight-slip/0"
    stage: Stage
    decision: Decision
    stages: tuple[SlipStage, ...]
    """The verdict at every stage, in their order."""
    waivers: Natural
    checked: UtcTime
    """When the run ended."""
    not_before: UtcTime
    expires: UtcTime
    departs: UtcTime
    on_site: OnSite
    decide_by: UtcTime | None
    report_id: Line
    report_sha256: Hex64
    report_signer: Signer

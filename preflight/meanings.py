"""What the contract's words mean, in one sentence each. `docs/contract.md` is held equal to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from preflight.words import Assurance, Severity, UnknownCause

CAUSES: Mapping[UnknownCause, str] = MappingProxyType(
    {
        UnknownCause.UNREACHABLE: "no route, or something on the way says so",
        UnknownCause.TIMEOUT: "nothing came back in time",
        UnknownCause.REFUSED: "the connection was refused",
        UnknownCause.AUTH: "the login was refused",
        UnknownCause.HOST_KEY: "an SSH thing without a pin: nothing proves who answers",
        UnknownCause.TLS: "handshake, chain, name or date failed, or there is nothing to check"
        " the certificate by",
        UnknownCause.WRONG_SITE: "a pinned thing shows another host key or certificate; nothing"
        " more was sent",
        UnknownCause.PERMISSION: "it answered that we may not read this",
        UnknownCause.TOOL_MISSING: "what is needed to look is not there",
        UnknownCause.UNSUPPORTED: "it cannot be asked this way",
        UnknownCause.PARSE: "the answer made no sense",
        UnknownCause.MISSING_ATTRIBUTE: "the attribute is absent, null or junk",
        UnknownCause.AMBIGUOUS_LABEL: "a label that nobody declared, or that fits two things",
        UnknownCause.EMPTY_SELECTION: "the selector matched nothing",
        UnknownCause.CONTRADICTION: "two sources cannot both be right",
        UnknownCause.ASSURANCE_TOO_LOW: "true as far as known, but less well backed than the"
        " check asks for",
        UnknownCause.EXPIRED: "the evidence is too old",
        UnknownCause.NOT_ASKED: "not asked on purpose: the thing is dead, a jump host on the way"
        " lets nobody through or carries no such protocol, or a shared login was refused before, or"
        " is undecided elsewhere",
        UnknownCause.NOT_RUN: "the run ended before this was asked",
        UnknownCause.INTERNAL: "a bug in a probe",
    }
)
"""Why something is not known."""

ASSURANCES: Mapping[Assurance, str] = MappingProxyType(
    {
        Assurance.CLAIMED: "somebody said so: the site file, a person, or a self-check without a"
        " seal",
        Assurance.REPORTED: "collected by the customer's self-check and sealed, or by us from a"
        " machine that proved nothing",
        Assurance.OBSERVED: "seen by the vendor's own run on a proven machine",
        Assurance.CORROBORATED: "observed, and an agreeing reported or observed fact of another"
        " controller",
    }
)
"""How well a finding is backed, least to most."""

SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.SAFETY: "people can be hurt; cannot be waived",
        Severity.BLOCKER: "the default",
        Severity.ADVISORY: "shown, changes neither verdict nor exit",
    }
)
"""Whom a failure hurts."""

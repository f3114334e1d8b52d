"""The contract's words in words for people."""

from __future__ import annotations

from preflight.words import Decision, Outcome, Owner, Stage, UnknownCause

CUSTOMERS = frozenset({Owner.CUSTOMER_IT, Owner.FACILITY, Owner.NETWORK, Owner.CARRIER})
"""Owners on the customer's side of the phone line."""
OWNERS = {
    Owner.CUSTOMER_IT: "the customer's IT",
    Owner.FACILITY: "the customer's facility team",
    Owner.NETWORK: "the customer's network team",
    Owner.CARRIER: "the carrier",
    Owner.VENDOR: "our own support",
    Owner.SALES: "our sales",
    Owner.ENGINEER: "the engineer",
}
OUTCOMES = {
    Outcome.PASS: "passed",
    Outcome.FAIL: "failed",
    Outcome.UNKNOWN: "not known",
    Outcome.NOT_APPLICABLE: "not applicable",
}
WHY_UNKNOWN = {
    UnknownCause.UNREACHABLE: "could not be reached",
    UnknownCause.TIMEOUT: "no answer in time",
    UnknownCause.REFUSED: "refused the connection",
    UnknownCause.AUTH: "login refused",
    UnknownCause.HOST_KEY: "its host key is not pinned",
    UnknownCause.TLS: "its certificate is not trusted",
    UnknownCause.WRONG_SITE: "not the machine that was pinned",
    UnknownCause.PERMISSION: "not allowed to read it",
    UnknownCause.TOOL_MISSING: "a program is missing there",
    UnknownCause.UNSUPPORTED: "not offered there",
    UnknownCause.PARSE: "the answer could not be read",
    UnknownCause.MISSING_ATTRIBUTE: "nothing was stated",
    UnknownCause.AMBIGUOUS_LABEL: "the label is ambiguous",
    UnknownCause.EMPTY_SELECTION: "nothing was selected",
    UnknownCause.CONTRADICTION: "sources disagree",
    UnknownCause.ASSURANCE_TOO_LOW: "said, but not seen",
    UnknownCause.EXPIRED: "the evidence is too old",
    UnknownCause.NOT_ASKED: "not asked",
    UnknownCause.NOT_RUN: "not run",
    UnknownCause.INTERNAL: "a mistake of preflight",
}
DECISIONS = {
    Decision.GO: "GO",
    Decision.NO_GO: "NO-GO",
    Decision.NOT_PROVEN: "NOT PROVEN",
}
STAGES = {
    Stage.BOOK: "book (buy tickets)",
    Stage.COMMIT: "commit (keep the booking)",
    Stage.DEPART: "depart",
}

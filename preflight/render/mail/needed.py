"""What is needed about an open item, in words for the customer. Pure.

Every sentence asks; none orders anybody to switch on, press or move anything (contract, law 5).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from preflight.files.remedies import dangerous_order
from preflight.next_steps import remedy_helps
from preflight.render.index import Index, Item
from preflight.words import Outcome, Owner, UnknownCause

WHOM_TO_ASK = "Please ask the person responsible for it what is missing, and when it can be ready."
"""Where the check itself has nothing that may be passed on."""
_ON_THE_WAY = (
    "Please ask whoever runs the network whether something on the way drops this, and whether the"
    " machine is known to be busy or down."
)
NEEDED: Mapping[UnknownCause, str] = MappingProxyType(
    {
        UnknownCause.UNREACHABLE: _ON_THE_WAY,
        UnknownCause.TIMEOUT: _ON_THE_WAY,
        UnknownCause.REFUSED: "Please ask whether the service is meant to run there, and to be open"
        " to the address that we look from.",
        UnknownCause.AUTH: "Please ask the person who issued the account for the details that are"
        " valid now. We try no further: repeated attempts may lock it.",
        UnknownCause.HOST_KEY: "Please have somebody read us the fingerprint of its SSH host key by"
        " telephone, from the machine itself.",
        UnknownCause.TLS: "Please ask for a valid certificate there, or have somebody read us the"
        " fingerprint of the one in use by telephone.",
        UnknownCause.WRONG_SITE: "Please ask whether the machine was replaced or set up anew, or"
        " whether its address belongs to another one now.",
        UnknownCause.PERMISSION: "Please ask whoever runs it whether the agreed account may read"
        " this.",
        UnknownCause.TOOL_MISSING: "Please ask whether the missing program can be had there, or"
        " somebody can send us its output.",
        UnknownCause.UNSUPPORTED: "The machine does not tell this. Please tell us where else it can"
        " be seen.",
        UnknownCause.PARSE: "We could not read the answer. Please ask which make, model and"
        " firmware it is.",
        UnknownCause.MISSING_ATTRIBUTE: "Please tell us what is not stated yet, as the person at"
        " the rack can see it.",
        UnknownCause.AMBIGUOUS_LABEL: "Please tell us the exact label, as the person at the rack"
        " can see it.",
        UnknownCause.CONTRADICTION: "Please ask the person at the equipment which of the two is"
        " right, and tell us.",
        UnknownCause.ASSURANCE_TOO_LOW: "It is stated, and nobody could look yet. Please ask"
        " whether access can be given, so that it can be seen.",
    }
)
"""By why it is not known. What is missing here is for us to do again, and nothing to ask for."""


_RUNS = MappingProxyType(
    {
        Owner.CUSTOMER_IT: "the servers",
        Owner.FACILITY: "the electrical installation|the hall",
        Owner.NETWORK: "the network",
    }
)
"""What each owner is responsible for, as the checks' remedies name it."""
_ASK_HIM = (
    r"(?:Please a|A)sk (?:the person responsible for|whoever runs) (?:{})"
    r" (?=(?:whether|why|when|what|which|who)\b)"
    r"(?![^.]*(?:the person responsible|, and to ))"
)
"""But not where he is asked to see to something too, or somebody else is."""


def for_owner(text: str, owner: Owner, index: Index) -> str:
    """What is needed, as its owner reads it: he is not told to ask himself."""
    text = _from_here(text, index)
    his_own = _RUNS.get(owner)
    return re.sub(_ASK_HIM.format(his_own), "Please find out ", text) if his_own else text


def _from_here(text: str, index: Index) -> str:
    """Says which address "us" is, where the report knows one."""
    addresses = index.report.vantage.addresses[:_ADDRESSES]
    if not addresses:
        return text
    ours = " or ".join(addresses)
    named = text.replace("between us and", f"between us (we look from {ours}) and")
    return named.replace("the address that we look from", f"the address that we look from ({ours})")


_ADDRESSES = 2
"""So many of ours at most; a machine may have dozens."""


def needed(item: Item, index: Index) -> str:
    """The check's remedy for a fail; for what is not known first how it can be learned."""
    finding = item.finding
    if finding.outcome is Outcome.FAIL or finding.unknown is None:
        return _remedy(item) or WHOM_TO_ASK
    step = NEEDED.get(finding.unknown, WHOM_TO_ASK)
    refused = finding.unknown is UnknownCause.AUTH and _kind(item) == "login"
    if refused or remedy_helps(finding.unknown, site_answers=index.site_answers):
        return " ".join(filter(None, (step, _remedy(item))))
    return step


def _kind(item: Item) -> str:
    return item.check.kind if item.check else ""


def _remedy(item: Item) -> str:
    """Nothing when it orders a dangerous act; where the check says after what that is safe, this
    comes first."""
    if item.check is None:
        return ""
    remedy, after = item.check.remedy.strip(), item.check.safe_after
    if after:
        return f"Only after this: {after}. {remedy}"
    return "" if dangerous_order(remedy) else remedy

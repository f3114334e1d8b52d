"""What answered at all, and from when on that counts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from preflight.asked import ask_of
from preflight.evidence import Evidence
from preflight.kinds.base import Replies
from preflight.plan import control_asks
from preflight.report import Inputs


@dataclass(frozen=True)
class Seen:
    """What answered at all, from our own vantage and from the customer's. Only what this run asked
    shows the way and that the site is up: an answer that was kept from an earlier run does not."""

    ours: tuple[Evidence, ...]
    """What this run itself brought home."""
    control_good: bool
    answering: frozenset[str]
    reached_there: frozenset[str]

    @classmethod
    def of(cls, inputs: Inputs, replies: Replies, since: datetime) -> Seen:
        """Control is good when every control thing answers; with none, when the kernel has a
        route to at least one target (contract 9.9)."""
        ours = tuple(e for e in replies.all if e.vantage == "vendor" and e.taken >= since)
        answering = frozenset(
            e.thing
            for e in ours
            if e.answer and e.controller.value in _AT_SITE and e.question.protocol != "route"
        )
        if control := frozenset(control_asks(inputs.site)):
            answered = {ask_of(e) for e in ours if e.answer}
            good = control <= answered
        else:
            good = any(e.answer for e in ours if e.question.protocol == "route")
        return cls(ours, good, answering, _reached_there(replies))


_AT_SITE = frozenset({"host", "bmc", "pdu", "ups", "switch"})
_OVER_THE_NETWORK = frozenset({"icmp", "tcp", "tls", "http"})


def _reached_there(replies: Replies) -> frozenset[str]:
    """What the customer's script reached over the network. Facts that it read on the server that
    it ran on show no way to that server, and a name that resolves shows no thing."""
    return frozenset(
        e.thing
        for e in replies.all
        if e.vantage == "customer"
        and e.answer
        and e.controller.value in _AT_SITE
        and (e.question.protocol in _OVER_THE_NETWORK or e.question.fact == "host-key")
    )

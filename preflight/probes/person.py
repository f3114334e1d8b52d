"""Questions to a person: a run cannot ask them. They go out with the self-check."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.unanswered import no_answer
from preflight.words import UnknownCause

_WHY = "only somebody on site can tell; `preflight selfcheck build` makes the questions"


class PersonProbe:
    """Sends nothing. Until the customer's answers are accepted, the question is `not-asked`."""

    protocol: ClassVar[str] = "person"
    scope: ClassVar[Literal["all", "thing"]] = "all"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:  # noqa: ARG002 - Probe
        """The same reply for each."""
        for ask in asks:
            tell(ask, Reply(no_answer(UnknownCause.NOT_ASKED, _WHY), attempts=0))

    def templates(self, ask: Ask) -> Sequence[str]:  # noqa: ARG002 - Probe
        """No request at all."""
        return ()

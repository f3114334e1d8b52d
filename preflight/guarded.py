"""Kinds and probes of other distributions, held to what ours are tested for.

They run with the user's rights and could get round all of this. It is there against mistakes: a bug
of theirs ends as `unknown` (`internal`) that names them, and never as a lost report or a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, cast

from preflight.evidence import Ask, Evidence, NoAnswer, Reading
from preflight.extensions import PlugInError
from preflight.finding import Part
from preflight.jumps import jump_of
from preflight.kinds.base import Case, Context, Judgement, Kind, Subject, unknown
from preflight.probes.base import Probe, Reply, Tell, Way
from preflight.probes.logins import Logins
from preflight.probes.passages import Passages
from preflight.words import Assurance, Outcome, UnknownCause

MEND = "tell whoever makes that distribution; until then leave the check out"


class UnsoundError(Exception):
    """A judgement that no evidence can carry."""


def guarded_kind(kind: type[Any], distribution: str) -> type[Kind]:
    """The same kind, whose judgements stand on evidence, or are `unknown`."""

    def asks(self: Any, subject: Subject, context: Context) -> Sequence[Ask]:
        try:
            found = tuple(kind.asks(self, subject, context))
        except Exception as error:  # the seam to somebody else's code
            raise _bug(error, f"kind {kind.name} of {distribution}", "asks") from error
        if not all(isinstance(ask, Ask) for ask in found):
            raise _bug(TypeError(), f"kind {kind.name} of {distribution}", "asks")
        return found

    def judge(self: Any, case: Case) -> Judgement:
        try:
            judgement = kind.judge(self, case)
            _refuse_unsound(judgement, kind.dimensions, case)
        except Exception as error:  # noqa: BLE001 - the same seam; a report is never lost by it
            why = f"{type(error).__name__} in kind {kind.name} of {distribution}"
            part = unknown(kind.dimensions[0], "a judgement", UnknownCause.INTERNAL, why)
            return Judgement((part,))
        return cast("Judgement", judgement)

    held = {
        "asks": asks, "judge": judge, "causes": frozenset(kind.causes) | {UnknownCause.INTERNAL},
        "__module__": kind.__module__, "__doc__": kind.__doc__,
    }  # fmt: skip
    return cast("type[Kind]", type(kind.__name__, (kind,), held))


def _bug(error: Exception, whose: str, where: str) -> PlugInError:
    return PlugInError(f"{whose} cannot be used: {type(error).__name__} in {where}", help=MEND)


def _refuse_unsound(judgement: Any, dimensions: Sequence[str], case: Case) -> None:
    parts: tuple[Any, ...] = judgement.parts if isinstance(judgement, Judgement) else ()
    if not parts:
        raise UnsoundError("no judgement")
    for part in parts:
        if not isinstance(part, Part) or part.dimension not in dimensions:
            raise UnsoundError("no part of this kind")
        _refuse_baseless(part, case)


def _refuse_baseless(part: Part, case: Case) -> None:
    """What is said is not better backed than the evidence that is named for it (law 2)."""
    known = case.replies.by_id
    if not known.keys() >= set(part.evidence):
        raise UnsoundError("evidence that nobody brought")
    if part.outcome is Outcome.UNKNOWN:
        return
    told = [known[name] for name in part.evidence if known[name].answer]
    if part.outcome is Outcome.NOT_APPLICABLE:
        if best(told).rank < Assurance.OBSERVED.rank:
            raise UnsoundError("not applicable, and nothing was observed")
    elif part.outcome is Outcome.PASS and (
        part.assurance is None or part.assurance.rank > best(told).rank
    ):
        raise UnsoundError("better backed than its evidence")


def best(evidence: Sequence[Evidence]) -> Assurance:
    """The most that a statement on this evidence is backed by."""
    most = max(
        (item.assurance for item in evidence), key=lambda a: a.rank, default=Assurance.CLAIMED
    )
    reported = (e for e in evidence if e.assurance.rank >= Assurance.REPORTED.rank)
    several = len({item.controller for item in reported}) > 1
    return Assurance.CORROBORATED if several and most is Assurance.OBSERVED else most


class GuardedProbe:
    """The same probe: no secrets, no way through jump hosts, and readings for answers."""

    def __init__(self, probe: Callable[[], Probe], protocol: str, distribution: str) -> None:
        self._whose = f"the {protocol} probe of {distribution}"
        self._distribution = distribution
        try:
            self._probe = probe()
        except Exception as error:
            raise _bug(error, self._whose, "its constructor") from error
        self.protocol, self.scope = protocol, self._probe.scope

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """As the probe, for what can be asked directly; every ask is told something."""
        waiting = set(asks)

        def told(ask: Ask, reply: Reply) -> None:
            if ask in waiting:
                waiting.discard(ask)
                tell(ask, self._checked(reply))

        for ask in asks:
            if jump := jump_of(way.site, ask.thing):
                told(ask, _behind(jump))
        try:
            if waiting:
                direct = tuple(ask for ask in asks if ask in waiting)
                self._probe.ask(direct, _without_logins(way), told)
            why = f"{self._whose} left this question unanswered"
        except Exception as error:  # noqa: BLE001 - the seam where its bugs are caught, by its name
            why = f"{type(error).__name__} in {self._whose}"
        for ask in tuple(waiting):
            told(ask, Reply(NoAnswer(cause=UnknownCause.INTERNAL, detail=why)))

    def _checked(self, reply: Reply) -> Reply:
        answer = reply.answer
        if not isinstance(answer, (Reading, NoAnswer)):
            why = f"{self._whose} answered with {type(answer).__name__}, which is no Reading"
            answer = NoAnswer(cause=UnknownCause.INTERNAL, detail=why)
        return replace(reply, answer=answer, root="", distribution=self._distribution)

    def templates(self, ask: Ask) -> Sequence[str]:
        """What the probe announces.

        Raises:
            PlugInError: it does not say.
        """
        try:
            found = tuple(self._probe.templates(ask))
        except Exception as error:  # the seam to somebody else's code
            raise _bug(error, self._whose, "templates") from error
        if not all(isinstance(line, str) for line in found):
            raise _bug(TypeError(), self._whose, "templates")
        return found


def _without_logins(way: Way) -> Way:
    """No credentials, no passage of ours, and no word in whether one of them is good."""
    return replace(way, secrets={}, passages=Passages(), logins=Logins())


def _behind(jump: str) -> Reply:
    detail = f"not asked: it stands behind host:{jump}, and this probe goes only directly"
    return Reply(NoAnswer(cause=UnknownCause.NOT_ASKED, detail=detail), attempts=0)

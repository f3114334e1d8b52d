"""Collected text to typed evidence of the customer's vantage. Pure, and never fails over a text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from preflight.evidence import (
    Answer,
    Ask,
    Evidence,
    HostKey,
    NoAnswer,
    Statement,
    controller_of,
    evidence_id,
    good_for_s,
)
from preflight.files.site import Site
from preflight.probes import facts
from preflight.probes.base import Reply
from preflight.probes.kept import raw as kept
from preflight.probes.unanswered import no_answer
from preflight.redact import redactor, without_people
from preflight.selfcheck.answers import Answers, Given, Said
from preflight.selfcheck.items import STATUSES, Item
from preflight.selfcheck.readers import READERS, host_key
from preflight.selfcheck.reading import malformed
from preflight.text import one_line
from preflight.words import UnknownCause

_QUOTE_CHARS = 120
_ROLE_CHARS = 100
_SAID_CHARS = 500
_TOKEN_CHARS = 32
"""Of the nonce: what the facts script frames with."""
_CAUSES = {
    "unavailable": UnknownCause.TOOL_MISSING,
    "silent": UnknownCause.TIMEOUT,
    "refused": UnknownCause.REFUSED,
    "unreachable": UnknownCause.UNREACHABLE,
}
_OVER_THE_NETWORK = frozenset({"ping", "tcp"})
"""Every machine reaches itself, also without a cable: that shows nothing."""
_redact = redactor(lambda text: text)


@dataclass(frozen=True)
class Arrival:
    """How the answers came."""

    received: datetime
    sealed: bool


def convert(
    answers: Answers, wanted: Sequence[Item], site: Site, arrival: Arrival
) -> tuple[Evidence, ...]:
    """The evidence that the answers are, sorted by id; what they do not hold is no evidence.

    `wanted` are the items of the plan that the script was made from, `site` its site file.

    Raises:
        NotGenuine: `answers-malformed`: a number that is no item's or stands twice, an answer
            where a question was or the other way round.
    """
    of = {item.no: item for item in wanted}
    _refuse_numbers(answers, of)
    found = [e for given in answers.answers for e in _looked(given, of[given.no], answers, site)]
    found += [(of[said.no].asks[0], answers.finished, _person(said, answers))
              for said in answers.questions]  # fmt: skip
    evidence = (_evidence(ask, taken, reply, arrival) for ask, taken, reply in found)
    return tuple(sorted(evidence, key=lambda e: e.id))


def _refuse_numbers(answers: Answers, of: dict[int, Item]) -> None:
    given = [(g.no, False) for g in answers.answers] + [(s.no, True) for s in answers.questions]
    for number, times in Counter(no for no, _ in given).items():
        if times > 1:
            raise malformed(f"item {number} stands there twice.")
    for number, asked in given:
        if number not in of:
            raise malformed(f"there is no item {number}.")
        if (of[number].action == "question") != asked:
            raise malformed(f"item {number} is {'no' if asked else 'a'} question.")


_Found = tuple[Ask, datetime, Reply]


def _looked(given: Given, item: Item, answers: Answers, site: Site) -> Iterator[_Found]:
    """One reply to each of the item's asks."""
    data = given.raw.encode("utf-8", "replace")
    if item.action in _OVER_THE_NETWORK and item.thing == f"host:{answers.machine.on}":
        return
    if item.action == "facts" and given.status == "collected":
        for ask, reply in _facts(data, item, answers):
            yield ask, given.taken, reply
        return
    reply = Reply(_answer(given, item, site), raw=kept(data) if data else None)
    for ask in item.asks:
        yield ask, given.taken, reply


def _answer(given: Given, item: Item, site: Site) -> Answer | NoAnswer:
    if given.status not in STATUSES[item.action]:
        return _odd(given, f"the self-check says {one_line(given.status)!r}")
    if cause := _CAUSES.get(given.status):
        return no_answer(cause, f"seen from the customer's side: {_WORDS[given.status]}")
    if given.status == "failed":
        cause = UnknownCause.TLS if item.action == "tls" else UnknownCause.PARSE
        return _odd(given, "the connection failed", cause)
    if item.action == "hostkey":
        return _host_key(given, item, site) or _odd(given, "it shows no host key")
    answer = READERS[item.action, given.status](given)
    return answer or _odd(given, f"cannot make sense of the {item.action} answer")


_WORDS = {
    "unavailable": "no tool there can look",
    "silent": "no answer in time",
    "refused": "the connection was refused",
    "unreachable": "there is no way to it",
}


def _odd(given: Given, why: str, cause: UnknownCause = UnknownCause.PARSE) -> NoAnswer:
    said = one_line(given.raw, _QUOTE_CHARS)
    return no_answer(cause, f"seen from the customer's side: {why}" + f"; {said!r}" * bool(said))


def _host_key(given: Given, item: Item, site: Site) -> HostKey | None:
    host = site.hosts.get(item.thing.partition(":")[2])
    return host_key(given, host.ssh.host_key if host else None)


def _facts(data: bytes, item: Item, answers: Answers) -> Iterator[tuple[Ask, Reply]]:
    """What the framed script said, only about the very host that it ran on."""
    if item.thing != f"host:{answers.machine.on}":
        why = f"facts of {item.thing} that were collected on another machine"
        for ask in item.asks:
            yield ask, Reply(no_answer(UnknownCause.PARSE, why), raw=kept(data))
        return
    token = answers.nonce[:_TOKEN_CHARS]
    found, said = facts.frames(data, token), facts.read(data, token, item.asks)
    root = facts.root_of(found) or one_line(answers.machine.root)
    for ask in item.asks:
        frame = found.get(facts.frame_name(ask))
        yield ask, Reply(said[ask], raw=kept(frame.data if frame else data), root=root)


def _person(said: Said, answers: Answers) -> Reply:
    value = _clean(said.answer or "", _SAID_CHARS)
    return Reply(Statement(value=value or None, by=_clean(answers.by, _ROLE_CHARS)))


def _clean(text: str, limit: int) -> str:
    """One visible line without people; making characters visible may lengthen it."""
    return without_people(one_line(text, limit))[: 2 * limit]


def _evidence(ask: Ask, taken: datetime, reply: Reply, arrival: Arrival) -> Evidence:
    """Nothing can have been seen after it came."""
    clean, taken = _redact(reply), min(taken, arrival.received)
    silent = isinstance(clean.answer, NoAnswer)
    return Evidence(
        id=evidence_id(ask, "customer", taken),
        thing=ask.thing,
        question=ask.question,
        controller=controller_of(ask),
        vantage="customer",
        taken=taken,
        duration_us=clean.duration_us,
        attempts=clean.attempts,
        good_for_s=good_for_s(ask.question.fact),
        proven=arrival.sealed,
        answer=None if silent else clean.answer,
        no_answer=clean.answer if silent else None,
        raw=clean.raw,
        root=clean.root,
    )

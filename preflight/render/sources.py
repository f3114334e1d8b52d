"""Who says so: a machine that we asked, the customer's own script, somebody on site, a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from preflight.evidence import Evidence, Statement
from preflight.finding import Contradiction, Finding, Said
from preflight.render.backing import Backing, backing, backing_words
from preflight.render.index import Index
from preflight.render.moments import moment
from preflight.render.phrases import subject_words
from preflight.text import one_line
from preflight.words import Controller

SHOWN = 4
"""How many things a card names as sources before it counts the others."""
ONE_LOOK = timedelta(hours=1)
"""Times that lie no farther apart are one."""
ROLE_CHARS = 60
"""Longest role of a person that is printed: what is longer is no role."""
SCRIPT, SOMEBODY = "the customer's own script", "somebody on site"


def sources(evidence: Sequence[Evidence]) -> str:
    """`BMC of db1 (power, chassis); server db1 (connect: timeout), Fri 20 Nov 14:03 UTC`."""
    told: dict[str, dict[str, None]] = {}
    for item in evidence:
        told.setdefault(_source(item), {})[_asked(item)] = None
    things = [f"{thing} ({', '.join(facts)})" for thing, facts in told.items()]
    more = f"; and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return f"{'; '.join(things[:SHOWN])}{more}, {_when(evidence)}"


def _when(evidence: Sequence[Evidence]) -> str:
    """When it was taken; from when on, where some of it was kept from an earlier look."""
    taken = [item.taken for item in evidence]
    first, last = min(taken), max(taken)
    return moment(last) if last - first < ONE_LOOK else f"{moment(first)} to {moment(last)}"


def _source(item: Evidence) -> str:
    """`the customer's own script at BMC of db1`, `somebody on site about server db1`."""
    thing = subject_words(item.thing)
    if item.controller is Controller.PERSON:
        return f"{SOMEBODY} about {thing}"
    return thing if item.vantage == "vendor" else f"{_script(item)} at {thing}"


def _script(item: Evidence) -> str:
    return SCRIPT if item.proven else f"{SCRIPT}, not sealed,"


def _asked(item: Evidence) -> str:
    """`power`, `connect: timeout`; the words of a question to a person stand elsewhere."""
    silent = item.no_answer
    if item.controller is Controller.PERSON:
        return f"question: {silent.cause}" if silent else "question"
    asked = " ".join(filter(None, (item.question.fact, item.question.argument)))
    return asked + (f": {silent.cause}" if silent else "")


def person(item: Evidence) -> str:
    """`somebody on site (facility manager)`; people stand in a report by their role."""
    role = item.answer.by if isinstance(item.answer, Statement) else ""
    role = one_line(role, ROLE_CHARS)
    return f"{SOMEBODY} ({role})" if role else SOMEBODY


def contradictions(finding: Finding) -> tuple[Contradiction, ...]:
    """All of a finding, each once: its parts may have several."""
    found = [finding.contradiction, *(part.contradiction for part in finding.parts)]
    return tuple(dict.fromkeys(one for one in found if one))


def contradiction_words(contradiction: Contradiction, index: Index) -> str:
    """`rack of server db1: site file says N1 (only said); BMC of db1 says N2 (seen by us)`."""
    said = (_said(one, index.evidence.get(one.evidence or "")) for one in contradiction.said)
    return f"{contradiction.fact} of {subject_words(contradiction.thing)}: {'; '.join(said)}"


def _said(one: Said, item: Evidence | None) -> str:
    if item is None:
        return f"{subject_words(one.who)} says {one.value} ({backing_words(one.assurance, ())})"
    if item.controller is Controller.PERSON:
        return f"{person(item)} says {one.value} (only said)"
    held = backing(one.assurance, [item])
    if item.vantage == "customer":
        how = "not sealed, so only said" if held is Backing.SAID else "collected by the customer"
        return f"{SCRIPT} at {subject_words(item.thing)} says {one.value} ({how})"
    how = "seen by us" if held is Backing.SEEN else backing_words(one.assurance, [item])
    return f"{subject_words(item.thing)} says {one.value} ({how})"

"""Declared cables: each between two things of the site file, and said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, text
from preflight.files.problems import Problem
from preflight.files.sorts import declare_it, ids
from preflight.files.suggest import did_you_mean

Known = Mapping[str, tuple[str, str]]
"""Thing id -> folder and name."""


def links(document: Document) -> Iterator[Problem]:
    """Ends that are nothing, links from a thing to itself; a link that is there already is a
    warning: two cables between the same two things back nothing up."""
    known, first = ids(document.data), dict[frozenset[str], int]()
    for index, one, other in _links(document):
        loc: Loc = ("links", index)
        for end, thing in (("from", one), ("to", other)):
            if thing not in known:
                yield _unknown(document, (*loc, end), thing, known)
        if one == other:
            message = f"{one} is linked to itself"
            yield document.problem("self-link", loc, message, "name the thing at the other end")
        elif (ends := frozenset((one, other))) in first:
            line = document.mark(("links", first[ends])).line + 1
            message = f"{one} and {other} are linked already, on line {line}"
            help_ = "one is enough, however many cables there are"
            yield document.problem("same-link", loc, message, help_, severity="warning")
        else:
            first[ends] = index


def _links(document: Document) -> Iterator[tuple[int, str, str]]:
    """Index and both ends; what has a wrong form is told by the model."""
    found = document.data.get("links")
    for index, link in enumerate(found if isinstance(found, list) else []):
        ends = text(mapping(link), "from"), text(mapping(link), "to")
        if ends[0] and ends[1]:
            yield index, ends[0], ends[1]


_FORMS = "write host:, switch:, pdu:, ups: or ats: and a name of this file"


def _unknown(document: Document, loc: Loc, thing: str, known: Known) -> Problem:
    help_ = _of_name(thing, known) or did_you_mean(thing, known) or declare_it(thing) or _FORMS
    message = f'a link ends at "{thing}", which is nothing'
    return document.problem("unknown-thing", loc, message, help_)


def _of_name(name: str, known: Known) -> str:
    """A name without its sort."""
    sorts = (f"{kind}:{name}" for kind in ("host", "switch", "pdu", "ups", "ats"))
    whole = next((thing for thing in sorts if thing in known), None)
    return f'did you mean "{whole}"?' if whole else ""

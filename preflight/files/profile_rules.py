"""What a check or a profile file must keep to beside its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from preflight.files.check import Need
from preflight.files.document import Document, Loc
from preflight.files.plain import mapping, text
from preflight.files.problems import Problem
from preflight.files.remedies import dangerous_order
from preflight.files.suggest import did_you_mean

SELECTS = ("host", "role", "group", "pdu", "ups", "switch")
"""The sorts of things that a selector can name."""
_NEED = re.compile(
    next(str(p) for m in Need.model_fields["what"].metadata if (p := getattr(m, "pattern", None)))
)


def check_rules(document: Document) -> Iterator[Problem]:
    """Law 5."""
    if not text(document.data, "safe_after"):
        yield from order_problem(document, ("remedy",))


def order_problem(document: Document, loc: Loc) -> Iterator[Problem]:
    """The remedy there orders a dangerous act, and nothing says after what it is safe."""
    remedy = document.at(loc)
    act = dangerous_order(remedy) if isinstance(remedy, str) else None
    if act:
        message = f'the remedy orders a dangerous act: "{act}"'
        help_ = (
            "ask the person responsible why it is so and when it may be changed, "
            "or say in safe_after: what must be known first"
        )
        yield document.problem("dangerous-remedy", loc, message, help_)


def profile_rules(document: Document) -> Iterator[Problem]:
    """One entry per identity, selectors and needs in words that mean something."""
    yield from _needs(document)
    seen: set[object] = set()
    for index, entry in enumerate(_list(document.data.get("checks"))):
        yield from selector_problems(document, ("checks", index, "on"))
        name = identity(text(entry, "check"), entry.get("on"), text(entry, "as"))
        if name in seen:
            message = (
                f"{text(entry, 'as') or text(entry, 'check')} is there twice for one selection"
            )
            help_ = "keep one entry, or give one of them a name of its own with `as:`"
            yield document.problem("same-check", ("checks", index, "check"), message, help_)
        seen.add(name)
    for index, _ in enumerate(_list(document.data.get("drop"))):
        yield from selector_problems(document, ("drop", index, "on"))


def identity(check: str | None, on: object, as_: str | None) -> object:
    """What makes an entry the same in base and child: `as`, else check and selectors."""
    selectors = [on] if isinstance(on, str) else on if isinstance(on, (list, tuple)) else []
    return as_ or (check, frozenset(str(selector) for selector in selectors))


def selector_problems(document: Document, loc: Loc) -> Iterator[Problem]:
    """Selectors of a sort that does not exist."""
    value = document.at(loc)
    for index, selector in enumerate([value] if isinstance(value, str) else _texts(value)):
        sort, colon, _ = selector.partition(":")
        if colon and sort not in SELECTS:
            message = f'"{selector}" selects nothing that exists'
            help_ = (
                did_you_mean(sort, SELECTS) or f"write all, site, or one of {', '.join(SELECTS)}"
            )
            at = loc if isinstance(value, str) else (*loc, index)
            yield document.problem("unknown-selector", at, message, help_)


def _needs(document: Document) -> Iterator[Problem]:
    for what in mapping(document.data.get("needs")):
        if not _NEED.fullmatch(what):
            message = f'"{what}" cannot be needed'
            help_ = "write hall or role:NAME"
            yield document.problem("unknown-need", ("needs", what), message, help_, key=True)


def _list(value: object) -> list[dict[str, Any]]:
    return [mapping(item) for item in value] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

"""What a model's refusal means, in words of the people who write these files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from pydantic import StringConstraints
from pydantic_core import ErrorDetails

from preflight.files.check import CheckId, Need, Selector
from preflight.files.document import Loc, Text, written
from preflight.files.problems import Problem
from preflight.files.releases import ReleasedFile, ReleasedPackage
from preflight.files.site import Address, Endpoint, Fingerprint, Host, Netbox, Site, Thing
from preflight.files.suggest import did_you_mean
from preflight.model import Hex64, Id

_TIME_HELP = "write date, time and offset, like 2026-12-06T06:40:00+01:00 (or Z for UTC)"
_LITERAL = "a secret may not stand in this file"
_REFERENCES = "write env:NAME, file:PATH, keyring:SERVICE/NAME or prompt: and change that secret"
_DAY_HELP = "write a day like 2026-11-10"


def _pattern(annotation: Any) -> str:
    found = [m.pattern for m in get_args(annotation) if isinstance(m, StringConstraints)]
    return str(found[0])


def _field_pattern(model: Any, name: str) -> str:
    metadata = model.model_fields[name].metadata
    found = [getattr(m, "pattern", None) for m in metadata]
    inside = [
        getattr(m, "pattern", None)
        for a in get_args(model.model_fields[name].annotation)
        for m in get_args(a)
    ]
    return str(next(p for p in [*found, *inside] if p))


_SHAPES: dict[str, tuple[str, str]] = {
    _pattern(Id): (
        "is no name",
        "a name begins with a letter or digit and has only letters, digits, `.`, `_`, `-`",
    ),
    _pattern(Hex64): ("is no SHA-256 digest", "write 64 lower-case hex digits"),
    _pattern(Address): ("is no address", "write a host name or an IP address, without port"),
    _pattern(Endpoint): ("is no address:port", "write 10.20.0.1:443, or [2001:db8::1]:443"),
    _pattern(Fingerprint): (
        "is no key fingerprint",
        "write it as `ssh-keygen -l` prints it: SHA256: and 43 characters",
    ),
    _pattern(Thing): (
        "is no thing that backs another up",
        "write switch:NAME, pdu:NAME, ups:NAME or ats:NAME; hosts stand under `hosts`",
    ),
    _pattern(CheckId): ("is no check id", "a check's id is its path, like power/powered-on"),
    _pattern(Selector): (
        "is no selector",
        "write all, site, host:NAME, role:NAME, group:NAME, pdu:NAME, ups:NAME or switch:NAME",
    ),
    _field_pattern(Site, "language"): ("is no language", "write two letters, like en or de"),
    _field_pattern(Need, "what"): ("cannot be needed", "write hall or role:NAME"),
    _field_pattern(Host, "unit"): ("is no rack unit", "write 21, or 21-22"),
    _field_pattern(Netbox, "path"): (
        "is no path",
        "write it with its first slash and without the last: /netbox",
    ),
    _field_pattern(Netbox, "site"): (
        "is no slug of a NetBox site",
        "write the site's slug as NetBox shows it: lagos-ikeja",
    ),
    _field_pattern(ReleasedFile, "path"): (
        "is no path of a released file",
        "write an absolute path without blanks or shell characters",
    ),
    _field_pattern(ReleasedPackage, "name"): ("is no package name", "write a Debian package name"),
}
_COUNTS = {"too_short": ("at least", "min_length"), "too_long": ("at most", "max_length")}
_BOUNDS = {
    "greater_than_equal": ("at least", "ge"),
    "greater_than": ("more than", "gt"),
    "less_than_equal": ("at most", "le"),
    "less_than": ("less than", "lt"),
}


def explain(detail: ErrorDetails, document: Text) -> Problem:
    """One error of pydantic as a problem at its place, without pydantic's words."""
    loc: Loc = detail["loc"]
    context = detail.get("ctx") or {}
    if detail["type"] == "misplaced":
        return _misplaced(loc, str(context["at"]), str(context["message"]), document)
    if detail["type"] == "literal-secret":
        return document.problem("literal-secret", loc, f"{written(loc)}: {_LITERAL}", _REFERENCES)
    on_key = loc[-1:] == ("[key]",)
    loc = loc[:-1] if on_key else _written_at(loc, document)
    found = str(loc[-1]) if on_key else document.at(loc)
    code, rest, help_ = _meaning(detail, context, found)
    if found == "" and not on_key and code != "wrong-value":
        return document.problem("blank", loc, f"{written(loc)} is blank", help_)
    if document.source.secret and code == "wrong-value":
        rest, help_ = "is not valid", ""  # the reason may quote the value
    value = _shown(found, document)
    where = written(loc[:-1] if on_key else loc) or "the file"
    subject = f"{where}: {value}" if on_key or code in {"wrong-form", "wrong-choice"} else where
    message = f"{subject} {rest}".replace("{value}", value)
    return document.problem(code, loc, message, help_, key=on_key)


def _written_at(loc: Loc, document: Text) -> Loc:
    """Without the last step where a model made a list or mapping of a single text."""
    parent = document.at(loc[:-1])
    return loc if not loc or isinstance(parent, (dict, list)) else loc[:-1]


def _misplaced(loc: Loc, at: str, message: str, document: Text) -> Problem:
    where = f"{written(loc)}: " if loc else ""
    return document.problem("misplaced", (*loc, at) if at else loc, f"{where}{message}")


_Meaning = tuple[str, str, str]
"""Code, what is wrong (after the name of the place), help."""


def _meaning(detail: ErrorDetails, context: Mapping[str, Any], found: object) -> _Meaning:
    kind = detail["type"]
    for recognise in (_type, _time, _count, _choice, _shape):
        if meaning := recognise(kind, context, found):
            return meaning
    reason = str(context.get("error") or detail["msg"])
    return "wrong-value", f"is wrong: {reason[:1].lower()}{reason[1:]}", ""


def _type(kind: str, _: Mapping[str, Any], found: object) -> _Meaning | None:
    wanted = _TYPES.get(kind)
    if wanted is None:
        return None
    simple = not isinstance(found, (dict, list))
    return "wrong-type", f"must be {wanted}, not {{value}}", _TYPE_HELP[wanted] if simple else ""


_TYPE_HELP = {
    "text": "put it in quotes if it is meant as text",
    "a whole number": "",
    "a duration": "write 90d, 24h, 15m or 30s",
    "true or false": "write true or false, without quotes",
    "a mapping": "write lines of `key: value` under it",
    "a list": "write it in brackets: [one, two]",
}
_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "duration_parsing": "a duration",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "tuple_type": "a list",
    "list_type": "a list",
}


def _time(kind: str, _: Mapping[str, Any], __: object) -> _Meaning | None:
    if kind == "timezone_aware":
        return "no-offset", "has no offset from UTC: {value}", _TIME_HELP
    if kind.startswith("datetime_"):
        return "wrong-time", "is no date and time: {value}", _TIME_HELP
    if kind.startswith("date_"):
        return "wrong-day", "is no day: {value}", _DAY_HELP
    return None


def _count(kind: str, context: Mapping[str, Any], found: object) -> _Meaning | None:
    if kind in _BOUNDS:
        words, key = _BOUNDS[kind]
        return "out-of-range", f"must be {words} {context[key]}, not {{value}}", ""
    if kind in _COUNTS:
        words, key = _COUNTS[kind]
        had = len(found) if isinstance(found, (list, dict)) else 0
        entries = "entry" if context[key] == 1 else "entries"
        return "wrong-count", f"must have {words} {context[key]} {entries}, has {had}", ""
    if kind == "string_too_short":
        return "wrong-value", "is empty", "write a value, or leave the key out"
    if kind == "string_too_long":
        return "wrong-value", f"is longer than {context['max_length']} characters", ""
    return None


def _choice(kind: str, context: Mapping[str, Any], found: object) -> _Meaning | None:
    if kind not in {"enum", "literal_error"}:
        return None
    choice = re.findall(r"'([^']*)'", str(context.get("expected", "")))
    near = did_you_mean(str(found), choice)
    return "wrong-choice", "is not one of the choices", near or f"write one of {', '.join(choice)}"


def _shape(kind: str, context: Mapping[str, Any], _: object) -> _Meaning | None:
    if kind != "string_pattern_mismatch":
        return None
    what, help_ = _SHAPES.get(str(context["pattern"]), ("is not well-formed", ""))
    return "wrong-form", what, help_


def _shown(value: object, document: Text) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    if value is None or isinstance(value, bool):
        return str(value).lower().replace("none", "null")
    return document.source.quote(str(value)) if value != "" else "nothing"

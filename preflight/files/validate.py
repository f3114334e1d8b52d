"""Data against a model: every error of pydantic becomes a Problem at its place."""

from __future__ import annotations

import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from preflight.files.document import Document, Loc, Text, written
from preflight.files.messages import explain
from preflight.files.problems import Problem
from preflight.files.suggest import nearest, one_of
from preflight.model import FILES

_FOLDED = {"extra_forbidden", "missing"}
M = TypeVar("M", bound=BaseModel)


def validate(model: type[M], document: Document) -> tuple[M | None, list[Problem]]:
    """The typed value, or every problem that stands in its way."""
    try:
        return model.model_validate(document.data, context=FILES), []
    except ValidationError as e:
        return None, problems_of(e, model, document)


def problems_of(error: ValidationError, model: type[BaseModel], document: Text) -> list[Problem]:
    """All of them in the order of the file; a key missing here and misspelt there is one."""
    details = error.errors(include_url=False, include_input=not document.source.secret)
    unknown = [d for d in details if d["type"] == "extra_forbidden"]
    missing = {d["loc"]: None for d in details if d["type"] == "missing"}
    found: list[Problem] = []
    for detail in unknown:
        problem, meant = _unknown_key(detail["loc"], model, document)
        missing.pop(meant, None)
        found.append(problem)
    found += [_missing_key(loc, document) for loc in missing]
    rest = (d for d in details if d["type"] not in _FOLDED and not _counted_less(d, document))
    found += _once_each(explain(d, document) for d in rest)
    return sorted(found, key=lambda p: (p.line, p.column))


def _counted_less(detail: ErrorDetails, document: Text) -> bool:
    """pydantic leaves wrong entries out and then finds too few; they have problems of their own."""
    written_there = document.at(detail["loc"])
    least = (detail.get("ctx") or {}).get("min_length", 0)
    return detail["type"] == "too_short" and (
        isinstance(written_there, (list, dict)) and len(written_there) >= least
    )


def _once_each(problems: Iterable[Problem]) -> Iterator[Problem]:
    """An alias or a union may bring the same mistake twice."""
    return iter(dict.fromkeys(problems))


def _unknown_key(loc: Loc, model: type[BaseModel], document: Text) -> tuple[Problem, Loc]:
    """The problem, and the place of the key that was meant."""
    parent, key = loc[:-1], str(loc[-1])
    written_keys = document.at(parent)
    known = [k for k in keys_at(model, parent) if k not in (written_keys or ())]  # type: ignore[operator]
    where = f" in {written(parent)}" if parent else ""
    message = f"unknown key {document.source.quote(key)}{where}"
    problem = document.problem("unknown-key", loc, message, one_of(key, known), key=True)
    return problem, (*parent, nearest(key, known) or key)


def _missing_key(loc: Loc, document: Text) -> Problem:
    parent = loc[:-1]
    where = f" in {written(parent)}" if parent else ""
    message = f'missing key "{loc[-1]}"{where}'
    return document.problem("missing-key", parent, message, f"add `{loc[-1]}:`", key=True)


def keys_at(model: Any, loc: Loc) -> list[str]:
    """The keys that the model knows at a place of its data."""
    for part in loc:
        model = _step(_bare(model), part)
    model = _bare(model)
    if not _is_model(model):
        return []
    return [field.alias or name for name, field in model.model_fields.items()]


def _step(annotation: Any, part: str | int) -> Any:
    if _is_model(annotation):
        fields = {
            field.alias or n: field.annotation for n, field in annotation.model_fields.items()
        }
        return fields.get("root", fields.get(str(part)))
    inner = get_args(annotation)
    if get_origin(annotation) is dict:
        return inner[1]
    return inner[0] if inner else None


def _bare(annotation: Any) -> Any:
    """Without Annotated and Optional; a root model is what it wraps."""
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation = get_args(annotation)[0]
        elif origin in (Union, types.UnionType):
            annotation = next(a for a in get_args(annotation) if a is not type(None))
        elif _is_model(annotation) and "root" in annotation.model_fields:
            annotation = annotation.model_fields["root"].annotation
        else:
            return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)

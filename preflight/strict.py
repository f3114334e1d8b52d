"""Strict reading of signed bytes: one value, one text, one meaning, in every language.

Only for bytes whose signature has been verified.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, TypeVar

from pydantic import ValidationError

from preflight.canonical import is_canonical
from preflight.garbage import no_garbage_collection
from preflight.model import Model
from preflight.reasons import refusal

D = TypeVar("D", bound=Model)

LIMIT_BYTES = 32 * 1024 * 1024
DEPTH_LIMIT = 64
"""Levels; a report has about a dozen."""
_MOST = 2**53
_DIGITS = len(str(_MOST)) + 1
_KEY = re.compile(r"[a-z0-9_-]+")
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET = bytes(set(range(256)) - set(b"[]{}"))
_OPENING = b"[{"


def read_document(data: bytes, model: type[D], expected: str) -> D:
    """The document of this model and `format` in these bytes.

    Raises:
        NotGenuine: `json-strict`, `json-duplicate-key`, `json-not-canonical`,
            `format-mismatch`, `json-schema`.
    """
    with no_garbage_collection():
        return _read(data, model, expected)


def _read(data: bytes, model: type[D], expected: str) -> D:
    value = parse(data)
    if value.get("format") != expected:
        found = value.get("format")
        raise refusal("format-mismatch", f"The format is {found!r:.80}, not {expected}.")
    try:
        document = model.model_validate(value)
    except ValidationError as error:
        said = f"The signed JSON is not of this format: {first_mistake(error)}"
        raise refusal("json-schema", said) from None
    # Fields that were left to their defaults, and values that only convert, show here.
    if _typed(document.model_dump(mode="json", by_alias=True)) != _typed(value):
        raise refusal("json-schema", "A field is missing, or is written as another type.")
    return document


def parse(data: bytes) -> dict[str, Any]:
    """The JSON object in these bytes, which must be its one canonical text.

    Raises:
        NotGenuine: `json-strict`, `json-duplicate-key`, `json-not-canonical`.
    """
    if len(data) > LIMIT_BYTES:
        _refuse(f"more than {LIMIT_BYTES} bytes")
    if not data.isascii():
        _refuse("other bytes than ASCII")
    value = read_object(data.decode("ascii"))
    if not is_canonical(data, value):
        raise refusal("json-not-canonical")
    return value


def read_object(text: str) -> dict[str, Any]:
    """The JSON object in a text of any layout, without anything that two readers may take for two
    things.

    Raises:
        NotGenuine: `json-strict`, `json-duplicate-key`.
    """
    data = text.encode("utf-8", "surrogatepass")
    _refuse_deep(data)
    value = _loaded(text)
    if not isinstance(value, dict):
        _refuse("the top level is not an object")
    _refuse_lone_surrogates(data, value)
    return value


def _typed(value: object) -> str:
    """A text that differs wherever values do, `1` and `true` too; faster than `canonical`."""
    return json.dumps(value, sort_keys=True)


def _loaded(text: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_not_integer,
            parse_constant=_not_integer,
        )
    except json.JSONDecodeError as error:
        _refuse(f"{error.msg} at character {error.pos}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise refusal("json-duplicate-key", f"It says {key!r:.80} twice.")
        if not _KEY.fullmatch(key):
            _refuse(f"the key {key!r:.80}")
        found[key] = value
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS or abs(value := int(text)) > _MOST:
        _refuse("an integer beyond 2^53")
    return value


def _not_integer(text: str) -> NoReturn:
    _refuse(f"the number {text[:40]}, which is no integer")


def _refuse_deep(data: bytes) -> None:
    """Before any parser recurses."""
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKET):
        depth += 1 if bracket in _OPENING else -1
        if depth > DEPTH_LIMIT:
            _refuse(f"more than {DEPTH_LIMIT} levels")


def _refuse_lone_surrogates(data: bytes, value: object) -> None:
    """Half a character is text in Python and JavaScript, and an error elsewhere."""
    if rb"\ud" not in data:
        return
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        _refuse("half a surrogate pair")


def _refuse(what: str) -> NoReturn:
    raise refusal("json-strict", f"It is not strict JSON: {what}.")


def first_mistake(error: ValidationError) -> str:
    """Where it is and what, without quoting the value."""
    mistakes = error.errors(include_url=False, include_input=False, include_context=False)
    where = ".".join(str(part) for part in mistakes[0]["loc"])[:200]
    return f"{where}: {mistakes[0]['msg']:.200}"

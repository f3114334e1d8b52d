"""JSON Schemas (draft 2020-12) of the files that people write, for editors.

Made from the same models that the loader uses, and widened by what YAML editors see: to them
`rack: 12` is a number and `port: "22"` is text, to us both are what was written.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from preflight.files.booking import Booking
from preflight.files.check import Check, Profile
from preflight.files.credentials import Credentials
from preflight.files.policy import Policy
from preflight.files.releases import ReleaseList
from preflight.files.site import Site

_MODELS: dict[str, type[BaseModel]] = {
    "site": Site,
    "booking": Booking,
    "check": Check,
    "profile": Profile,
    "releases": ReleaseList,
    "credentials": Credentials,
    "policy": Policy,
}


def schema(name: str) -> dict[str, Any]:
    """The schema of a file that people write, of a `report`, or of the `gate`'s answer.

    Raises:
        KeyError: there is no such format.
    """
    if name in _WRITTEN:
        return _head(name, _WRITTEN[name]())
    return _head(name, _widened(_MODELS[name].model_json_schema(by_alias=True)))


def _report() -> dict[str, Any]:
    from preflight.report import Report

    return Report.model_json_schema(by_alias=True, mode="serialization")


def _gate() -> dict[str, Any]:
    from preflight.booking.ruling import Ruling

    return Ruling.model_json_schema(by_alias=True, mode="serialization")


_WRITTEN = {"report": _report, "gate": _gate}
"""What preflight itself writes. Imported only when asked for."""


def _head(name: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **body,
        "title": f"preflight {name}",
    }


def _widened(node: Any, key: str = "") -> Any:
    """The schema with numbers allowed where text is wanted, and the other way round."""
    if isinstance(node, list):
        return [_widened(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "properties" in node:
        node = node | {"properties": {k: _property(k, v) for k, v in node["properties"].items()}}
        return {k: v if k == "properties" else _widened(v, k) for k, v in node.items()}
    return _scalar({k: _widened(v, k) for k, v in node.items()}, key)


def _property(name: str, node: dict[str, Any]) -> Any:
    wide = _widened(node, name)
    if name in {"on", "site"} and "items" in wide:  # one, or a list of them
        return {"anyOf": [wide, wide["items"]]}
    if name == "assurance":
        return {"anyOf": [*wide.get("anyOf", [wide]), {"$ref": "#/$defs/Assurance"}]}
    return wide


def _scalar(node: dict[str, Any], key: str) -> dict[str, Any]:
    if "enum" in node or "const" in node or key == "propertyNames":
        return node
    if "patternProperties" in node:
        return node | {"additionalProperties": False}
    if node.get("type") == "string":
        return node | {"type": ["string", "number"]}
    if node.get("type") == "integer":
        return node | {"type": ["integer", "string"], "pattern": r"^[0-9]+$"}
    return node

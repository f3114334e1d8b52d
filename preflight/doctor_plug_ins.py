"""The doctor's look at what other distributions bring. Unlike a run, which loads only what a check
names, it loads them all: that is how to know whether they can be used."""

from __future__ import annotations

from collections.abc import Iterator

from preflight import extensions
from preflight.doctoring import Item, refused
from preflight.extensions import PlugInError
from preflight.text import one_line

_NAME_CHARS = 80


def plug_ins() -> Iterator[Item]:
    """One item for each that is installed; none where none is."""
    for sort, name in extensions.installed():
        item = f"{sort}-{one_line(name, _NAME_CHARS)}"
        try:
            yield Item(item, "ok", f"{_what(sort, name)} can be used")
        except PlugInError as error:
            yield refused(item, error)


def _what(sort: str, name: str) -> str:
    """Raises PlugInError where it cannot be used."""
    if sort == "kind":
        kind = extensions.kind(name)
        return f"version {kind.version} of {extensions.kind_distribution(name)}"
    extensions.probe(name)()
    return f"of {extensions.probe_distribution(name)}"

"""Kinds and probes that other distributions bring, found by their entry points.

Nothing is looked for before a name is asked for that is not built in, and nothing is imported but
what is asked for: a broken plug-in breaks only the checks that use it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from preflight import __version__
from preflight.errors import PreflightError
from preflight.text import one_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from preflight.kinds.base import Kind
    from preflight.probes.base import Probe

KINDS = "preflight.kinds"
PROBES = "preflight.probes"
"""Groups of entry points."""
OURS = f"site-preflight {__version__}"
"""How our own distribution stands in a report."""
_SUBJECTS = frozenset({"host", "group", "site"})
_SORTS = {KINDS: "kind", PROBES: "probe"}
_KIND_NAME = re.compile(r"[a-z][a-z0-9-]{0,63}")
_PROBE_NAME = re.compile(r"x-[a-z0-9]+(-[a-z0-9]+)*")


class PlugInError(PreflightError):
    """A plug-in cannot be used. The message names its distribution, entry point and the reason."""


def distribution_of(entry: EntryPoint) -> str:
    """`example-ups 1.2.0`."""
    found = entry.dist
    return one_line(f"{found.name} {found.version}", 200) if found else "an unnamed distribution"


@lru_cache(maxsize=4)
def _declared(group: str) -> Mapping[str, tuple[EntryPoint, ...]]:
    """Entry points by name. Imports none of them."""
    from importlib.metadata import entry_points

    found: dict[str, list[EntryPoint]] = defaultdict(list)
    for entry in entry_points(group=group):
        found[entry.name].append(entry)
    return {name: tuple(entries) for name, entries in sorted(found.items())}


def installed() -> tuple[tuple[str, str], ...]:
    """Sort (`kind`, `probe`) and name of everything that other distributions declare, whether or
    not it can be used. Imports none of it."""
    return tuple((_SORTS[group], name) for group in (KINDS, PROBES) for name in _declared(group))


def foreign_kinds() -> tuple[str, ...]:
    """Names of the kinds that other distributions declare, whether or not they can be used."""
    return tuple(name for name in _declared(KINDS) if name not in _own(KINDS))


@lru_cache(maxsize=256)
def kind(name: str) -> type[Kind]:
    """The kind of this name from another distribution, held to the laws.

    Raises:
        KeyError: no distribution declares it.
        PlugInError: it cannot be used.
    """
    from preflight.guarded import guarded_kind

    entry = _entry(KINDS, name)
    loaded = _loaded(entry, _kind_mistake)
    return guarded_kind(loaded, distribution_of(entry))


@lru_cache(maxsize=256)
def probe(protocol: str) -> Callable[[], Probe]:
    """Makes the probe of this protocol from another distribution, held to the laws.

    Raises:
        KeyError: no distribution declares it.
        PlugInError: it cannot be used.
    """
    from preflight.guarded import GuardedProbe

    entry = _entry(PROBES, protocol)
    loaded = _loaded(entry, _probe_mistake)
    distribution = distribution_of(entry)
    return lambda: cast("Probe", GuardedProbe(loaded, protocol, distribution))


def kind_distribution(name: str) -> str:
    """Which distribution a kind of another distribution comes in. Raises as `kind`, but does not
    import it."""
    return distribution_of(_entry(KINDS, name))


def probe_distribution(protocol: str) -> str:
    """The same for a probe."""
    return distribution_of(_entry(PROBES, protocol))


def _own(group: str) -> Mapping[str, Any]:
    from preflight.kinds import KINDS as OWN_KINDS
    from preflight.probes import PROBES as OWN_PROBES

    return OWN_KINDS if group == KINDS else OWN_PROBES


def _entry(group: str, name: str) -> EntryPoint:
    """The one entry point of this name.

    Raises:
        KeyError: there is none.
        PlugInError: there are two, or some distribution claims a name that is built in.
    """
    declared, own = _declared(group), _own(group)
    for taken, entries in declared.items():
        if taken in own:
            raise _two(group, taken, [OURS, *map(distribution_of, entries)])
    entries = declared[name]
    if len(entries) > 1:
        raise _two(group, name, [distribution_of(entry) for entry in entries])
    return entries[0]


def _two(group: str, name: str, distributions: list[str]) -> PlugInError:
    claim = f"{', '.join(distributions[:-1])} and {distributions[-1]}"
    sort = _SORTS[group]
    return PlugInError(
        f'the {sort} "{one_line(name, 80)}" is claimed by {claim}',
        help=f"uninstall one of them: a {sort} has one name and one meaning, and what is built in "
        "stays",
    )


def _loaded(entry: EntryPoint, mistake: Callable[[str, Any], str]) -> Any:
    try:
        found = entry.load()
    except Exception as error:  # the seam: it is somebody else's code that runs here
        why = f"it cannot be imported: {type(error).__name__}: {one_line(str(error), 300)}"
        raise _broken(entry, why) from error
    if why := mistake(entry.name, found):
        raise _broken(entry, why)
    return found


def _broken(entry: EntryPoint, why: str) -> PlugInError:
    what = f"the {_SORTS[entry.group]} {one_line(entry.name, 80)}"
    point = f"entry point {entry.group}, {one_line(entry.value, 200)}"
    return PlugInError(
        f"{what} of {distribution_of(entry)} cannot be used ({point}): {why}",
        help="mend, update or uninstall that distribution; docs/extending.md says what is expected",
    )


def _kind_mistake(name: str, found: Any) -> str:
    """What is wrong with the shape of a kind; empty: nothing."""
    from preflight.model import Model
    from preflight.words import UnknownCause

    expected: dict[str, Callable[[Any], bool]] = {
        "name": lambda value: value == name and bool(_KIND_NAME.fullmatch(name)),
        "version": lambda value: type(value) is int and value >= 1,
        "subjects": lambda value: bool(value) and _holds(value, _SUBJECTS.__contains__),
        "dimensions": lambda value: bool(value) and _holds(value, _is_id),
        "causes": lambda value: _holds(value, lambda one: isinstance(one, UnknownCause)),
        "Parameters": lambda value: isinstance(value, type) and issubclass(value, Model),
        "asks": callable,
        "judge": callable,
    }  # fmt: skip
    return _mistake(found, expected)


def _probe_mistake(name: str, found: Any) -> str:
    expected: dict[str, Callable[[Any], bool]] = {
        "protocol": lambda value: value == name and bool(_PROBE_NAME.fullmatch(name)),
        "scope": lambda value: value in {"all", "thing"},
        "ask": callable,
        "templates": callable,
    }
    return _mistake(found, expected)


def _mistake(found: Any, expected: Mapping[str, Callable[[Any], bool]]) -> str:
    if not isinstance(found, type):
        return "it is no class"
    wrong = [
        name
        for name, fits in expected.items()
        if not (hasattr(found, name) and fits(getattr(found, name)))
    ]
    return f"missing or not as expected: {', '.join(wrong)}" if wrong else ""


def _holds(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, (tuple, frozenset)) and all(map(fits, value))


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(_KIND_NAME.fullmatch(value))

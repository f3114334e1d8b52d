"""How to judge: every kind of check, by name. Those of other distributions are loaded when a check
names them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from preflight import extensions
from preflight.errors import PreflightError
from preflight.kinds.base import Kind
from preflight.kinds.claims_agree import ClaimsAgree
from preflight.kinds.feeds import Feeds
from preflight.kinds.identity import Identity
from preflight.kinds.login import Login
from preflight.kinds.needs import Needs
from preflight.kinds.outlets import OutletsAsDrawn
from preflight.kinds.powered import Powered
from preflight.kinds.question import Question
from preflight.kinds.reachable import Reachable
from preflight.kinds.released_build import ReleasedBuild
from preflight.kinds.separated import Separated
from preflight.kinds.serials import Serials
from preflight.kinds.supplies import PowerSupplies
from preflight.kinds.uplinks import Uplinks
from preflight.kinds.ups import UpsHealthy

_BUILT_IN: tuple[type[Kind], ...] = (
    Reachable,
    Login,
    Powered,
    PowerSupplies,
    Feeds,
    OutletsAsDrawn,
    UpsHealthy,
    Separated,
    Uplinks,
    Identity,
    Serials,
    ReleasedBuild,
    ClaimsAgree,
    Needs,
    Question,
)

KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in _BUILT_IN}
"""Built-in kind by name. A new kind is one file and one name in the tuple above."""


def kind_named(name: str) -> type[Kind]:
    """The kind of this name; a built-in one comes before all others.

    Raises:
        KeyError: there is none.
        PlugInError: one of another distribution cannot be used.
    """
    return KINDS[name] if name in KINDS else extensions.kind(name)


def distribution_of(name: str) -> str:
    """`site-preflight 0.1.0`, or the other distribution that the kind comes in. Raises as
    `kind_named`."""
    return extensions.OURS if name in KINDS else extensions.kind_distribution(name)


def is_here(name: str, version: int, distribution: str) -> bool:
    """Whether this kind judges here as it did there: the name, its version, and the distribution,
    of whatever version; a name alone may be somebody else's kind."""
    return not why_not_here(name, version, distribution)


def why_not_here(name: str, version: int, distribution: str) -> str:
    """Why it does not, in one line; empty where it does."""
    whose = f"kind {name} version {version} of {distribution}"
    try:
        here = distribution_of(name)
        if _without_version(here) != _without_version(distribution):
            return f"{whose} judged it, and here {name} is of {here}"
        if (installed := kind_named(name).version) != version:
            return f"{whose} judged it, and {here} has version {installed}"
    except KeyError:
        return f"{whose} judged it, and is not installed here"
    except PreflightError as error:
        return str(error)
    return ""


def _without_version(distribution: str) -> str:
    return distribution.partition(" ")[0]


class AllKinds(Mapping[str, type[Kind]]):
    """Every kind that files may name. Only what is looked up is loaded; raises as `kind_named`."""

    def __getitem__(self, name: str) -> type[Kind]:
        return kind_named(name)

    def __iter__(self) -> Iterator[str]:
        return iter((*KINDS, *extensions.foreign_kinds()))

    def __len__(self) -> int:
        return len(KINDS) + len(extensions.foreign_kinds())

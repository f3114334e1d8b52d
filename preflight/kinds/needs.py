"""`needs`: the site file holds as many hosts of a role, or halls, as the product needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import StringConstraints

from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.kinds.base import Case, Context, Judgement, Subject, passed, unknown
from preflight.kinds.sources import declared
from preflight.model import Model, Natural
from preflight.words import Assurance, UnknownCause


class NeedsParameters(Model):
    """At least `least` of `what` (`role:db`, `hall`)."""

    what: Annotated[str, StringConstraints(pattern=r"^(hall|role:[A-Za-z0-9._-]+)$")]
    least: Natural


class Needs:
    """Counts hosts with the role, or declared halls that hold a host (contract 9.4)."""

    name: ClassVar[str] = "needs"
    version: ClassVar[int] = 1
    subjects: ClassVar[frozenset[str]] = frozenset({"role", "hall"})
    dimensions: ClassVar[tuple[str, ...]] = ("count",)
    causes: ClassVar[frozenset[UnknownCause]] = frozenset({UnknownCause.MISSING_ATTRIBUTE})
    Parameters: ClassVar[type[Model]] = NeedsParameters

    def __init__(self, parameters: NeedsParameters) -> None:
        self.parameters = parameters

    def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:  # noqa: ARG002 - Kind
        """Nothing: it is judged from the site file."""
        return ()

    def judge(self, case: Case) -> Judgement:
        """One part, at `claimed`."""
        what, least = self.parameters.what, self.parameters.least
        names = _holding(case.context.site, what)
        required = f"at least {least} {_unit(what)}"
        found = f"the site file has {len(names)}" + (f": {', '.join(names)}" if names else "")
        if len(names) >= least:
            return Judgement((passed("count", required, found, Assurance.CLAIMED, ()),))
        note = "declare what is missing in the site file, or ask when it will be there"
        cause = UnknownCause.MISSING_ATTRIBUTE
        return Judgement((unknown("count", required, cause, found, note=note),))


def _holding(site: Site, what: str) -> list[str]:
    if what == "hall":
        holding = {host.hall for host in site.hosts.values() if host.hall}
        return sorted(holding & declared(site, "hall"))
    role = what.partition(":")[2]
    return sorted(name for name, host in site.hosts.items() if role in host.roles)


def _unit(what: str) -> str:
    role = what.partition(":")[2]
    return f"hosts with the role {role}" if role else "declared halls that hold a host"

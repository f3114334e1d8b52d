"""One check of a profile, held against its file and its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from preflight.errors import PreflightError
from preflight.files.catalogue import ALWAYS, Catalogue
from preflight.files.check import Check, Parameter, PlannedCheck, ThresholdOf
from preflight.files.document import Loc, inside
from preflight.files.load import Loaded
from preflight.files.merge import Merged, Origin
from preflight.files.problems import Problem
from preflight.files.remedies import dangerous_order
from preflight.files.shelf import Shelf
from preflight.files.source import Source
from preflight.files.suggest import one_of
from preflight.files.validate import problems_of
from preflight.model import FILES, Model

if TYPE_CHECKING:
    from preflight.kinds.base import Kind

_Values = Mapping[str, tuple[Any, Origin]]
_TEXTS = ("title", "otherwise", "severity", "owner", "needed_by", "why", "remedy", "takes")


@dataclass
class Planner:
    """Plans merged entries, and collects what is wrong with them."""

    catalogue: Catalogue
    shelf: Shelf
    kinds: Mapping[str, type[Kind]]
    problems: list[Problem] = field(default_factory=list)

    def plan(self, merged: Merged) -> PlannedCheck | None:
        """The check as it applies here; None when a problem was noted instead."""
        at = merged.layers[0].origin
        check = self.catalogue.find(merged.check, at.file, (*at.loc, "check"))
        kind = self._kind(check) if check else None
        if check is None or kind is None:
            return None
        self.problems += _dangerous(merged, check)
        parameters = self._parameters(merged, check, kind)
        thresholds = self._thresholds(merged, check, kind)
        return _planned(merged, check, parameters, thresholds)

    def _kind(self, check: Loaded[Check]) -> type[Kind] | None:
        found = _look_up(check, self.kinds)
        if isinstance(found, Problem):
            self.problems.append(found)
            return None
        return found

    def _parameters(
        self, merged: Merged, check: Loaded[Check], kind: type[Kind]
    ) -> tuple[Parameter, ...]:
        if merged.check in ALWAYS:
            return ()  # the plan itself says what they are about
        values = merged.pick_keys(check, "with_")
        own = {key: pair for key, pair in values.items() if not _is_list(key, kind)}
        checked = self._checked(merged, kind, own)
        if checked is None:
            return ()
        self._take_list(values, kind)
        dumped = sorted(checked.model_dump(mode="json", by_alias=True).items())
        return tuple(Parameter(id=k, value=v) for k, v in dumped if not _is_list(k, kind))

    def _checked(self, merged: Merged, kind: type[Kind], values: _Values) -> Model | None:
        data = {key: value for key, (value, _) in values.items()}
        try:
            return kind.Parameters.model_validate(data, context=FILES)
        except ValidationError as e:
            self.problems += problems_of(
                e, kind.Parameters, Parameters(merged.id, merged.origin, values)
            )
            return None

    def _take_list(self, values: _Values, kind: type[Kind]) -> None:
        if "product" not in kind.Parameters.model_fields or "product" not in values:
            return
        product, at = values["product"]
        named = values.get("releases")
        if named is not None and not isinstance(named[0], str):
            self.problems.append(named[1].problem("wrong-type", "releases must be a file name"))
            return
        self.shelf.take(str(product), at, named)

    def _thresholds(
        self, merged: Merged, check: Loaded[Check], kind: type[Kind]
    ) -> tuple[ThresholdOf, ...]:
        picked = merged.pick_keys(check, "assurance")
        known = _dimensions(kind)
        self.problems += [
            _no_dimension(origin, name, kind)
            for name, (_, origin) in picked.items()
            if name not in known
        ]
        rows = sorted(picked.items())
        return tuple(ThresholdOf(id=n, least=least) for n, (least, _) in rows if n in known)


@dataclass(frozen=True)
class Parameters:
    """`with:` put together from several files; each problem is told where its value stands."""

    name: str
    """What messages call it."""
    entry: Origin
    """Where a value belongs that nobody wrote."""
    values: _Values

    @property
    def source(self) -> Source:
        """Its text may be quoted."""
        return self.entry.file.document.source

    def problem(
        self,
        code: str,
        loc: Loc,
        message: str,
        help: str = "",  # noqa: A002 - the word users see
        *,
        key: bool = False,
    ) -> Problem:
        """A problem at the value, or at the entry when nobody wrote one."""
        at = self.values[str(loc[0])][1] if loc and loc[0] in self.values else self.entry
        where = (*at.loc, *loc[1:])
        return at.file.problem(code, where, f"{self.name}: {message}", help, key=key)

    def at(self, loc: Loc) -> object:
        """The value there."""
        return inside({key: value for key, (value, _) in self.values.items()}, loc)


def lint_check(check: Loaded[Check], kinds: Mapping[str, type[Kind]]) -> list[Problem]:
    """A check's file against its kind, without a profile: what is missing, a profile may add."""
    kind = _look_up(check, kinds)
    if isinstance(kind, Problem):
        return [kind]
    values = {key: (v, Origin(check, ("with", key))) for key, v in check.value.with_.items()}
    own = {key: value for key, (value, _) in values.items() if not _is_list(key, kind)}
    problems = [
        _no_dimension(Origin(check, ("assurance", name)), name, kind)
        for name in check.value.assurance
        if name not in _dimensions(kind)
    ]
    try:
        kind.Parameters.model_validate(own, context=FILES)
    except ValidationError as e:
        text = Parameters("with", Origin(check, ("with",)), values)
        problems += [p for p in problems_of(e, kind.Parameters, text) if p.code != "missing-key"]
    return problems


def _look_up(check: Loaded[Check], kinds: Mapping[str, type[Kind]]) -> type[Kind] | Problem:
    name = check.value.kind
    try:
        return kinds[name]
    except KeyError:
        message = f'there is no kind "{name}"'
        return check.problem("unknown-kind", ("kind",), message, one_of(name, kinds))
    except PreflightError as error:  # it is another distribution's, and broken
        return check.problem("broken-plug-in", ("kind",), str(error), error.help)


def _no_dimension(origin: Origin, name: str, kind: type[Kind]) -> Problem:
    message = f'kind {kind.name} has no dimension "{name}"'
    return origin.problem("unknown-dimension", message, one_of(name, _dimensions(kind)))


def _dimensions(kind: type[Kind]) -> set[str]:
    return {*kind.dimensions, "default"}


def _is_list(key: str, kind: type[Kind]) -> bool:
    """`with.releases` names a file; the product's name is what a report keeps of it."""
    return key == "releases" and "product" in kind.Parameters.model_fields


def _dangerous(merged: Merged, check: Loaded[Check]) -> Iterator[Problem]:
    """A profile's own remedy keeps law 5 as well; the check's file was looked at when loaded."""
    remedy, origin = merged.pick(check, "remedy")
    act = dangerous_order(remedy)
    if act and not check.value.safe_after and origin.file is not check:
        yield origin.problem("dangerous-remedy", f'the remedy orders a dangerous act: "{act}"')


def _planned(
    merged: Merged,
    check: Loaded[Check],
    parameters: tuple[Parameter, ...],
    thresholds: tuple[ThresholdOf, ...],
) -> PlannedCheck:
    return PlannedCheck(
        id=merged.id,
        check=merged.check,
        kind=check.value.kind,
        on=merged.on,
        parameters=parameters,
        thresholds=thresholds,
        good_for_s=merged.pick(check, "good_for")[0],
        safe_after=check.value.safe_after,
        learned_from=check.value.learned_from,
        **{key: merged.pick(check, key)[0] for key in _TEXTS},
    )

"""Turns an example of a shipped check into a judged finding, by the way that a run goes.

`tests/checks/CHECK.yaml` mirrors `checks/CHECK.yaml`:

    finding: power/powered-on@host:db1     # the finding to look at
    profile: {checks: [...]}               # the entries that plan it, as a profile writes them
    releases: {...}                        # a release list, as releases.yaml beside the profile
    delivery: [Host;Serial, db1;CZ1]       # the lines of a delivery note
    answers: {...}                         # for all examples; an example's own are laid over it
    examples:
      the-dark-hall:
        site: {hosts: {db1: {bmc: null}}}  # laid over site.yaml
        answers:
          bmc:db1 power: {state: "Off"}    # THING FACT [ARGUMENT]: an answer; `unproven` beside it
          host:db1 host-key: timeout       # no answer, and its cause
        expect: [fail, "part of what was found"]

`expect` is pass, fail, or the cause of an unknown. Routes are there and ports answer unless the
example says otherwise; every other planned question must be given an answer or a cause. One
letter as `sha256` stands for 64 of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.evidence import Ask, Evidence, controller_of, evidence_id, good_for_s
from preflight.files.loader import parse
from preflight.files.source import read_source
from preflight.finding import Finding
from preflight.judge import judge
from preflight.plan import make_plan
from preflight.report import Inputs
from preflight.runner import gather
from preflight.words import Ended

HERE = Path(__file__).parent
TAKEN = datetime(2026, 11, 20, 14, 5, tzinfo=timezone.utc)
TYPES = {
    "connect": "connected",
    "machine-id": "text",
    "product-uuid": "text",
    "product-serial": "text",
    "chassis-serial": "text",
    "asset-tag": "text",
    "boot-id": "text",
    "rack-label": "statement",
    "power-seen": "statement",
    "said": "statement",
    "presence": "present",
}
"""Type of the answer, where it is not the fact's own name."""
USUAL: dict[str, Any] = {
    "route": {"source": "10.20.0.2"}, "connect": {"rtt_us": 400}, "presence": {"rtt_us": 400},
    "device": {"model": "a power strip"},
    **dict.fromkeys(("host-key", "certificate", "service-root"), "timeout"),
    **dict.fromkeys(("machine-id", "boot-id"), "permission"),
}  # fmt: skip
"""What is answered unless an example says otherwise: nothing to a first look at a stranger, nor to
what is asked beside the serial number."""


@dataclass(frozen=True)
class Example:
    """One example of one shipped check."""

    check: str
    name: str
    data: dict[str, Any]

    def judged(self, folder: Path) -> Finding:
        """The finding, judged from files by plan, kind and thresholds."""
        inputs = self._inputs(folder)
        wanted = dict(self.data.get("answers") or {})
        evidence = [_evidence(ask, _answer(ask, wanted)) for ask in make_plan(inputs).asks]
        unused = set(wanted) - {_key(e) for e in evidence} - {_short(e) for e in evidence}
        assert not unused, f"nobody asks {sorted(unused)}"
        result = judge(inputs, evidence, started=TAKEN, judged_at=TAKEN, ended=Ended.NORMAL)
        return next(f for f in result.findings if f.id == self.data["finding"])

    def _inputs(self, folder: Path) -> Inputs:
        site = _read(HERE / "site.yaml")
        _write(folder / "site.yaml", _laid_over(site, self.data.get("site") or {}))
        _write(
            folder / "profile.yaml", {"profile": "example", "version": 1, **self.data["profile"]}
        )
        if releases := self.data.get("releases"):
            _write(folder / "releases.yaml", _long(releases))
        if note := self.data.get("delivery"):
            (folder / "delivery.csv").write_text("\n".join(note), "utf-8")
        delivery = folder / "delivery.csv" if note else None
        return gather(folder / "site.yaml", delivery=delivery).inputs


def _read(path: Path) -> dict[str, Any]:
    """As preflight reads YAML: `on` is no true, and 7.10 is no number."""
    return parse(read_source(path)).data


def _write(path: Path, data: object) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False), "utf-8")


def _laid_over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return copy.deepcopy(above)
    return {**below, **{k: _laid_over(below.get(k), v) for k, v in above.items()}}


def _long(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: v * 64 if k == "sha256" and len(v) == 1 else _long(v) for k, v in value.items()}
    return [_long(v) for v in value] if isinstance(value, list) else value


def _short(ask: Ask | Evidence) -> str:
    return f"{ask.thing} {ask.question.fact}"


def _key(ask: Ask | Evidence) -> str:
    return f"{_short(ask)} {ask.question.argument}".strip()


def _answer(ask: Ask, wanted: dict[str, Any]) -> Any:
    for key in (_key(ask), _short(ask)):
        if key in wanted:
            return wanted[key]
    assert ask.question.fact in USUAL, f"the example says nothing of {_key(ask)}"
    return USUAL[ask.question.fact]


def _evidence(ask: Ask, value: Any) -> Evidence:
    answer = dict(_long(value)) if isinstance(value, dict) else {}
    proven = bool(answer) and not answer.pop("unproven", False)
    vantage = "customer" if answer and ask.question.protocol == "person" else "vendor"
    said: dict[str, Any] = {"no_answer": {"cause": value, "detail": "as the example says"}}
    if answer:
        said = {"answer": {"type": TYPES.get(ask.question.fact, ask.question.fact), **answer}}
    return Evidence.model_validate(
        {
            "id": evidence_id(ask, vantage, TAKEN),
            "thing": ask.thing,
            "question": ask.question,
            "controller": controller_of(ask),
            "vantage": vantage,
            "taken": TAKEN,
            "duration_us": 1000,
            "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact),
            "proven": proven,
            **said,
        }
    )


def _examples() -> Iterator[Example]:
    for path in sorted(HERE.glob("*/*.yaml")):
        file = _read(path)
        shared = {key: value for key, value in file.items() if key != "examples"}
        check = path.relative_to(HERE).with_suffix("").as_posix()
        for name, own in file["examples"].items():
            answers = {**(shared.get("answers") or {}), **(own.get("answers") or {})}
            yield Example(check, name, {**shared, **own, "answers": answers})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an `example` argument runs once per example."""
    if "example" in metafunc.fixturenames:
        found = list(_examples())
        metafunc.parametrize("example", found, ids=[f"{e.check}/{e.name}" for e in found])


@pytest.fixture(scope="session")
def outcomes() -> Callable[[str], set[str]]:
    """What the examples of a check show."""
    found = list(_examples())
    return lambda check: {e.data["expect"][0] for e in found if e.check == check}

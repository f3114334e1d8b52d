"""Turns the short form of the examples into cases, and gives every example to the tests.

An example file is `tests/kinds/KIND/*.yaml`:

    subject: host:db1
    parameters: {sources: 2}
    examples:
      both-say-on:
        site: {hosts: {db1: {bmc: null}}}            # laid over tests/kinds/site.yaml
        alive: false                                 # the own way to the site; default true
        answering: ["host:db2"]
        reached: ["host:db2"]                        # what the customer's script reached
        evidence:
          bmc:db1 redfish power: {state: "On"}       # an answer; `unproven`, `vantage` beside it
          host:db1 ssh host-key: timeout             # no answer, and its cause
          host:db1 tcp connect 22: {silent: timeout, vantage: customer}
          host:db1 person rack-label: {value: N1}    # what somebody on site says
        delivery: [{host: db1, serial: CZ1}, {serial: CZ2}]  # the delivery note
        earlier: {bmc:db1 serial: CZ9}               # what a report of ten days ago saw
        expect: [[power, unknown, timeout, "part of what was found"]]

The text is a part of what was found, or with a leading `=` all of it; `advice` and
`contradictions` (their facts) are none unless given. `each: [CAUSE, ...]` repeats an example with
every CAUSE in place of the word EACH. One letter as `sha256` stands for 64 of them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from preflight.before import SeenBefore
from preflight.doors import MANAGER_PORTS
from preflight.evidence import Ask, Evidence, Question, controller_of, evidence_id, good_for_s
from preflight.files.delivery import DeliveryNote
from preflight.files.releases import ReleaseList
from preflight.files.site import Site
from preflight.kinds import KINDS
from preflight.kinds.base import Case, Context, Kind, Replies, Subject
from preflight.words import DECLINED

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
HERE = Path(__file__).parent
TAKEN = datetime(2026, 11, 20, 14, 5, tzinfo=timezone.utc)
TYPES = {
    "connect": "connected",
    "machine-id": "text",
    "product-uuid": "text",
    "product-serial": "text",
    "rack-label": "statement",
    "power-seen": "statement",
    "said": "statement",
    "presence": "present",
    "chassis-serial": "text",
    "asset-tag": "text",
    "boot-id": "text",
    "gateway": "gateways",
}
"""Type of the answer, where it is not the fact's own name."""


@dataclass(frozen=True)
class Example:
    """One example of one kind, as the file has it."""

    kind: str
    name: str
    data: dict[str, Any]

    def case(self) -> Case:
        """Everything the kind is given."""
        site = Site.model_validate(_laid_over(_base(), self.data.get("site") or {}))
        releases = {
            name: ReleaseList.model_validate(_long(value))
            for name, value in (self.data.get("releases") or {}).items()
        }
        type_, _, name = self.data["subject"].partition(":")
        return Case(
            subject=Subject(type_, name),
            context=Context(site, releases, self._delivery(), self._earlier()),
            replies=Replies(self.evidence(site)),
            site_alive=self.data.get("alive", True),
            answering=frozenset(self.data.get("answering", ())),
            reached_there=frozenset(self.data.get("reached", ())),
        )

    def _delivery(self) -> DeliveryNote | None:
        boxes = self.data.get("delivery")
        rows = [{"line": line, **box} for line, box in enumerate(boxes or (), 2)]
        note = {"file": "delivery.csv", "boxes": rows}
        return None if boxes is None else DeliveryNote.model_validate(note)

    def _earlier(self) -> tuple[SeenBefore, ...]:
        common = {"taken": TAKEN - timedelta(days=10), "assurance": "observed", "report": "5" * 64}
        return tuple(
            SeenBefore.model_validate(
                {"thing": key.split()[0], "fact": key.split()[1], "value": value, **common}
            )
            for key, value in (self.data.get("earlier") or {}).items()
        )

    def evidence(self, site: Site) -> list[Evidence]:
        """The short form, written out."""
        return [
            _evidence(site, key, value, number)
            for key, values in (self.data.get("evidence") or {}).items()
            for number, value in enumerate(values if isinstance(values, list) else [values])
        ]

    def judging(self) -> Kind:
        """The kind with this example's parameters."""
        kind = KINDS[self.kind]
        return kind(kind.Parameters.model_validate(self.data.get("parameters") or {}))


@lru_cache(maxsize=1)
def _base() -> dict[str, Any]:
    text = (HERE / "site.yaml").read_text(encoding="utf-8")
    return dict(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506 - BaseLoader makes text only


def _laid_over(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    keys = {**below, **above}
    return {
        k: _laid_over(below.get(k), above[k]) if k in above else copy.deepcopy(below[k])
        for k in keys
    }


def _long(value: Any) -> Any:
    """One letter as a digest stands for 64 of them."""
    if isinstance(value, dict):
        return {
            k: v * 64 if k == "sha256" and isinstance(v, str) and len(v) == 1 else _long(v)
            for k, v in value.items()
        }
    return [_long(v) for v in value] if isinstance(value, list) else value


def ask_of(site: Site, key: str) -> Ask:
    """`host:db1 ssh file /opt/a` to an ask, independently of what the kinds construct."""
    thing, protocol, fact, *rest = key.split(" ", 3)
    if protocol == "person":
        spoken = {"protocol": protocol, "fact": fact, "argument": "".join(rest)}
        return Ask(thing=thing, question=Question.model_validate(spoken))
    kind, _, name = thing.partition(":")
    if kind == "hypervisor":
        put = {"protocol": protocol, "fact": fact, "address": site.hypervisors[name].address,
               "port": MANAGER_PORTS[protocol]}  # fmt: skip
        return Ask(thing=thing, question=Question.model_validate(put))
    if kind == "netbox":
        assert site.netbox is not None
        put = {"protocol": protocol, "fact": fact, "argument": rest[0],
               "address": site.netbox.address, "port": site.netbox.port}  # fmt: skip
        return Ask(thing=thing, question=Question.model_validate(put))
    if kind in {"pdu", "ups", "switch"}:
        device = {"pdu": site.pdus, "ups": site.ups, "switch": site.switches}[kind][name]
        way = device.redfish if protocol == "redfish" else device.snmp
        version = device.snmp.version if protocol == "snmp" and device.snmp else ""
        put = {"protocol": protocol, "fact": fact, "argument": "2c" if version == "2c" else "",
               "address": device.address, "port": way and way.port}  # fmt: skip
        return Ask(thing=thing, question=Question.model_validate(put))
    host = site.hosts[name]
    target = host if thing.startswith("host:") else host.bmc
    assert target is not None, f"{thing} is not in the site"
    of_bmc = host.bmc and host.bmc.port
    port = {"ssh": host.ssh.port, "redfish": of_bmc, "tls": of_bmc, "http": of_bmc, "icmp": None}
    if protocol == "ipmi":
        port["ipmi"] = host.bmc and host.bmc.ipmi.port
    number = int(rest[0]) if protocol == "tcp" else port[protocol]
    argument = rest[0] if rest and protocol != "tcp" else ""
    question = Question.model_validate(
        {
            "protocol": protocol,
            "fact": fact,
            "argument": argument,
            "address": target.address,
            "port": number,
        }
    )
    return Ask(thing=thing, question=question)


def _evidence(site: Site, key: str, value: Any, number: int) -> Evidence:
    ask = ask_of(site, key)
    data: dict[str, Any]
    answer = dict(_long(value)) if isinstance(value, dict) else {}
    proven = not answer.pop("unproven", False)
    told = ask.question.protocol == "person"
    vantage = answer.pop("vantage", "customer" if told and answer else "vendor")
    taken = TAKEN + timedelta(hours=answer.pop("later", 0))
    value = answer.pop("silent", value)
    if answer:
        data = {"answer": {"type": TYPES.get(ask.question.fact, ask.question.fact), **answer}}
    else:
        data = {"no_answer": {"cause": value, "detail": "as the example says"}}
    return Evidence.model_validate(
        {
            "id": f"{evidence_id(ask, vantage, taken)}-{number}",
            "thing": ask.thing,
            "question": ask.question,
            "controller": controller_of(ask),
            "vantage": vantage,
            "taken": taken,
            "duration_us": 1000,
            "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact),
            "proven": proven and (bool(answer) or value in DECLINED or vantage == "customer"),
            **data,
        }
    )


def examples() -> Iterator[Example]:
    """Every example of every kind."""
    for path in sorted(HERE.glob("*/*.yaml")):
        file = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - it is safe
        shared = {k: v for k, v in file.items() if k != "examples"}
        for name, own in file["examples"].items():
            yield from _each(path.parent.name, f"{path.stem}/{name}", {**shared, **own})


def _each(kind: str, name: str, data: dict[str, Any]) -> Iterator[Example]:
    causes = data.get("each")
    if not causes:
        yield Example(kind, name, data)
        return
    for cause in causes:
        yield Example(kind, f"{name}[{cause}]", _replaced(data, cause))


def _replaced(value: Any, cause: str) -> Any:
    if isinstance(value, dict):
        return {k: _replaced(v, cause) for k, v in value.items()}
    if isinstance(value, list):
        return [_replaced(v, cause) for v in value]
    return value.replace("EACH", cause) if isinstance(value, str) else value


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an `example` argument runs once per example."""
    if "example" in metafunc.fixturenames:
        found = list(examples())
        metafunc.parametrize("example", found, ids=[f"{e.kind}/{e.name}" for e in found])


@pytest.fixture(scope="session")
def all_examples() -> tuple[Example, ...]:
    """For tests that look at all of them together."""
    return tuple(examples())


@pytest.fixture(scope="session")
def evidence_for() -> Callable[..., Evidence]:
    """Evidence for an ask, with any of its fields given."""

    def build(ask: Ask, **fields: Any) -> Evidence:
        whole = {
            "id": "e-" + "0" * 12,
            "thing": ask.thing,
            "question": ask.question,
            "controller": controller_of(ask),
            "taken": TAKEN,
            "duration_us": 1000,
            "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact),
            "proven": True,
        }
        return Evidence.model_validate({**whole, **fields})

    return build

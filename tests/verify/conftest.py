"""Small, real reports: planned, judged, rendered and signed by the product's own code."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preflight.canonical import canonical, digest
from preflight.errors import NotGenuine
from preflight.evidence import Ask, Evidence, controller_of, evidence_id, good_for_s
from preflight.files.check import PlannedCheck, ProfileUsed
from preflight.files.site import Site
from preflight.follows import profile_digest
from preflight.judge import judge, with_judgement
from preflight.kinds import KINDS
from preflight.plan import make_plan
from preflight.publish import publish
from preflight.report import (
    UNSIGNED_FIELDS,
    Commands,
    Inputs,
    KindUsed,
    Report,
    Run,
    Trip,
    Vantage,
    report_data,
)
from preflight.signing import REPORT, folder, keys
from preflight.signing.keys import FileKey
from preflight.signing.signer import KeySigner
from preflight.statements import Tool
from preflight.verify import Expected, File, Verified, verify
from preflight.words import Ended, Stage

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
FINISH = START + timedelta(seconds=9)
NOW = FINISH + timedelta(minutes=10)
PRINCIPAL = "eng@vendor.example"
EXPECTED = Expected(booking="BK-1", site="lagos")

Answers = dict[tuple[str, str], dict[str, Any] | None]
"""By thing and fact: another answer than the true one, or None for silence."""


def _host(number: int, rack: str, hall: str) -> dict[str, Any]:
    return {
        "address": f"127.0.0.{number}",
        "roles": ["db"],
        "rack": rack,
        "hall": hall,
        "serial": f"SN-{number}",
        "ssh": {"user": "u", "credential": "c"},
        "bmc": {"address": f"127.0.1.{number}", "credential": "c"},
    }


SITE = Site.model_validate(
    {
        "site": "lagos",
        "customer": "Example Telecom",
        "profile": "two-nodes",
        "authorised": {
            "by": "security",
            "on": "2026-11-10",
            "from": "2026-11-15",
            "until": "2026-12-12",
            "networks": ["127.0.0.0/8"],
        },
        "halls": {"north": {"racks": ["N1"]}, "south": {"racks": ["S1"]}},
        "hosts": {"db1": _host(1, "N1", "north"), "db2": _host(2, "S1", "south")},
        "groups": {"database": {"hosts": ["db1", "db2"]}},
    }
)
TRIP = Trip.model_validate(
    {
        "booking": "BK-1",
        "departs": "2026-12-06T05:40:00Z",
        "on_site": {"from": "2026-12-07T08:00:00Z", "to": "2026-12-11T16:00:00Z"},
        "decide_by": "2026-12-03T11:00:00Z",
    }
)
_CLAIMED = [{"id": name, "least": "claimed"} for name in ("rack", "hall")]
_CHECKS: list[dict[str, Any]] = [
    {
        "id": "site/claims-agree",
        "kind": "claims-agree",
        "on": ["site"],
        "needed_by": "book",
        "thresholds": [{"id": "default", "least": "claimed"}],
    },
    {"id": "reach/answers", "kind": "reachable", "on": ["all"]},
    {
        "id": "power/powered-on",
        "kind": "powered",
        "on": ["all"],
        "parameters": [{"id": "sources", "value": "2"}],
    },
    {"id": "identity/as-delivered", "kind": "identity", "on": ["all"], "severity": "advisory"},
    {
        "id": "redundancy/apart",
        "kind": "separated",
        "on": ["group:database"],
        "thresholds": _CLAIMED,
        "parameters": [{"id": "by", "value": ["machine", "rack", "hall"]}],
    },
]


def _check(fields: dict[str, Any]) -> PlannedCheck:
    common = {"check": fields["id"], "title": fields["id"], "severity": "blocker",
              "owner": "facility", "needed_by": "commit", "why": "w", "remedy": "r"}  # fmt: skip
    return PlannedCheck.model_validate({**common, **fields})


def make_inputs(booking: Trip | None = TRIP, more: Sequence[dict[str, Any]] = ()) -> Inputs:
    """The inputs of a small site, with a profile digest that is true. `more`: checks beside its."""
    checks = tuple(_check(fields) for fields in (*_CHECKS, *more))
    used = sorted({check.kind for check in checks})
    inputs = Inputs(
        site=SITE,
        booking=booking,
        profile=ProfileUsed(id="two-nodes", version=3, sha256="0" * 64),
        checks=checks,
        kinds=tuple(
            KindUsed(id=name, version=KINDS[name].version, distribution="site-preflight")
            for name in used
        ),
        stage=Stage.COMMIT,
    )
    profile = inputs.profile.model_copy(update={"sha256": profile_digest(inputs)})
    return inputs.model_copy(update={"profile": profile})


def _true_answer(ask: Ask) -> dict[str, Any]:
    number = ask.thing[-1]
    uuid = "4c4c4544-0000-4000-8000-00000000000" + number
    answers: dict[str, dict[str, Any]] = {
        "route": {"type": "route", "source": "127.0.0.1"},
        "connect": {"type": "connected", "rtt_us": 100},
        "host-key": {"type": "host-key", "algorithm": "ssh-ed25519", "fingerprint": number},
        "login": {"type": "login", "method": "publickey"},
        "certificate": {"type": "certificate", "sha256": number * 64},
        "service-root": {"type": "service-root", "status": 200},
        "machine-id": {"type": "text", "value": number * 32},
        "product-uuid": {"type": "text", "value": uuid},
        "product-serial": {"type": "text", "value": f"SN-{number}"},
        "chassis-serial": {"type": "text", "value": f"CH-{number}"},
        "boot-id": {"type": "text", "value": f"00000000-0000-4000-8000-00000000000{number}"},
        "system": {"type": "system", "serial": f"SN-{number}", "uuid": uuid},
        "power": {"type": "power", "state": "On"},
        "chassis": {"type": "chassis", "serial": f"CH-{number}"},
        "supplies": {"type": "supplies", "supplies": []},
    }
    return answers[ask.question.fact]


def _evidence(asks: Iterable[Ask], other: Answers) -> tuple[Evidence, ...]:
    found = []
    for ask in asks:
        key = (ask.thing, ask.question.fact)
        person = ask.question.protocol == "person"
        answer = other[key] if key in other else None if person else _true_answer(ask)
        fields = {
            "id": evidence_id(ask, "vendor", START), "thing": ask.thing, "question": ask.question,
            "controller": controller_of(ask), "taken": START, "duration_us": 1, "attempts": 1,
            "good_for_s": good_for_s(ask.question.fact), "proven": True, "answer": answer,
            "no_answer": None if answer else {"cause": "not-asked" if person else "timeout"},
        }  # fmt: skip
        found.append(Evidence.model_validate(fields))
    return tuple(sorted(found, key=lambda item: item.id))


def make_report(
    other: Answers | None = None,
    *,
    ended: Ended = Ended.NORMAL,
    asked: float = 1.0,
    booking: Trip | None = TRIP,
    more: Sequence[dict[str, Any]] = (),
) -> Report:
    """A judged report. `asked`: the part of all questions that the run came to ask."""
    inputs = make_inputs(booking, more)
    plan = make_plan(inputs)
    evidence = _evidence(plan.asks[: int(len(plan.asks) * asked)], other or {})
    judged = judge(inputs, evidence, started=START, judged_at=FINISH, ended=ended)
    run = Run(
        started=START, finished=FINISH, elapsed_ms=9000, ended=ended, planned=0, executed=0,
        attempt=1, previous=None, judged_at=FINISH, clock_jump_s=0,
    )  # fmt: skip
    report = Report(
        site="lagos", booking=booking.booking if booking else None, stage=Stage.COMMIT,
        inputs=inputs, plan=judged.plan, evidence=evidence, findings=judged.findings,
        causes=judged.causes, run=run, verdict=judged.verdict, not_before=FINISH,
        commands=Commands(sha256="0" * 64, approved=None, planned=0, sent=0, other=0, log=()),
        vantage=Vantage(machine="laptop", addresses=("127.0.0.1",), control_good=True),
        expires=judged.expires, tool=Tool(name="preflight", version="0.1.0"),
    )  # fmt: skip
    return with_judgement(report, judged)


def _new_key() -> FileKey:
    private = Ed25519PrivateKey.generate()
    return FileKey(keys.public_of(private), private)


@dataclass(frozen=True)
class Desk:
    """An engineer who signs, and a coordinator who trusts him."""

    signer: KeySigner
    trust: Path
    report: Callable[..., Report] = make_report

    def files(self, report: Report) -> dict[str, bytes]:
        """All files of a report, as `run` writes them."""
        return dict(publish(report, self.signer).files)

    def data(self, report: Report) -> dict[str, Any]:
        """The signed report's own data, to be altered."""
        return copy.deepcopy(report_data(publish(report, self.signer).report))

    def sign(self, data: bytes, namespace: str = REPORT) -> File:
        """Any bytes, validly signed."""
        return File(data, self.signer.sign(namespace, data).encode())

    def resign(self, data: dict[str, Any], *, rename: bool = True) -> File:
        """Altered data, validly signed, and unless told otherwise under its own new number."""
        if rename:
            data["report_id"] = digest({k: v for k, v in data.items() if k not in UNSIGNED_FIELDS})[
                :16
            ]
        return self.sign(canonical(data))

    def good(self, report: Report | None = None) -> File:
        """report.json and its signature."""
        files = self.files(report or make_report())
        return File(files["report.json"], files["report.json.sig"])

    def page(self, report: Report | None = None) -> File:
        """report.html."""
        return File(self.files(report or make_report())["report.html"], page=True)

    def verify(self, file: File, **how: Any) -> Verified:
        """As a coordinator does it: expected booking and site, shortly after the run."""
        return verify(file, self.trust, **{"now": NOW, "expected": EXPECTED, **how})

    def code(self, file: File, **how: Any) -> str:
        """The code that decides: of the refusal, or of what speaks against; `go` for none."""
        try:
            found = self.verify(file, **how)
        except NotGenuine as error:
            assert error.step > 0
            assert error.help
            return error.code
        return found.codes[0].code if found.codes else "go"


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A signer whom a trust folder trusts for reports."""
    signer = KeySigner(PRINCIPAL, _new_key())
    where = tmp_path_factory.mktemp("desk") / "trust"
    folder.init(where, PRINCIPAL, signer.key.public, [REPORT])
    return Desk(signer, where)


@pytest.fixture
def stranger() -> FileKey:
    """A key that nobody knows."""
    return _new_key()

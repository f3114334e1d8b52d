"""A firm with three keys, its trust folder and policy, and one trip in a calendar."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.acceptances import evidence_digest
from preflight.booking.gate import Asked
from preflight.booking.slip import slip_of
from preflight.cli import gating
from preflight.cli.trust import EVERYTHING
from preflight.evidence import Ask, Evidence, controller_of, evidence_id
from preflight.judge import judge, with_judgement
from preflight.publish import publish
from preflight.report import Report, Trip, report_bytes
from preflight.signing import folder
from preflight.signing.signer import KeySigner
from preflight.signing.statement import (
    ACCEPTANCE,
    PACK,
    SLIP,
    D,
    Sort,
    document_bytes,
    sign,
    signer_of,
)
from preflight.statements import (
    Acceptance,
    Accepted,
    Pack,
    Script,
    Subject,
    Tool,
)
from preflight.text import sha256_hex
from preflight.words import Decision, Stage
from tests.verify.conftest import FINISH, NOW, START, TRIP, _new_key, make_report

ANNA, BOLA = "anna@vendor.example", "bola@vendor.example"
TOOL = Tool(name="preflight", version="0.1.0")
OPEN_POLICY = """\
policy: one-key
stages:
  book: {second: none, max_age: 30d}
  commit: {second: none, max_age: 7d}
  depart: {second: none, max_age: 72h}
"""
CALENDAR = """\
BEGIN:VCALENDAR
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E008
DTSTAMP:20261101T090000Z
DTSTART:20261207T080000Z
DTEND:20261211T160000Z
SUMMARY:Installation at Lagos
X-MICROSOFT-CDO-BUSYSTATUS:BUSY
X-PREFLIGHT-BOOKING:BK-1
X-PREFLIGHT-SITE:lagos
X-PREFLIGHT-DEPARTS:20261206T054000Z
X-PREFLIGHT-DECIDE-BY:20261203T110000Z
{attachments}END:VEVENT
END:VCALENDAR
"""


def attach(name: str, data: bytes, *, mark: str = ";X-PREFLIGHT=slip") -> str:
    """One ATTACH property, folded."""
    head = f"ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME={name}{mark}:"
    text = head + base64.b64encode(data).decode("ascii")
    return "\n ".join(text[at : at + 74] for at in range(0, len(text), 74)) + "\n"


@dataclass(frozen=True)
class Firm:
    """Who signs, who is trusted, and a folder to put files into."""

    anna: KeySigner
    bola: KeySigner
    stranger: KeySigner
    trust: Path
    here: Path
    report: Callable[..., Report] = make_report
    trip: Trip = TRIP
    now: datetime = NOW
    names: list[str] = field(default_factory=list)

    def policy(self, text: str) -> None:
        """Another policy."""
        (self.trust / folder.POLICY).write_text(text, "utf-8")

    def write(self, name: str, data: bytes) -> Path:
        """A file in a place of its own, so that nothing lies beside it by chance."""
        self.names.append(name)
        path = self.here / str(len(self.names)) / name
        path.parent.mkdir()
        path.write_bytes(data)
        return path

    def files(self, report: Report, by: KeySigner | None = None) -> Mapping[str, bytes]:
        """report.json, its signature and the page."""
        return publish(report, by or self.anna).files

    def signed(self, name: str, data: bytes, signature: bytes) -> Path:
        """A file with its signature beside it."""
        path = self.write(name, data)
        path.with_name(f"{name}.sig").write_bytes(signature)
        return path

    def document(self, report: Report, by: KeySigner | None = None) -> Path:
        """report.json with its signature beside it."""
        files = self.files(report, by)
        return self.signed("report.json", files["report.json"], files["report.json.sig"])

    def slip_files(
        self, report: Report, by: KeySigner | None = None, **other: Any
    ) -> dict[str, bytes]:
        """slip.json and its signature, about the report as `files` signs it."""
        signed = publish(report, self.anna).report
        digest = sha256_hex(report_bytes(signed))
        slip = slip_of(signed, digest, signer_of(by or self.anna))
        return self._signed_files("slip.json", slip.model_copy(update=other), SLIP, by)

    def _signed_files(
        self, name: str, document: D, sort: Sort[D], by: KeySigner | None
    ) -> dict[str, bytes]:
        data, armored = sign(document, sort, by or self.anna)
        return {name: data, f"{name}.sig": armored.encode("ascii")}

    def slip(self, report: Report, by: KeySigner | None = None, **other: Any) -> Path:
        """slip.json with its signature beside it."""
        files = self.slip_files(report, by, **other)
        return self.signed("slip.json", files["slip.json"], files["slip.json.sig"])

    def calendar(
        self, *files: Mapping[str, bytes], change: Mapping[str, str] | None = None, more: str = ""
    ) -> Path:
        """The trip with these files attached, and other text in places."""
        attached = "".join(attach(n, d) for some in files for n, d in some.items()) + more
        text = CALENDAR
        for old, new in (change or {}).items():
            assert old in text
            text = text.replace(old, new)
        text = text.replace("{attachments}", attached)
        return self.write("trip.ics", text.replace("\n", "\r\n").encode("utf-8"))

    def full(self, report: Report, **how: Any) -> Path:
        """A calendar as `attach --full` leaves it: slip and page."""
        page = {"report.html": self.files(report)["report.html"]}
        return self.calendar(self.slip_files(report), page, **how)

    def acceptance_of(
        self, report: Report, by: KeySigner, evidence: Iterable[Evidence] = (), **other: Any
    ) -> Acceptance:
        """An acceptance of answers, made with the report as `files` signs it."""
        signed = publish(report, self.anna).report
        assert signed.signer
        items = sorted(evidence, key=lambda item: item.id)
        fields: dict[str, Any] = {
            "booking": "BK-1", "site": "lagos", "tool": TOOL, "signer": signer_of(by),
            "request": "r-0123456789ab", "pack_sha256": sha256_hex(document_bytes(self.pack())),
            "subject": Subject(sha256="1" * 64, size_bytes=9, seal="hmac"),
            "report_sha256": sha256_hex(report_bytes(signed)), "report_signer": signed.signer,
            "received": FINISH, "evidence": tuple(item.id for item in items),
            "evidence_sha256": tuple(map(evidence_digest, items)), "stage": Stage.COMMIT,
            "decision": Decision.GO, "expires": signed.expires,
        }  # fmt: skip
        return Acceptance.model_validate(fields | other)

    def acceptance(self, report: Report, by: KeySigner | None = None, **other: Any) -> Path:
        """acceptance.json with its signature beside it; by Bola unless told otherwise."""
        by = by or self.bola
        said = self.acceptance_of(report, by, **other)
        files = self._signed_files("acceptance.json", said, ACCEPTANCE, by)
        return self.signed("acceptance.json", *files.values())

    def pack(self) -> Pack:
        """What the customer was asked."""
        return Pack(
            booking="BK-1", site="lagos", tool=TOOL, signer=signer_of(self.anna),
            request="r-0123456789ab", hosts=(), plan_sha256="2" * 64, nonce="3" * 64,
            issued=START - timedelta(hours=1), expires=START + timedelta(days=7),
            script=Script(name="selfcheck-lagos.txt", sha256="4" * 64, size_bytes=9),
        )  # fmt: skip

    def with_answers(
        self, answers: Mapping[tuple[str, str], dict[str, Any] | None] | None = None,
        seal: str = "hmac", **other: Any,
    ) -> Report:  # fmt: skip
        """A report that embeds the customer's answers: all as the vendor's unless told otherwise.

        `answers` picks them, by thing and fact.
        """
        base = make_report()
        theirs = [
            _customers(item, answers, proven=seal == "hmac")
            for item in base.evidence
            if answers is None or (item.thing, item.question.fact) in answers
        ]
        theirs = [item for item in theirs if item.question.protocol not in {"route", "redfish"}]
        return self.accepted(base, theirs, seal=seal, **other)

    def accepted(
        self, base: Report, theirs: list[Evidence], seal: str = "hmac", **other: Any
    ) -> Report:
        """The report judged again with this evidence of the customer's."""
        subject = Subject.model_validate({"sha256": "1" * 64, "size_bytes": 9, "seal": seal})
        said = self.acceptance_of(base, self.anna, theirs, subject=subject, **other)
        accepted = Accepted(
            acceptance=said,
            signature=self.anna.sign(ACCEPTANCE.namespace, document_bytes(said)),
            pack=self.pack(),
            pack_signature=self.anna.sign(PACK.namespace, document_bytes(self.pack())),
        )
        evidence = tuple(sorted([*base.evidence, *theirs], key=lambda item: item.id))
        run = base.run
        judged = judge(
            base.inputs, evidence, started=run.started, judged_at=run.judged_at, ended=run.ended
        )
        changed = {"evidence": evidence, "acceptances": (accepted,)}
        return with_judgement(base.model_copy(update=changed), judged)

    def ask(self, file: Path, stage: str = "commit", **how: Any) -> dict[str, Any]:
        """The ruling as a booking system reads it, and every promise about its form."""
        now = how.pop("now", self.now)
        ruling = gating.rule(Asked(file=file, stage=Stage(stage), **how), self.trust, now)
        data: dict[str, Any] = json.loads(gating.as_json(ruling))
        assert data["allow"] is (data["exit"] == 0)
        assert data["allow"] is not bool(data["reasons"])
        assert data["decision"] != "go" or data["allow"]
        assert "\n" not in gating.sentence(ruling, Stage(stage))
        return data

    def codes(self, file: Path, stage: str = "commit", **how: Any) -> list[str]:
        """The codes of the ruling; none when the trip may go."""
        return [reason["code"] for reason in self.ask(file, stage, **how)["reasons"]]


def _customers(
    item: Evidence, answers: Mapping[tuple[str, str], Any] | None, *, proven: bool
) -> Evidence:
    ask = Ask(thing=item.thing, question=item.question)
    answer = (answers or {}).get((item.thing, item.question.fact)) or item.answer
    taken = item.taken + timedelta(seconds=2)
    fields = item.model_dump(mode="json") | {
        "id": evidence_id(ask, "customer", taken), "vantage": "customer", "taken": taken,
        "controller": controller_of(ask), "proven": proven,
        "answer": answer if isinstance(answer, dict) or answer is None else answer.model_dump(),
    }  # fmt: skip
    return Evidence.model_validate(fields)


@pytest.fixture(scope="session")
def signers() -> tuple[KeySigner, KeySigner, KeySigner]:
    """Anna, Bola, and somebody who calls himself Anna."""
    return KeySigner(ANNA, _new_key()), KeySigner(BOLA, _new_key()), KeySigner(ANNA, _new_key())


@pytest.fixture
def firm(tmp_path: Path, signers: tuple[KeySigner, KeySigner, KeySigner]) -> Firm:
    """Two trusted engineers, and a policy that asks for no second."""
    anna, bola, stranger = signers
    where = tmp_path / "trust"
    folder.init(where, ANNA, anna.key.public, EVERYTHING)
    folder.add(where, BOLA, bola.key.public, EVERYTHING)
    made = Firm(anna, bola, stranger, where, tmp_path)
    made.policy(OPEN_POLICY)
    return made

"""A vendor's office: an engineer who signs everything, a request he made, and what came back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from preflight.cli import accepting
from preflight.errors import NotGenuine
from preflight.evidence import Ask
from preflight.model import utc_text
from preflight.probes.facts import frame_name
from preflight.publish import publish
from preflight.report import Inputs, Report
from preflight.selfcheck import seal
from preflight.selfcheck.build import build, draft
from preflight.selfcheck.items import Item, items
from preflight.selfcheck.requests import Built, Requests
from preflight.selfcheck.script import seal_key
from preflight.signing import folder as trusting
from preflight.signing import keys
from preflight.signing.keys import FileKey
from preflight.signing.signer import KeySigner, Signer
from preflight.verify import Expected, File, Verified, verify
from tests.verify.conftest import START, make_report

ISSUED = START + timedelta(minutes=5)
STARTED = START + timedelta(hours=2)
RECEIVED = START + timedelta(hours=3)
QUESTION = {
    "id": "site/rack-labels", "kind": "question", "on": ["all"], "severity": "advisory",
    "parameters": [
        {"id": "text", "value": "Which label is on the rack of {name}?"},
        {"id": "fact", "value": "rack-label"},
    ],
}  # fmt: skip
PRINCIPAL = "anna@vendor.example"
MAY_SIGN = ["preflight-report", "preflight-pack", "preflight-acceptance"]
Data = dict[str, Any]


def frames(token: str, asks: Iterable[Ask]) -> str:
    """What the facts script prints of a machine where every fact can be read."""
    named = [("root", ""), *((frame_name(ask), fact(ask)) for ask in asks)]
    marked = [f"\n@{token}@ {n} begin\n{t}\n@{token}@ {n} end value\n" for n, t in named]
    return "".join([*marked, f"\n@{token}@ done\n"])


def fact(ask: Ask) -> str:
    """The truth about a host, as the vendor saw it too."""
    number = ask.thing[-1]
    return {
        "machine-id": number * 32,
        "product-uuid": "4c4c4544-0000-4000-8000-00000000000" + number,
        "product-serial": f"SN-{number}",
        "chassis-serial": f"CH-{number}",
        "boot-id": f"00000000-0000-4000-8000-00000000000{number}",
    }[ask.question.fact]


def new_signer() -> KeySigner:
    """Somebody with a key, under the engineer's name."""
    private = Ed25519PrivateKey.generate()
    return KeySigner(PRINCIPAL, FileKey(keys.public_of(private), private))


def request(inputs: Inputs, key: Signer, now: datetime, **how: Any) -> Built:
    """Of a site that is small enough for one."""
    (built,) = build(draft(inputs, now, **how), key)
    return built


def one_host_each(inputs: Inputs, now: datetime, patch: pytest.MonkeyPatch) -> None:
    """Lets a script be only so long that every host takes one of its own."""
    for most in range(20000, 10000, -40):
        patch.setattr("preflight.selfcheck.parts.MOST_BYTES", most)
        if len(draft(inputs, now).parts) == len(inputs.site.hosts):
            return


def at_home(folder: Path, patch: pytest.MonkeyPatch) -> Callable[..., Office]:
    """Makes an office in a home of its own; what is given goes to its report."""
    patch.setenv("XDG_DATA_HOME", str(folder / "data"))
    patch.setenv("XDG_CONFIG_HOME", str(folder / "config"))

    def make(**report: Any) -> Office:
        signer, trust = new_signer(), folder / "config" / "preflight" / "trust"
        trusting.init(trust, PRINCIPAL, signer.key.public, MAY_SIGN)
        return Office.open(folder, signer, trust, **report)

    return make


@dataclass
class Office:
    """One request for one report, and its answers from host db1."""

    folder: Path
    signer: KeySigner
    trust: Path
    report: Report
    built: Built

    @classmethod
    def open(cls, folder: Path, signer: KeySigner, trust: Path, **report: Any) -> Office:
        """With a signed report in `with/` and the request stored."""
        made = publish(make_report(more=[QUESTION], **report), signer)
        (folder / "with").mkdir()
        for name, data in made.files.items():
            (folder / "with" / name).write_bytes(data)
        office = cls(
            folder, signer, trust, made.report, request(made.report.inputs, signer, ISSUED)
        )
        office.requests.store(office.built)
        return office

    @property
    def requests(self) -> Requests:
        """Where XDG_DATA_HOME points in these tests."""
        return Requests(self.folder / "data" / "preflight" / "requests")

    @property
    def base(self) -> Path:
        """The report to accept with."""
        return self.folder / "with" / "report.json"

    @property
    def key(self) -> bytes:
        """The seal's."""
        return seal_key(self.built.files[self.built.pack.script.name])

    def answers(self) -> Data:
        """The file of a customer who ran the script on db1 and answered the questions."""
        pack = self.built.pack
        every = items(self.report.plan)
        return {
            "format": "preflight-answers/0", "request": pack.request, "nonce": pack.nonce,
            "booking": pack.booking, "site": pack.site,
            "machine": {"name": "db1.local", "system": "Linux", "user": "op", "on": "db1",
                        "root": ""},
            "by": "facility", "started": utc_text(STARTED),
            "answers": [self._given(item) for item in every if self._collects(item)],
            "questions": [
                {"no": item.no, "what": "?", "answer": "N1" if item.thing.endswith("1") else "S1"}
                for item in every if item.action == "question"
            ],
            "finished": utc_text(STARTED + timedelta(minutes=1)),
        }  # fmt: skip

    @staticmethod
    def _collects(item: Item) -> bool:
        return item.action != "question" and (item.action, item.thing) != ("facts", "host:db2")

    def _given(self, item: Item) -> Data:
        token = self.built.pack.nonce[:32]
        if item.action == "facts":
            raw = frames(token, item.asks)
            return self._row(item, "collected", raw)
        status, raw = {
            "clock": ("told", "2026-11-20T16:00:00Z\nSystem clock synchronized: yes"),
            "tcp": ("open", ""),
            "http": ("answered", 'HTTP/1.1 200 OK\n\n{"RedfishVersion": "1.15.0"}'),
        }.get(item.action, ("unavailable", ""))
        return self._row(item, status, raw)

    @staticmethod
    def _row(item: Item, status: str, raw: str) -> Data:
        return {
            "no": item.no, "what": "w", "status": status, "way": "bash",
            "taken": utc_text(STARTED + timedelta(seconds=10)), "raw": raw,
        }  # fmt: skip

    def sealed(self, data: Data, key: bytes | None = None) -> bytes:
        """The bytes that the script writes: one item a line, the seal last."""
        return self.written(data, lambda body: "hmac-sha256 " + seal.over(body, key or self.key))

    def written(self, data: Data, sealing: Callable[[bytes], str] = lambda _: "none") -> bytes:
        """As the script writes it; unsealed unless told how."""
        body = json.dumps(data, indent=1).removesuffix("\n}").encode() + b",\n"
        return body + f'"seal": "{sealing(body)}"}}\n'.encode()

    def put(self, data: bytes) -> Path:
        """As it was saved from the mail."""
        path = self.folder / "answers.json"
        path.write_bytes(data)
        return path

    def open_both(self, data: bytes, now: datetime = RECEIVED, **how: Any) -> accepting.Genuine:
        """Verified and examined."""
        options = {"pack": None, "unsealed": False, "report": self.base, **how}
        mail = accepting.Mail(self.put(data), options["pack"], unsealed=options["unsealed"])
        return accepting.open_both(mail, options["report"], self.trust, now)

    def accept(self, data: bytes, to: str = "out", now: datetime = RECEIVED, **how: Any) -> Report:
        """All of the command, but for words on the screen."""
        genuine = self.open_both(data, now, **how)
        with accepting.folder(self.folder / to, genuine) as made:
            return accepting.accept(genuine, self.signer, made)

    def code(self, data: bytes, now: datetime = RECEIVED, **how: Any) -> str:
        """Why it is refused; nothing may be left of the attempt."""
        try:
            self.accept(data, "refused", now, **how)
        except NotGenuine as error:
            assert error.help
            assert not (self.folder / "refused").exists()
            return error.code
        return "accepted"

    def verified(self, to: str = "out", now: datetime = RECEIVED, page: bool = False) -> Verified:
        """The written report, as a coordinator verifies it."""
        folder = self.folder / to
        if page:
            file = File((folder / "report.html").read_bytes(), page=True)
        else:
            data, armored = folder / "report.json", folder / "report.json.sig"
            file = File(data.read_bytes(), armored.read_bytes())
        return verify(file, self.trust, now=now, expected=Expected(booking="BK-1", site="lagos"))

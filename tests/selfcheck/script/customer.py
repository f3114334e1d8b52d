"""A customer's machine: a shell, the tools it has, a folder, and what the script wrote."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from preflight.evidence import Ask, Fact, Protocol, Question
from preflight.files.site import Site
from preflight.selfcheck.answers import Answers, Given
from preflight.selfcheck.items import STATUSES, Action, Item
from preflight.selfcheck.script import Asked, script

KEY = bytes(range(32))
NONCE = "0123456789abcdef" * 4
ASKED = Asked(
    request="r-0123456789ab", nonce=NONCE, booking="BK-1", site="lab", asker="anna@vendor.example",
    customer="Example Telecom", expires=datetime.now(timezone.utc) + timedelta(days=7),
)  # fmt: skip
SITE = Site.model_validate({
    "site": "lab", "customer": "Example Telecom", "profile": "base-servers",
    "authorised": {"by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2027-01-01",
                   "networks": ["127.0.0.0/8"]},
    "hosts": {"db1": {"address": "10.99.0.1"}, "db2": {"address": "10.99.0.2"},
              "here": {"address": "127.0.0.1"}},
})  # fmt: skip
NEEDED = (
    "awk", "cat", "cp", "cut", "date", "dd", "grep", "hostname", "id", "mkdir", "mktemp", "mv",
    "printf", "rm", "sleep", "sh", "tr", "uname", "wc", "[", "test", "echo", "true",
)  # fmt: skip

"""What every Unix has; no tool that looks, none that seals."""
_ASKS: dict[Action, tuple[Protocol, Fact]] = {
    "clock": ("clock", "clock"), "dns": ("dns", "addresses"), "ping": ("icmp", "echo"),
    "tcp": ("tcp", "connect"), "hostkey": ("ssh", "host-key"), "tls": ("tls", "certificate"),
    "http": ("http", "service-root"), "facts": ("ssh", "machine-id"),
    "question": ("person", "said"),
}  # fmt: skip


def item(no: int, action: Action, address: str = "", port: int | None = None,
         thing: str = "host:db1", argument: str = "") -> Item:  # fmt: skip
    protocol, fact = _ASKS[action]
    question = Question(protocol=protocol, fact=fact, address=address, port=port, argument=argument)
    return Item(no=no, action=action, asks=(Ask(thing=thing, question=question),))


def made(*items: Item, asked: Asked = ASKED, site: Site = SITE) -> bytes:
    hosts = {name: host.address for name, host in site.hosts.items()}
    return script(asked, items, hosts, KEY)


@dataclass(frozen=True)
class Written:
    """What came out of one run of the script."""

    code: int
    out: str
    err: str
    data: bytes | None
    """The answer file."""

    @property
    def answers(self) -> Answers:
        assert self.data is not None, self.err
        return read(self.data)

    def given(self, no: int) -> Given:
        return next(given for given in self.answers.answers if given.no == no)


def read(data: bytes) -> Answers:
    """The model, and that each status is one of its action."""
    assert data.isascii() or data.decode("utf-8", "replace")
    value: dict[str, Any] = json.loads(data.decode("utf-8", "replace"))
    del value["seal"]
    answers = Answers.model_validate(value)
    known = {status for statuses in STATUSES.values() for status in statuses}
    assert {given.status for given in answers.answers} <= known
    return answers


def sealed(data: bytes, key: bytes = KEY) -> bool:
    """Whether the seal is good; by the definition, not by the product's code."""
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    body, _, last = data.rstrip(b"\n").rpartition(b"\n")
    good = hmac.new(key, body + b"\n", hashlib.sha256).hexdigest()
    return last == f'"seal": "hmac-sha256 {good}"}}'.encode()


class Customer:
    """Runs the script in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a customer's folder"
        self.temporary = folder / "tmp"
        self.folder.mkdir()
        self.temporary.mkdir()
        self.path = os.environ["PATH"] + ":/usr/sbin:/sbin"

    def only(self, *tools: str, needed: Sequence[str] = NEEDED) -> None:
        """From now on PATH holds nothing but these."""
        kept = self.temporary.parent / "bin"
        kept.mkdir()
        for tool in (*needed, *tools):
            found = shutil.which(tool, path="/usr/bin:/bin:/usr/sbin:/sbin")
            assert found, tool
            (kept / tool).symlink_to(found)
        self.path = str(kept)

    def save(self, text: bytes) -> Path:
        path = self.folder / "selfcheck-lab.txt"
        path.write_bytes(text)
        return path

    def run(self, text: bytes, *words: str, under: Sequence[str] = ("/bin/sh",),
            wrap: Sequence[str] = (), **env: str) -> Written:  # fmt: skip
        before = set(self.folder.iterdir())
        argv = [*wrap, *under, str(self.save(text)), *words]
        done = subprocess.run(
            argv, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=300,
            start_new_session=True, check=False, env=self.environment(**env),
        )  # fmt: skip
        new = [p for p in self.folder.iterdir() if p not in before and p.suffix == ".json"]
        data = new[0].read_bytes() if new else None
        out, err = (stream.decode("utf-8", "replace") for stream in (done.stdout, done.stderr))
        return Written(done.returncode, out, err, data)

    def environment(self, **more: str) -> dict[str, str]:
        home = str(self.folder)
        return {"PATH": self.path, "HOME": home, "TMPDIR": str(self.temporary), **more}

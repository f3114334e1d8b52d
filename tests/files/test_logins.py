"""What is said before a run of things that it would log in to nowhere, or as somebody else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from preflight.files.lint import lint
from preflight.files.problems import Problem

Write = Callable[..., Path]
HEAD = """\
site: lagos
customer: X
profile: base-servers
authorised: {by: x, on: 2026-11-10, from: 2026-11-10, until: 2026-12-12, networks: [10.0.0.0/8]}
hosts:
"""
KEY = "SHA256:" + "A" * 43
SSH = f'ssh: {{user: pf, credential: c, host_key: "{KEY}"}}'
NOW = datetime(2026, 11, 11, tzinfo=timezone.utc)


def found(write: Write, hosts: list[str], *more: Path, known: object = None) -> list[Problem]:
    lines = [f"  h{n}: {{address: 10.0.0.{n}, {of}}}\n" for n, of in enumerate(hosts, start=1)]
    site = write("site.yaml", HEAD + "".join(lines))
    return lint([site, *more], now=NOW, known=known or {})  # type: ignore[arg-type]


def bmc(n: int, more: str) -> str:
    return f"bmc: {{address: 10.0.9.{n}, credential: b{', ' if more else ''}{more}}}"


def test_a_site_with_pins_and_credentials_is_quiet(write: Write) -> None:
    ca = bmc(1, "tls: {ca: ca.pem}")
    assert found(write, [SSH, f"{SSH}, {ca}"]) == []


def test_what_has_no_pin_is_counted_and_ipmi_is_not(write: Write) -> None:
    bare = "ssh: {user: pf, credential: c}"
    hosts = [f"{bare}, {bmc(1, '')}", f"{bare}, {bmc(2, 'protocol: ipmi')}", SSH]
    (problem,) = found(write, hosts)
    assert (problem.code, problem.severity) == ("no-pin", "warning")
    assert problem.message == "2 hosts and 1 BMC have no pin: nothing will be logged in to there"
    assert problem.help.startswith("run `preflight pin ")


def test_a_key_in_known_hosts_is_a_pin(write: Write) -> None:
    hosts = ["ssh: {user: pf, credential: c}", "ssh: {user: pf, credential: c, port: 2222}"]
    both = {"10.0.0.1": {KEY}, "[10.0.0.2]:2222": {KEY}}
    assert found(write, hosts, known=both) == []
    (problem,) = found(write, hosts, known={"10.0.0.1": {KEY}, "10.0.0.2": {KEY}})
    assert problem.message.startswith("1 host has no pin")


def test_what_names_no_credential_is_counted(write: Write) -> None:
    pinned = f'ssh: {{user: pf, host_key: "{KEY}"}}'
    hosts = [f"{pinned}, bmc: {{address: 10.0.9.1, protocol: ipmi}}", SSH]
    (problem,) = found(write, hosts)
    assert problem.code == "no-credential"
    assert problem.message.startswith("1 host and 1 BMC have no `credential:`")


@pytest.mark.parametrize("name", ["other", "hunter2"])
def test_an_account_with_another_name_in_the_credentials(write: Write, name: str) -> None:
    held = write(
        "credentials.yaml",
        f"c: {{site: lagos, networks: [10.0.0.0/8], username: {name}, key: k}}\n",
    )
    held.chmod(0o600)
    (problem,) = found(write, [SSH, SSH], held)
    assert (problem.code, problem.severity, problem.line) == ("other-username", "warning", 6)
    assert 'h1 (and 1 more) is logged in to as "pf"' in problem.message
    assert name not in f"{problem.message} {problem.help}".replace("another", "")


@pytest.mark.parametrize("entry", ["username: pf, key: k", "key: k"])
def test_the_same_name_or_none_is_fine(write: Write, entry: str) -> None:
    held = write("credentials.yaml", f"c: {{site: lagos, networks: [10.0.0.0/8], {entry}}}\n")
    held.chmod(0o600)
    assert found(write, [SSH], held) == []

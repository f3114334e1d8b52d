"""`preflight init --from netbox` on the command line, against a NetBox over TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from preflight.files.load import load_site
from tests.cli.person import Done, Person
from tests.probes.netbox.peer import SECOND, TOKEN, Peer, certified, serving

PERMIT = ("--by", "C. Eze, security", "--networks", "127.0.0.0/8", "--on", "2026-11-10",
          "--until", "2026-12-12", "--customer", "X")  # fmt: skip


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certified(tmp_path_factory.mktemp("netbox"), "netbox")


@pytest.fixture
def peer(pem: Path) -> Iterator[Peer]:
    with serving(pem) as peer:
        peer.row("virtualization/virtual-machines", "app2")["primary_ip"] = {
            "address": "127.0.0.22/8"
        }
        yield peer


def init(
    person: Person, peer: Peer, *words: str | Path, site: str = "lagos-ikeja", **env: str
) -> Done:
    """From this NetBox, with its token in a variable."""
    place = ("--from", "netbox", "--url", peer.url, "--site", site)
    token = (
        ()
        if {"--token", "--credential"} & set(map(str, words))
        else ("--token", "env:NETBOX_TOKEN")
    )
    return person.call("init", *place, *token, *words, **{"NETBOX_TOKEN": peer.token, **env})


def refused(person: Person, done: Done, *parts: str) -> None:
    """Exit 2, one sentence, what to do, and no file."""
    assert (done.rc, done.out) == (2, ""), done.said
    for part in parts:
        assert part in done.err, done.said
    assert "help:" in done.err, done.said
    assert TOKEN not in done.err
    assert not (person.folder / "site.yaml").exists()


def test_a_site_file_that_lint_and_plan_take(person: Person, peer: Peer, pem: Path) -> None:
    done = init(person, peer, "--ca", pem, *PERMIT)
    assert done.rc == 0, done.said
    assert "NetBox 4.2.3: the site Lagos Ikeja" in done.err
    assert "role database-server -> host: 2" in done.err
    assert "sent 11; servers: 5; cables to switches: 3" in done.err
    assert 'password: "env:NETBOX_TOKEN"    # the token of NetBox' in done.err
    assert person.call("lint", "site.yaml").rc == 0
    site = load_site(person.folder / "site.yaml").value
    assert (site.site, site.hosts["db1"].serial) == ("lagos-ikeja", "CZ2100A7")
    assert site.netbox
    assert site.netbox.tls
    assert site.netbox.tls.ca == str(pem)
    planned = person.call("plan", "site.yaml", "--commands")
    assert planned.rc == 0, planned.said
    assert "GET /api/dcim/devices/?site=lagos-ikeja&exclude=config_context" in planned.out
    everything = done.out + done.err + (person.folder / "site.yaml").read_text()
    assert TOKEN not in everything
    assert {line.split()[0] for line in peer.asked()} == {"GET"}


def test_by_digest_by_this_machine_s_authorities_and_by_a_credential(
    person: Person, peer: Peer, pem: Path
) -> None:
    config = person.folder / "config/preflight"
    config.mkdir(parents=True)
    (config / "credentials.yaml").write_text(
        "nb: {site: lagos-ikeja, networks: [127.0.0.0/8], password: env:NETBOX_TOKEN}\n"
    )
    (config / "credentials.yaml").chmod(0o600)
    digest = ":".join(peer.sha256[n : n + 2].upper() for n in range(0, 64, 2))
    ways: dict[str, tuple[Any, dict[str, str]]] = {
        "a": (("--sha256", digest), {}),
        "b": ((), {"SSL_CERT_FILE": str(pem)}),
        "c": (("--credential", "nb", "--sha256", digest), {}),
    }
    for folder, (words, env) in ways.items():
        done = init(person, peer, "-o", folder, *words, *PERMIT, **env)
        assert done.rc == 0, done.said
        netbox = load_site(person.folder / folder / "site.yaml").value.netbox
        assert netbox
        assert netbox.tls
        assert netbox.tls.sha256 == peer.sha256
        assert netbox.credential == ("nb" if folder == "c" else "netbox")


def test_a_certificate_that_proves_nothing_gets_no_token(
    person: Person, peer: Peer, tmp_path: Path
) -> None:
    refused(person, init(person, peer), "does not prove who it is", "--ca FILE")
    refused(person, init(person, peer, "--sha256", "a" * 64), "another certificate than --sha256")
    other = certified(tmp_path, "other")
    refused(person, init(person, peer, "--ca", other), "does not prove who it is")
    assert peer.seen == []


def test_what_is_no_reference_is_not_shown(person: Person, peer: Peer) -> None:
    done = init(person, peer, "--token", TOKEN)
    refused(person, done, "the token itself must not stand there")
    refused(person, init(person, peer, "--token", "env:NOBODY"), "NOBODY is not set")
    both = init(person, peer, "--token", "env:X", "--credential", "nb")
    refused(person, both, "one of --token and --credential")
    assert peer.seen == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--url", "http://netbox.example"), "everybody on the way could read the token"),
        (("--url", "netbox.example"), "is no place of NetBox"),
        (("--url", "https://netbox.example/?a=b"), "is no place of NetBox"),
        (("--url", "https://-"), "wrong address"),
        (("--site", "Lagos Ikeja"), "wrong site"),
        (("--site", ""), "--url and --site"),
        (("--ca", "nowhere.pem"), "there is no such file"),
        (("--sha256", "abc"), "no digest of a certificate"),
        (("--ca", "x.pem", "--sha256", "a" * 64), "both given"),
    ],
)
def test_words_that_cannot_be(person: Person, peer: Peer, words: Any, says: str) -> None:
    refused(person, init(person, peer, *words), says)
    assert peer.seen == []


def test_options_that_are_about_netbox(person: Person) -> None:
    done = person.call("init", "--url", "https://netbox.example")
    refused(person, done, "are about NetBox")


def test_a_wrong_token_a_wrong_site_and_an_old_one(person: Person, peer: Peer, pem: Path) -> None:
    ca = ("--ca", pem)
    wrong = init(person, peer, *ca, NETBOX_TOKEN="f" * 40)
    refused(person, wrong, "does not take this token", "without write access")
    near = init(person, peer, *ca, site="lagos-ikeya")
    refused(person, near, 'no site "lagos-ikeya"; did you mean "lagos-ikeja"?')
    refused(person, init(person, peer, *ca, "--map", "role:x=host"), "this site has no role x")
    peer.withheld.add("dcim/devices")
    refused(person, init(person, peer, *ca), "may not read", "virtualization.virtualmachine")
    peer.version = "2.11.4"
    refused(person, init(person, peer, *ca), "older than the API that is known here", "SHEET.csv")


def test_what_is_no_netbox(person: Person, peer: Peer, pem: Path) -> None:
    def login(handler: Any) -> None:
        handler.answer(302, b"", Location="https://sso.example/login")

    def page(handler: Any) -> None:
        handler.answer(200, b"<html>", Content_Type="text/html")

    ca = ("--ca", pem)
    peer.odd["/api/status/"] = login
    refused(person, init(person, peer, *ca), "sends us on to https://sso.example/login", "--url")
    peer.odd["/api/status/"] = page
    refused(person, init(person, peer, *ca), "a page for people came instead of JSON")
    gone = Peer({}, port=1)
    refused(person, init(person, gone, *ca), "refuse", "check --url and its port")


def test_a_netbox_outside_the_permitted_networks(person: Person, peer: Peer, pem: Path) -> None:
    words = (*PERMIT[:3], "10.20.0.0/16", *PERMIT[4:])
    assert init(person, peer, "--ca", pem, *words).rc == 0
    assert load_site_loosely(person) is None


def load_site_loosely(person: Person) -> Any:
    from preflight.files.loader import parse
    from preflight.files.source import decode

    path = person.folder / "site.yaml"
    return parse(decode(str(path), path.read_bytes())).data.get("netbox")


@pytest.mark.parametrize("version", ["3.2.9", "3.7.8", "4.5.1"])
def test_other_versions_with_the_token_that_they_give(
    person: Person, pem: Path, version: str
) -> None:
    token = SECOND if version.startswith("4.5") else TOKEN
    with serving(pem, version, token=token, root="/netbox") as peer:
        done = init(person, peer, "--ca", pem, *PERMIT)
    assert done.rc == 0, done.said
    site = load_site_loosely(person)
    assert (site["path"], site["site"]) == ("/netbox", "lagos-ikeja")


def test_a_run_compares_what_is_written_there(person: Person, peer: Peer, pem: Path) -> None:
    """Sent as approved, logged, and the token is nowhere."""
    today = date.today()
    days = ("--on", str(today - timedelta(1)), "--until", str(today + timedelta(8)))
    assert init(person, peer, "--ca", pem, *PERMIT[:4], *days, "--customer", "X").rc == 0
    config = person.folder / "config/preflight"
    config.mkdir(parents=True)
    (config / "credentials.yaml").write_text(
        "netbox: {site: lagos-ikeja, networks: [127.0.0.0/8], password: env:NETBOX_TOKEN}\n"
    )
    (config / "credentials.yaml").chmod(0o600)
    for name, change in (("db1", {"serial": "CZ9999X1"}), ("db2", {"name": "db9"})):
        peer.row("dcim/devices", name).update(change)
    peer.seen.clear()
    plan = json.loads(person.call("plan", "site.yaml", "--commands", "--json").out)
    approved = ("--approved", plan["sha256"])
    done = person.call("run", "site.yaml", "--no-sign", "-o", "out", *approved, NETBOX_TOKEN=TOKEN)
    assert done.rc == 4, done.said
    report = json.loads((person.folder / "out/report.json").read_text())
    records = {e["question"]["argument"]: e for e in report["evidence"]
               if e["question"]["fact"] == "record"}  # fmt: skip
    assert set(records) == {"db1", "db2", "blade1", "app1", "app2"}
    assert records["db1"]["controller"] == "person"
    assert records["db1"]["answer"]["rack"] == "N1"
    assert records["db2"]["no_answer"]["cause"] == "missing-attribute"
    agree = next(f for f in report["findings"] if f["id"].startswith("site/claims-agree"))
    assert agree["outcome"] == "pass"
    assert "serial of db1: the site file says CZ2100A7, NetBox says CZ9999X1" in agree["found"]
    assert "NetBox tells nothing of db2" in agree["found"]
    log = [c["request"] for c in report["commands"]["log"] if c["thing"] == "netbox:lagos-ikeja"]
    sent = [request for request in log if request.startswith("GET ")]
    assert sorted(sent) == sorted(peer.asked())
    assert report["commands"]["other"] == 0
    assert TOKEN not in done.out + done.err + (person.folder / "out/report.json").read_text()


def test_the_sheets_know_of_it(person: Person, peer: Peer, pem: Path) -> None:
    assert init(person, peer, "--ca", pem, *PERMIT).rc == 0
    access = person.call("plan", "site.yaml", "--access")
    assert access.rc == 0, access.said
    assert f"NetBox, site lagos-ikeja: HTTPS at 127.0.0.1:{peer.port}" in access.out
    assert "write not enabled" in access.out
    assert "virtualization.virtualmachine" in access.out
    as_data = json.loads(person.call("plan", "site.yaml", "--access", "--json").out)
    assert as_data["netbox"][0]["view"][0] == "dcim.site"
    firewall = person.call("plan", "site.yaml", "--firewall")
    assert f"127.0.0.1,tcp,{peer.port},netbox:lagos-ikeja,site/claims-agree" in firewall.out
    provable = person.call("plan", "site.yaml", "--provable")
    assert provable.rc == 0, provable.said


def test_its_certificate_can_be_pinned(person: Person, peer: Peer, pem: Path) -> None:
    assert init(person, peer, "--ca", pem, *PERMIT[:4], "--customer", "X", "--on",
                str(date.today()), "--until", str(date.today() + timedelta(8))).rc == 0  # fmt: skip
    path = person.folder / "site.yaml"
    kept = [line for line in path.read_text().splitlines() if not line.startswith("  tls:")]
    path.write_text("\n".join(kept) + "\n")
    lint = person.call("lint", "site.yaml")
    assert "netbox has no pin: no token will be sent there" in lint.out + lint.err
    done = person.call("pin", "site.yaml", "--yes")
    netbox = load_site(path).value.netbox
    assert netbox, done.said
    assert netbox.tls, done.said
    assert netbox.tls.sha256 == peer.sha256

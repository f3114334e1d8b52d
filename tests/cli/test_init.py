"""`preflight init` on the command line: writes once, looks where permitted, logs in nowhere."""

from __future__ import annotations

import hashlib
import re
import ssl
import textwrap
from pathlib import Path

from preflight.demo.site import DemoSite
from preflight.files.credentials import load_credentials
from preflight.files.load import load_site
from tests.cli.person import Listener, Person

PERMIT = ("--by", "C. Eze, security", "--networks", "127.0.0.0/8")
WHOLE = (
    *PERMIT,
    "--on",
    "2026-11-10",
    "--until",
    "2026-12-12",
    "--site",
    "lagos",
    "--customer",
    "X",
)


def test_two_files_and_never_over_them(person: Person) -> None:
    done = person.call("init", "-o", "lagos")
    assert done.rc == 0, done.said
    assert done.out.split() == ["lagos/site.yaml", "lagos/booking.yaml"]
    assert "to fill in: site, customer, authorised.by" in done.err
    again = person.call("init", "-o", "lagos", *PERMIT)
    assert (again.rc, again.out) == (2, "")
    assert "is there already" in again.err
    (person.folder / "lagos/site.yaml").unlink()
    (person.folder / "lagos/booking.yaml").write_text("mine")
    assert person.call("init", "-o", "lagos").rc == 0
    assert (person.folder / "lagos/booking.yaml").read_text() == "mine"


def test_a_word_alone_is_explained(person: Person) -> None:
    done = person.call("init", "lagos")
    assert done.rc == 2
    assert "-o DIR" in done.err
    assert list(person.folder.iterdir()) == []


def test_filled_by_options_it_is_a_site_to_plan(person: Person) -> None:
    person.write("survey.csv", "Name,IP,Rack,Hall\ndb1,127.0.0.11,N1,north\n")
    done = person.call("init", "--from", "survey.csv", *WHOLE)
    assert done.rc == 0, done.said
    assert "  Rack -> rack" in done.err
    assert person.call("lint", "site.yaml").rc == 0
    planned = person.call("plan", "site.yaml")
    assert planned.rc == 0, planned.said
    assert load_site(person.folder / "site.yaml").value.halls["north"].racks == ("N1",)


def test_what_proves_the_way_is_no_comment(person: Person) -> None:
    gates = ("127.0.0.1:443", "[::1]:22", "vpn.example:443")
    options = [word for gate in (*gates, gates[0]) for word in ("--control", gate)]
    done = person.call("init", *options, *WHOLE)
    assert done.rc == 0, done.said
    assert "control: [10.20" not in (person.folder / "site.yaml").read_text()
    text = (
        (person.folder / "site.yaml").read_text().replace("address:     #", "address: 127.0.0.9 #")
    )
    assert load_site(person.write("filled.yaml", text)).value.control == gates
    for wrong in ("127.0.0.1", "127.0.0.1:0", "a b:1", "fd00::1:443", "x:70000", "\x1b:1"):
        done = person.call("init", "-o", "other", "--control", wrong, *WHOLE)
        assert done.rc == 2, done.said
        assert "10.20.0.1:443" in done.err
    assert not (person.folder / "other").exists()


def test_a_wrong_sheet_writes_nothing(person: Person) -> None:
    person.write("survey.csv", "Name,IP\ndb1,10.0.0.300\n")
    done = person.call("init", "--from", "survey.csv")
    assert done.rc == 2
    assert "survey.csv:2:5: error[impossible]" in done.err
    assert not (person.folder / "site.yaml").exists()
    for words in (("--map", "x"), ("--map", "x=name"), ("--fill", "serial"), ("db2",)):
        assert person.call("init", "--from", "survey.csv", *words).rc == 2
    assert person.call("init", "--from", "nowhere.csv").rc == 2


def test_it_looks_only_where_somebody_permitted_it(person: Person, listener: Listener) -> None:
    host = f"127.0.0.1:{listener.port}"
    for permit in ((), PERMIT[:2], PERMIT[2:], (*PERMIT[:2], "--networks", "10.0.0.0/8")):
        done = person.call("init", "--from", host, *permit)
        assert done.rc == 2, done.said
        assert "nothing was sent" in done.err
    assert not listener.knocked()
    assert not (person.folder / "site.yaml").exists()


def test_a_look_sees_keys_and_certificates_and_confirms_none(person: Person, up: DemoSite) -> None:
    ways = up.ways["db1"]
    host = f"db1={ways.address}:{ways.ssh_port},{ways.bmc_address}:{ways.bmc_port}"
    done = person.call("init", "--from", host, *WHOLE)
    assert done.rc == 0, done.said
    text = (person.folder / "site.yaml").read_text()
    seen = load_site(person.folder / "site.yaml").value.hosts["db1"]
    assert seen.ssh.host_key is None
    assert seen.bmc is not None
    assert seen.bmc.tls is None
    pinned = load_site(up.files.site).value.hosts["db1"].ssh.host_key
    assert f'# host_key: "{pinned}"' in text
    pem = ssl.get_server_certificate((ways.bmc_address, ways.bmc_port))
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
    assert f'# tls: {{sha256: "{digest}"}}' in text
    assert "Redfish 1." in text
    shown = [line.strip() for line in done.err.splitlines() if line.startswith("  ")]
    assert [line for line in shown if "SSH login" in line or "POST" in line] == []


def test_a_bmc_alone_and_a_silent_host(person: Person, up: DemoSite, listener: Listener) -> None:
    """The listener accepts, and says nothing."""
    ways = up.ways["db1"]
    bmc = f",{ways.bmc_address}:{ways.bmc_port}"
    done = person.call("init", "--from", f"127.0.0.1:{listener.port}", bmc, *WHOLE)
    assert done.rc == 0, done.said
    text = (person.folder / "site.yaml").read_text()
    assert f"{ways.bmc_address} is a BMC" in text
    assert re.search(r"shows no host key \(timeout:", text)
    assert Path(person.folder / "booking.yaml").exists()


def test_whatever_stands_in_the_options(person: Person) -> None:
    odd = 'x: \x1b[31m # \n"' * 300
    done = person.call("init", "--from", "no..name", *WHOLE, "--by", odd, "--customer", odd)
    assert done.rc == 0, done.said
    assert "\x1b" not in done.err
    assert person.call("lint", "site.yaml").rc == 0
    for wrong in (("--on", "soon"), ("--networks", "x")):
        assert person.call("init", "-o", "new", "--from", "no..name", *WHOLE, *wrong).rc == 2


def test_nothing_at_all_may_be_the_way(person: Person) -> None:
    done = person.call("init", "--from", "no..name", *WHOLE)
    assert done.rc == 0, done.said
    assert "nothing answered at all" in done.err
    assert (
        "silent (unreachable: no..name does not resolve"
        in (person.folder / "site.yaml").read_text()
    )


SHEET = "Name,IP,iLO,Login\ndb1,127.0.0.11,127.1.0.11,\ndb2,127.0.0.12,127.1.0.12,anna\n"
LOGINS = (
    "--ssh-user",
    "pf",
    "--ssh-credential",
    "s",
    "--bmc-credential",
    "b",
    "--bmc-ca",
    "ca.pem",
)


def credentials_of(said: str) -> str:
    return textwrap.dedent(said.partition("like this:\n")[2])


def test_logins_stand_at_every_host(person: Person) -> None:
    person.write("survey.csv", SHEET)
    person.write("ca.pem", "")
    permit = ("--networks", "127.0.0.0/16", "--networks", "127.1.0.0/16", *WHOLE[:2], *WHOLE[4:])
    done = person.call("init", "-o", "lagos", "--from", "survey.csv", *permit, *LOGINS)
    assert done.rc == 0, done.said
    hosts = load_site(person.folder / "lagos/site.yaml").value.hosts
    assert [host.ssh.user for host in hosts.values()] == ["pf", "anna"]
    for host in hosts.values():
        assert host.ssh.credential == "s"
        assert host.bmc
        assert host.bmc.tls
        assert (host.bmc.credential, host.bmc.tls.ca) == ("b", "../ca.pem")
    assert "missing for logins: a pin of 2 hosts\n" in done.err
    held = person.write("credentials.yaml", credentials_of(done.err))
    held.chmod(0o600)
    entries = load_credentials(held).value.root
    assert {n: (e.site, e.networks) for n, e in entries.items()} == {
        "s": (("lagos",), ("127.0.0.0/16",)),
        "b": (("lagos",), ("127.1.0.0/16",)),
    }
    assert entries["s"].key
    assert entries["b"].password


def test_without_them_the_first_host_shows_where(person: Person) -> None:
    person.write("survey.csv", SHEET)
    done = person.call("init", "--from", "survey.csv", *WHOLE)
    assert done.rc == 0, done.said
    assert "missing for logins: a credential of 2 hosts and 2 BMCs; a pin of 2 hosts" in done.err
    text = (person.folder / "site.yaml").read_text()
    stubs = ("    # ssh: {user: preflight, credential: site-ssh}", "      # credential: site-bmc")
    for stub in stubs:
        assert text.count(stub) == 1
        text = text.replace(stub, stub.replace("# ", ""))
    first, second = load_site(person.write("site.yaml", text)).value.hosts.values()
    assert (first.ssh.credential, second.ssh.credential) == ("site-ssh", None)
    assert first.bmc
    assert first.bmc.credential == "site-bmc"


def test_logins_that_cannot_be(person: Person) -> None:
    person.write("survey.csv", SHEET)
    for words in (
        ("--ssh-credential", "site ssh"),
        ("--bmc-credential", "x" * 65),
        ("--ssh-user", "a\nb"),
        ("--bmc-ca", "nowhere.pem"),
    ):
        done = person.call("init", "--from", "survey.csv", *words)
        assert (done.rc, done.out) == (2, ""), done.said
        assert "= help: " in done.err
    alone = person.call("init", "--ssh-user", "pf")
    assert (alone.rc, "none is named" in alone.err) == (2, True)
    assert not (person.folder / "site.yaml").exists()

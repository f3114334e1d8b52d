"""A pin goes into the text of a site file; everything else there stays as somebody wrote it."""

from __future__ import annotations

import difflib
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.files.load import Loaded, load_site
from preflight.files.site import Site
from preflight.pinning.edit import NotWritten, Pin, with_pins, write
from preflight.pinning.look import things_of

KEY, OTHER = "SHA256:" + "A" * 43, "SHA256:" + "B" * 43
DIGEST = "0123456789abcdef" * 4
HEAD = """# Lagos, as C. Eze described it
site: s     # short
customer: 'Example Telecom'
profile: p
authorised: {by: x, on: 2026-01-01, from: 2026-01-01, until: 2026-01-02, networks: [10.0.0.0/8]}
hosts:
"""
BLOCK = """\
  db1:
    address: 10.0.0.1   # behind the door
    # as the sticker says
    rack: N1
    ssh:
      user: preflight   # ours
      credential: c

    # the controller
    bmc:
      address: 10.0.1.1
      credential: b     # shared
"""
FLOW = """\
  db1: {address: 10.0.0.1, rack: 07, ssh: {user: x, credential: c},  # why not
        bmc: {address: 10.0.1.1}}
"""
MIXED = """\
  db1:
    address: "10.0.0.1"
    ssh: {user: x}
    bmc: {address: 10.0.1.1, protocol: 'auto'}   # no certificate yet
"""
BARE = """\
  db1:
    address: 10.0.0.1
    # only this
    rack: N1
    bmc: {address: 10.0.1.1}
"""
EMPTY = """\
  db1: {ssh: {}, bmc: {address: 10.0.1.1, tls: null}, address: 10.0.0.1}
"""
NULL = """\
  db1:
    address: 10.0.0.1
    ssh: {host_key: null, user: x}
    bmc:
      tls: null   # to come
      address: 10.0.1.1
"""
STYLES = {
    "block": BLOCK,
    "flow": FLOW,
    "mixed": MIXED,
    "bare": BARE,
    "empty": EMPTY,
    "null": NULL,
    "crlf": (HEAD + BLOCK).replace("\n", "\r\n"),
    "no newline at the end": BARE.rstrip("\n"),
    "comes last": "  db1:\n    bmc: {address: 10.0.1.1}\n    address: 10.0.0.1",
}
PINS = (Pin("host:db1", KEY), Pin("bmc:db1", DIGEST))


def loaded(folder: Path, hosts: str) -> Loaded[Site]:
    path = folder / "site.yaml"
    text = hosts if hosts.startswith("#") else HEAD + hosts
    path.write_bytes(text.encode())
    return load_site(path)


def added(before: str, after: str) -> str:
    """What was put in; fails when anything but a `null` was taken out."""
    parts = []
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        assert tag in {"equal", "insert"} or before[a:b] in {"null", "nul", "l", "n", "u", "ll"}
        parts += [after[c:d]] if tag != "equal" else []
    return "".join(parts)


@pytest.mark.parametrize("style", STYLES)
def test_both_pins_are_added_in_any_style(tmp_path: Path, style: str) -> None:
    site = loaded(tmp_path, STYLES[style])
    before = site.path.read_bytes().decode()
    write(site, PINS)
    after = site.path.read_bytes().decode()
    host = load_site(site.path).value.hosts["db1"]
    assert host.ssh.host_key == KEY
    assert host.bmc
    assert host.bmc.tls
    assert host.bmc.tls.sha256 == DIGEST
    assert len(added(before, after)) < 200
    assert after.count("\r\n") == (after.count("\n") if style == "crlf" else 0)
    for comment in (part for part in before.split("#")[1:]):
        assert "#" + comment.splitlines()[0] in after


def test_the_lines_are_where_a_person_would_write_them(tmp_path: Path) -> None:
    text = with_pins(loaded(tmp_path, BLOCK), PINS)
    assert f'      credential: c\n      host_key: "{KEY}"\n\n    # the controller\n' in text
    assert f'      credential: b     # shared\n      tls: {{sha256: "{DIGEST}"}}\n' in text
    text = with_pins(loaded(tmp_path, FLOW), PINS)
    assert f'{{user: x, credential: c, host_key: "{KEY}"}},  # why not' in text
    text = with_pins(loaded(tmp_path, BARE), PINS)
    assert f'    address: 10.0.0.1\n    ssh: {{host_key: "{KEY}"}}\n    # only this\n' in text


def test_only_the_confirmed_host_changes(tmp_path: Path) -> None:
    second = MIXED.replace("db1", "db2").replace("0.0.1", "0.0.2").replace("0.1.1", "0.1.2")
    site = loaded(tmp_path, BLOCK + second)
    write(site, [Pin("host:db2", OTHER)])
    hosts = load_site(site.path).value.hosts
    assert hosts["db1"] == site.value.hosts["db1"]
    assert hosts["db2"].ssh.host_key == OTHER


def test_byte_order_mark_and_mode_stay(tmp_path: Path) -> None:
    site = loaded(tmp_path, BLOCK)
    site.path.write_bytes(b"\xef\xbb\xbf" + site.path.read_bytes())
    site.path.chmod(0o600)
    write(load_site(site.path), PINS)
    assert site.path.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert stat.S_IMODE(site.path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    site = loaded(tmp_path, BLOCK)
    link = tmp_path / "link.yaml"
    link.symlink_to(site.path)
    write(load_site(link), PINS)
    assert link.is_symlink()
    assert KEY in site.path.read_text()


SHARED = """\
  db1: {address: 10.0.0.1, ssh: &login {user: x, credential: c}}
  db2: {address: 10.0.0.2, ssh: *login}
"""


@pytest.mark.parametrize("thing", ["host:db1", "host:db2"])
def test_what_two_hosts_share_is_not_touched(tmp_path: Path, thing: str) -> None:
    site = loaded(tmp_path, SHARED)
    before = site.path.read_bytes()
    with pytest.raises(NotWritten, match="change more than the pin"):
        write(site, [Pin(thing, KEY)])
    assert site.path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["site.yaml"]


def test_a_file_that_changed_meanwhile_is_not_touched(tmp_path: Path) -> None:
    site = loaded(tmp_path, BLOCK)
    now = site.path.read_text().replace("N1", "N2")
    site.path.write_text(now)
    with pytest.raises(NotWritten, match="changed meanwhile"):
        write(site, PINS)
    assert site.path.read_text() == now
    site.path.unlink()
    with pytest.raises(NotWritten):
        write(site, PINS)


TAIL = st.sampled_from(["", "   ", "  # c", "\t# \u00e9\u4e16 c"])
VALUE = st.sampled_from(["x", "'x'", '"x"', "'it''s # no'", '"a \\" b"', "a b", "\u4e16\u754c"])


@given(
    user=VALUE,
    tails=st.lists(TAIL, min_size=4, max_size=4),
    indent=st.integers(1, 7),
    flow=st.booleans(),
    gap=st.sampled_from(["", "\n", "# between\n", "\n\n  # far\n"]),
)
def test_any_layout_gains_the_pin_or_stays(
    tmp_path_factory: pytest.TempPathFactory,
    user: str,
    tails: list[str],
    indent: int,
    flow: bool,
    gap: str,
) -> None:
    pad = " " * indent
    inner = (
        f"{pad * 2}ssh: {{user: {user} , port: 22 }}{tails[1]}\n"
        if flow
        else f"{pad * 2}ssh:{tails[1]}\n{pad * 3}user: {user}{tails[2]}\n"
    )
    hosts = f"{pad}db1:{tails[0]}\n{pad * 2}address: 10.0.0.1{tails[3]}\n{gap}{inner}{gap}"
    site = loaded(tmp_path_factory.mktemp("any"), hosts)
    text = with_pins(site, [Pin("host:db1", KEY)])
    assert added(site.document.source.text, text).count(KEY) == 1


PDUS = (
    "pdus:\n"
    "  n1-a: {address: 10.0.2.1, redfish: {credential: p}}   # by the door\n"
    "  n1-b:\n    address: 10.0.2.2\n    redfish:\n      credential: p\n"
    "  n1-c: {address: 10.0.2.3, snmp: {credential: p}}\n"
)


def test_pdus_that_speak_redfish_are_pinned_too(tmp_path: Path) -> None:
    site = loaded(tmp_path, FLOW + PDUS)
    assert things_of(site.value, (), everything=False)[-2:] == ("pdu:n1-a", "pdu:n1-b")
    assert things_of(site.value, ("n1-b",), everything=False) == ("pdu:n1-b",)
    write(site, [Pin("pdu:n1-a", DIGEST), Pin("pdu:n1-b", DIGEST)])
    after = load_site(site.path).value
    assert things_of(after, ("n1-a", "n1-b"), everything=False) == ()
    assert things_of(after, ("n1-a",), everything=True) == ("pdu:n1-a",)
    assert f'{{credential: p, tls: {{sha256: "{DIGEST}"}}}}}}   # by the door' in (
        site.path.read_text()
    )
    assert after.hosts == site.value.hosts
    assert Pin("pdu:n1-a", DIGEST).under == "pdus.n1-a.redfish"

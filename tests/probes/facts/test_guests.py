"""A real libvirtd with a paused virtual machine of QEMU (without KVM) and one that is shut off,
asked by an ordinary account, by one that libvirt refuses, and by sudo."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from preflight import access_sudo
from preflight.evidence import Guest, Guests, NoAnswer
from preflight.words import UnknownCause
from tests.probes.facts.conftest import NOBODY, ROOT, Box, box
from tests.probes.facts.libvirt import libvirt
from tests.probes.scripted import ask

pytestmark = pytest.mark.peer(
    "libvirtd", "virsh", "qemu-system-x86_64", "setpriv", "unshare", "nsenter"
)

UUIDS = {f"db {n}": f"aaaaaaaa-0000-4000-8000-00000000000{n}" for n in (1, 2)}
SETUP = f"hostname kvm1\n{libvirt(UUIDS, active=['db 1'])}"
GUESTS = ask("guests")
BOTH = Guests(
    guests=(
        Guest(name="db 1", uuid=UUIDS["db 1"], running=True),
        Guest(name="db 2", uuid=UUIDS["db 2"], running=False),
    )
)
WITHOUT_VIRSH = """
mkdir /tmp/upper /tmp/other
mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/tmp/upper,workdir=/tmp/other /usr/bin
rm /usr/bin/virsh
"""
SOCKET = "/run/libvirt/libvirt-sock-ro"


@pytest.fixture(scope="module")
def host() -> Iterator[Box]:
    with box(SETUP) as kvm1:
        yield kvm1


@pytest.fixture
def shut(host: Box) -> Iterator[Box]:
    """The administrator lets only root look."""
    host.run("chmod", "0700", SOCKET)
    yield host
    host.run("chmod", "0777", SOCKET)


def cause(found: object) -> UnknownCause:
    assert isinstance(found, NoAnswer), found
    return found.cause


@pytest.mark.parametrize("shell", [("dash",), ("busybox", "sh")], ids=["dash", "busybox"])
def test_an_ordinary_account_may_look(host: Box, shell: tuple[str, ...]) -> None:
    assert host.read(GUESTS, shell=shell) == {GUESTS: BOTH}
    assert host.one(GUESTS, ROOT) == BOTH


def test_looking_changes_nothing(host: Box) -> None:
    files = ("find", "/var/lib/libvirt", "/etc/libvirt", "/run/libvirt", "-printf", "%p %T@\n")
    before = host.run(*files)
    host.one(GUESTS)
    assert host.run(*files) == before
    connected = (*NOBODY, "virsh", "-r", "-c", "qemu:///system")
    assert not host.ok(*connected, "resume", "db 1")


def test_who_is_refused_is_told_what_to_ask_for(shut: Box) -> None:
    found = shut.one(GUESTS)
    assert cause(found) is UnknownCause.PERMISSION
    assert "`preflight plan --access`" in str(found)


@pytest.mark.peer("sudo", "visudo")
def test_the_sudoers_lines_suffice(shut: Box) -> None:
    by_sudo = ask("guests", "sudo")
    assert cause(shut.one(by_sudo)) is UnknownCause.PERMISSION
    lines = access_sudo.sudoers("nobody", ["guests"])
    shut.run("sh", "-c", 'printf "%s\\n" "$@" >/etc/sudoers.d/preflight', "sh", *lines)
    shut.run("chmod", "0440", "/etc/sudoers.d/preflight")
    shut.run("visudo", "-cq")
    assert shut.one(by_sudo) == BOTH
    refused = ("virsh", "-c", "qemu:///system", "list", "--all")
    assert not shut.ok(*NOBODY, "sudo", "-n", "/usr/bin/virsh", *refused[1:])


def test_without_the_daemon_or_the_tool(host: Box) -> None:
    """Last: it ends what the others ask."""
    host.run("sh", "-c", "kill $(cat /run/libvirtd.pid)")
    end = time.monotonic() + 60
    while isinstance(found := host.one(GUESTS), Guests) or cause(found) is UnknownCause.PARSE:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    assert cause(found) is UnknownCause.UNSUPPORTED
    assert "is not running" in str(found)
    host.run("sh", "-ec", WITHOUT_VIRSH)
    assert cause(host.one(GUESTS)) is UnknownCause.TOOL_MISSING

"""Facts from files, in every shell: a machine with all that sysfs and procfs can hold."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import (
    Answer,
    Gateway,
    Gateways,
    Interface,
    Interfaces,
    NoAnswer,
    StorageInUse,
    Text,
    Virtual,
)
from preflight.probes import facts
from preflight.words import UnknownCause
from tests.probes.facts.conftest import EVERY_SHELL, NOBODY
from tests.probes.scripted import TOKEN, ask, read

ROUTES = """\
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eno1	00000000	0101000A	0003	0	0	0	00000000	0	0	0
eno2	00000000	0101010A	0003	0	0	0	00000000	0	0	0
eno2	00000000	0201010A	0002	0	0	0	00000000	0	0	0
eno1	0001000A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eno2	0001010A	00000000	0001	0	0	0	00FFFFFF	0	0	0
eno2	0002010A	00000000	0201	0	0	0	00FFFFFF	0	0	0
eno1	0064000A	0901000A	0003	0	0	0	00FFFFFF	0	0	0
br0	0000A8C0	00000000	0001	0	0	0	0000FFFF	0	0	0
"""
ARP = """\
IP address       HW type     Flags       HW address            Mask     Device
10.0.1.1         0x1         0x2         00:00:5E:00:01:0A     *        eno1
10.0.1.77        0x1         0x2         02:00:00:00:00:77     *        eno1
10.1.1.1         0x1         0x0         00:00:00:00:00:00     *        eno2
"""
MOUNTS = r"""/dev/sda1 / ext4 rw,relatime 0 0
Nas1.example:/export/db /mnt/db nfs4 rw,vers=4.2,mountaddr=10.0.9.99,addr=10.0.9.1 0 0
[fd00::7]:/a:/b /mnt/b nfs rw,addr=fd00::7 0 0
//files/secret\040share /mnt/c cifs rw,username=boss,addr=10.0.9.2 0 0
mon1:6789,mon2:6789:/dir /mnt/ceph ceph rw,name=admin,secret=hush 0 0
admin@b3acfc0d-575f-41d3-9c91-0e7ed3dbb3fa.cephfs=/dir /mnt/c2 ceph rw,mon_addr=10.0.9.3:6789/10.0.9.4:6789 0 0
gl1,gl2:/volume /mnt/gluster fuse.glusterfs rw 0 0
proc /proc proc rw 0 0
"""  # noqa: E501
FILES = {
    "sys/class/dmi/id/chassis_serial": "CH-777\n",
    "sys/class/dmi/id/chassis_asset_tag": "No Asset Tag\n",
    "proc/sys/kernel/random/boot_id": "e22c8cc2-0f1b-4df1-aba6-2fef8f3d0851\n",
    "proc/net/route": ROUTES,
    "proc/net/arp": ARP,
    "proc/mounts": MOUNTS,
    "sys/class/iscsi_session/session1/targetname": "iqn.2001-05.com.example:storage.lun1\n",
    "sys/class/fc_remote_ports/rport-0:0-1/roles": "FCP Target\n",
    "sys/class/fc_remote_ports/rport-0:0-1/port_name": "0x50060160BEA02B3C\n",
    "sys/class/fc_remote_ports/rport-0:0-2/roles": "FCP Initiator\n",
    "sys/class/fc_remote_ports/rport-0:0-2/port_name": "0x5006000000000002\n",
    "sys/class/fc_transport/target0:0:0/port_name": "0x50060160bea02b3c\n",
    "sys/class/nvme/nvme0/transport": "pcie\n",
    "sys/class/nvme/nvme0/subsysnqn": "nqn.local\n",
    "sys/class/nvme/nvme1/transport": "tcp\n",
    "sys/class/nvme/nvme1/subsysnqn": "nqn.2014-08.org.example:array\n",
    "sys/class/net/bonding_masters": "bond0\n",
    "proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu vme msr\n",
    "sys/class/dmi/id/sys_vendor": "Example Servers\n",
    "sys/class/dmi/id/product_name": "ES-200\n",
}
PORTS = {
    "lo": ("772", "00:00:00:00:00:00", "1", "unknown", False),
    "eno1": ("1", "3C:EC:EF:00:00:01", "1", "up", True),
    "eno2": ("1", "3c:ec:ef:00:00:02", "0", "down", True),
    "eno3": ("1", "3c:ec:ef:00:00:03", "", "down", True),
    "br0": ("1", "3c:ec:ef:00:00:01", "1", "up", False),
    "ib0": ("32", ":".join(["80"] * 20), "1", "up", True),
    "sit0": ("776", "0.0.0.0", "", "unknown", False),
}
INTERFACES = Interfaces(
    interfaces=(
        Interface(
            name="br0", mac="3c:ec:ef:00:00:01", up=True, physical=False,
            networks=("192.168.0.0/16",),
        ),
        Interface(
            name="eno1", mac="3c:ec:ef:00:00:01", up=True, physical=True, networks=("10.0.1.0/24",)
        ),
        Interface(
            name="eno2", mac="3c:ec:ef:00:00:02", up=False, physical=True, networks=("10.1.1.0/24",)
        ),
        Interface(name="eno3", mac="3c:ec:ef:00:00:03", up=False, physical=True),
        Interface(name="ib0", mac=":".join(["80"] * 20), up=True, physical=True),
        Interface(name="sit0", physical=False),
    )
)  # fmt: skip
GATEWAYS = Gateways(
    gateways=(
        Gateway(address="10.0.1.1", mac="00:00:5e:00:01:0a", interface="eno1"),
        Gateway(address="10.1.1.1", interface="eno2"),
    )
)
STORAGE = StorageInUse(
    sources=(
        "ceph:10.0.9.3", "ceph:10.0.9.4", "ceph:b3acfc0d-575f-41d3-9c91-0e7ed3dbb3fa", "ceph:mon1",
        "ceph:mon2", "cifs:10.0.9.2", "cifs:files", "fc:0x50060160bea02b3c", "glusterfs:gl1",
        "glusterfs:gl2", "iscsi:iqn.2001-05.com.example:storage.lun1", "nfs:10.0.9.1",
        "nfs:fd00::7", "nfs:nas1.example", "nvme:nqn.2014-08.org.example:array",
    )
)  # fmt: skip


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "a machine's $(root)"
    write(root, FILES)
    for name, (sort, mac, carrier, state, physical) in PORTS.items():
        folder = root / "sys/class/net" / name
        write(folder, {"type": sort, "address": f"{mac}\n", "operstate": f"{state}\n"})
        if carrier:
            write(folder, {"carrier": f"{carrier}\n"})
        if physical:
            (folder / "device").mkdir()
    return root


@pytest.mark.parametrize("shell", EVERY_SHELL)
def test_every_shell_says_the_same(shell: tuple[str, ...], tree: Path) -> None:
    wanted: dict[Any, Answer] = {
        ask("chassis-serial"): Text(value="CH-777"),
        ask("asset-tag"): Text(value=None),
        ask("boot-id"): Text(value="e22c8cc2-0f1b-4df1-aba6-2fef8f3d0851"),
        ask("virtual"): Virtual(virtual=False),
        ask("interfaces"): INTERFACES,
        ask("gateway"): GATEWAYS,
        ask("storage"): STORAGE,
    }
    found = read(list(wanted), shell, root=tree)
    assert found == wanted


@pytest.mark.parametrize("fact", ["neighbours", "guests"])
def test_no_program_speaks_for_a_part_of_the_files(fact: str, tree: Path) -> None:
    (found,) = read([ask(fact)], root=tree).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.UNSUPPORTED
    assert "PREFLIGHT_ROOT" in found.detail


def test_nothing_secret_and_nobody_else_leaves_the_host(tree: Path) -> None:
    """Paths, user names and secrets of mounts, and neighbours that are no gateway."""
    done = subprocess.run(
        ["sh"],
        input=facts.script([ask("storage"), ask("gateway")], TOKEN),
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"], "PREFLIGHT_ROOT": str(tree)},
    )
    for word in ("secret", "hush", "boss", "admin", "export", "share", "volume", "dir", "0:77"):
        assert word not in done.stdout.replace(str(tree), ""), word


@pytest.mark.parametrize("fact", ["interfaces", "gateway", "storage"])
def test_a_system_that_keeps_it_elsewhere(fact: str, tmp_path: Path) -> None:
    (found,) = read([ask(fact)], root=tmp_path).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.UNSUPPORTED


@pytest.mark.skipif(os.geteuid() != 0, reason="root reads everything; needs to become nobody")
@pytest.mark.parametrize("fact", ["interfaces", "gateway", "storage", "chassis-serial"])
def test_what_may_not_be_read_is_permission(fact: str, tmp_path: Path) -> None:
    root = Path("/tmp") / f"preflight-tree-{os.getpid()}-{tmp_path.name}"  # noqa: S108 - nobody's way
    try:
        write(root, FILES)
        write(root / "sys/class/net/eno1", {"address": "02:00:00:00:00:01\n"})
        for name in (
            "sys/class/net/eno1/address", "proc/net/arp", "sys/class/dmi/id/chassis_serial",
            "sys/class/iscsi_session/session1/targetname",
        ):  # fmt: skip
            (root / name).chmod(0o400)
        (found,) = read([ask(fact)], (*NOBODY, "sh"), root=root).values()
        assert isinstance(found, NoAnswer)
        assert found.cause is UnknownCause.PERMISSION
    finally:
        shutil.rmtree(root)


@pytest.mark.parametrize(
    ("shell", "fact", "file", "line"),
    [
        (("dash",), "interfaces", "proc/net/route", ROUTES.splitlines()[4]),
        (("busybox", "sh"), "gateway", "proc/net/route", "eth0"),
        (("dash",), "storage", "proc/mounts", "tmpfs /x tmpfs rw 0 0"),
    ],
    ids=["interfaces", "gateway", "storage"],
)
def test_a_table_too_long_is_no_short_one(
    shell: tuple[str, ...], fact: str, file: str, line: str, tree: Path
) -> None:
    (tree / file).write_text(f"{line}\n" * 8193)
    (found,) = read([ask(fact)], shell, root=tree).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.PARSE
    assert "8192 lines" in found.detail


def test_more_interfaces_than_a_report_takes(tree: Path) -> None:
    for n in range(1025):
        write(tree / f"sys/class/net/cali{n}", {"address": "ee:ee:ee:ee:ee:ee\n"})
    (found,) = read([ask("interfaces")], root=tree).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.PARSE
    assert "1031 interfaces" in found.detail


def test_a_host_without_a_default_route_has_no_gateway(tree: Path) -> None:
    (tree / "proc/net/route").write_text(ROUTES.splitlines(keepends=True)[0])
    assert read([ask("gateway")], root=tree) == {ask("gateway"): Gateways(gateways=())}
    (tree / "proc/net/arp").unlink()
    (tree / "proc/net/route").write_text(ROUTES)
    (found,) = read([ask("gateway")], root=tree).values()
    assert isinstance(found, Gateways)
    assert {g.mac for g in found.gateways} == {None}


# --- virtual or not ---

FLAGS = "processor : 0\nflags\t\t: fpu {}msr\n"
MACHINES: dict[str, tuple[dict[str, str], Virtual]] = {
    "a server": ({}, Virtual(virtual=False)),
    "qemu": ({"sys/class/dmi/id/sys_vendor": "QEMU\n"}, Virtual(virtual=True, technology="qemu")),
    "vmware": (
        {"sys/class/dmi/id/product_name": "VMware7,1\n"},
        Virtual(virtual=True, technology="vmware"),
    ),
    "hyper-v": (
        {
            "sys/class/dmi/id/sys_vendor": "Microsoft Corporation\n",
            "sys/class/dmi/id/product_name": "Virtual Machine\n",
        },
        Virtual(virtual=True, technology="microsoft"),
    ),
    "a flag alone": ({"proc/cpuinfo": FLAGS.format("hypervisor ")}, Virtual(virtual=True)),
    "the last flag": ({"proc/cpuinfo": "flags : fpu hypervisor\n"}, Virtual(virtual=True)),
    "a processor without flags": ({"proc/cpuinfo": "Features : fp\n"}, Virtual()),
    "no processor told": ({"proc/cpuinfo": ""}, Virtual()),
    "xen's own domain": (
        {
            "proc/cpuinfo": FLAGS.format("hypervisor "),
            "sys/hypervisor/type": "xen\n",
            "proc/xen/capabilities": "control_d\n",
        },
        Virtual(virtual=False),
    ),
    "xen, which domain is unknown": (
        {"proc/cpuinfo": FLAGS.format("hypervisor "), "sys/hypervisor/type": "xen\n"}, Virtual()
    ),
    "junk": (
        {
            "sys/class/dmi/id/sys_vendor": "To Be Filled By O.E.M.\n",
            "sys/class/dmi/id/product_name": "\0\xff\n",
            "run/systemd/container": "none\n",
            "proc/cpuinfo": "",
        },
        Virtual(),
    ),
    "docker": ({".dockerenv": ""}, Virtual(virtual=True, technology="docker")),
    "podman": ({"run/.containerenv": ""}, Virtual(virtual=True, technology="podman")),
    "lxc": ({"run/systemd/container": "lxc\n"}, Virtual(virtual=True, technology="lxc")),
    "nspawn": (
        {"run/host/container-manager": "systemd-nspawn\n"},
        Virtual(virtual=True, technology="systemd-nspawn"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("shell", [("dash",), ("busybox", "sh")], ids=["dash", "busybox"])
@pytest.mark.parametrize("machine", MACHINES)
def test_what_the_files_say_of_a_machine(shell: tuple[str, ...], machine: str, tree: Path) -> None:
    files, wanted = MACHINES[machine]
    write(tree, files)
    assert read([ask("virtual")], shell, root=tree) == {ask("virtual"): wanted}


DETECTED = {
    ("0 kvm", "1 none"): Virtual(virtual=True, technology="kvm"),
    ("0 kvm", "0 lxc"): Virtual(virtual=True, technology="lxc"),
    ("1 none", "1 none"): Virtual(virtual=False),
    ("1 none", "0 docker"): Virtual(virtual=True, technology="docker"),
}


@pytest.mark.parametrize("said", DETECTED)
def test_systemd_decides_where_it_is_there(said: tuple[str, str], tmp_path: Path) -> None:
    tool = tmp_path / "systemd-detect-virt"
    (vm_code, vm), (container_code, container) = (word.split() for word in said)
    tool.write_text(
        "#!/bin/sh\ncase $1 in\n"
        f"--vm) echo {vm}; exit {vm_code} ;;\n"
        f"--container) echo {container}; exit {container_code} ;;\nesac\n"
    )
    tool.chmod(0o755)
    found = read([ask("virtual")], path=f"{tmp_path}:")
    assert found == {ask("virtual"): DETECTED[said]}


def test_a_systemd_that_fails_says_nothing(tmp_path: Path) -> None:
    for name, code in (("missing", 127), ("failing", 1)):
        tool = tmp_path / name / "systemd-detect-virt"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\nexit {code}\n")
        tool.chmod(0o755)
    found = [read([ask("virtual")], path=f"{tmp_path / n}:") for n in ("missing", "failing")]
    assert found[0] == found[1]
    assert found[0] != {ask("virtual"): Virtual(virtual=False)} or not hypervisor()


def hypervisor() -> bool:
    """Whether the processor says that it is a virtual one."""
    return " hypervisor" in Path("/proc/cpuinfo").read_text()


@pytest.mark.peer("systemd-detect-virt")
def test_this_machine_as_systemd_sees_it() -> None:
    done = subprocess.run(["systemd-detect-virt"], capture_output=True, text=True, check=False)
    (found,) = read([ask("virtual")]).values()
    assert isinstance(found, Virtual)
    assert found.virtual is (done.returncode == 0)
    assert found.technology == (done.stdout.strip() if found.virtual else None)

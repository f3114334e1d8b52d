"""One machine's files: the folder that PREFLIGHT_ROOT names, laid out as Debian lays out `/`.

sysfs: Documentation/ABI/testing/sysfs-class-dmi of Linux, with its modes; `etc/machine-id` as in
machine-id(5); dpkg's database as dpkg-query(1) with `--admindir` or `--root` reads it.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from preflight.demo.builds import BUILDS, PRODUCT, Build
from preflight.demo.tree import File
from preflight.demo.world import Machine

_STATUS = """Package: {product}
Status: install ok installed
Priority: optional
Section: net
Maintainer: Example Vendor <support@vendor.example>
Architecture: all
Version: {build.package_version}
Description: call server of the telecom suite
"""


def machine_files(machine: Machine, host_key: str) -> dict[str, File]:
    """Everything on this machine's disk and in its sysfs, by path relative to its root.

    `host_key` is the public line of the SSH host key that it shows now.
    """
    build = BUILDS[machine.build]
    return {
        "etc/machine-id": _line(machine.machine_id),
        "etc/hostname": _line(machine.name),
        "proc/sys/kernel/random/boot_id": _line(machine.boot_id),
        "etc/ssh/ssh_host_ed25519_key.pub": _line(host_key),
        **_dmi(machine),
        **_dpkg(build),
        **_product(build),
    }


def _line(text: str, mode: int = 0o644) -> File:
    return File(f"{text}\n".encode(), mode)


def _dmi(machine: Machine) -> dict[str, File]:
    folder = "sys/class/dmi/id"
    return {
        f"{folder}/sys_vendor": _line(machine.vendor, 0o444),
        f"{folder}/product_name": _line(machine.model, 0o444),
        f"{folder}/product_serial": _line(machine.serial, 0o400),
        f"{folder}/product_uuid": _line(machine.uuid, 0o400),
    }


def _dpkg(build: Build) -> dict[str, File]:
    folder = "var/lib/dpkg"
    status = _STATUS.format(product=PRODUCT, build=build)
    return {
        f"{folder}/status": _line(status),
        f"{folder}/available": File(b""),
        f"{folder}/info/format": _line("1"),
        f"{folder}/info/{PRODUCT}.list": _line("\n".join(["/.", *_listed(build)])),
    }


def _listed(build: Build) -> list[str]:
    """Every path of the package, folders first, as dpkg writes its `.list`."""
    paths = {str(part) for name in build.files() for part in _with_parents(name)}
    return sorted(paths - {"/"})


def _with_parents(name: str) -> list[PurePosixPath]:
    path = PurePosixPath(name)
    return [path, *path.parents]


def _product(build: Build) -> dict[str, File]:
    return {
        name.lstrip("/"): File(content, 0o755 if "/bin/" in name else 0o644)
        for name, content in build.files().items()
    }

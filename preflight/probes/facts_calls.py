"""Which function of the facts script collects a fact, in which of its files that function stands,
and which commands an account that is not root may have to be permitted for it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib.resources import files

from preflight.evidence import Ask
from preflight.text import sha256_hex

SUDO = "sudo"
"""Argument of a fact of `BY_SUDO`: the host's sudoers hold the lines that let us ask for it."""
_ATTRIBUTES = {
    "machine-id": "/etc/machine-id",
    "boot-id": "/proc/sys/kernel/random/boot_id",
    "product-uuid": "/sys/class/dmi/id/product_uuid",
    "product-serial": "/sys/class/dmi/id/product_serial",
    "chassis-serial": "/sys/class/dmi/id/chassis_serial",
    "asset-tag": "/sys/class/dmi/id/chassis_asset_tag",
}
"""machine-id(5); random(4); Linux Documentation/ABI/testing/sysfs-class-dmi."""
ROOT_ONLY = ("product-serial", "product-uuid", "chassis-serial")
"""Linux lets only root read these (drivers/firmware/dmi-id.c, mode 0400)."""
TOOLS: Mapping[str, tuple[str, ...]] = {
    "neighbours": ("/usr/sbin/lldpctl -f json0", "/usr/sbin/lldpcli -f json0 show chassis"),
    "guests": (
        "/usr/bin/virsh -r -c qemu:///system list --all --uuid --name",
        "/usr/bin/virsh -r -c qemu:///system list --uuid",
    ),
}
"""Facts that a program of the host tells, and how it is called (lldpctl(8), virsh(1)); each program
where the account's PATH has it. What they say is cut after 1 MB."""
BY_SUDO = (*ROOT_ONLY, *TOOLS)
"""Facts for which `plan --access` has lines of sudoers(5)."""
FACTS = (
    *_ATTRIBUTES, "virtual", "interfaces", "gateway", "storage", "package", "file",
    "neighbours", "guests",
)  # fmt: skip
"""In the order of asking: what may take long comes last, and last of all what may never come."""
ARGUMENTS = {
    "file": re.compile(r"(?!.*/\.\.(/|$))/[A-Za-z0-9 ._+@%:=,~/-]{1,900}"),
    "package": re.compile(r"[a-z0-9][a-z0-9+.-]{1,100}"),  # Debian policy 5.6.1
    **dict.fromkeys(BY_SUDO, re.compile(f"({SUDO})?")),
}
"""What is sent to a host with the name of the fact."""

_LINES, _OWN_TOOLS = "facts_lines", "facts_tools"
_PARTS: Mapping[str, tuple[str, ...]] = {
    "virtual": (_LINES, "facts_virtual"),
    "interfaces": (_LINES, "facts_network"),
    "gateway": (_LINES, "facts_network"),
    "storage": (_LINES, "facts_storage"),
    **dict.fromkeys(TOOLS, (_OWN_TOOLS,)),
}
"""Files beside the one that every script begins with."""


def _file(name: str) -> str:
    return files("preflight.probes").joinpath(f"{name}.sh").read_text("ascii")


_FIRST = _file("facts")
"""It opens with a frame of its own."""
_ORDER = ("facts_lines", "facts_virtual", "facts_network", "facts_storage", "facts_tools")
_TEXT = {name: _file(name) for name in (*_ORDER, "sudo", "sudo_tools")}
FIXED = _file("fixed")
"""What stands before it all on a host that runs a copy of its own."""


def library(asks: Iterable[Ask]) -> str:
    """The functions that the calls for these asks name, and no others; none of them tries sudo."""
    wanted = {part for ask in asks for part in _PARTS.get(ask.question.fact, ())}
    return "\n".join([_FIRST, *(_TEXT[name] for name in _ORDER if name in wanted)])


def sudo_library(asks: Iterable[Ask]) -> list[str]:
    """The functions that try sudo, where an ask says that they may."""
    wanted = {"sudo_tools" if a.question.fact in TOOLS else "sudo" for a in asks if by_sudo(a)}
    return [_TEXT[name] for name in sorted(wanted)]


def frame_name(ask: Ask) -> str:
    """What the frame of a fact is called; the same in every script."""
    question = ask.question
    if question.fact == "file":
        return f"file-{sha256_hex(question.argument.encode())[:16]}"
    return f"package-{question.argument}" if question.fact == "package" else question.fact


def call(ask: Ask) -> str:
    """The line of the script that collects a fact, without sudo."""
    question, name = ask.question, frame_name(ask)
    if question.fact == "file":
        return f"digest {name} \"$R\"'{question.argument}'"
    if question.fact == "package":
        as_pattern = question.argument.replace(".", r"\.")
        return f"package {name} '{question.argument}' '{as_pattern}'"
    if question.fact in _ATTRIBUTES:
        return f'attribute {name} "$R"{_ATTRIBUTES[question.fact]}'
    return f"{question.fact} {name} :" if question.fact in TOOLS else f"{question.fact} {name}"


def sudo_call(ask: Ask) -> str:
    """The same with sudo, where plain reading is refused."""
    fact = ask.question.fact
    if fact in TOOLS:
        return f"{fact} {frame_name(ask)} as_root"
    return f'rooted {frame_name(ask)} "$R"{_ATTRIBUTES[fact]}'


def by_sudo(ask: Ask) -> bool:
    """Whether sudo may be tried for it."""
    return ask.question.fact in BY_SUDO and ask.question.argument == SUDO


def needs_root(ask: Ask) -> bool:
    """Whether an account in no other group than its own is refused, as far as is known: libvirt
    lets everybody look unless it was told not to."""
    question = ask.question
    return question.protocol == "ssh" and question.fact in {*ROOT_ONLY, "neighbours"}


def root_commands(fact: str) -> tuple[str, ...]:
    """The commands that collect a fact of `BY_SUDO` as root, to be permitted one by one."""
    return TOOLS.get(fact) or (f"/bin/cat {_ATTRIBUTES[fact]}",)


def how(ask: Ask) -> str:
    """A fact and what is called for it, for the plan."""
    question = ask.question
    if question.fact in TOOLS:
        names = (command.rpartition("bin/")[2] for command in TOOLS[question.fact])
        refused = ", if refused by sudo -n" if by_sudo(ask) else ""
        return f"{question.fact} by {' and '.join(names)}{refused}"
    if by_sudo(ask):
        (command,) = root_commands(question.fact)
        return f"{question.fact}, if only root may read it by sudo -n {command}"
    if question.fact == "virtual":
        return "virtual by systemd-detect-virt, else from files"
    return f"{question.fact} {question.argument}".strip()

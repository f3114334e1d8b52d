"""The part of `plan --access` about sudoers(5): single commands for facts that an ordinary account
may not collect. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from preflight.probes import facts

_ACCOUNT = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
"""Names that neither sudoers(5) nor a shell takes for anything else."""
_SPECIAL = re.compile(r"[,:=\\]")
"""What has a meaning in sudoers(5), also among the arguments of a command."""
_FIRMWARE = ("Linux shows serial numbers and UUID to root alone, and a BMC tells them too.",)
_WHYS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(facts.ROOT_ONLY, _FIRMWARE),
    "neighbours": (
        "lldpctl answers root, and on Debian group adm, whose members may read all logs.",
        "These lines permit just what they say, so they are the better way.",
    ),
    "guests": (
        "libvirt lets every account look, unless its administrator has changed that; then",
        "these lines are needed. Not group libvirt: who is in it is as good as root.",
    ),
}
"""Fact -> why sudo, and what else would do."""


def sudoers(account: str | None, wanted: Iterable[str]) -> tuple[str, ...]:
    """The user specifications for these facts. The name of an account that has a meaning of its own
    there is left to a person."""
    known = account is not None and _ACCOUNT.fullmatch(account)
    commands = (c for f in wanted if f in facts.BY_SUDO for c in facts.root_commands(f))
    return tuple(
        f"{account if known else 'ACCOUNT'} ALL=(root) NOPASSWD: {_escaped(command)}"
        for command in dict.fromkeys(commands)
    )


def _escaped(command: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], command)


def lines(wanted: Iterable[str], *, sudo: bool) -> Iterator[str]:
    """When the lines are needed. `sudo`: the site file says that they are in force."""
    yield "needed: the site file says `sudo: true`." if sudo else "only if wanted."
    for why in dict.fromkeys(_WHYS[fact] for fact in wanted if fact in _WHYS):
        yield from why
    if not sudo:
        yield "With these lines goes `sudo: true` under ssh: in the site file (and then the"
        yield "script is another one); without it sudo is never called"

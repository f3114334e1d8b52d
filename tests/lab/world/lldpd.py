"""The real lldpd in a network namespace, as a host and as a switch run it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.lab.world.anchor import Anchor

SPEAK = """
{
  printf 'configure lldp tx-interval 200ms\\nconfigure lldp tx-hold 100\\n'
  printf 'configure lldp portidsubtype ifname\\nconfigure system hostname %s\\n' "$name"
} > "$conf"
"""
"""Shell that writes lldpd's configuration: quick to tell, and slow to forget, so that a busy
machine loses nobody. A cable that is pulled is forgotten at once."""
BOOT = f"""
umask 022
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/lldpd
chown _lldpd: /run/lldpd
cd "$1"
name=$2 conf=lldpd.conf
hostname "$name"
echo $$ > pid
{SPEAK}
shift 2
exec lldpd -d -O lldpd.conf "$@"
"""
"""Arguments: a folder of its own, the name it tells, and options of lldpd."""


def lldpd(folder: Path, name: str, agentx: Path | None = None) -> list[str]:
    """The command line. With the socket of an snmpd, its LLDP-MIB is served there (AgentX)."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["unshare", "--mount", "--uts", "--propagation", "private", "bash", "-euc", BOOT]
    more = ["-x", "-X", str(agentx)] if agentx else []
    return [*words, "boot", str(folder), name, *more]


def heard(anchor: Anchor, pid: Path) -> dict[str, str]:
    """Own port -> who is at its other end, as the lldpd among the mounts of this process has it;
    several, one of whom is there no more, with a plus between."""
    inside = ["nsenter", f"--target={pid.read_text().strip()}", "--mount", "--root"]
    told: dict[str, Any] = json.loads(anchor.run([*inside, "lldpctl", "-f", "json0"]))
    found: dict[str, list[str]] = {}
    for row in told["lldp"][0].get("interface", []):
        found.setdefault(row["name"], []).append(row["chassis"][0]["name"][0]["value"])
    return {port: "+".join(names) for port, names in found.items()}

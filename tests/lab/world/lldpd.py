"""The real lldpd in a network namespace, as a host and as a switch run it."""

from __future__ import annotations

from pathlib import Path

BOOT = """
umask 022
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/lldpd
chown _lldpd: /run/lldpd
hostname "$2"
cd "$1"
printf 'configure lldp tx-interval 1\\nconfigure system hostname %s\\n' "$2" > lldpd.conf
printf 'configure lldp portidsubtype %s\\n' "$3" >> lldpd.conf
shift 3
exec lldpd -d -u lldpd.socket -O lldpd.conf "$@"
"""
"""Arguments: a folder of its own, the name it tells, the sort of its port ids, options of lldpd."""


def lldpd(folder: Path, name: str, agentx: Path | None = None, ports: str = "ifname") -> list[str]:
    """The command line. With the socket of an snmpd, its LLDP-MIB is served there (AgentX)."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["unshare", "--mount", "--uts", "--propagation", "private", "bash", "-euc", BOOT]
    more = ["-x", "-X", str(agentx)] if agentx else []
    return [*words, "boot", str(folder), name, ports, *more]

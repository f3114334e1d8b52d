"""Ten facts of every host of a site file: the SSH probe through the survey, as a process.

python -m benchmarks.ssh_ours SITE CREDENTIALS
"""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path

from preflight.evidence import Ask, Question
from preflight.files.credentials import resolve_credentials
from preflight.files.load import load_site
from preflight.files.site import Site
from preflight.garbage import collect_seldom
from preflight.probes import probe
from preflight.probes.base import Way
from preflight.survey import survey

FACTS = (
    ("machine-id", ""), ("product-uuid", ""), ("product-serial", ""),
    ("package", "telecom-suite"), ("file", "/etc/hostname"), ("file", "/etc/machine-id"),
    ("file", "/etc/ssh/ssh_host_ed25519_key.pub"), ("file", "/var/lib/dpkg/status"),
    ("file", "/var/lib/dpkg/info/format"), ("file", "/sys/class/dmi/id/sys_vendor"),
)  # fmt: skip


def asks(site: Site) -> list[Ask]:
    """Host key, login and the facts of each host, as a plan has them but for the look at the port
    before: the tools beside us do not look."""
    found = []
    for name, host in site.hosts.items():
        rows = [("ssh", "host-key", ""), ("ssh", "login", "")]
        for protocol, fact, argument in [*rows, *(("ssh", f, a) for f, a in FACTS)]:
            question = Question(
                protocol=protocol, fact=fact, argument=argument, address=host.address,
                port=host.ssh.port,
            )  # fmt: skip
            found.append(Ask(thing=f"host:{name}", question=question))
    return found


def main(site_file: str, credentials: str) -> None:
    """Prints how many facts were answered."""
    loaded = load_site(Path(site_file))
    addresses = {host.address: host.address for host in loaded.value.hosts.values()}
    secrets = resolve_credentials(loaded.value, addresses, Path(credentials), lambda _: "")
    way = Way(loaded.value, loaded.path.parent, addresses, secrets, {}, lambda _thing, _text: True)
    told = survey(asks(loaded.value), way, lambda: datetime.now(timezone.utc), probe)
    facts = [one for one in told.evidence if one.question.fact in {"file", "package"} or
             one.question.fact.startswith(("machine", "product"))]  # fmt: skip
    print(f"{sum(one.answer is not None for one in facts)} facts")


if __name__ == "__main__":
    collect_seldom()  # as the command does
    main(*sys.argv[1:])

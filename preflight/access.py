"""`plan --access`: which accounts with which rights to ask for; for the security officer.

Nothing beyond what the plan needs: a key that runs one published script (sshd(8), AUTHORIZED_KEYS
FILE FORMAT), sudoers(5) lines for single commands, and the predefined Redfish role `ReadOnly`
(DSP0266, privilege model). Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from preflight import access_ipmi, access_managers, access_netbox, access_snmp, access_sudo
from preflight.canonical import canonical
from preflight.doors import door_of, speaks_redfish
from preflight.evidence import Ask
from preflight.files.site import Site
from preflight.jumps import CARRIED, is_jump, jump_of
from preflight.plan import make_plan
from preflight.probes import redfish_paths
from preflight.report import Inputs
from preflight.series import series
from preflight.sheets import scripts
from preflight.text import one_line, sha256_hex

SCRIPT = "/usr/local/lib/preflight/facts.sh"
"""Where a host holds its own copy of the facts script."""
PUBLIC_KEY = "PUBLIC-KEY"
"""Stands for the line of the engineer's .pub file."""
ROOT = "root"
"""Needs no sudoers(5) lines, and is never what the customer is asked to grant."""


class SshAccess(NamedTuple):
    """What equal hosts have to grant."""

    hosts: tuple[str, ...]
    where: tuple[str, ...]
    account: str | None
    """None: to be agreed on."""
    facts: tuple[str, ...]
    script_sha256: str | None
    """Of the file that they hold; None where the login alone is asked for."""
    authorized_keys: str
    sudo: bool
    """The site file says that the sudoers lines are there."""
    sudoers: tuple[str, ...]
    """For facts that only root may read, or whose programs answer few accounts; optional unless
    `sudo`, none for the account root."""


class RedfishAccess(NamedTuple):
    """What equal BMCs, or equal PDUs, have to grant."""

    bmcs: tuple[str, ...]
    pdus: tuple[str, ...]
    """One of the two is empty."""
    where: tuple[str, ...]
    role: str
    requests: tuple[str, ...]


def ssh_access(inputs: Inputs, source: str = "") -> tuple[SshAccess, ...]:
    """One entry per group of equal hosts. `source` is the only address that the key is for;
    behind a jump host that is the jump host's."""
    digests = {t: sha256_hex(text.encode()) for text, ts in scripts(inputs).items() for t in ts}
    grouped: dict[tuple[object, ...], list[str]] = {}
    for thing, asked in _by_thing(inputs, "ssh").items():
        names = tuple(dict.fromkeys(_fact(ask) for ask in asked if _needs_login(ask)))
        if names:
            host = inputs.site.hosts[_name(thing)]
            user = host.ssh.user
            jumps = (_opens(inputs, _name(thing)), host.ssh.jump)
            key = (user, names, digests.get(thing), host.ssh.sudo, *jumps)
            grouped.setdefault(key, []).append(thing)
    return tuple(
        _of_hosts(inputs, things, digests.get(things[0]), source) for things in grouped.values()
    )


def _of_hosts(inputs: Inputs, things: list[str], digest: str | None, source: str) -> SshAccess:
    asked = _by_thing(inputs, "ssh")[things[0]]
    hosts = [inputs.site.hosts[_name(thing)] for thing in things]
    account, jump = hosts[0].ssh.user, jump_of(inputs.site, things[0])
    wanted = [a.question.fact for a in asked if account != ROOT]
    return SshAccess(
        hosts=tuple(_name(thing) for thing in things),
        where=tuple(_endpoint(host.address, host.ssh.port) for host in hosts),
        account=account,
        facts=tuple(dict.fromkeys(_fact(a) for a in asked if _needs_login(a))),
        script_sha256=digest,
        authorized_keys=_key_line(
            inputs.site.hosts[jump].address if jump else source,
            held=digest is not None,
            opens=_opens(inputs, _name(things[0])),
        ),
        sudo=hosts[0].ssh.sudo,
        sudoers=access_sudo.sudoers(account, wanted),
    )


def _opens(inputs: Inputs, name: str) -> tuple[str, ...]:
    """The connections that a jump host is asked for, and no others."""
    asks = make_plan(inputs).asks if is_jump(inputs.site, name) else ()
    found = (
        _endpoint(ask.question.address, ask.question.port)
        for ask in asks
        if ask.question.port
        and ask.question.protocol in CARRIED
        and jump_of(inputs.site, ask.thing) == name
    )
    return tuple(dict.fromkeys(found))


def _key_line(source: str, *, held: bool, opens: Sequence[str]) -> str:
    """`restrict` forbids forwarding, terminals and what later versions of OpenSSH may invent. A
    jump host allows again what it is for."""
    of = f'from="{source}",' if source else ""
    of += "port-forwarding," * bool(opens) + "".join(f'permitopen="{at}",' for at in opens)
    command = f"/bin/sh {SCRIPT}" if held else "/bin/false"
    return f'restrict,{of}command="{command}" {PUBLIC_KEY}'


def redfish_access(inputs: Inputs) -> tuple[RedfishAccess, ...]:
    """One entry per group of equal BMCs or PDUs."""
    grouped: dict[tuple[str, ...], list[str]] = {}
    for thing, asked in _by_thing(inputs, "redfish").items():
        requests = (r for ask in asked for r in redfish_paths.requests(thing, ask.question.fact))
        grouped.setdefault(tuple(dict.fromkeys(requests)), []).append(thing)
    return tuple(
        RedfishAccess(
            bmcs=tuple(_name(t) for t in things if t.startswith("bmc:")),
            pdus=tuple(_name(t) for t in things if t.startswith("pdu:")),
            where=tuple(_door(inputs.site, thing) for thing in things),
            role="ReadOnly",
            requests=requests,
        )
        for requests, things in grouped.items()
    )


def _door(site: Site, thing: str) -> str:
    door = door_of(site, thing)
    return _endpoint(door.address, door.port) if door else ""


def _by_thing(inputs: Inputs, *protocols: str) -> Mapping[str, list[Ask]]:
    found: dict[str, list[Ask]] = {}
    for ask in make_plan(inputs).asks:
        if ask.question.protocol in protocols:
            found.setdefault(ask.thing, []).append(ask)
    return found


def _needs_login(ask: Ask) -> bool:
    return ask.question.fact != "host-key"


def _fact(ask: Ask) -> str:
    question = ask.question
    return f"{question.fact} {question.argument}".strip()


def _name(thing: str) -> str:
    return thing.partition(":")[2]


def _endpoint(address: str, port: int) -> str:
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


# --- the sheet -----------------------------------------------------------------------------


def access(inputs: Inputs, source: str = "", *, as_json: bool = False) -> str:
    """The sheet. `source` is the address that looks, or empty."""
    hosts, bmcs = ssh_access(inputs, source), redfish_access(inputs)
    by_snmp = access_snmp.access(inputs.site, _by_thing(inputs, "snmp"))
    by_ipmi = access_ipmi.access(inputs.site, _by_thing(inputs, "ipmi"))
    managers = access_managers.access(inputs.site, _by_thing(inputs, "proxmox", "vsphere"))
    netbox = access_netbox.access(inputs.site, _by_thing(inputs, "netbox"))
    if as_json:
        return canonical(
            {
                "ssh": [row._asdict() for row in hosts],
                "redfish": [row._asdict() for row in bmcs],
                "snmp": [row._asdict() for row in by_snmp],
                "ipmi": [row._asdict() for row in by_ipmi],
                "managers": [row._asdict() for row in managers],
                "netbox": [row._asdict() for row in netbox],
                "without_account": list(_without(inputs)),
                "people": list(_people(inputs)),
            }
        ).decode("ascii")
    site = inputs.site
    lines = [f"Access to {site.site} ({one_line(site.customer)}): what to grant, and nothing more"]
    lines += [line for row in hosts for line in ("", *_ssh_lines(row))]
    lines += [line for row in bmcs for line in ("", *_redfish_lines(row))]
    lines += [line for row in by_snmp for line in ("", *access_snmp.lines(row, source))]
    lines += [line for row in by_ipmi for line in ("", *access_ipmi.lines(row))]
    lines += [line for row in managers for line in ("", *access_managers.lines(row))]
    lines += [line for row in netbox for line in ("", *access_netbox.lines(row, source))]
    lines += ["", "without an account, and without a word of protocol beyond the connection:"]
    lines += [f"  {text}" for text in _without(inputs)] or ["  nothing"]
    if people := list(_people(inputs)):
        lines += ["", "asked of somebody on site, by `preflight selfcheck build`; no account:"]
        lines += [f"  {text}" for text in people]
    return "\n".join([*lines, "", "every single request, to be approved by its digest: --commands"])


def _ssh_lines(row: SshAccess) -> Iterator[str]:
    yield f"{series(row.hosts)}: SSH at {series(row.where)}"
    yield from _account_lines(row.account)
    yield f"  reads            {row.facts[0]}"
    yield from (f"                   {fact}" for fact in row.facts[1:])
    if row.script_sha256:
        yield f"  script           {SCRIPT}, root's, mode 0644"
        yield f"                   SHA-256 {row.script_sha256}"
        yield f"                   printed by: preflight plan SITE --script --host {row.hosts[0]}"
    yield f"  authorized_keys  {row.authorized_keys}"
    if row.sudoers:
        yield f"  sudoers          {row.sudoers[0]}"
        yield from (f"                   {line}" for line in row.sudoers[1:])
        wanted = [fact.partition(" ")[0] for fact in row.facts]
        when = access_sudo.lines(wanted, sudo=row.sudo)
        yield from (f"                   {line}" for line in when)


def _account_lines(account: str | None) -> Iterator[str]:
    if account == ROOT:
        yield "  account          root, named in the site file, is not asked for: an ordinary one"
        yield "                   is better (no password, in no other group); name it as ssh.user"
        return
    named = one_line(account) if account else "(name to be agreed on; then ssh.user)"
    yield f"  account          {named}: ordinary, no password, in no other group"


def _redfish_lines(row: RedfishAccess) -> Iterator[str]:
    names, what = (row.bmcs, "BMC") if row.bmcs else (row.pdus, "PDU")
    yield f"{series(names)}: {what}, Redfish at {series(row.where)}"
    yield f"  account          with the predefined role {row.role} (DSP0266): its privileges are"
    yield "                   Login (read) and ConfigureSelf (its own password and sessions only)"
    yield "  sends            the login, the end of that session, and:"
    yield from (f"                   {r}" for r in row.requests if r.startswith("GET "))


def _without(inputs: Inputs) -> Iterator[str]:
    found: dict[str, list[str]] = {}
    for ask in make_plan(inputs).asks:
        question, jump = ask.question, jump_of(inputs.site, ask.thing)
        if question.protocol == "tcp" and question.port:
            at = _endpoint(question.address, question.port)
            by = f" by host:{jump}" if jump else ""
            found.setdefault(ask.thing, []).append(f"TCP connect {at}{by}")
        elif question.protocol == "icmp" and jump is None:
            found.setdefault(ask.thing, []).append(f"ICMP echo {question.address}")
        elif question.fact == "host-key" and question.port:
            at = _endpoint(question.address, question.port)
            found.setdefault(ask.thing, []).append(f"SSH host key {at}, no login")
        elif question.fact == "presence" and not question.argument and jump is None:
            at = _endpoint(question.address, question.port or 0)
            what = f"{question.protocol.upper()} presence {at}, no login"
            found.setdefault(ask.thing, []).append(what)
        elif question.protocol == "http" and question.port:
            at = _endpoint(question.address, question.port)
            root = " and Redfish service root" if speaks_redfish(ask.thing) else ""
            what = f"certificate{root} {at}, no login"
            found.setdefault(ask.thing, []).append(what)
    for thing, texts in found.items():
        yield f"{thing}: {', '.join(dict.fromkeys(texts))}"


def _people(inputs: Inputs) -> Iterable[str]:
    asks = (a for a in make_plan(inputs).asks if a.question.protocol == "person")
    return (f"about {ask.thing}: {one_line(ask.question.argument, 400)}" for ask in asks)

"""A draft as a commented site file in the words of the contract. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from preflight.starting.draft import (
    BMC_PORT,
    SSH_PORT,
    BmcDraft,
    HallDraft,
    HostDraft,
    Permission,
    SiteDraft,
)
from preflight.starting.logins import ACCOUNT, BMC_ID, SSH_ID
from preflight.starting.scalars import comment, flow, scalar
from preflight.starting.wiring import outlets, wiring

UNCONFIRMED = "seen, not confirmed: read it to the customer, then uncomment"
"""A pin is what a person confirmed (contract 9.7): a fingerprint that was only fetched is none."""
_EXAMPLE = HostDraft(name="db1")


def site_file(draft: SiteDraft) -> str:
    """The text. What is blank in it is an error of `lint` until somebody fills it in."""
    wires = wiring(draft)
    return (
        "\n".join([*_head(draft), "", *_halls(draft), *_hosts(draft), *wires, *_more(draft)]) + "\n"
    )


def blanks(draft: SiteDraft) -> tuple[str, ...]:
    """What `lint` will ask for, as the file names it."""
    permit = draft.permission
    values = {
        "site": draft.site,
        "customer": draft.customer,
        "authorised.by": permit.by,
        "authorised.on": permit.on,
        "authorised.from": permit.from_,
        "authorised.until": permit.until,
        "authorised.networks": permit.networks,
    }
    hosts = () if _is_empty(draft) else draft.hosts or (_EXAMPLE,)
    lacking = [f"hosts.{host.name}.address" for host in hosts if not host.address]
    return (*(name for name, value in values.items() if not value), *lacking)


def _is_empty(draft: SiteDraft) -> bool:
    """A look found BMCs alone: an example host would be one that nobody asked for."""
    return not draft.hosts and bool(draft.homeless)


def _value(key: str, text: str, hint: str) -> str:
    """A filled line, or a blank one with what belongs there."""
    return f"{key}: {scalar(text)}" if text else f"{key}:{' ' * max(1, 12 - len(key))}# {hint}"


def _head(draft: SiteDraft) -> Iterator[str]:
    yield "# The site as it was described: everything here is a claim, until a run has looked."
    yield from map(comment, draft.notes)
    yield ""
    yield _value("site", draft.site, "a short name without blanks, the same for every trip")
    yield _value("customer", draft.customer, "the customer's name, for the report")
    yield f"profile: {scalar(draft.profile)}    # what is checked; or two-node-cluster, or a file"
    yield from _authorised(draft.permission)


def _authorised(permit: Permission) -> Iterator[str]:
    yield ""
    yield "# Who permitted the look. Nothing outside these networks and days is contacted."
    yield "authorised:"
    yield "  " + _value("by", permit.by, 'name and office: "C. Eze, security"')
    yield "  " + _value("on", permit.on, "the day the permission was given, like 2026-11-10")
    yield "  " + _value("from", permit.from_, "its first day, in UTC")
    yield "  " + _value("until", permit.until, "its last day")
    hint = "" if permit.networks else "    # like [10.20.0.0/16]; of one machine 10.20.0.11/32"
    yield f"  networks: {flow(permit.networks)}{hint}"


def _halls(draft: SiteDraft) -> Iterator[str]:
    if not draft.halls:
        return
    yield "# The labels as they stand on racks and feeds. Two declared labels are two different"
    yield "# things: one rack written in two ways here would pass for two."
    yield "halls:"
    for name, hall in draft.halls.items():
        yield f"  {scalar(name)}: {_labels(hall)}"
    yield ""


def _labels(hall: HallDraft) -> str:
    sorts = {"racks": hall.racks, "feeds": hall.feeds}
    said = [f"{sort}: {flow(found)}" for sort, found in sorts.items() if found]
    if hall.rows:
        rows = ", ".join(f"{scalar(row)}: {flow(racks)}" for row, racks in hall.rows.items())
        said.append(f"rows: {{{rows}}}")
    return f"{{{', '.join(said)}}}"


def _hosts(draft: SiteDraft) -> Iterator[str]:
    yield "hosts: {}    # put the servers here" if _is_empty(draft) else "hosts:"
    for bmc in draft.homeless:
        yield from _homeless(bmc)
    if draft.hosts:
        for host in draft.hosts:
            yield from _host(host, is_first=host is draft.hosts[0])
    elif not draft.homeless:
        yield from _host(_EXAMPLE)
        yield from _ideas()


def _host(host: HostDraft, *, is_first: bool = False) -> Iterator[str]:
    yield f"  {scalar(host.name)}:"
    yield from ("    " + comment(note) for note in host.notes)
    yield "    " + _value("address", host.address, "a host name or an IP address")
    for key in ("hall", "rack", "unit", "serial", "enclosure", "runs_on"):
        if text := getattr(host, key):
            yield f"    {key}: {scalar(text)}"
    for key in ("roles", "feeds"):
        if texts := getattr(host, key):
            yield f"    {key}: {flow(texts)}"
    if host.outlets:
        yield f"    outlets: {outlets(host.outlets)}"
    yield from _ssh(host, is_first=is_first)
    if host.bmc:
        yield from _bmc(host.bmc, is_first=is_first)


def _ssh(host: HostDraft, *, is_first: bool) -> Iterator[str]:
    lines = [f"user: {scalar(host.user)}"] if host.user else []
    lines += [f"credential: {scalar(host.credential)}"] if host.credential else []
    lines += [f"port: {host.port}"] if host.port != SSH_PORT else []
    hint = [] if host.credential or not is_first else _login_hint(host)
    if hint:
        yield "    # The login, here and at every server below (init writes it: --ssh-credential):"
    if lines:
        yield "    ssh:"
        yield from (f"      {line}" for line in lines)
        yield from (f"      # {line}" for line in hint)
    pin = [f'host_key: "{host.host_key}"'] if host.host_key else []
    if pin:
        yield f"    {'  ' if lines else ''}# {UNCONFIRMED}"
    if pin and lines:
        yield f"      # {pin[0]}"
    elif pin or (hint and not lines):
        yield f"    # ssh: {{{', '.join([*hint, *pin])}}}"


def _login_hint(host: HostDraft) -> list[str]:
    return [*([] if host.user else [f"user: {ACCOUNT}"]), f"credential: {SSH_ID}"]


def _bmc(bmc: BmcDraft, *, is_first: bool = False) -> Iterator[str]:
    yield "    bmc:"
    yield from ("      " + comment(note) for note in bmc.notes)
    yield f"      address: {scalar(bmc.address)}"
    if bmc.port != BMC_PORT:
        yield f"      port: {bmc.port}"
    if bmc.credential:
        yield f"      credential: {scalar(bmc.credential)}"
    elif is_first:
        yield f"      # credential: {BMC_ID}    # at every BMC (init writes it: --bmc-credential)"
    if bmc.ca:
        yield f"      tls: {{ca: {scalar(bmc.ca)}}}"
    elif bmc.sha256:
        yield f"      # {UNCONFIRMED}"
        yield f'      # tls: {{sha256: "{bmc.sha256}"}}'


def _homeless(bmc: BmcDraft) -> Iterator[str]:
    yield f"  # {bmc.address} is a BMC. Uncomment this under the server that it belongs to:"
    yield from (f"  # {line.strip()}" for line in map(comment, bmc.notes))
    for line in _bmc(replace(bmc, notes=())):
        yield f"  # {line[4:]}"


def _ideas() -> Iterator[str]:
    """What each line more would let a run prove."""
    yield "    # Each line more closes an open item of the report:"
    yield "    # serial: CZ2100A7      # proves that the box is the one that was delivered"
    yield "    # bmc: {address: 10.20.9.11, credential: site-bmc}    # shows power, and the serial"
    yield "    # ssh: {user: preflight, credential: site-ssh}    # the login, and what runs there"
    yield "    # hall: north           # hall and rack as declared under `halls:`; they show what"
    yield "    # rack: N1              # two servers share"


def _more(draft: SiteDraft) -> Iterator[str]:
    yield ""
    yield "# Something that proves the way to the site (gateway, VPN end), so that a silent server"
    yield "# is not taken for a dead one:"
    yield f"control: {flow(draft.control)}" if draft.control else "# control: [10.20.0.1:443]"
    yield "# Servers that back each other up, and must share nothing:"
    yield "# groups:"
    yield "#   database: {hosts: [db1, db2], must_differ: [machine, rack, hall, feed]}"
    yield "# `credential:` names an entry of your own credentials file. No secret belongs in here."

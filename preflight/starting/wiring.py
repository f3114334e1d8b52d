"""What hosts hang on, as lines of a site file: devices, cables, and where NetBox is asked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.starting.draft import DeviceDraft, NetboxDraft, SiteDraft
from preflight.starting.scalars import comment, flow, scalar

HTTPS = 443


def wiring(draft: SiteDraft) -> Iterator[str]:
    """The sections below the hosts; nothing where a draft has none of them."""
    for folder, devices in draft.devices.items():
        if devices:
            yield ""
            yield f"{folder}:"
            for device in devices:
                yield from _device(device)
    if draft.links:
        yield ""
        yield "# Which switch each server's cables lead to, as they were drawn."
        yield "links:"
        for one, other in draft.links:
            yield f'  - {{from: "{one}", to: "{other}"}}'
    if draft.netbox:
        yield from _netbox(draft.netbox)


def outlets(found: Sequence[tuple[str, int]]) -> str:
    """`[{pdu: pdu-n1-a, outlet: 7}]`."""
    return f"[{', '.join(f'{{pdu: {scalar(pdu)}, outlet: {number}}}' for pdu, number in found)}]"


def _device(device: DeviceDraft) -> Iterator[str]:
    said = {"address": device.address, "hall": device.hall, "rack": device.rack,
            "unit": device.unit, "pair": device.pair}  # fmt: skip
    lines = [f"{key}: {scalar(text)}" for key, text in said.items() if text]
    lines += [f"feeds: {flow(device.feeds)}"] if device.feeds else []
    notes = [comment(note) for note in device.notes]
    yield f"  {scalar(device.name)}:{'' if lines else ' {}'}"
    yield from (f"    {line}" for line in (*notes, *lines))


def _netbox(netbox: NetboxDraft) -> Iterator[str]:
    """A comment where a run with it would be refused."""
    yield ""
    yield "# Every run compares with what NetBox says, and names the differences."
    mark = ""
    if netbox.is_outside:
        yield "# It lies outside the permitted networks: have its own permitted, then uncomment."
        mark = "# "
    yield f"{mark}netbox:"
    yield from (f"{mark}  {line}" for line in _netbox_lines(netbox))


def _netbox_lines(netbox: NetboxDraft) -> Iterator[str]:
    yield f"address: {scalar(netbox.address)}"
    if netbox.port != HTTPS:
        yield f"port: {netbox.port}"
    if netbox.path:
        yield f'path: "{netbox.path}"'
    yield f"site: {scalar(netbox.site)}"
    yield f"credential: {scalar(netbox.credential)}    # its `password` is the token"
    if netbox.ca:
        yield f"tls: {{ca: {scalar(netbox.ca)}}}"
    elif netbox.sha256:
        yield f'tls: {{sha256: "{netbox.sha256}"}}    # {{ca: FILE}} outlives a renewed certificate'

"""Whatever JSON a manager sends: an answer of the right shape, or Unanswered, and nothing else."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import Guests
from preflight.probes import proxmox_read, vsphere_read
from preflight.probes.manager_guests import guests_of
from preflight.probes.manager_http import Said
from preflight.probes.unanswered import Unanswered

WORDS = st.sampled_from(
    ["qemu", "lxc", "vm:101", "vm:101,vm:102", "resource-affinity", "node-affinity", "negative",
     "POWERED_ON", "running", "pve1", "pve2:1", "1", "101", "uuid=x,base64=1", "\x00", "\ud800",
     "host-21", "vm-42", "started"]
)  # fmt: skip
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False),
    st.text(max_size=8),
    WORDS,
)
KEYS = st.sampled_from(
    ["data", "type", "vmid", "name", "node", "status", "template", "hastate", "smbios1", "rule",
     "resources", "affinity", "disable", "errors", "nodes", "strict", "group", "restricted", "sid",
     "vm", "host", "power_state", "identity", "bios_uuid", "/vms", "VM.Audit", "version"]
)  # fmt: skip
ROW = st.dictionaries(KEYS, LEAVES | st.lists(LEAVES, max_size=2), max_size=6)
JSON = st.recursive(
    LEAVES,
    lambda inside: st.lists(inside | ROW, max_size=3) | st.dictionaries(KEYS, inside, max_size=3),
    max_leaves=8,
)


def _proxmox(value: Any) -> Guests:
    listed = proxmox_read.listed(proxmox_read.rows_of(Said({"data": value}, b""), "/"))
    uuid = proxmox_read.smbios_uuid(value)
    proxmox_read.major_of(value)
    proxmox_read.may_audit_all(value)
    rows = proxmox_read.rows_of(Said({"data": value}, b""), "/")
    names = {guest.sid: guest.machine.name for guest in listed}
    rules = proxmox_read.negative_rules(rows, names)
    bound = proxmox_read.bound_by_rules(rows) | proxmox_read.bound_by_groups(rows, rows)
    rules += proxmox_read.apart_by_nodes(bound, names)
    found = guests_of([guest.machine for guest in listed], {"qemu/101": uuid})
    for guest in listed:
        proxmox_read.config_path(guest.machine)
    return found.model_copy(update={"rules": tuple(rules)})


def _vsphere(value: Any) -> Guests:
    rows = vsphere_read.rows_of(Said(value, b""), "/")
    vsphere_read.hosts_of(rows)
    vsphere_read.token_of(Said(value, b""))
    uuid = vsphere_read.bios_uuid(value)
    return guests_of(list(vsphere_read.machines_of(rows).values()), {"vm-42": uuid})


@pytest.mark.parametrize("read", [_proxmox, _vsphere])
@settings(max_examples=40)
@given(value=st.lists(ROW, max_size=6) | JSON)
def test_any_json(read: Callable[[Any], Guests], value: Any) -> None:
    with contextlib.suppress(Unanswered):
        found = read(value)
        assert Guests.model_validate(found.model_dump(mode="json")) == found


@settings(max_examples=40)
@given(value=JSON)
def test_any_identity(value: Any) -> None:
    proxmox_read.smbios_uuid(value)
    proxmox_read.smbios_uuid({"smbios1": value})
    proxmox_read.may_audit_all({"/vms": value})
    proxmox_read.major_of({"version": value})
    vsphere_read.bios_uuid(value)
    vsphere_read.bios_uuid({"identity": value})

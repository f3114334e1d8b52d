"""What managers of virtual machines answer, in the shapes of their versions: own text, made after
what these versions write. Two guests of the site, one container, one template, one stranger."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

Answers = dict[str, tuple[int, Any]]
"""Path -> status and JSON (bytes stay as they are)."""
DB1 = "0b1d5f0e-6c8e-4a53-9a51-1f0c64c3d001"
DB2 = "0b1d5f0e-6c8e-4a53-9a51-1f0c64c3d002"
SECRET = "5e0c7d7e-9f52-4e2b-8a8c-0f5f3b9c1d11"
TOKEN_ID = "preflight@pve!look"
PASSWORD = "pass word:with/all"
ACCOUNT = "preflight@vsphere.local"
SESSION = "b9d1f7c0a4c94d2f8a1e"
P = "/api2/json"


def _data(value: Any) -> tuple[int, Any]:
    return 200, {"data": value}


def _vm(number: int, name: str, node: str, **more: Any) -> dict[str, Any]:
    """As 7 to 9 list it; fields that nobody reads are a few of the many."""
    row = {
        "id": f"qemu/{number}", "vmid": number, "type": "qemu", "node": node, "name": name,
        "status": "running", "template": 0, "cpu": 0.0131, "maxcpu": 4, "mem": 2147483648,
        "diskread": 0, "uptime": 86412,
    }  # fmt: skip
    return {**row, **more}


def resources() -> list[dict[str, Any]]:
    return [
        _vm(101, "db1", "pve1", hastate="started"),
        _vm(102, "db2.lagos.example", "pve2", hastate="started", tags="db;prod"),
        _vm(103, "print server", "pve2", status="stopped"),
        _vm(900, "debian-12", "pve1", template=1, status="stopped"),
        {"id": "lxc/110", "vmid": 110, "type": "lxc", "node": "pve1", "name": "dns",
         "status": "running", "template": 0, "hastate": "ignored"},
        {"id": "storage/pve1/local", "type": "storage", "node": "pve1", "storage": "local"},
    ]  # fmt: skip


def proxmox(version: str) -> Answers:
    """Of version `7`, `8` or `9`."""
    told = {
        "7": {"version": "7.4-3", "release": "7.4", "repoid": "9002ab8a"},
        "8": {"version": "8.2.4", "release": "8.2", "repoid": "faa83925c9641325"},
        "9": {"version": "9.0.3", "release": "9.0", "repoid": "025864202ebb6109"},
    }
    encoded = b64encode(b"Example, Ltd").decode()
    answers: Answers = {
        f"{P}/access/domains": _data([{"realm": "pam", "type": "pam"}, {"realm": "pve"}]),
        f"{P}/version": _data(told[version]),
        f"{P}/cluster/resources?type=vm": _data(resources()),
        f"{P}/access/permissions?path=/vms": _data({"/vms": {"VM.Audit": 1, "Sys.Audit": 1}}),
        f"{P}/nodes/pve1/qemu/101/config": _data(
            {"name": "db1", "smbios1": f"uuid={DB1}", "net0": "virtio=BC:24:11:00:00:01,bridge=b0"}
        ),
        f"{P}/nodes/pve2/qemu/102/config": _data(
            {"smbios1": f"base64=1,manufacturer={encoded},uuid={DB2.upper()}", "digest": "0a1b"}
        ),
        f"{P}/nodes/pve2/qemu/103/config": _data({"name": "print server"}),
    }
    return {**answers, **(ha_9() if version == "9" else ha_8())}


def ha_8(groups: Any = (), **of: str) -> Answers:
    """Groups, and which guest is in which; rules are not implemented."""
    rows = [
        {"sid": sid.replace("_", ":"), "type": "vm", "state": "started", "group": group}
        for sid, group in of.items()
    ]
    return {
        f"{P}/cluster/ha/groups": _data(list(groups)),
        f"{P}/cluster/ha/resources": _data(rows),
        f"{P}/cluster/ha/rules": (501, {"data": None}),
    }


def negative(**more: Any) -> dict[str, Any]:
    """A rule of 9 that keeps the two apart."""
    rule = {
        "rule": "ha-rule-5d2f", "type": "resource-affinity", "affinity": "negative",
        "resources": "vm:101,vm:102", "digest": "77ab", "order": 1,
    }  # fmt: skip
    return {**rule, **more}


def on(nodes: str, resources: str, **more: Any) -> dict[str, Any]:
    """A rule of 9 that keeps guests on nodes."""
    rule = {"rule": f"on-{nodes[:4]}", "type": "node-affinity", "nodes": nodes, "strict": 1}
    return {**rule, "resources": resources, **more}


def ha_9(*rules: Any) -> Answers:
    gone = (500, {"data": None, "message": "cannot index groups: ha groups have been migrated\n"})
    return {
        f"{P}/cluster/ha/rules": _data(list(rules) or [negative()]),
        f"{P}/cluster/ha/groups": gone,
    }


def vcenter(version: str) -> Answers:
    """Of version `7` or `8`: the later tells more of everything."""
    more = {"8": {"folder": "group-h4"}, "7": {}}[version]
    rows = {
        "vm-42": ("db1", "POWERED_ON", DB1),
        "vm-43": ("DB2", "POWERED_ON", DB2),
        "vm-44": ("print server", "POWERED_OFF", None),
        "vm-45": ("print server", "SUSPENDED", "00000000-0000-0000-0000-000000000000"),
    }
    listed = {
        key: {"vm": key, "name": name, "power_state": power, "cpu_count": 4, "memory_size_MiB": 1}
        for key, (name, power, _) in rows.items()
    }
    details = {
        f"/api/vcenter/vm/{key}": (200, _details(name, power, uuid, more))
        for key, (name, power, uuid) in rows.items()
    }
    return {
        "/api/vcenter/host": (200, [
            {"host": "host-21", "name": "esx1.example", "connection_state": "CONNECTED",
             "power_state": "POWERED_ON"},
            {"host": "host-22", "name": "esx2.example", "connection_state": "CONNECTED"},
        ]),
        "/api/vcenter/vm": (200, list(listed.values())),
        "/api/vcenter/vm?hosts=host-21": (200, [listed["vm-42"], listed["vm-44"]]),
        "/api/vcenter/vm?hosts=host-22": (200, [listed["vm-43"], listed["vm-45"]]),
        **details,
    }  # fmt: skip


def _details(name: str, power: str, uuid: str | None, more: dict[str, Any]) -> dict[str, Any]:
    identity = {"name": name, "instance_uuid": "503f0000-aaaa-bbbb-cccc-000000000042"}
    if uuid:
        identity["bios_uuid"] = uuid
    return {
        "identity": identity, "name": name, "power_state": power, "guest_OS": "DEBIAN_12_64",
        "hardware": {"version": "VMX_19", "upgrade_status": "NONE"},
        "nics": {"4000": {"mac_address": "00:50:56:bf:00:01", "state": "CONNECTED"}}, **more,
    }  # fmt: skip


def vcenter_error(kind: str) -> dict[str, Any]:
    """How the API words an error."""
    text = {"id": "com.vmware.vapi.endpoint.method", "default_message": f"{kind}.", "args": []}
    return {"error_type": kind, "messages": [text]}


def body_of(value: Any) -> bytes:
    return value if isinstance(value, bytes) else json.dumps(value).encode()

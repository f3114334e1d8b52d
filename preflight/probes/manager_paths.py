"""What managers of virtual machines are sent: no request goes anywhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from preflight.evidence import Fact

# --- Proxmox VE (its API viewer) ---
DOMAINS = "/api2/json/access/domains"
"""What the login page shows to everybody."""
VERSION = "/api2/json/version"
RESOURCES = "/api2/json/cluster/resources?type=vm"
PERMISSIONS = "/api2/json/access/permissions?path=/vms"
CONFIG = "/api2/json/nodes/{node}/qemu/{vm}/config"
HA_RULES = "/api2/json/cluster/ha/rules"
"""Since version 9, in the place of groups."""
HA_GROUPS = "/api2/json/cluster/ha/groups"
HA_RESOURCES = "/api2/json/cluster/ha/resources"
TOKEN_ID = re.compile(r"[\x21-\x7e]+@[\x21-\x7e]+![\x21-\x7e]+")
"""`USER@REALM!TOKENID`, as Proxmox VE names API tokens."""

# --- vSphere Automation API (vCenter 7.0 Update 2 and later) ---
SESSION = "/api/session"
HOSTS = "/api/vcenter/host"
MACHINES = "/api/vcenter/vm"
OF_HOST = "/api/vcenter/vm?hosts={host}"
MACHINE = "/api/vcenter/vm/{vm}"

_PROXMOX = (f"GET {DOMAINS}", f"GET {VERSION}")
_PROXMOX_GUESTS = (RESOURCES, PERMISSIONS, CONFIG, HA_RULES, HA_GROUPS, HA_RESOURCES)
_VSPHERE = (f"GET {SESSION}", f"POST {SESSION}", f"DELETE {SESSION}")
_VSPHERE_GUESTS = (HOSTS, MACHINES, OF_HOST, MACHINE)
REQUESTS: Mapping[str, Mapping[Fact, tuple[str, ...]]] = MappingProxyType(
    {
        "proxmox": {
            "login": _PROXMOX,
            "guests": (*_PROXMOX, *(f"GET {path}" for path in _PROXMOX_GUESTS)),
        },
        "vsphere": {
            "login": _VSPHERE,
            "guests": (*_VSPHERE, *(f"GET {path}" for path in _VSPHERE_GUESTS)),
        },
    }
)
"""Protocol -> every request that a fact may cause; discovered parts are written `{name}`."""

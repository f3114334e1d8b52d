"""Raritan PX and what is built like it: PDU2-MIB, outletSwitchControlTable,
outletConfigurationTable and nameplateTable. States are those of SensorStateEnumeration."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import Identity, OutletTable

OUTLETS = OutletTable(
    mib="PDU2-MIB",
    enterprise=13742,
    state=arcs("1.3.6.1.4.1.13742.6.4.1.2.1.3"),
    name=arcs("1.3.6.1.4.1.13742.6.3.5.3.1.3"),
    words={-1: "unavailable", 7: "on", 8: "off"},
    on=7,
    off=8,
)
IDENTITY = Identity(
    mib="PDU2-MIB",
    enterprise=13742,
    models=(arcs("1.3.6.1.4.1.13742.6.3.2.1.1.3.1"),),
    serials=(arcs("1.3.6.1.4.1.13742.6.3.2.1.1.4.1"),),
    manufacturers=(arcs("1.3.6.1.4.1.13742.6.3.2.1.1.2.1"),),
)

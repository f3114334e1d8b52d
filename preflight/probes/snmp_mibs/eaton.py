"""Eaton ePDU G2 and G3: EATON-EPDU-MIB, outletControlTable, outletTable and unitTable."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import Identity, OutletTable

OUTLETS = OutletTable(
    mib="EATON-EPDU-MIB",
    enterprise=534,
    state=arcs("1.3.6.1.4.1.534.6.6.7.6.6.1.2"),
    name=arcs("1.3.6.1.4.1.534.6.6.7.6.1.1.3"),
    words={0: "off", 1: "on", 2: "pendingOff", 3: "pendingOn"},
    on=1,
    off=0,
)
IDENTITY = Identity(
    mib="EATON-EPDU-MIB",
    enterprise=534,
    models=(arcs("1.3.6.1.4.1.534.6.6.7.1.2.1.2.0"),),
    serials=(arcs("1.3.6.1.4.1.534.6.6.7.1.2.1.4.0"),),
)

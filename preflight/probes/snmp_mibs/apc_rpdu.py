"""APC rack PDUs of the first generation: PowerNet-MIB, rPDUOutletStatusTable."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import OutletTable

OUTLETS = OutletTable(
    mib="PowerNet-MIB rPDU",
    enterprise=318,
    state=arcs("1.3.6.1.4.1.318.1.1.12.3.5.1.1.4"),
    name=arcs("1.3.6.1.4.1.318.1.1.12.3.5.1.1.2"),
    words={1: "outletStatusOn", 2: "outletStatusOff"},
    on=1,
    off=2,
)

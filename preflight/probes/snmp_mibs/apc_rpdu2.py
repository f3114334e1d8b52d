"""APC rack PDUs of the second generation: PowerNet-MIB, rPDU2OutletSwitchedStatusTable and
rPDU2IdentTable. The states count the other way round than in the older table."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import OutletTable

OUTLETS = OutletTable(
    mib="PowerNet-MIB rPDU2",
    enterprise=318,
    state=arcs("1.3.6.1.4.1.318.1.1.26.9.2.3.1.5"),
    name=arcs("1.3.6.1.4.1.318.1.1.26.9.2.3.1.3"),
    number=arcs("1.3.6.1.4.1.318.1.1.26.9.2.3.1.4"),
    words={1: "off", 2: "on"},
    on=2,
    off=1,
)

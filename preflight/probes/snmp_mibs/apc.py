"""APC devices of any sort: PowerNet-MIB, upsBasicIdent, upsAdvIdent, rPDUIdent, rPDU2IdentTable."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import Identity

IDENTITY = Identity(
    mib="PowerNet-MIB",
    enterprise=318,
    models=(
        arcs("1.3.6.1.4.1.318.1.1.26.2.1.8.1"),
        arcs("1.3.6.1.4.1.318.1.1.12.1.5.0"),
        arcs("1.3.6.1.4.1.318.1.1.1.1.1.1.0"),
    ),
    serials=(
        arcs("1.3.6.1.4.1.318.1.1.26.2.1.9.1"),
        arcs("1.3.6.1.4.1.318.1.1.12.1.6.0"),
        arcs("1.3.6.1.4.1.318.1.1.1.1.2.3.0"),
    ),
)

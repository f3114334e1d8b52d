"""ENTITY-MIB (RFC 6933): entPhysicalTable, of which the chassis alone is read."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs

CLASS = arcs("1.3.6.1.2.1.47.1.1.1.1.5")
"""entPhysicalClass."""
CHASSIS = frozenset({3, 11})
"""IANAPhysicalClass: chassis, stack."""
SERIAL = arcs("1.3.6.1.2.1.47.1.1.1.1.11")
MANUFACTURER = arcs("1.3.6.1.2.1.47.1.1.1.1.12")
MODEL = arcs("1.3.6.1.2.1.47.1.1.1.1.13")
COLUMNS = (SERIAL, MANUFACTURER, MODEL)

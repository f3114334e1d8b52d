"""The system group: SNMPv2-MIB (RFC 3418, section 2), which every agent has."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs

DESCRIPTION = arcs("1.3.6.1.2.1.1.1.0")
OBJECT_ID = arcs("1.3.6.1.2.1.1.2.0")
UP_TIME = arcs("1.3.6.1.2.1.1.3.0")
NAME = arcs("1.3.6.1.2.1.1.5.0")
LOCATION = arcs("1.3.6.1.2.1.1.6.0")
OBJECTS = (DESCRIPTION, OBJECT_ID, NAME, LOCATION)

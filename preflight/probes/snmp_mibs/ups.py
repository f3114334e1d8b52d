"""UPSs of any maker: UPS-MIB (RFC 1628), upsIdent, upsBattery, upsOutput, upsAlarm."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import BatteryObjects, Identity

BATTERY = BatteryObjects(
    mib="UPS-MIB",
    enterprise=None,
    source=arcs("1.3.6.1.2.1.33.1.4.1.0"),
    sources={
        1: "other", 2: "none", 3: "normal", 4: "bypass", 5: "battery", 6: "booster", 7: "reducer",
    },
    battery=arcs("1.3.6.1.2.1.33.1.2.1.0"),
    states={1: "unknown", 2: "normal", 3: "low", 4: "depleted"},
    minutes=arcs("1.3.6.1.2.1.33.1.2.3.0"),
    ticks_per_minute=1,
    charge=arcs("1.3.6.1.2.1.33.1.2.4.0"),
    on_battery=arcs("1.3.6.1.2.1.33.1.2.2.0"),
    ticks_per_second=1,
    alarms=arcs("1.3.6.1.2.1.33.1.6.1.0"),
)  # fmt: skip
IDENTITY = Identity(
    mib="UPS-MIB",
    enterprise=None,
    models=(arcs("1.3.6.1.2.1.33.1.1.2.0"),),
    manufacturers=(arcs("1.3.6.1.2.1.33.1.1.1.0"),),
)

"""APC UPSs: PowerNet-MIB, upsBasicOutput, upsBasicBattery, upsAdvBattery. Times are TimeTicks."""

from __future__ import annotations

from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_mibs.shapes import BatteryObjects

BATTERY = BatteryObjects(
    mib="PowerNet-MIB ups",
    enterprise=318,
    source=arcs("1.3.6.1.4.1.318.1.1.1.4.1.1.0"),
    sources={
        2: "normal",  # onLine
        3: "battery",  # onBattery
        4: "booster",  # onSmartBoost
        6: "bypass",  # softwareBypass
        7: "none",  # off
        9: "bypass",  # switchedBypass
        10: "bypass",  # hardwareFailureBypass
        12: "reducer",  # onSmartTrim
    },
    battery=arcs("1.3.6.1.4.1.318.1.1.1.2.1.1.0"),
    states={1: "unknown", 2: "normal", 3: "low"},
    minutes=arcs("1.3.6.1.4.1.318.1.1.1.2.2.3.0"),
    ticks_per_minute=6000,
    charge=arcs("1.3.6.1.4.1.318.1.1.1.2.2.1.0"),
    on_battery=arcs("1.3.6.1.4.1.318.1.1.1.2.1.2.0"),
    ticks_per_second=100,
)

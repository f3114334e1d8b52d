"""A commented booking file with its blanks. Pure."""

from __future__ import annotations

BOOKING_FILE = """\
# One trip. What is blank here is an error of `lint` until it is filled in.
booking:       # the reference of your booking system, without blanks
departs:       # like 2026-12-06T06:40:00+01:00
on_site:
  from:        # like 2026-12-07T09:00:00+01:00
  to:          # like 2026-12-11T17:00:00+01:00
# The last moment to cancel free of charge; the report says until when to decide again:
# decide_by: 2026-12-03T12:00:00+01:00
# engineer: anna@vendor.example
# Whom `preflight ask` writes to; never enters a report:
# contact: {name: B. Okoro, phone: "+234 1 555 0142", email: okoro@customer.example}
# cost_if_wasted: 6800 EUR
"""
"""Beside the calendar's own file, which does as well (`--booking trip.ics`)."""

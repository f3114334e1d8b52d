"""A look at a demo site as `preflight run` takes it, but with less patience for what is dark."""

from __future__ import annotations

from datetime import datetime, timezone

from preflight.cli.running import exit_of
from preflight.demo.site import DemoSite
from preflight.probes.base import Limits
from preflight.report import Report
from preflight.runner import Order, gather, run

PATIENCE = Limits(connect_s=1, question_s=60, run_s=300)
"""On loopback the kernel itself connects, so that only what is dark waits for its deadline."""


def now() -> datetime:
    return datetime.now(timezone.utc)


def look(site: DemoSite) -> tuple[int, Report]:
    """The exit code and the unsigned report."""
    given = gather(site.files.site, booking=site.files.booking)
    report = run(given, Order(credentials=site.files.credentials, limits=PATIENCE), now)
    return int(exit_of(report)), report

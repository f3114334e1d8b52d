"""Evidence is proven by the pin that its own site file had, and by no other one."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from preflight.evidence import Ask, Evidence, Guests, controller_of
from preflight.files.site import Site
from preflight.keeping import proven_by
from preflight.kinds import asks


def _site(digest: str) -> Site:
    data: dict[str, Any] = {
        "site": "lagos", "customer": "Example Telecom", "profile": "two-vm-cluster",
        "authorised": {"by": "security", "on": "2026-11-10", "from": "2026-11-15",
                       "until": "2026-12-12", "networks": ["10.20.0.0/16"]},
        "hosts": {"db1": {"address": "10.20.0.11"}},
        "hypervisors": {"pve": {"address": "10.20.9.60", "protocol": "proxmox",
                                "tls": {"sha256": digest * 64}}},
        "netbox": {"address": "10.20.9.90", "site": "lagos", "tls": {"sha256": digest * 64}},
    }  # fmt: skip
    return Site.model_validate(data)


def _told(ask: Ask) -> Evidence:
    return Evidence(
        id="e-0", thing=ask.thing, question=ask.question, controller=controller_of(ask),
        taken=datetime(2026, 11, 20, tzinfo=timezone.utc), duration_us=1, attempts=1,
        good_for_s=86400, proven=True, answer=Guests(guests=()),
    )  # fmt: skip


@pytest.mark.parametrize(("now", "proven"), [("a", True), ("b", False)])
@pytest.mark.parametrize("of", ["manager", "netbox"])
def test_of_a_manager_and_of_netbox(of: str, now: str, *, proven: bool) -> None:
    then = _site("a")
    assert then.netbox is not None
    guests = asks.guests("pve", then.hypervisors["pve"])
    ask = guests if of == "manager" else asks.record("db1", then.netbox)
    assert proven_by(_told(ask), then, _site(now)).proven is proven

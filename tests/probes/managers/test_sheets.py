"""What is announced, granted, pinned and refused where managers are asked."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest

from preflight import access_managers
from preflight.access import access
from preflight.doors import door_of, unpinned_things
from preflight.errors import InputError, RefusedError
from preflight.evidence import Ask, Guests, controller_of
from preflight.exceptions import exceptions_of
from preflight.files.check import Parameter, PlannedCheck, ProfileUsed
from preflight.files.logins import about_logins
from preflight.files.site import Site
from preflight.firewall import flows
from preflight.first_look import with_first_looks
from preflight.kinds import asks
from preflight.kinds.base import Replies
from preflight.kinds.unheard import unheard
from preflight.permission import refuse_shared
from preflight.plan import make_plan
from preflight.probes import probe
from preflight.provable.ideal import State as AtHand
from preflight.provable.ideal import best
from preflight.provable.means import Means, means_of
from preflight.report import Inputs
from preflight.words import Controller, Owner, Severity, Stage
from tests.probes.managers.conftest import BARE, DIGEST

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)


def guests_of(site: Site) -> dict[str, list[Ask]]:
    return {
        f"hypervisor:{name}": [asks.guests(name, manager)]
        for name, manager in site.hypervisors.items()
    }


def test_where_managers_are_asked(loaded: Any) -> None:
    site = loaded().value
    (pve,), (vc,) = guests_of(site).values()
    assert (pve.question.port, vc.question.port) == (8006, 443)
    assert controller_of(pve) is Controller.HYPERVISOR
    assert [door_of(site, ask.thing)[:2] for ask in (pve, vc)] == [  # type: ignore[index]
        ("127.0.0.21", 8006),
        ("127.0.0.22", 443),
    ]
    assert unheard(vc).startswith("hypervisor:vc did not tell which virtual machines run where")


def test_what_to_grant(loaded: Any) -> None:
    site = loaded().value
    pve, vc = access_managers.access(site, guests_of(site))
    assert (pve.manager, pve.where, pve.role) == ("pve", "127.0.0.21:8006", "PVEAuditor")
    assert (vc.manager, vc.where, vc.role) == ("vc", "127.0.0.22:443", "Read-only")
    assert [r for r in pve.requests if not r.startswith("GET ")] == []
    assert [r for r in vc.requests if not r.startswith("GET ")] == [
        "POST /api/session",
        "DELETE /api/session",
    ]
    for row in (pve, vc):
        text = "\n".join(access_managers.lines(row))
        assert row.role in text
        assert max(map(len, text.splitlines())) <= 100


def test_what_is_announced_is_what_is_granted(loaded: Any) -> None:
    site = loaded().value
    for row in access_managers.access(site, guests_of(site)):
        (ask,) = guests_of(site)[f"hypervisor:{row.manager}"]
        assert tuple(probe(row.protocol).templates(ask)) == row.requests


def test_an_unpinned_manager_shows_its_certificate_and_no_more(loaded: Any) -> None:
    site = loaded().value
    asked = [ask for asks in guests_of(site).values() for ask in asks]
    looks = [a for a in with_first_looks(asked, site) if a.question.protocol == "http"]
    assert [(a.thing, a.question.fact) for a in looks] == [
        ("hypervisor:pve", "certificate"),
        ("hypervisor:vc", "certificate"),
    ]
    assert probe("http").templates(looks[0]) == ("TLS handshake",)
    assert {"hypervisor:pve", "hypervisor:vc"} <= unpinned_things(site)


def test_lint_counts_managers(loaded: Any) -> None:
    no_pin, _ = about_logins(loaded(), {})
    assert no_pin.message.startswith("2 hosts and 2 managers have no pin")
    bare = "  pve: {address: 127.0.0.21, protocol: proxmox}\n"
    _, nameless = about_logins(loaded(bare), {})
    assert nameless.message.startswith("2 hosts and 1 manager have no `credential:`")


def test_page_1_names_old_tls(loaded: Any) -> None:
    tls = f'{{sha256: {DIGEST}, min: "1.1"}}'
    old = f"  pve: {{address: 127.0.0.21, protocol: proxmox, tls: {tls}}}\n"
    (sentence,) = exceptions_of(loaded(old).value, Replies(()))
    assert sentence == "hypervisor:pve: TLS from 1.1 on and old ciphers are taken from it"


def test_a_manager_may_live_on_a_host_but_not_on_another_manager(loaded: Any) -> None:
    """Every node of Proxmox VE is both."""
    site = loaded("  pve: {address: 10.0.0.1, protocol: proxmox}\n").value
    refuse_shared(site, {"127.0.0.11": "10.0.0.1"})
    named = (
        "  pve: {address: pve.example, protocol: proxmox}\n"
        "  vc: {address: 10.0.0.1, protocol: vsphere}\n"
    )
    with pytest.raises(RefusedError, match="manager vc resolves to the same address as manager"):
        refuse_shared(loaded(named).value, {"pve.example": "10.0.0.1"})


def test_lint_finds_one_manager_under_two_names(loaded: Any) -> None:
    with pytest.raises(InputError) as caught:
        loaded(
            "  a: {address: 10.0.0.1, protocol: proxmox}\n"
            "  b: {address: 10.0.0.1, protocol: vsphere}\n"
        )
    assert [p.code for p in caught.value.problems if p.severity == "error"] == ["same-address"]


def planned(site: Site) -> Inputs:
    """A plan that asks the managers."""
    check = PlannedCheck(
        id="redundancy/two-machines",
        check="redundancy/two-machines",
        on=("group:database",),
        kind="separated",
        parameters=(Parameter(id="by", value=["hypervisor"]),),
        title="t",
        severity=Severity.BLOCKER,
        owner=Owner.CUSTOMER_IT,
        needed_by=Stage.COMMIT,
        why="w",
        remedy="r",
    )
    profile = ProfileUsed(id="p", version=1, sha256="0" * 64)
    return Inputs(
        site=site, booking=None, stage=Stage.COMMIT, profile=profile, checks=(check,), kinds=()
    )


def test_every_flow_is_opened(loaded: Any) -> None:
    found = {f.target: (f.protocol, f.port) for f in flows(planned(loaded().value))}
    assert found["127.0.0.21"] == ("tcp", 8006)
    assert found["127.0.0.22"] == ("tcp", 443)


def test_the_sheet_says_what_to_grant_and_what_needs_no_account(loaded: Any) -> None:
    inputs = planned(loaded().value)
    text = access(inputs)
    assert "pve: Proxmox VE, HTTPS at 127.0.0.21:8006" in text
    assert "certificate 127.0.0.22:443, no login" in text
    rows = json.loads(access(inputs, as_json=True))["managers"]
    assert [row["manager"] for row in rows] == ["pve", "vc"]


def best_guests(inputs: Inputs, *inside: str) -> dict[str, Guests]:
    """What those tell that let us in."""
    means = Means(pinned=frozenset(inside), accounts=dict.fromkeys(inside, ""))
    found = best(AtHand(inputs, means), NOW)
    return {e.thing: e.answer for e in found if isinstance(e.answer, Guests)}


def test_the_best_that_managers_could_tell(loaded: Any) -> None:
    found = loaded(
        BARE.replace("credential: pve}", f"credential: pve, tls: {{sha256: {DIGEST}}}}}")
    )
    inputs = planned(found.value)
    held: Any = {}
    means = means_of(inputs.site, held, {})
    assert "hypervisor:pve" in means.pinned
    assert "hypervisor:vc" not in means.pinned
    assert "no pve" in means.shut["hypervisor:pve"]
    told = best_guests(inputs, "hypervisor:pve", "hypervisor:vc")
    assert {g.name: g.node for g in told["hypervisor:pve"].guests} == {"db1": "pve1", "db2": "pve2"}
    assert told["hypervisor:pve"].rules
    assert told["hypervisor:vc"].guests == (), "none runs on two"
    (vc,) = best_guests(inputs, "hypervisor:vc").values()
    assert [g.name for g in vc.guests] == ["db1", "db2"]
    assert vc.rules is None, "vCenter could tell none"
    shut = best(AtHand(inputs, means), NOW)
    causes = {
        e.thing: e.no_answer.cause for e in shut if e.no_answer and e.question.fact == "guests"
    }
    assert causes == {"hypervisor:pve": "not-asked", "hypervisor:vc": "tls"}


def test_the_plan_asks_for_the_way_first(loaded: Any) -> None:
    plan = make_plan(planned(loaded().value))
    protocols = [a.question.protocol for a in plan.asks if a.thing == "hypervisor:vc"]
    assert protocols == ["route", "tcp", "vsphere", "http"]

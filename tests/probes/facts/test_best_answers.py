"""`plan --provable`: every fact asked by SSH has a best answer, and it fits the site file."""

from __future__ import annotations

from typing import Any

from preflight.evidence import Neighbours
from preflight.files.site import Site
from preflight.probes import facts
from preflight.provable import ideal, surroundings


def site(**more: Any) -> Site:
    host = {"address": "10.0.0.1"}
    return Site.model_validate(
        {
            "site": "test", "customer": "Example", "profile": "p", "switches": {"sa": {}},
            "authorised": {
                "by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2026-01-02",
                "networks": ["10.0.0.0/8"],
            },
            "hosts": {"db1": host, "db2": {**host, "address": "10.0.0.2", "runs_on": "db1"}},
            **more,
        }
    )  # fmt: skip


def test_every_fact_has_one() -> None:
    assert set(facts.FACTS) <= set(ideal._TOLD)


def heard(of: Site, thing: str) -> list[str | None]:
    told = surroundings.neighbours(of, thing)
    assert isinstance(told, Neighbours)
    return [n.system_name for n in told.neighbours]


def test_without_links_nothing_is_shared() -> None:
    one, other = (heard(site(), f"host:db{n}") for n in (1, 2))
    assert len(one) == len(set(one)) == 2
    assert not set(one) & set(other)
    assert heard(site(), "bmc:db1") == one
    assert heard(site(), "switch:sa") == []
    first, second = (surroundings.gateway(f"host:db{n}").gateways[0] for n in (1, 2))
    assert first.mac != second.mac


def test_links_are_followed() -> None:
    drawn = site(links=[{"from": "host:db1", "to": "switch:sa"}])
    assert heard(drawn, "host:db1") == ["sa"]
    assert heard(drawn, "switch:sa") == ["db1"]
    ports = surroundings.interfaces(drawn, "host:db1").interfaces
    assert [(p.name, p.networks) for p in ports] == [("eth0", ("10.0.0.1/32",))]
    (told,) = surroundings.neighbours(drawn, "switch:sa").neighbours
    assert told.port_id == ports[0].mac


def test_a_virtual_machine_is_one_where_the_site_file_says_so() -> None:
    assert surroundings.virtual(site(), "host:db1").virtual is False
    assert surroundings.virtual(site(), "host:db2").virtual is True

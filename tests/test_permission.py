"""Targets outside what was permitted are refused before anything is sent."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from preflight.errors import RefusedError
from preflight.files.site import Site
from preflight.permission import refuse_shared, refuse_unpermitted


def site(*networks: str) -> Site:
    permit = {"by": "C. Eze, security", "on": "2026-11-10", "from": "2026-11-15",
              "until": "2026-11-20", "networks": networks}  # fmt: skip
    hosts = {"db1": {"address": "127.0.0.1"}}
    return Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": permit, "hosts": hosts}
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("moment", ["2026-11-15T00:00:00", "2026-11-20T23:59:59"])
def test_both_days_are_permitted_whole(moment: str) -> None:
    refuse_unpermitted(site("127.0.0.0/8"), {"127.0.0.1": "127.0.0.1"}, at(moment))


@pytest.mark.parametrize("moment", ["2026-11-14T23:59:59", "2026-11-21T00:00:00"])
def test_another_day_is_refused(moment: str) -> None:
    with pytest.raises(RefusedError, match="nothing was sent"):
        refuse_unpermitted(site("127.0.0.0/8"), {"127.0.0.1": "127.0.0.1"}, at(moment))


def test_a_permission_of_the_future_says_wait() -> None:
    with pytest.raises(RefusedError) as caught:
        refuse_unpermitted(site("127.0.0.0/8"), {}, at("2026-11-14T12:00:00"))
    assert caught.value.help.startswith("wait until 2026-11-15")


@pytest.mark.parametrize(
    ("networks", "ip"),
    [
        (["127.0.0.0/24"], "127.0.1.1"),
        (["127.0.0.0/8"], "::1"),
        (["::1/128"], "127.0.0.1"),
        (["10.20.0.0/16"], "10.21.0.1"),
    ],
)
def test_one_target_outside_refuses_the_run_and_is_named(networks: list[str], ip: str) -> None:
    targets = {"fine.example": networks[0].split("/")[0], "other.example": ip}
    with pytest.raises(RefusedError, match=r"other\.example \(" + ip) as caught:
        refuse_unpermitted(site(*networks), targets, at("2026-11-16T12:00:00"))
    assert "fine.example" not in str(caught.value)
    assert caught.value.exit == 2


def named(first: dict[str, object], second: dict[str, object]) -> Site:
    data = site("10.0.0.0/8").model_dump(mode="json", by_alias=True)
    return Site.model_validate({**data, "hosts": {"db1": first, "db2": second}})


@pytest.mark.parametrize("port", ["22", "2222"])
def test_two_names_of_one_machine_are_refused_once_they_are_resolved(port: str) -> None:
    two = named({"address": "a.example"}, {"address": "b.example", "ssh": {"port": port}})
    with pytest.raises(RefusedError, match=r"host db2 .* host db1: 10\.0\.0\.1; nothing was sent"):
        refuse_shared(two, {"a.example": "10.0.0.1", "b.example": "10.0.0.1"})
    refuse_shared(two, {"a.example": "10.0.0.1", "b.example": "10.0.0.2"})
    refuse_shared(two, {"a.example": "10.0.0.1"})


def test_a_server_and_its_bmc_cannot_answer_from_one_address() -> None:
    """They would count as two controllers that agree."""
    two = named({"address": "10.0.0.1", "bmc": {"address": "bmc.example"}}, {"address": "10.0.0.2"})
    with pytest.raises(RefusedError, match=r"BMC db1 .* host db1"):
        refuse_shared(two, {"10.0.0.1": "10.0.0.1", "bmc.example": "10.0.0.1"})


def test_on_loopback_the_port_makes_the_place() -> None:
    two = named({"address": "127.0.0.1"}, {"address": "localhost", "ssh": {"port": "2222"}})
    refuse_shared(two, {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1"})


def test_members_of_a_group_are_two_whether_they_are_asked_or_not() -> None:
    """Nothing is asked of these switches, so that the addresses hold none of theirs."""
    switches = {"sa": {"address": "10.0.0.8"}, "sb": {"address": "10.0.0.1"}}
    data = named({"address": "a.example"}, {"address": "10.0.0.2"}).model_dump(mode="json")
    alone = Site.model_validate({**data, "switches": switches})
    refuse_shared(alone, {"a.example": "10.0.0.1"})
    groups = {"network": {"things": ["switch:sa", "switch:sb"]}}
    with pytest.raises(RefusedError, match=r"switch sb .* host db1: 10\.0\.0\.1"):
        refuse_shared(
            Site.model_validate({**data, "switches": switches, "groups": groups}),
            {"a.example": "10.0.0.1"},
        )


def test_a_transfer_switch_that_is_asked_is_a_machine_too() -> None:
    data = named({"address": "a.example"}, {"address": "b.example"}).model_dump(mode="json")
    ats = {"t1": {"address": "10.0.0.1", "snmp": {}}}
    with pytest.raises(RefusedError, match=r"transfer switch t1 .* host db1"):
        refuse_shared(Site.model_validate({**data, "ats": ats}), {"a.example": "10.0.0.1"})

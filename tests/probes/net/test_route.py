"""Does the kernel know a way: real routing tables in a namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from preflight.evidence import Ask, Question, Route
from preflight.probes.route import RouteProbe, source_addresses

if TYPE_CHECKING:
    from tests.probes.net.conftest import Net

pytestmark = pytest.mark.peer("ip", "nft")


def test_a_route_is_told_with_its_source(net: Net) -> None:
    told = net.talk("route", "10.99.0.2", "fd99::2")
    assert [reply.answer for reply in told.replies] == [
        Route(source="10.99.0.1"),
        Route(source="fd99::1"),
    ]


def test_nothing_is_sent_and_nothing_needs_approval(net: Net) -> None:
    out = "type filter hook output priority 0; policy accept;"
    rules = f"add table inet f; add chain inet f o {{ {out} }};"
    own = "add rule inet f o meta l4proto icmpv6 accept;"  # the kernel's own talk on the segment
    net.at_client("nft", f"{rules} {own} add rule inet f o counter drop")
    told = net.talk("route", "10.99.0.2", "10.99.0.77", "fd99::2", approved=False)
    assert (told.causes, told.log) == (["ok"] * 3, [])
    assert "counter packets 0 bytes 0 drop" in net.at_client("nft", "list", "ruleset")


@pytest.mark.parametrize("kind", ["blackhole", "prohibit", "unreachable"])
@pytest.mark.parametrize("network", ["10.88.0.0/16", "fd88::/64"])
def test_a_route_that_leads_nowhere_is_unreachable(net: Net, kind: str, network: str) -> None:
    net.at_client("ip", "route", "add", kind, network)
    told = net.talk("route", network.replace("0.0/16", "0.1").replace("::/64", "::1"))
    assert told.causes == ["unreachable"]
    assert "this machine has no route to" in told.details[0]


def test_no_route_at_all_is_unreachable(net: Net) -> None:
    assert net.talk("route", "10.77.0.1", "fd77::1").causes == ["unreachable"] * 2


def test_a_family_that_is_switched_off_is_unreachable(net: Net) -> None:
    net.sysctl(net.client, "net.ipv6.conf.all.disable_ipv6=1")
    assert net.talk("route", "fd99::2").causes == ["unreachable"]


def test_a_name_without_address_is_unreachable(net: Net) -> None:
    told = net.talk("route", "nowhere.invalid")
    assert told.causes == ["unreachable"]
    assert told.details == ["nowhere.invalid does not resolve to an address"]


def test_templates_are_empty() -> None:
    question = Question(protocol="route", fact="route", address="127.0.0.1")
    assert RouteProbe().templates(Ask(thing="host:h", question=question)) == ()


def test_source_addresses_are_distinct_and_sorted() -> None:
    assert source_addresses(["127.0.0.1", "127.0.0.1", "::1"]) == ("127.0.0.1", "::1")

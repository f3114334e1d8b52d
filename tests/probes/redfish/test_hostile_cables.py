"""What a BMC may do when it is asked for neighbours: too many, too slow, forbidden, nonsense."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from preflight.evidence import Neighbours, NoAnswer
from tests.probes.redfish import cables
from tests.probes.redfish.cables import IDRAC9, SWITCH_A, connection, hears
from tests.probes.redfish.conftest import Server
from tests.probes.redfish.vendors import ref

Bmc = Callable[..., Server]
Put = Callable[..., Any]
ADAPTERS = "/Chassis/1/NetworkAdapters"
ADAPTER = f"{ADAPTERS}/DE07A000"
PORTS = f"{ADAPTER}/Ports"


@pytest.fixture
def serve(bmc: Bmc) -> Callable[[dict[str, Any]], Server]:
    def _serve(tree: dict[str, Any]) -> Server:
        server = bmc()
        server.tree = tree
        return server

    return _serve


def refs(path: str, count: int) -> list[dict[str, Any]]:
    return [ref(f"{path}/{n}") for n in range(count)]


def outcome(asked: Any) -> tuple[str, str]:
    answer = asked["neighbours"].answer
    if isinstance(answer, NoAnswer):
        return str(answer.cause), answer.detail
    return "told", ""


@pytest.mark.parametrize("path", [ADAPTERS, PORTS])
@pytest.mark.parametrize("says", [True, False])
def test_ten_thousand_of_anything(serve: Put, ask: Put, path: str, says: bool) -> None:
    server = serve(cables.ilo6())
    count = {"Members@odata.count": 10_000} if says else {}
    server.tree[path] = {"Members": refs(path, 10_000), **count}
    cause, detail = outcome(ask(server, "neighbours"))
    assert cause == "parse"
    assert ("10000 members" if says else "beyond 64 members") in detail
    assert not [p for p in server.paths("GET") if p.startswith(f"/redfish/v1{path}/")]


def test_ten_thousand_pages(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    for n in range(40):
        page = f"{PORTS}?$skip={n}" if n else PORTS
        following = f"/redfish/v1{PORTS}?$skip={n + 1}"
        server.tree[page] = {"Members": [], "Members@odata.nextLink": following}
    assert outcome(ask(server, "neighbours"))[0] == "parse"
    assert len(server.paths("GET")) < 30


def test_many_adapters_with_many_ports(serve: Put, ask: Put) -> None:
    """Each list is short enough, and all together is not."""
    server = serve(cables.ilo6())
    names = [f"nic{n}" for n in range(5)]
    server.tree |= cables.adapters(*names)
    for name in names:
        server.tree |= cables.adapter(name, {str(n): {} for n in range(50)})
    cause, detail = outcome(ask(server, "neighbours", **{"limits": {"question_s": 120}}))
    assert (cause, "more than 128 network ports" in detail) == ("parse", True)
    assert len(server.paths("GET")) < 200


def test_many_chassis_with_many_adapters(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    server.tree["/Systems/1"]["Links"]["Chassis"] = refs("/Chassis", 100)
    for box in range(100):
        listed = {"NetworkAdapters": ref(f"/Chassis/{box}/NetworkAdapters")}
        server.tree[f"/Chassis/{box}"] = listed
        server.tree[f"/Chassis/{box}/NetworkAdapters"] = {"Members": []}
    assert outcome(ask(server, "neighbours"))[0] == "told", "an empty list is an answer"
    assert len(server.paths("GET")) < 25


def test_five_thousand_switch_connections(serve: Put, ask: Put) -> None:
    server = serve(cables.idrac9())
    rows = [connection(f"NIC.Slot.{n}-1-1", SWITCH_A) for n in range(5000)]
    server.tree[IDRAC9] = {"Members": rows}
    cause, detail = outcome(ask(server, "neighbours"))
    assert (cause, "beyond 256 members" in detail) == ("parse", True)


def test_lists_that_are_none(serve: Put, ask: Put) -> None:
    for path in (ADAPTERS, PORTS):
        for body in (b'{"Members": {}}', b'{"Members": "x"}', b'{"Members": null}', b"{}", b"<p>"):
            server = serve(cables.ilo6())
            server.odd[path] = partial(_answers, body)
            assert outcome(ask(server, "neighbours"))[0] == "parse", body


def _answers(body: bytes, handler: Any) -> None:
    handler.answer(200, body)


@pytest.mark.parametrize("kind", ["NetworkAdapters", "Ports"])
@pytest.mark.parametrize(
    "link", ["/redfish/v1/Managers/1/DedicatedNetworkPorts", "https://127.0.0.9/x", 7, ["x"]]
)
def test_a_link_to_elsewhere_is_not_followed(serve: Put, ask: Put, kind: str, link: object) -> None:
    """The BMC's own ports lie there."""
    server = serve(cables.ilo6())
    server.tree["/Chassis/1" if kind == "NetworkAdapters" else ADAPTER][kind] = {"@odata.id": link}
    assert outcome(ask(server, "neighbours"))[0] == "parse"
    assert not [p for p in server.paths("GET") if "Managers" in p or "127.0.0.9" in p]


def test_who_may_not_read_it(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    server.odd[PORTS] = lambda h: h.answer(403, {"error": {"message": "role"}})
    assert outcome(ask(server, "neighbours"))[0] == "permission"
    server = serve(cables.idrac9())
    server.odd["/Managers/iDRAC.Embedded.1"] = lambda h: h.answer(403, {})
    assert outcome(ask(server, "neighbours"))[0] == "permission", "and its ports tell nothing"


def test_a_dell_whose_ports_tell_lldp(serve: Put, ask: Put) -> None:
    """As its newest versions do, where the older list tells of nobody."""
    server = serve(cables.idrac_silent("No Link"))
    server.tree["/Chassis/1"] |= cables.NETWORK
    server.tree |= cables.adapters("NIC.Slot.3")
    ports = {"NIC.Slot.3-1": hears(SystemName="sa"), "iDRAC.1": hears(SystemName="mgmt")}
    server.tree |= cables.adapter("NIC.Slot.3", ports)
    (found,) = ask(server, "neighbours")["neighbours"].answer.neighbours
    assert (found.port, found.system_name) == ("NIC.Slot.3-1", "sa")


def test_what_is_linked_and_not_there(serve: Put, ask: Put) -> None:
    for path in (ADAPTERS, ADAPTER, PORTS, f"{PORTS}/1"):
        server = serve(cables.ilo6())
        del server.tree[path]
        assert outcome(ask(server, "neighbours"))[0] == "unsupported", path


def test_lldp_that_is_off(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    for port in ("1", "2"):
        server.tree[f"{PORTS}/{port}"] = {"Id": port, "Ethernet": {"LLDPEnabled": False}}
    cause, detail = outcome(ask(server, "neighbours"))
    assert (cause, "switched off" in detail) == ("unsupported", True)


def test_ports_of_whom(serve: Put, ask: Put) -> None:
    """Two systems in one chassis, and its ports are those of both."""
    cause, detail = outcome(ask(serve(cables.fat_twin()), "neighbours"))
    assert (cause, "this server's alone" in detail) == ("unsupported", True)


def test_nobody_at_any_port_is_an_answer(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    server.tree[PORTS] = {"Members": []}
    assert ask(server, "neighbours")["neighbours"].answer == Neighbours(neighbours=())


def test_a_hanging_port_keeps_nothing_else(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    server.odd[f"{PORTS}/2"] = lambda h: h.rfile.read(1)
    asked = ask(server, "neighbours", "chassis", "power", limits={"question_s": 3.0})
    assert outcome(asked)[0] == "timeout"
    assert asked["chassis"].answer.serial == "CZ1"


def test_what_is_not_approved_is_not_sent(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    refused = frozenset({f"GET /redfish/v1{PORTS}/1"})
    assert outcome(ask(server, "neighbours", refused=refused))[0] == "not-asked"
    assert f"/redfish/v1{PORTS}/1" not in server.paths("GET")


def test_names_that_want_to_be_more(serve: Put, ask: Put) -> None:
    server = serve(cables.ilo6())
    server.tree[f"{PORTS}/1"] = hears(SystemName="<script>\x07\u202ex</script>", PortId="\x1b[31m1")
    (found,) = ask(server, "neighbours")["neighbours"].answer.neighbours
    assert found.system_name == "<script>[U+0007][U+202E]x</script>"
    assert found.port_id == "[U+001B][31m1"

"""BMCs and PDUs that keep to the letter of DSP0266 less than one would wish."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Ask, Chassis, Login, Power, Question
from preflight.files.site import Site
from preflight.plan import way_ask
from preflight.probes import probe
from preflight.probes.base import Limits, Secret, Way
from preflight.survey import survey
from preflight.words import Ended
from tests.probes.redfish import vendors

Bmc = Callable[..., Any]
Put = Callable[..., Any]
ref = vendors.ref
SESSIONS = "/SessionService/Sessions"
SUPPLIES = "/Chassis/1/PowerSubsystem/PowerSupplies"


def cause(reply: Any) -> str:
    return str(reply.answer.cause)


# --- logging in and out ---


def limit(status: int, message: str) -> Callable[[Any], None]:
    body = {"error": {"code": "Base.1.18.GeneralError", "message": "see info",
                      "@Message.ExtendedInfo": [{"MessageId": message}]}}  # fmt: skip
    return lambda handler: handler.answer(status, body)


@pytest.mark.parametrize(
    ("status", "message"),
    [(503, "Base.1.18.SessionLimitExceeded"), (400, "Base.1.8.1.CreateLimitReachedForResource")],
)
def test_no_session_left_is_no_refused_login(bmc: Bmc, ask: Put, status: int, message: str) -> None:
    server = bmc()
    server.odd[SESSIONS] = limit(status, message)
    asked = ask(server, "login", "power")
    assert asked.causes == {"refused"}
    assert "no session left" in asked["login"].answer.detail
    assert len(server.paths("POST")) == 1


def test_no_way_in_at_all(bmc: Bmc, ask: Put) -> None:
    """401 everywhere, no WWW-Authenticate, and sessions are switched off."""
    server = bmc()
    server.odd[SESSIONS] = lambda h: h.answer(405, {})
    asked = ask(server, "login", "power", password="wrong")
    assert asked.causes == {"auth"}
    assert sum("Authorization" in s.headers for s in server.seen) == 1


@pytest.mark.parametrize("status", [307, 308])
def test_a_login_is_sent_on_to_the_slash(bmc: Bmc, ask: Put, status: int) -> None:
    server = bmc()

    def move(handler: Any) -> None:
        del server.odd[SESSIONS]
        handler.answer(status, b"", Location=f"/redfish/v1{SESSIONS}/")

    server.odd[SESSIONS] = move
    assert ask(server, "login")["login"].answer == Login(method="session")
    assert server.paths("POST") == [f"/redfish/v1{SESSIONS}", f"/redfish/v1{SESSIONS}/"]


@pytest.mark.parametrize(
    "location",
    ["https://127.0.0.9/redfish/v1/SessionService/Sessions", "http://127.0.0.1/redfish/v1/Sessions",
     "//evil/redfish/v1/SessionService/Sessions", "/redfish/v1/SessionService/Sessions/../x"],
)  # fmt: skip
def test_a_login_is_sent_nowhere_else(bmc: Bmc, ask: Put, location: str) -> None:
    server = bmc()
    server.odd[SESSIONS] = lambda h: h.answer(308, b"", Location=location)
    assert ask(server, "login").causes == {"parse"}
    assert len(server.paths("POST")) == 1


def test_a_logout_is_tried_again(bmc: Bmc, ask: Put) -> None:
    server = bmc()

    def busy_once(handler: Any) -> None:
        del server.odd[f"{SESSIONS}/77"]
        handler.answer(503, b"", Retry_After="0")

    server.odd[f"{SESSIONS}/77"] = busy_once
    ask(server, "power")
    assert len(server.paths("DELETE")) == 2


# --- lists ---


def test_a_list_that_is_shorter_than_it_says(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree[SUPPLIES]["Members@odata.count"] = 3
    asked = ask(server, "power", "supplies")
    assert cause(asked["supplies"]) == "parse"
    assert "3 members, and lists 2" in asked["supplies"].answer.detail
    server.tree[SUPPLIES]["Members@odata.count"] = "two"
    assert len(ask(server, "supplies")["supplies"].answer.supplies) == 2


@pytest.mark.parametrize("name", ["Members@odata.nextLink", "@odata.nextLink"])
def test_supplies_over_pages(bmc: Bmc, ask: Put, name: str) -> None:
    server = bmc()
    first, second = server.tree[SUPPLIES]["Members"]
    count = {"Members@odata.count": 2}
    more = {name: f"/redfish/v1{SUPPLIES}?$skip=1"}
    server.tree[SUPPLIES] = {"Members": [first], **count, **more}
    server.tree[f"{SUPPLIES}?$skip=1"] = {"Members": [second], **count}
    found = ask(server, "supplies")["supplies"].answer.supplies
    assert [row.name for row in found] == ["PSU 1", "PSU 2"]


@pytest.mark.parametrize("place", ["https://127.0.0.9/redfish/v1", "//evil/redfish/v1", "/etc"])
def test_a_next_page_somewhere_else(bmc: Bmc, ask: Put, place: str) -> None:
    server = bmc()
    server.tree[SUPPLIES]["Members@odata.nextLink"] = f"{place}{SUPPLIES}?$skip=1"
    assert cause(ask(server, "supplies")["supplies"]) == "parse"
    assert not [path for path in server.paths("GET") if "skip" in path]


def test_a_service_that_writes_its_members_out(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree[""]["ProtocolFeaturesSupported"] = {"ExpandQuery": {"NoLinks": True}}
    plain = ask(server, "supplies")["supplies"].answer
    assert f"/redfish/v1{SUPPLIES}/1" in server.paths("GET"), "it only says so"
    whole = [{**ref(f"{SUPPLIES}/{n}"), **server.tree[f"{SUPPLIES}/{n}"]} for n in (1, 2)]
    server.tree[f"{SUPPLIES}?$expand=."] = {"Members": whole}
    server.seen.clear()
    assert ask(server, "supplies")["supplies"].answer == plain
    assert f"/redfish/v1{SUPPLIES}/1" not in server.paths("GET")


# --- links and redirects ---


def test_harmless_escapes_are_followed_and_others_not(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree["/Systems"] = {"Members": [ref("/Systems/Node%201")]}
    server.tree["/Systems/Node%201"] = server.tree["/Systems/1"]
    assert ask(server, "power")["power"].answer == Power(state="On")
    for odd in ("%2f", "%2e%2e", "%00", "%0a", "%5c", "%25"):
        server.tree["/Systems"] = {"Members": [ref(f"/Systems/{odd}")]}
        assert ask(server, "power").causes == {"parse"}


def test_a_link_that_names_its_own_host(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    own = f"https://127.0.0.1:{server.port}/redfish/v1/Systems/1/"
    server.tree["/Systems"] = {"Members": [{"@odata.id": own}]}
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_a_relative_link_leads_nowhere(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree["/Systems"] = {"Members": [{"@odata.id": "Systems/1"}]}
    assert ask(server, "power").causes == {"parse"}


# --- what a peer may do to the connection ---


def test_what_was_heard_before_it_hung_is_kept(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    for path in ("/Chassis/1", "/Chassis"):
        server.odd[path] = lambda handler: handler.rfile.read(1)
    asked = ask(server, "supplies", "chassis", "power", "login", limits={"question_s": 2.0})
    assert asked["login"].answer == Login(method="session")
    assert asked["power"].answer == Power(state="On"), "near things first, whatever the order"
    assert cause(asked["chassis"]) == cause(asked["supplies"]) == "timeout"
    assert server.paths("DELETE") == [f"/redfish/v1{SESSIONS}/77"]


def test_a_busy_bmc_that_recovers_late(bmc: Bmc, ask: Put) -> None:
    server, times = bmc(), []

    def busy_thrice(handler: Any) -> None:
        times.append(1)
        if len(times) == 3:
            del server.odd["/Systems/1"]
        handler.answer(503, b"", Retry_After="0")

    server.odd["/Systems/1"] = busy_thrice
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_a_bmc_that_hangs_up_at_every_second_request(bmc: Bmc, ask: Put) -> None:
    server, count = bmc(), []

    def every_second(path: str) -> Callable[[Any], None]:
        def behave(handler: Any) -> None:
            count.append(path)
            if len(count) % 2:
                handler.close_connection = True
            else:
                handler.answer(200, server.tree[path])

        return behave

    for path in server.tree:
        if path:
            server.odd[path] = every_second(path)
    asked = ask(server, "power", "chassis", "supplies")
    assert asked.causes == {"power", "chassis", "supplies"}
    assert len(server.paths("POST")) == 1, "a login is never sent twice"


@pytest.mark.parametrize("kept", [True, False])
def test_http_1_0(bmc: Bmc, ask: Put, kept: bool) -> None:
    server = bmc()

    def old(path: str) -> Callable[[Any], None]:
        def behave(handler: Any) -> None:
            body = json.dumps(server.tree[path]).encode()
            kept_alive = b"Connection: keep-alive\r\n" if kept else b""
            head = b"HTTP/1.0 200 OK\r\n%sContent-Length: %d\r\n\r\n" % (kept_alive, len(body))
            handler.wfile.write(head + body)
            handler.close_connection = not kept

        return behave

    for path in server.tree:
        server.odd[path] = old(path)
    assert ask(server, "power", "supplies").causes == {"power", "supplies"}


# --- bodies ---


@pytest.mark.parametrize(
    ("body", "end"),
    [
        (b'{"PowerState": "On", "PowerState": "Off"}', "parse"),
        (b'{"PowerState": "On", "PowerState": "On"}', "power"),
        (b'{"PowerState": "On", "Temperature": NaN, "X": Infinity}', "power"),
        (b'{"PowerState": ["On"]}', "power"),
        (b'\xef\xbb\xbf{"PowerState": "On"}', "power"),
    ],
)
def test_odd_json(bmc: Bmc, ask: Put, body: bytes, end: str) -> None:
    server = bmc()
    server.odd["/Systems/1"] = lambda handler: handler.answer(200, body)
    assert ask(server, "power").causes == {end}


def test_json_under_another_name(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/Systems/1"] = lambda handler: handler.answer(
        200, server.tree["/Systems/1"], Content_Type="text/html"
    )
    assert ask(server, "power")["power"].answer == Power(state="On")


# --- which system, which supplies ---


def two(server: Any, first: dict[str, Any], second: dict[str, Any]) -> None:
    server.tree["/Systems"] = vendors.refs("/Systems/1", "/Systems/2")
    server.tree["/Systems/1"], server.tree["/Systems/2"] = first, second


def managed(number: int) -> dict[str, Any]:
    return {"Links": {"ManagedBy": [ref(f"/Managers/{number}/")]}}


@pytest.mark.parametrize(
    ("first", "second", "by"),
    [
        ({"SystemType": "DPU"}, {}, "system-type"),
        (managed(2), managed(1), "manager"),
        ({"HostName": "db9"}, {"HostName": "DB1.example."}, "host-name"),
        ({"HostName": "db1", "SerialNumber": "A"}, {"HostName": "db1", "SerialNumber": "B"},
         "serial"),
        ({"SerialNumber": "A"}, {"SerialNumber": "B"}, "serial"),
    ],
)  # fmt: skip
def test_which_of_two_systems(
    bmc: Bmc, ask: Put, first: dict[str, Any], second: dict[str, Any], by: str
) -> None:
    server = bmc()
    server.tree[""]["Links"]["ManagerProvidingService"] = ref("/Managers/1")
    two(server, first, {**second, "PowerState": "Off"})
    asked = ask(server, "system", "power", serial="b")
    assert asked["system"].answer.chosen_by == by
    assert asked["power"].answer == Power(state="Off")


def test_the_requirement_chooses_last(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    two(server, {"HostName": "db1", "SerialNumber": "A"}, {"SerialNumber": "B"})
    assert ask(server, "system", serial="B")["system"].answer.serial == "A"


def test_what_was_found_is_listed(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    two(server, {"Id": "N1", "SerialNumber": "A", "HostName": "x"}, {"Id": "N2"})
    detail = ask(server, "power")["power"].answer.detail
    assert "N1 (serial A, host name x); N2 (serial not told)" in detail


def test_the_older_resource_where_the_newer_lists_nothing(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree[SUPPLIES] = {"Members": []}
    assert ask(server, "supplies")["supplies"].answer.supplies == ()
    server.tree["/Chassis/1"]["Power"] = ref("/Chassis/1/Power")
    server.tree["/Chassis/1/Power"] = {"PowerSupplies": [{"Name": "PS1"}]}
    assert [s.name for s in ask(server, "supplies")["supplies"].answer.supplies] == ["PS1"]


def test_more_supplies_than_a_server_has(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree["/Chassis/1"] = {"Power": ref("/Chassis/1/Power")}
    server.tree["/Chassis/1/Power"] = {"PowerSupplies": [{"Name": "x"}] * 65}
    assert ask(server, "supplies").causes == {"parse"}


@pytest.mark.parametrize("sources", [["A"], ["A", "B"], "A", [None]])
def test_a_chassis_that_names_its_source(bmc: Bmc, ask: Put, sources: object) -> None:
    server = bmc()
    server.tree["/Chassis/1"]["ElectricalSourceNames"] = sources
    found = ask(server, "supplies")["supplies"].answer.supplies
    assert {row.source for row in found} == ({"A"} if sources == ["A"] else {None})


# --- PDUs ---


@pytest.fixture
def strip(bmc: Bmc) -> Any:
    server = bmc()
    server.tree.clear()
    server.tree.update(vendors.pdu(expands=False))
    return server


STRIP = "/PowerEquipment/RackPDUs/1"
DEVICE = {"thing": "pdu:n1-a"}


def test_without_a_pin_a_pdu_gets_no_login(strip: Any, ask: Put) -> None:
    assert ask(strip, "login", "outlets", tls=None, **DEVICE).causes == {"tls"}
    assert strip.connections == 0
    asked = ask(strip, "login", tls={"sha256": "ab" * 32}, **DEVICE)
    assert asked.causes == {"wrong-site"}
    assert strip.seen == []


def test_a_pdu_by_basic_authentication(strip: Any, ask: Put) -> None:
    del strip.tree[""]["Links"]
    assert ask(strip, "login", **DEVICE)["login"].answer == Login(method="basic")
    assert ask(strip, "login", password="wrong", **DEVICE).causes == {"auth"}


def test_the_pdu_of_a_chain_that_bears_the_name(strip: Any, ask: Put) -> None:
    other = "/PowerEquipment/RackPDUs/2"
    strip.tree["/PowerEquipment/RackPDUs"] = vendors.refs(STRIP, other)
    strip.tree[other] = {"Id": "2", "Name": "RackPDU2", "SerialNumber": "X2"}
    assert ask(strip, "device", **DEVICE)["device"].answer.serial == "29347ZT536"
    asked = ask(strip, "device", thing="pdu:elsewhere")
    assert cause(asked["device"]) == "missing-attribute"
    assert "2 PDUs (1, 2)" in asked["device"].answer.detail


def outlets_named(server: Any, *names: dict[str, Any]) -> None:
    paths = [f"{STRIP}/Outlets/{n}" for n in range(len(names))]
    server.tree[f"{STRIP}/Outlets"] = vendors.refs(*paths)
    server.tree.update(zip(paths, names, strict=True))


@pytest.mark.parametrize(
    ("ids", "numbers"),
    [
        (("1", "2"), [1, 2]),
        (("A2", "A1"), [1, 2]),
        (("outlet 07", "outlet 08"), [7, 8]),
    ],
)
def test_numbers_of_outlets(strip: Any, ask: Put, ids: tuple[str, ...], numbers: list[int]) -> None:
    outlets_named(strip, *({"Id": one} for one in ids))
    found = ask(strip, "outlets", **DEVICE)["outlets"].answer.outlets
    assert [row.number for row in found] == numbers


def test_numbers_by_name_where_ids_count_from_nought(strip: Any, ask: Put) -> None:
    outlets_named(strip, {"Id": "0", "Name": "Outlet 1"}, {"Id": "1", "Name": "Outlet 2"})
    found = ask(strip, "outlets", **DEVICE)["outlets"].answer.outlets
    assert [(row.number, row.name) for row in found] == [(1, "Outlet 1"), (2, "Outlet 2")]


def test_outlets_that_share_a_number_are_not_guessed(strip: Any, ask: Put) -> None:
    outlets_named(strip, {"Id": "A1"}, {"Id": "B1"})
    asked = ask(strip, "device", "outlets", **DEVICE)
    assert cause(asked["outlets"]) == "unsupported"
    assert "A1, B1" in asked["outlets"].answer.detail


# --- a whole run ---


def site_of(bmcs: dict[str, Any]) -> Site:
    permit = {"by": "x", "on": "2026-01-01", "from": "2026-01-01", "until": "2026-01-02",
              "networks": ["127.0.0.0/8"]}  # fmt: skip
    hosts = {
        name: {"address": "127.0.0.1", "bmc": {"address": "127.0.0.1", "port": server.port,
               "credential": "c", "tls": {"sha256": server.sha256}}}
        for name, server in bmcs.items()
    }  # fmt: skip
    return Site.model_validate(
        {"site": "s", "customer": "c", "profile": "p", "authorised": permit, "hosts": hosts}
    )


def asks_of(site: Site) -> list[Ask]:
    found = []
    for name, host in site.hosts.items():
        assert host.bmc
        question = Question(
            protocol="redfish", fact="power", address=host.bmc.address, port=host.bmc.port
        )
        ask = Ask(thing=f"bmc:{name}", question=question)
        found += [way for way in [way_ask(ask)] if way] + [ask]
    return found


def run(bmcs: dict[str, Any], limits: Limits, stop: threading.Event | None = None) -> Any:
    site = site_of(bmcs)
    secrets = {"c": Secret(id="c", username="preflight", password="hunter2")}
    addresses = {"127.0.0.1": "127.0.0.1"}
    way = Way(site, Path(), addresses, secrets, {}, lambda *_: True, limits)
    return survey(asks_of(site), way, lambda: datetime.now(timezone.utc), probe, stop=stop)


def hang(handler: Any) -> None:
    handler.rfile.read(1)


def open_towards(*ports: int) -> int:
    """How many sockets of this process are connected to these ports."""
    count = 0
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208 - no Path objects while counting
        with suppress(OSError):
            count += _peer_port(os.dup(int(name))) in ports
    return count


def _peer_port(descriptor: int) -> int:
    """Of a connected socket; closes the descriptor. Raises OSError for anything else."""
    try:
        sock = socket.socket(fileno=descriptor)
    except OSError:
        os.close(descriptor)
        raise
    with sock:
        return int(sock.getpeername()[1])


def test_64_bmcs_of_which_8_hang(
    bmc: Bmc, hour_when: Callable[[Callable[[], object]], None]
) -> None:
    """The run ends by itself, as soon as time is up for one that hangs, and leaves nothing."""
    good, hung, late, hangs = bmc(), bmc(), bmc(), []
    ports = (good.port, hung.port, late.port)

    def hang_and_tell(handler: Any) -> None:
        hangs.append(open_towards(*ports))
        hang(handler)

    hung.odd[""] = late.odd["/Systems/1"] = hang_and_tell
    threads = threading.active_count()
    bmcs = {f"b{n}": good for n in range(56)} | {f"h{n}": hung for n in range(4)}
    bmcs |= {f"l{n}": late for n in range(4)}
    hour_when(lambda: len(hangs) == 8 and len(good.paths("DELETE")) == 56)
    found = run(bmcs, Limits(question_s=600, connect_s=30, run_s=300))
    ends = [e for e in found.evidence if e.question.fact == "power"]
    assert found.ended is Ended.NORMAL
    assert sum(e.answer == Power(state="On") for e in ends) == 56
    assert {str(e.no_answer.cause) for e in ends if e.no_answer} == {"timeout"}
    for server in (good, late):
        assert len(server.paths("DELETE")) == len(server.paths("POST"))
    assert len(late.paths("POST")) == 4
    survey_threads = [t for t in threading.enumerate() if t.name.startswith("survey")]
    assert not survey_threads, threads
    assert min(hangs) >= 1
    assert open_towards(*ports) == 0


def test_a_session_is_ended_also_when_somebody_stops_the_run(bmc: Bmc) -> None:
    server, stop = bmc(), threading.Event()

    def hang_and_stop(handler: Any) -> None:
        stop.set()
        handler.rfile.read(1)

    server.odd["/Systems/1"] = hang_and_stop
    found = run({"b": server}, Limits(question_s=60.0, connect_s=8.0), stop)
    assert found.ended is Ended.INTERRUPTED
    assert len(server.paths("DELETE")) == len(server.paths("POST")) == 1


def test_a_chassis_is_still_told_where_its_supplies_are_forbidden(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd[SUPPLIES] = lambda handler: handler.answer(403, {})
    asked = ask(server, "chassis", "supplies")
    assert isinstance(asked["chassis"].answer, Chassis)
    assert cause(asked["supplies"]) == "permission"

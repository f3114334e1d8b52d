"""The Redfish probe against BMCs that behave, and against those that do not."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from preflight.evidence import Chassis, Login, Power, Supplies, Supply, System
from tests.probes.conftest import HOUR_S, Clock
from tests.probes.redfish.conftest import Asked

Bmc = Callable[..., Any]
Put = Callable[..., Any]
ALL = ("login", "system", "power", "chassis", "supplies")
SESSIONS = "/redfish/v1/SessionService/Sessions"


def cause(reply: Any) -> str:
    return str(reply.answer.cause)


def ref(path: str) -> dict[str, str]:
    return {"@odata.id": "/redfish/v1" + path}


# --- what a good BMC tells ---


def test_all_facts_with_one_session_that_is_ended(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    asked = ask(server, *ALL)
    assert {a.question.fact: r.answer for a, r in asked.replies.items()} == {
        "login": Login(method="session"),
        "system": System(
            serial="CZ2100A7",
            uuid="4c4c4544-0031-4a10-8053-b4c04f4e3232",
            manufacturer="Example Servers",
            model="ES-200",
        ),
        "power": Power(state="On"),
        "chassis": Chassis(serial="CH-1", rack="N1", row="A", hall="north"),
        "supplies": Supplies(
            supplies=(
                Supply(name="PSU 1", state="Enabled", health="OK", input_mv=230450, serial="P1"),
                Supply(name="PSU 2", state="UnavailableOffline"),
            )
        ),
    }
    assert all(reply.proven for reply in asked.replies.values())
    assert json.loads(asked["power"].raw.text)["PowerState"] == "On"
    assert asked["login"].raw is None
    assert server.paths("POST") == [SESSIONS]
    assert server.paths("DELETE") == [f"{SESSIONS}/77"]
    assert len(set(server.paths("GET"))) == len(server.paths("GET")), "nothing is asked twice"
    assert server.connections == 1
    assert {s.method for s in server.seen} == {"GET", "POST", "DELETE"}


def test_the_log_says_what_was_sent(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    asked = ask(server, *ALL)
    assert asked.sent == [f"{s.method} {s.path}" for s in server.seen]
    assert "hunter2" not in repr(asked)
    assert "tok-8f3a" not in repr(asked)


def test_basic_where_there_are_no_sessions(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree[""]["Links"]
    asked = ask(server, "login", "power")
    assert asked["login"].answer == Login(method="basic")
    assert asked["power"].answer == Power(state="On")
    assert "Authorization" not in server.seen[0].headers, "the root is asked without a password"
    assert server.paths("POST") == server.paths("DELETE") == []


@pytest.mark.parametrize("status", [404, 405, 501])
def test_basic_where_sessions_are_only_said(bmc: Bmc, ask: Put, status: int) -> None:
    server = bmc()
    server.odd["/SessionService/Sessions"] = lambda h: h.answer(status, {})
    assert ask(server, "login")["login"].answer == Login(method="basic")


def test_a_root_that_wants_a_login(bmc: Bmc, ask: Put) -> None:
    server = bmc()

    def root(handler: Any) -> None:
        entered = "Authorization" in handler.headers
        handler.answer(200 if entered else 401, server.tree[""] if entered else {})

    server.odd[""] = root
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_session_named_by_a_whole_url(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    own = f"https://127.0.0.1:{server.port}{SESSIONS}/9"
    server.odd["/SessionService/Sessions"] = lambda h: h.answer(
        201, b"", X_Auth_Token="tok-8f3a", Location=own
    )
    ask(server, "login")
    assert server.paths("DELETE") == [f"{SESSIONS}/9"]


def test_session_named_only_in_the_body(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/SessionService/Sessions"] = lambda h: h.answer(
        201, ref("/SessionService/Sessions/9"), X_Auth_Token="tok-8f3a"
    )
    ask(server, "login")
    assert server.paths("DELETE") == [f"{SESSIONS}/9"]


def test_trailing_slashes_of_some_vendors(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree[""]["Systems"] = ref("/Systems/")
    server.tree["/Systems"]["Members"] = [ref("/Systems/1/")]
    asked = ask(server, "power")
    assert asked["power"].answer == Power(state="On")
    assert "GET /redfish/v1/Systems/1" in asked.sent


# --- login ---


@pytest.mark.parametrize("sessions", [True, False])
def test_a_wrong_password_is_tried_once(bmc: Bmc, ask: Put, sessions: bool) -> None:
    server = bmc()
    if not sessions:
        del server.tree[""]["Links"]
    asked = ask(server, *ALL, password="wrong")
    assert asked.causes == {"auth"}
    tried = [s for s in server.seen if "Authorization" in s.headers or s.method == "POST"]
    assert len(tried) == 1
    assert server.paths("DELETE") == []


@pytest.mark.parametrize(
    ("status", "why"),
    [(400, "auth"), (401, "auth"), (403, "auth"), (500, "parse"), (503, "timeout")],
)
def test_a_refused_session_is_not_tried_again(bmc: Bmc, ask: Put, status: int, why: str) -> None:
    server = bmc()
    server.odd["/SessionService/Sessions"] = lambda h: h.answer(status, {})
    assert ask(server, "login", "power").causes == {why}
    assert len(server.paths("POST")) == 1
    assert not any("Authorization" in s.headers for s in server.seen)


def test_a_session_without_a_token(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/SessionService/Sessions"] = lambda h: h.answer(201, {})
    assert ask(server, "login").causes == {"parse"}


def test_a_resource_that_the_account_may_not_read(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/Chassis/1"] = lambda h: h.answer(403, {"error": {"message": "role"}})
    asked = ask(server, "login", "power", "chassis", "supplies")
    assert asked["login"].answer == Login(method="session")
    assert asked["power"].answer == Power(state="On")
    assert cause(asked["chassis"]) == cause(asked["supplies"]) == "permission"
    assert server.paths("DELETE"), "the session is ended also after an error"


def test_without_a_credential_nothing_is_sent(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    assert ask(server, *ALL, credential=None).causes == {"not-asked"}
    assert ask(server, *ALL, secrets={}).causes == {"not-asked"}
    assert server.connections == 0


def test_a_request_outside_the_plan_is_not_sent(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    asked = ask(server, "login", "power", refused=frozenset({"GET /redfish/v1/Systems/1"}))
    assert cause(asked["power"]) == "not-asked"
    assert "/redfish/v1/Systems/1" not in server.paths("GET")
    assert ask(bmc(), "login", refused=frozenset({f"POST {SESSIONS}"})).causes == {"not-asked"}


# --- who is it ---


def test_another_certificate_than_pinned_ends_everything(bmc: Bmc, ask: Put) -> None:
    server = bmc("other")
    asked = ask(server, *ALL, tls={"sha256": "ab" * 32})
    assert asked.causes == {"wrong-site"}
    detail = asked["login"].answer.detail
    assert "ab" * 32 in detail
    assert server.sha256 in detail
    assert server.seen == [], "no request, no credential"
    assert not any(reply.proven for reply in asked.replies.values())


def test_a_certificate_that_changes_in_between(bmc: Bmc, ask: Put, certificates: Path) -> None:
    server = bmc()

    def swap(handler: Any) -> None:
        handler.server.context.load_cert_chain(certificates / "other.pem")
        handler.close_connection = True
        handler.answer(200, server.tree["/Systems"], Connection="close")

    server.odd["/Systems"] = swap
    assert ask(server, "login", "power")["power"].answer.cause == "wrong-site"
    assert "/redfish/v1/Systems/1" not in server.paths("GET")


@pytest.mark.parametrize("certificate", ["good", "expired", "elsewhere"])
def test_with_a_digest_any_name_and_date_will_do(bmc: Bmc, ask: Put, certificate: str) -> None:
    assert ask(bmc(certificate), "power")["power"].answer == Power(state="On")


def test_a_chain_to_the_ca(bmc: Bmc, ask: Put, certificates: Path) -> None:
    asked = ask(bmc(), "power", tls={"ca": "ca.pem"}, base=certificates)
    assert asked["power"].answer == Power(state="On")
    assert asked["power"].proven


@pytest.mark.parametrize(
    ("certificate", "ca", "word"),
    [
        ("good", "stranger-ca.pem", "issuer"),
        ("expired", "ca.pem", "expired"),
        ("elsewhere", "ca.pem", "127.0.0.1"),
        ("good", "missing.pem", "cannot be read"),
        ("good", "junk.pem", "no certificate"),
    ],
)
def test_a_chain_that_does_not_hold(
    bmc: Bmc, ask: Put, certificates: Path, certificate: str, ca: str, word: str
) -> None:
    (certificates / "junk.pem").write_text("junk")
    server = bmc(certificate)
    asked = ask(server, *ALL, tls={"ca": ca}, base=certificates)
    assert asked.causes == {"tls"}
    assert word in asked["power"].answer.detail
    assert server.seen == []


def test_a_name_is_checked_and_not_resolved_again(bmc: Bmc, ask: Put, certificates: Path) -> None:
    """`bmc.example` has no address but the one that the permission was checked for."""
    server = bmc("named")
    way = {"tls": {"ca": "ca.pem"}, "base": certificates}
    asked = ask(server, "power", address="bmc.example", **way)
    assert asked["power"].answer == Power(state="On")
    assert server.seen[0].headers["Host"] == f"bmc.example:{server.port}"
    assert ask(server, "power", address="other.example", **way).causes == {"tls"}
    assert ask(server, "power", **way).causes == {"tls"}


def test_no_proxy_comes_in_between(bmc: Bmc, ask: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert ask(bmc(), "power")["power"].answer == Power(state="On")


def test_without_pin_and_ca_nothing_is_sent(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    asked = ask(server, *ALL, tls=None)
    assert asked.causes == {"tls"}
    assert server.connections == 0
    assert asked.sent == []


# --- silence and nonsense ---

QUICK = {"question_s": 0.6}


def test_nothing_listens(ask: Put) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        assert ask(sock.getsockname()[1], *ALL).causes == {"refused"}


def test_a_name_that_does_not_resolve(ask: Put) -> None:
    asked = ask(443, "power", addresses={})
    assert asked.causes == {"unreachable"}
    assert asked.sent == []


def test_a_listener_that_says_nothing(ask: Put) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = ask(listener.getsockname()[1], "power", limits=QUICK)
    assert asked.causes == {"timeout"}


def test_a_listener_without_tls(ask: Put) -> None:
    def serve(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        asked = ask(listener.getsockname()[1], "power")
        thread.join()
    assert asked.causes == {"tls"}


def stuck(handler: Any) -> None:
    handler.rfile.read(1)


def trickle(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(1000):
        handler.wfile.write(b" ")
        time.sleep(0.01)


def trickle_of_headers(handler: Any) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1000):
        handler.wfile.write(b"X: y\r\n")
        time.sleep(0.01)


@pytest.mark.parametrize("behave", [stuck, trickle, trickle_of_headers])
@pytest.mark.parametrize("where", ["", "/Systems/1"])
def test_a_bmc_that_hangs(
    bmc: Bmc, ask: Put, where: str, behave: Callable[[Any], None], go_by: Clock
) -> None:
    server = bmc()

    def hang(handler: Any) -> None:
        go_by(HOUR_S)
        behave(handler)

    server.odd[where] = hang
    asked = ask(server, "power", "system", limits={"question_s": HOUR_S})
    assert asked.causes == {"timeout"}
    if where:
        assert server.paths("DELETE") == [f"{SESSIONS}/77"], "the session is ended all the same"


@pytest.mark.parametrize("when", ["GET", "POST", "GET /redfish/v1/Systems"])
def test_a_pause_of_our_own_is_not_held_against_the_bmc(
    bmc: Bmc, ask: Put, stall: Clock, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    send = Asked.send

    def stalled(self: Asked, thing: str, request: str) -> bool:
        if request.startswith(when):
            stall(3600)
        return send(self, thing, request)

    monkeypatch.setattr(Asked, "send", stalled)
    asked = ask(bmc(), "power")
    assert any(request.startswith(when) for request in asked.sent), asked.sent
    assert isinstance(asked["power"].answer, Power), asked["power"].answer


def raw_answer(data: bytes) -> Callable[[Any], None]:
    def behave(handler: Any) -> None:
        handler.wfile.write(data)
        handler.close_connection = True

    return behave


NONSENSE = {
    "html": lambda h: h.answer(200, b"<!DOCTYPE html><title>Login</title>"),
    "list": lambda h: h.answer(200, b"[]"),
    "null": lambda h: h.answer(200, b"null"),
    "nothing": lambda h: h.answer(200, b""),
    "cut": lambda h: h.answer(200, b'{"PowerState": "O'),
    "deep": lambda h: h.answer(200, b'{"a":' * 100_000),
    "number": lambda h: h.answer(200, b'{"a": ' + b"9" * 10_000 + b"}"),
    "exponent": lambda h: h.answer(200, b'{"a": 1.5e99999999999999999999}'),
    "huge": lambda h: h.answer(200, b'{"a": "' + b"x" * 10_000_000 + b'"}'),
    "compressed": lambda h: h.answer(200, b"\x1f\x8b", Content_Encoding="gzip"),
    "no http": raw_answer(b"SSH-2.0-x\r\n"),
    "big header": raw_answer(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000 + b"\r\n\r\n"),
    "short body": raw_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{}"),
    "hung up": raw_answer(b""),
    "redirect away": lambda h: h.answer(302, b"", Location="https://127.0.0.9/redfish/v1/Systems/1"),
    "redirect to http": lambda h: h.answer(302, b"", Location="http://127.0.0.1/redfish/v1/"),
    "redirect to a page": lambda h: h.answer(302, b"", Location="/login.html"),
    "redirect nowhere": lambda h: h.answer(302, b""),
    "teapot": lambda h: h.answer(418, b""),
    "error": lambda h: h.answer(500, b""),
}  # fmt: skip


@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.parametrize("where", ["", "/Systems/1"])
def test_nonsense(bmc: Bmc, ask: Put, where: str, name: str) -> None:
    server = bmc()
    server.odd[where] = NONSENSE[name]
    assert ask(server, "system", "power").causes == {"parse"}
    if where:
        assert server.paths("DELETE") == [f"{SESSIONS}/77"]


def test_nonsense_of_one_resource_leaves_the_others(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/Chassis/1"] = NONSENSE["html"]
    asked = ask(server, "power", "chassis")
    assert asked["power"].answer == Power(state="On")
    assert cause(asked["chassis"]) == "parse"


def test_control_characters_and_bad_utf8(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    body = b'{"PowerState": "O\x01n\xff", "SerialNumber": "A\\u202eB", "HostName": "' + b"h" * 5000
    server.odd["/Systems/1"] = lambda h: h.answer(200, body + b'"}')
    asked = ask(server, "power", "system")
    assert asked["power"].answer == Power(state="O[U+0001]n\ufffd")
    assert asked["system"].answer.serial == "A[U+202E]B"
    assert len(asked["system"].answer.host_name) <= 200
    assert asked["system"].raw.size_bytes == len(body) + 2


@pytest.mark.parametrize("path", ["", "/Systems", "/Systems/1"])
def test_a_redirect_within_the_service_is_followed(bmc: Bmc, ask: Put, path: str) -> None:
    server = bmc()

    def behave(handler: Any) -> None:
        if handler.path.endswith("/") == (path == ""):
            del server.odd[path]
            location = f"/redfish/v1{path}" + ("" if path == "" else "/")
            handler.answer(308, b"", Location=location)

    server.odd[path] = behave
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_a_redirect_in_circles(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/Systems/1"] = lambda h: h.answer(302, b"", Location="/redfish/v1/Systems/1")
    assert ask(server, "power").causes == {"parse"}
    assert len(server.paths("GET")) < 6


def test_a_busy_bmc_is_asked_once_more(bmc: Bmc, ask: Put) -> None:
    server = bmc()

    def busy_once(handler: Any) -> None:
        del server.odd["/Systems/1"]
        handler.answer(503, b"", Retry_After="0")

    server.odd["/Systems/1"] = busy_once
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_a_bmc_that_stays_busy(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd["/Systems/1"] = lambda h: h.answer(503, b"", Retry_After="0")
    assert ask(server, "power").causes == {"timeout"}
    assert server.paths("GET").count("/redfish/v1/Systems/1") == 4, "and no further"


def test_a_connection_that_was_closed_while_idle(bmc: Bmc, ask: Put) -> None:
    server = bmc()

    def drop_once(handler: Any) -> None:
        del server.odd["/Systems/1"]
        handler.close_connection = True

    server.odd["/Systems/1"] = drop_once
    assert ask(server, "power")["power"].answer == Power(state="On")


def test_no_redfish_service(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.odd[""] = lambda h: h.answer(404, b"")
    # Nobody has let us in: this must not look like the word of a BMC that did.
    assert ask(server, "login", "power").causes == {"parse"}


def test_basic_login_at_a_bmc_without_systems(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree[""] = {}
    assert ask(server, "login", "power").causes == {"parse"}


# --- which system, which chassis ---


def several(server: Any, *serials: str) -> None:
    names = [str(n) for n in range(1, len(serials) + 1)]
    server.tree["/Systems"] = {"Members": [ref(f"/Systems/{n}") for n in names]}
    for n, serial in zip(names, serials, strict=True):
        server.tree[f"/Systems/{n}"] = {"SerialNumber": serial, "PowerState": f"State{n}"}


def test_of_several_systems_the_declared_one(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    several(server, "A1", "B2", "C3")
    assert ask(server, "power", serial="b2 ")["power"].answer == Power(state="State2")


def test_a_service_tag_counts_as_the_serial(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    several(server, "CN70", "CN71")
    server.tree["/Systems/2"]["SKU"] = "7XK2"
    assert ask(server, "power", serial="7XK2")["power"].answer == Power(state="State2")


@pytest.mark.parametrize(
    ("serials", "declared", "words"),
    [
        (("A1", "B2"), None, "no serial to choose by"),
        (("A1", "B2"), "X9", "has 2 systems, and none of them has serial X9"),
        (("A1", "A1"), "A1", "and 2 of them has"),
        (("NONE", "NONE"), "NONE", "none of them"),
        ((), "A1", "empty"),
    ],
)
def test_systems_that_cannot_be_told_apart(
    bmc: Bmc, ask: Put, serials: tuple[str, ...], declared: str | None, words: str
) -> None:
    server = bmc()
    several(server, *serials)
    asked = ask(server, "login", "power", serial=declared)
    assert cause(asked["power"]) == "missing-attribute"
    assert words in asked["power"].answer.detail
    assert asked["login"].answer == Login(method="session")


def test_systems_over_pages(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    several(server, "A1", "B2")
    second = {"Members": [ref("/Systems/2")]}
    server.tree["/Systems"] = {
        "Members": [ref("/Systems/1")],
        "Members@odata.nextLink": "/redfish/v1/Systems?$skip=1",
    }
    server.tree["/Systems?$skip=1"] = second
    assert ask(server, "power", serial="B2")["power"].answer == Power(state="State2")


def test_pages_without_end(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    for n in range(100):
        path = "/Systems" if n == 0 else f"/Systems?$skip={n}"
        server.tree[path] = {
            "Members": [],
            "Members@odata.nextLink": f"/redfish/v1/Systems?$skip={n + 1}",
        }
    assert ask(server, "power").causes == {"parse"}
    assert len(server.seen) < 30


def test_members_without_end(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree["/Systems"] = {"Members": [ref("/Systems/1")] * 1000}
    assert ask(server, "power", serial="A").causes == {"parse"}


STRAY = [
    "https://127.0.0.9/redfish/v1/Systems/1",
    "//127.0.0.9/redfish/v1/Systems/1",
    "/redfish/v1/Systems/../../etc",
    "/redfish/v1/Systems/..",
    "/redfish/v1/Systems/%2e%2e",
    "/redfish/v1/Systems/1/Actions/ComputerSystem.Reset",
    "/redfish/v1/Systems/1#/Boot",
    "/redfish/v1/Systems/1?reset=1",
    "/redfish/v1/Systems/a b",
    "/redfish/v1/Systems/\r\nX: y",
    "/redfish/v1/Systems/",
    "http://[",
    "",
    7,
    None,
    ["/redfish/v1/Systems/1"],
]


@pytest.mark.parametrize("link", STRAY, ids=repr)
def test_links_to_odd_places_are_not_followed(bmc: Bmc, ask: Put, link: Any) -> None:
    server = bmc()
    server.tree["/Systems"] = {"Members": [{"@odata.id": link}]}
    assert ask(server, "power").causes == {"parse"}
    assert all(s.path in {"/redfish/v1/", SESSIONS, f"{SESSIONS}/77", "/redfish/v1/Systems"}
               for s in server.seen)  # fmt: skip


def test_a_system_that_names_no_chassis_stands_in_the_only_one(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Systems/1"]["Links"]
    assert ask(server, "chassis")["chassis"].answer.rack == "N1"
    server.tree["/Chassis"]["Members"].append(ref("/Chassis/2"))
    assert ask(server, "chassis").causes == {"missing-attribute"}


def test_of_several_chassis_the_one_that_knows_its_rack(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    server.tree["/Chassis/0"] = {"SerialNumber": "board"}
    server.tree["/Systems/1"]["Links"]["Chassis"].insert(0, ref("/Chassis/0"))
    assert ask(server, "chassis")["chassis"].answer.serial == "CH-1"
    del server.tree["/Chassis/1"]["Location"]
    assert ask(server, "chassis")["chassis"].answer.serial == "board"


def _nested(server: Any, *boxes: dict[str, Any]) -> None:
    """The server's chassis in the first of these, that in the second, and so on."""
    inner = server.tree["/Chassis/1"]
    for number, box in enumerate(boxes):
        inner["Links"] = {"ContainedBy": ref(f"/Chassis/box{number}")}
        inner = server.tree[f"/Chassis/box{number}"] = box


def _box(ask: Put, server: Any) -> str | None:
    answer = ask(server, "chassis")["chassis"].answer
    assert isinstance(answer, Chassis)
    assert answer.serial == "CH-1"
    return answer.enclosure_serial


def test_the_enclosure_is_the_outermost_box_with_a_serial(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    assert _box(ask, server) is None
    _nested(server, {"SerialNumber": "SLED"}, {"SerialNumber": "ENC"}, {"SerialNumber": "N/A"})
    assert _box(ask, server) == "ENC"


@pytest.mark.parametrize("sort", ["Rack", "Row", "Pod", "Zone", "RackGroup"])
def test_what_holds_boxes_is_no_box(bmc: Bmc, ask: Put, sort: str) -> None:
    server = bmc()
    _nested(server, {"SerialNumber": "ENC"}, {"SerialNumber": "R-1", "ChassisType": sort})
    assert _box(ask, server) == "ENC"


def test_boxes_in_circles_and_without_end(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    _nested(server, {"SerialNumber": "ENC", "Links": {"ContainedBy": ref("/Chassis/box0")}})
    assert _box(ask, server) == "ENC"
    server = bmc()
    _nested(server, {"SerialNumber": "ENC", "Links": {"ContainedBy": ref("/Chassis/1/")}})
    assert _box(ask, server) == "ENC", "it stands in itself"
    server = bmc()
    _nested(server, *({"SerialNumber": f"E-{n}"} for n in range(8)))
    assert _box(ask, server) == "E-7"
    server = bmc()
    _nested(server, *({"SerialNumber": f"E-{n}"} for n in range(9)))
    asked = ask(server, "chassis")
    assert cause(asked["chassis"]) == "parse"
    assert "more than 8 chassis" in asked["chassis"].answer.detail
    assert len(server.paths("GET")) < 20


def test_an_enclosure_that_is_only_linked_tells_nothing(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    _nested(server, {})
    del server.tree["/Chassis/box0"]
    assert _box(ask, server) is None


def test_an_enclosure_at_an_odd_place_is_not_passed_over(bmc: Bmc, ask: Put) -> None:
    """It could be the one that another server sits in too."""
    server = bmc()
    server.tree["/Chassis/1"]["Links"] = {"ContainedBy": ref("/Managers/1")}
    assert ask(server, "chassis").causes == {"parse"}
    assert not [path for path in server.paths("GET") if "Managers" in path]


def test_a_missing_resource(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Chassis/1"]
    asked = ask(server, "power", "chassis")
    assert asked["power"].answer == Power(state="On")
    assert cause(asked["chassis"]) == "unsupported"


# --- power supplies ---


def test_the_older_power_resource(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Chassis/1"]["PowerSubsystem"]
    server.tree["/Chassis/1"]["Power"] = ref("/Chassis/1/Power")
    server.tree["/Chassis/1/Power"] = {
        "PowerSupplies": [
            {"Name": None, "MemberId": "0", "LineInputVoltage": 229, "SerialNumber": "N/A"},
            {"Name": "PS2", "LineInputVoltage": None, "Status": {"Health": "Critical"}},
            "junk",
        ]
    }
    asked = ask(server, "supplies")
    assert asked["supplies"].answer == Supplies(
        supplies=(
            Supply(name="0", input_mv=229000),
            Supply(name="PS2", health="Critical"),
        )
    )
    assert "LineInputVoltage" in asked["supplies"].raw.text


def test_the_older_resource_where_the_newer_is_only_linked(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Chassis/1/PowerSubsystem"]
    assert ask(server, "supplies").causes == {"unsupported"}
    server.tree["/Chassis/1"]["Power"] = ref("/Chassis/1/Power")
    server.tree["/Chassis/1/Power"] = {"PowerSupplies": []}
    assert ask(server, "supplies")["supplies"].answer == Supplies(supplies=())


def test_a_chassis_that_tells_nothing_of_power(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Chassis/1"]["PowerSubsystem"]
    assert ask(server, "supplies").causes == {"unsupported"}


def test_metrics_that_are_only_linked(bmc: Bmc, ask: Put) -> None:
    server = bmc()
    del server.tree["/Chassis/1/PowerSubsystem/PowerSupplies/1/Metrics"]
    assert ask(server, "supplies")["supplies"].answer.supplies[0].input_mv is None

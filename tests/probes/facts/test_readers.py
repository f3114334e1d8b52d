"""What the script says of a host's surroundings, read whatever it is: never a traceback, never more
than a report holds, never a neighbour or a guest that nobody named."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import Guest, Guests, Interfaces, Neighbour, Neighbours, NoAnswer
from preflight.probes import facts
from preflight.probes.facts import Frame
from preflight.words import UnknownCause
from tests.probes.scripted import TOKEN, ask

FACTS = ("virtual", "interfaces", "gateway", "storage", "neighbours", "guests")
STATUSES = (
    "value", "absent", "special", "permission", "tool-missing", "failed", "long", "unrooted",
    "stopped", "nonsense", "",
)  # fmt: skip
UUID = "aaaaaaaa-0000-4000-8000-00000000000"


def answer(fact: str, data: bytes | str, status: str = "value") -> Any:
    data = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    found = facts.answer(ask(fact), Frame(status, data))
    kept = type(found).model_validate(found.model_dump(mode="json"))
    assert kept == found, "whatever is answered fits into a report"
    return found


def parsed(found: object) -> str:
    """The sentence of an answer that made no sense."""
    assert isinstance(found, NoAnswer), found
    assert found.cause is UnknownCause.PARSE
    return found.detail


WORDS = st.sampled_from(
    [
        "order", "1", "256", "route", "0001", "0003", "000200C0", "00FFFFFF", "00000000", "eth0",
        "interface", "02:00:00:00:00:01", "device", "virtual", "neighbour", "192.0.2.1", "0x2",
        "mount", "nfs4", "ceph", "cifs", "fuse.glusterfs", "a,b/c:1", "\\040\\777", "iscsi", "fc",
        "active", UUID + "1", "detected-vm", "detected-container", "0", "kvm", "none", "type",
        "hypervisor-flag", "yes", "\x1b[2J", "\u202e", "x" * 1200, "-",
    ]
)  # fmt: skip
LINES = st.lists(st.lists(WORDS, max_size=8).map(" ".join), max_size=12).map("\n".join)
LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), WORDS,
    st.sampled_from(["LLDP", "CDPv2", "mac", "ifname", "local"]),
)  # fmt: skip
KEYS = st.sampled_from(
    ["lldp", "local-chassis", "interface", "name", "via", "chassis", "port", "id", "type", "value",
     "mgmt-ip", "eth0"]
)  # fmt: skip
TREES = st.recursive(
    LEAVES,
    lambda of: st.lists(of, max_size=4) | st.dictionaries(KEYS, of, max_size=4),
    max_leaves=30,
)
SAID = st.one_of(
    st.binary(max_size=200),
    LINES.map(lambda text: text.encode()),
    TREES.map(lambda tree: json.dumps({"lldp": tree}).encode()),
    st.tuples(TREES, TREES).map(
        lambda two: (
            json.dumps({"lldp": [{"interface": two[0]}]}).encode()
            + json.dumps({"local-chassis": two[1]}).encode()
        )
    ),
)


@given(st.sampled_from(FACTS), st.sampled_from(STATUSES), SAID)
def test_nothing_raises_and_all_fits(fact: str, status: str, data: bytes) -> None:
    found = answer(fact, data, status)
    if status != "value":
        assert isinstance(found, NoAnswer)


@given(SAID, SAID)
def test_whole_frames_are_read_too(one: bytes, other: bytes) -> None:
    asks = [ask(fact) for fact in FACTS]
    output = f"\n@{TOKEN}@ root begin\n\n@{TOKEN}@ root end value\n".encode()
    for number, fact in enumerate(FACTS):
        output += f"\n@{TOKEN}@ {fact} begin\n".encode() + (one if number % 2 else other)
        output += f"\n@{TOKEN}@ {fact} end value\n".encode()
    assert set(facts.read(output, TOKEN, asks)) == set(asks)


@pytest.mark.parametrize("fact", [*FACTS])
def test_beyond_a_megabyte_nothing_is_read(fact: str) -> None:
    assert "more than 1 MB" in parsed(answer(fact, b"x" * ((1 << 20) + 1)))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000, '{"lldp":' * 100_000, '{"lldp": ' + "9" * 900_000, "{" * 1_000_000,
        "{}" * 500_000, '{"a":1,' * 140_000, '{"lldp": 1e99999999999999999999}',
    ],
    ids=["lists", "objects", "digits", "braces", "documents", "names", "exponent"],
)  # fmt: skip
def test_json_that_is_meant_to_hurt(text: str) -> None:
    """Nothing is timed: what is quadratic does not come to its end."""
    answer("neighbours", text)


# --- neighbours ---


def entry(port: str = "eth0", name: str = "sa", **more: Any) -> dict[str, Any]:
    """As `json0` has it."""
    return {
        "name": port,
        "via": "LLDP",
        "chassis": [
            {
                "id": [{"type": "mac", "value": "02:00:00:00:00:AA"}],
                "name": [{"value": name}],
                "mgmt-ip": [{"value": "192.0.2.1"}, {"value": "fe80::1"}],
            }
        ],
        "port": [{"id": [{"type": "ifname", "value": "swp1"}], "descr": [{"value": "x"}]}],
        **more,
    }


def heard(*entries: dict[str, Any]) -> Any:
    return answer("neighbours", json.dumps({"lldp": [{"interface": list(entries)}]}))


SA = Neighbour(
    port="eth0",
    chassis_id="02:00:00:00:00:aa",
    chassis_id_type="mac",
    port_id="swp1",
    port_id_type="ifname",
    system_name="sa",
    address="192.0.2.1",
)


def listed(value: Any) -> Any:
    """As it is."""
    return value


def unlisted(value: Any) -> Any:
    """The same with an object, or plain text, where there is a list of one."""
    if isinstance(value, list):
        return unlisted(value[0]) if len(value) == 1 else [unlisted(one) for one in value]
    if isinstance(value, dict):
        if set(value) == {"value"}:
            return value["value"]
        return {name: unlisted(one) for name, one in value.items()}
    return value


def test_lists_of_one_and_single_things_are_read_alike() -> None:
    both = {"lldp": [{"interface": [entry()]}]}
    own = {"local-chassis": [{"chassis": entry(name="db1")["chassis"]}]}
    for form in (listed, unlisted):
        found = answer("neighbours", json.dumps(form(both)) + "\n" + json.dumps(form(own)))
        assert found == Neighbours(
            chassis_id="02:00:00:00:00:aa", system_name="db1", neighbours=(SA,)
        )


@pytest.mark.parametrize(
    "text", ['{"lldp": [{}]}', '{"lldp": {}}', '{"lldp": [{"interface": []}]}']
)
def test_nobody_there_is_an_answer(text: str) -> None:
    assert answer("neighbours", text) == Neighbours(neighbours=())


@pytest.mark.parametrize(
    "text",
    [
        "", "{}", '{"xxxx": []}', "LLDP neighbors:\n", 'sysdescr: {"lldp": [{"interface": []}]}',
        '{"lldp": [], "lldp": []}', '{"lldp": [{"interface": [{"eth0": {"chassis": {}}}]}]}',
        '{"lldp": [{"interface": [{"name": ["eth0"]}]}]}', '{"lldp": [{"interface": [{',
    ],
)  # fmt: skip
def test_what_is_no_json0_is_not_read(text: str) -> None:
    """Plain text least of all, in which a neighbour may have written JSON."""
    parsed(answer("neighbours", text))


def test_other_protocols_are_no_lldp() -> None:
    assert heard(entry(via="CDPv2"), entry()).neighbours == (SA,)


def test_one_neighbour_twice_is_one_and_two_are_two() -> None:
    assert heard(entry(), entry(), entry(rid="7")).neighbours == (SA,)
    assert len(heard(entry(), entry(name="sb")).neighbours) == 2


@pytest.mark.parametrize(
    "value", ["00:00:00:00:00:00", "ff:ff:ff:ff:ff:ff", "", "02:00", "x", "02-00-00-00-00-aa-"]
)
def test_a_mac_that_is_none_is_null(value: str) -> None:
    other = entry()
    other["chassis"][0]["id"][0]["value"] = value
    (found,) = heard(other).neighbours
    assert (found.chassis_id, found.chassis_id_type) == (None, None)


def test_too_many_are_counted_not_cut() -> None:
    many = [{"name": f"e{n}"} for n in range(10_000)]
    assert "10000 neighbours" in parsed(heard(*many))
    assert len(heard(*many[:1024]).neighbours) == 1024


@pytest.mark.parametrize(
    "name",
    ["\x1b]0;x\x07" * 10, "\u202egnihton", "a\nb\r\0c", "n" * 900_000, "To Be Filled By O.E.M."],
)
def test_names_from_outside_are_clean_and_short(name: str) -> None:
    (found,) = heard(entry(name=name)).neighbours
    assert found.system_name is None or (
        found.system_name.isprintable() and len(found.system_name) <= 1000
    )


# --- guests ---


def test_guests() -> None:
    said = f"{UUID}2 b  with spaces\n{UUID.upper()}1 a\n\nactive\n{UUID}1\n\n"
    assert answer("guests", said) == Guests(
        guests=(
            Guest(name="a", uuid=UUID + "1", running=True),
            Guest(name="b with spaces", uuid=UUID + "2", running=False),
        )
    )


@pytest.mark.parametrize(
    "text",
    [
        "", f"{UUID}1 a\n", "a\nactive\n", f"{UUID}1\nactive\n", "active\nactive\n",
        f"{UUID}1 a\nactive\nerror: x\n", f" Id   Name\n---\n{UUID}1 a\nactive\n",
    ],
)  # fmt: skip
def test_what_is_no_list_of_guests_is_not_read(text: str) -> None:
    parsed(answer("guests", text))


def test_too_many_guests_are_counted() -> None:
    lines = "".join(f"aaaaaaaa-0000-4000-8000-{n:012d} g{n}\n" for n in range(4097))
    assert "4097 virtual machines" in parsed(answer("guests", f"{lines}active\n"))


# --- network and storage ---


def test_both_orders_of_bytes() -> None:
    said = "order {}\nroute 0001 {} {} eth0\ninterface 1 - 1 up device eth0\n"
    little = answer("interfaces", said.format(1, "000200C0", "00FFFFFF"))
    big = answer("interfaces", said.format(256, "C0000200", "FFFFFF00"))
    assert little == big
    assert isinstance(little, Interfaces)
    assert little.interfaces[0].networks == ("192.0.2.0/24",)


@pytest.mark.parametrize("mask", ["00000000", "00FF00FF", "FF", "xxxxxxxx"])
def test_a_mask_with_holes_is_no_network(mask: str) -> None:
    said = f"route 0001 000200C0 {mask} eth0\ninterface 1 - 1 up device eth0\n"
    assert answer("interfaces", said).interfaces[0].networks == ()


def test_more_than_a_report_takes_is_counted() -> None:
    routes = "".join(f"route 0001 00{n:02X}000A 00FFFFFF e\n" for n in range(65))
    assert "65 networks" in parsed(answer("interfaces", routes + "interface 1 - 1 up device e\n"))
    gateways = "".join(f"route 0003 01{n:02X}000A e\n" for n in range(65))
    assert "65 default gateways" in parsed(answer("gateway", gateways))
    mounts = "".join(f"mount nfs s{n}\n" for n in range(257))
    assert "257 servers" in parsed(answer("storage", mounts))


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        ("neighbours", {"permission": "group adm", "tool-missing": "lldpctl", "stopped": "lldpd"}),
        ("guests", {"permission": "libvirt", "tool-missing": "virsh", "stopped": "libvirt"}),
    ],
)
def test_every_way_of_silence_has_its_own_words(fact: str, words: dict[str, str]) -> None:
    for status, word in words.items():
        assert word in answer(fact, "", status).detail
    asked = answer(fact, "", "permission").detail
    assert "`preflight plan --access`" in asked
    refused = facts.answer(ask(fact, "sudo"), Frame("permission", b""))
    assert isinstance(refused, NoAnswer)
    assert "not in force" in refused.detail

"""Hostile bytes, and the keys of the standard's own examples."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import OutletState
from preflight.probes import snmp_ber as ber
from preflight.probes import snmp_usm as usm
from preflight.probes import snmp_v3 as v3
from preflight.probes.snmp_mibs import shapes
from preflight.probes.snmp_pdu import GET, read_community_message, read_pdu, request

ENGINE = bytes.fromhex("000000000000000000000002")


@pytest.mark.parametrize(
    ("auth", "key"),
    [
        ("md5", "526f5eed9fcce26f8964c2930787d82b"),
        ("sha1", "6695febc9288e36282235fc7151f128497b38f3f"),
    ],
)
def test_keys_of_the_standard(auth: usm.Auth, key: str) -> None:
    """RFC 3414, A.3.1 and A.3.2."""
    assert usm.localised(auth, b"maplesyrup", ENGINE).hex() == key


@given(st.binary(max_size=200), st.integers(0, 2**31 - 1), st.binary(min_size=8, max_size=8))
@pytest.mark.parametrize("privacy", ["aes128", "aes256", "des"])
def test_what_is_hidden_comes_back(
    privacy: usm.Privacy, data: bytes, time: int, salt: bytes
) -> None:
    key = bytes(range(32 if privacy == "aes256" else 16))
    keys = usm.Keys("sha256", privacy, key, key)
    hidden = usm.encrypted(keys, data, 7, time, salt)
    assert usm.decrypted(keys, hidden, 7, time, salt)[: len(data)] == data


@given(st.integers(-(2**63), 2**63))
def test_numbers(value: int) -> None:
    assert ber.Reader(ber.integer(value)).integer() == value


@given(st.lists(st.integers(0, 2**32 - 1), max_size=40))
def test_names(rest: list[int]) -> None:
    oid = (1, 3, *rest)
    assert ber.Reader(ber.identifier(oid)).identifier() == oid


@given(st.binary(max_size=400))
def test_junk_is_junk_and_nothing_worse(data: bytes) -> None:
    for read in (read_community_message, v3.opened, lambda d: read_pdu(ber.Reader(d))):
        with contextlib.suppress(ber.Junk):
            read(data)


VALID = v3.discovery(7, request(GET, 8, 0, [(1, 3, 6, 1, 2, 1, 1, 3, 0)] * 3))


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255), st.integers(0, len(VALID)))
def test_one_wrong_byte_or_a_cut(at: int, byte: int, end: int) -> None:
    data = (VALID[:at] + bytes([byte]) + VALID[at + 1 :])[:end]
    with contextlib.suppress(ber.Junk):
        v3.plain_pdu(v3.opened(data))


_values = st.one_of(
    st.none(), st.integers(), st.binary(max_size=300), st.sampled_from(list(ber.Missing)),
    st.lists(st.integers(0, 2**32), max_size=9).map(tuple),
)  # fmt: skip


@given(_values, _values)
def test_any_value_makes_an_outlet(name: ber.Value, state: ber.Value) -> None:
    """Nothing that a device may send is too strange for a report."""
    said = shapes.word(state, {1: "on"}) or ""
    outlet = OutletState(number=shapes.natural(state) or 1, name=shapes.line(name), said=said)
    assert outlet.name is None or "\n" not in outlet.name
    shapes.enterprise_of(state)


def test_secrets_are_not_shown() -> None:
    keys = usm.keys_for(ENGINE, "sha256", "aes128", "maplesyrup", "maplesyrup")
    assert keys.signing.hex()[:8] not in repr(keys)
    assert repr(keys.signing) not in repr(keys)

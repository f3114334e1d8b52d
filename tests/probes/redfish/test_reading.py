"""Resources to answers: wrong types, nulls and junk are None, and nothing ever raises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import Power, Supply, System
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_json import object_of
from preflight.probes.redfish_paths import METRICS, SYSTEM, canonical, vetted
from preflight.probes.unanswered import Unanswered

LEAVES = st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.floats()
NAMES = st.sampled_from(
    [
        "SerialNumber", "UUID", "SKU", "HostName", "PowerState", "Location", "Placement", "Name",
        "MemberId", "Status", "State", "Health", "LineInputVoltage", "InputVoltage", "Reading",
        "@odata.id",
    ]
)  # fmt: skip
VALUES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below), max_leaves=12
)
RESOURCES = st.dictionaries(NAMES, VALUES)


@given(RESOURCES, RESOURCES)
def test_any_resource(fields: dict[str, Any], metrics: dict[str, Any]) -> None:
    assert isinstance(reading.system(fields), System)
    assert isinstance(reading.power(fields), Power)
    assert isinstance(reading.supply(fields, metrics), Supply)
    reading.link(fields, "Location")
    reading.members(fields, "Location", "Placement")


@given(st.binary(max_size=200))
def test_any_body(body: bytes) -> None:
    try:
        assert isinstance(object_of(body, "/redfish/v1/"), dict)
    except Unanswered as why:
        assert str(why.no_answer.cause) == "parse"


@given(st.text())
def test_any_link(link: str) -> None:
    try:
        path = vetted(link, SYSTEM)
    except Unanswered:
        return
    assert canonical(path).startswith("/redfish/v1/Systems/")
    assert canonical(path).count("/") == 4
    assert ".." not in path.split("/")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("4C4C4544003110108053B4C04F4E3232", "4C4C4544-0031-1010-8053-B4C04F4E3232"),
        ("4c4c4544-0031-1010-8053-b4c04f4e3232", "4c4c4544-0031-1010-8053-b4c04f4e3232"),
        ("000000000000000000000CC47A123456", None),
        ("00000000-0000-0000-0000-0CC47A123456", None),
        ("0" * 32, None),
        ("F" * 32, None),
        ("09CZ372137H3", "09CZ372137H3"),
        ("0" * 31 + "g", "0" * 31 + "g"),
        (7, None),
    ],
)
def test_a_uuid_is_known_by_its_form(told: object, expected: str | None) -> None:
    assert reading.uuid(told) == expected
    assert reading.system({"UUID": told}).uuid == expected


@pytest.mark.parametrize(
    ("volts", "expected"),
    [
        (230, 230_000),
        (Decimal("229.4567"), 229_457),
        (0, 0),
        (True, None),
        (-1, None),
        (10**7, None),
        (Decimal("1e400"), None),
        ("230", None),
        (None, None),
        (230.5, None),
    ],
)
def test_volts(volts: object, expected: int | None) -> None:
    assert reading.millivolts(volts) == expected


def test_a_placeholder_is_exactly_one_segment() -> None:
    path = "/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/2/Metrics"
    assert vetted(path, METRICS) == path
    for wrong in (path + "/x", path.replace("/1/", "/1/2/"), path.replace("/1/", "//")):
        with pytest.raises(Unanswered):
            vetted(wrong, METRICS)

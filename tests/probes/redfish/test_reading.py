"""Resources to answers: wrong types, nulls and junk are None, and nothing ever raises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import Chassis, Power, Supply, System
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_json import object_of
from preflight.probes.redfish_paths import METRICS, SYSTEM, canonical, vetted
from preflight.probes.unanswered import Unanswered

LEAVES = st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.floats()
NAMES = st.sampled_from(
    [
        "SerialNumber", "UUID", "SKU", "HostName", "PowerState", "AssetTag", "Location",
        "Placement", "PostalAddress", "Room", "Rack", "Row", "FacilityName", "Name", "MemberId",
        "Status", "State", "Health", "LineInputVoltage", "InputVoltage", "Reading", "@odata.id",
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
    assert isinstance(reading.chassis(fields), Chassis)
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


def test_the_place_of_the_mockups_is_no_place() -> None:
    place = {"Placement": {"Row": "North", "Rack": "WEB43"}, "PostalAddress": {"Room": "2"}}
    assert reading.chassis({"Location": place}) == Chassis()
    real = {"Placement": {"Row": "North", "Rack": "N1"}}
    assert reading.chassis({"Location": real}) == Chassis(rack="N1", row="North")


@pytest.mark.parametrize(
    ("location", "hall"),
    [
        ({"PostalAddress": {"Room": "north"}, "Placement": {"Room": "x"}}, "north"),
        ({"PostalAddress": {"Room": ""}, "Placement": {"Room": "south"}}, "south"),
        ({"PostalAddress": None, "Placement": {"FacilityName": "IKJ1"}}, "IKJ1"),
        ({"Info": ";;;;1"}, None),
        (None, None),
        ([], None),
    ],
)
def test_where_a_hall_may_stand(location: object, hall: str | None) -> None:
    assert reading.chassis({"Location": location}).hall == hall


def test_a_placeholder_is_exactly_one_segment() -> None:
    path = "/redfish/v1/Chassis/1/PowerSubsystem/PowerSupplies/2/Metrics"
    assert vetted(path, METRICS) == path
    for wrong in (path + "/x", path.replace("/1/", "/1/2/"), path.replace("/1/", "//")):
        with pytest.raises(Unanswered):
            vetted(wrong, METRICS)

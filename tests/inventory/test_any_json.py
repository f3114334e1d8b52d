"""Whatever NetBox sends, it makes an inventory, records and a site file, and nothing raises."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from preflight.evidence import NoAnswer, Record
from preflight.files.site import Site
from preflight.inventory.names import names
from preflight.inventory.places import Places
from preflight.inventory.read import device_types, inventory
from preflight.inventory.records import Records
from preflight.model import Id
from preflight.probes.foreign_json import object_of
from preflight.probes.netbox_paths import LISTS, TYPES
from tests.probes.netbox.world import lagos

SITE = Site.model_validate(
    {"site": "lagos", "customer": "X", "profile": "p", "hosts": {"db1": {"address": "127.0.0.1"}},
     "authorised": {"by": "C", "on": "2026-11-10", "from": "2026-11-10", "until": "2026-12-12",
                    "networks": ["127.0.0.0/8"]},
     "halls": {"north": {"racks": ["N1"]}}}
)  # fmt: skip
ID: TypeAdapter[str] = TypeAdapter(Id)
WORLD = {path.rpartition("/")[2]: rows for path, rows in lagos().items()}
FIELDS = sorted({name for rows in WORLD.values() for row in rows for name in row})
INNER = ["id", "name", "slug", "device", "value"]
scalars = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=20)
    | st.sampled_from([1, 2, 3, "db1", "dcim.poweroutlet", Decimal("1e30"), Decimal("21.5")])
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "name", "slug", "device", "value"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)
rows = st.dictionaries(st.sampled_from(FIELDS), anything, max_size=8)
listed = st.dictionaries(
    st.sampled_from([*(one.name for one in LISTS), TYPES.name]), st.lists(rows, max_size=4)
)


def holds(lists: Mapping[str, Any]) -> None:
    found = inventory("lagos", "4.2", "Lagos", lists, ())
    records = Records(found, SITE)
    called = names(found)
    assert len({name.casefold() for name in called.values()}) == len(found.machines)
    for key, machine in found.machines.items():
        ID.validate_python(called[key])
        assert isinstance(records.of(machine.name), (Record, NoAnswer))
        assert isinstance(records.of(called[key]), (Record, NoAnswer))
    for rack in found.racks.values():
        Places(found, {}).of_rack(rack)
    device_types(list(lists.get("devices", ())))


@given(listed)
def test_any_rows(lists: dict[str, Any]) -> None:
    holds(lists)


@given(st.data())
def test_a_good_world_with_one_field_of_anything(data: st.DataObject) -> None:
    """What comes near to good data gets further than noise does."""
    world = copy.deepcopy(WORLD)
    name = data.draw(st.sampled_from(sorted(world)))
    row = data.draw(st.sampled_from(world[name]))
    row[data.draw(st.sampled_from(sorted(row)))] = data.draw(anything)
    holds(world)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
def test_any_body_is_json_or_says_that_it_is_none(body: bytes) -> None:
    from preflight.probes.unanswered import Unanswered

    try:
        found = object_of(b'{"results": [' + body + b"]}", "/api/")
    except Unanswered:
        return
    holds({"devices": [row for row in found["results"] if isinstance(row, dict)]})
    json.dumps(found, default=str)

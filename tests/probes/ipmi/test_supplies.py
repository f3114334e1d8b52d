"""What sensors of power supplies come to when the records do not tell supplies apart."""

from __future__ import annotations

import pytest

from preflight.evidence import Supply
from preflight.kinds.feeding import Feed, feed
from preflight.probes.ipmi_supplies import doubted, unlike

WELL = Supply(name="PS", state="Enabled", health="OK", input_state="Normal")
DARK = WELL.model_copy(update={"health": "Critical", "input_state": "LossOfInput"})


@pytest.mark.parametrize(
    ("second", "entities", "feeds"),
    [
        (WELL, [(10, 1), (10, 2)], [Feed.FED, Feed.FED]),
        (WELL, [(10, 1), (10, 1)], [Feed.UNTOLD, Feed.UNTOLD]),
        (DARK, [(10, 1), (10, 1)], [Feed.UNTOLD, Feed.UNFED]),
    ],
)
def test_two_sensors_of_one_entity_are_not_two_supplies_that_are_well(
    second: Supply, entities: list[tuple[int, int]], feeds: list[Feed]
) -> None:
    told = doubted(unlike([WELL, second], entities), entities)
    assert [feed(supply) for supply in told] == feeds
    assert len({supply.name for supply in told}) == 2

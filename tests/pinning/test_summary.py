"""How `pin` ends: what it says of a password holds for the run that comes after."""

from __future__ import annotations

import pytest

from preflight.evidence import HostKey
from preflight.pinning.shown import Claim, Shown
from preflight.render.pin_summary import Ended, summary

A, B, C = (f"SHA256:{letter * 43}" for letter in "ABC")


def _shown(thing: str, *, pins: frozenset[str] = frozenset(), by: str = "", says: str = A) -> Shown:
    keys = (HostKey(algorithm="ssh-ed25519", fingerprint=A),)
    return Shown(thing, "10.0.0.1:22", keys, pins=pins, pinned_by=by, listed=(Claim(says),))


def _said(*shown: Shown) -> str:
    return "\n".join(summary(Ended("site.yaml", shown, frozenset())))


@pytest.mark.parametrize("by", ["the site file", "known_hosts"])
def test_a_pin_that_the_list_contradicts_lets_a_run_in(by: str) -> None:
    said = _said(_shown("host:db1", pins=frozenset({A}), by=by, says=B))
    assert "SHOWS ANOTHER KEY THAN THE LIST SAYS (1): host:db1" in said
    assert "host:db1: a run still logs in there, by its pin; take that out" in said
    assert "no password goes there" not in said


def test_without_a_pin_or_with_another_none_goes_there() -> None:
    said = _said(_shown("host:db1", says=B))
    assert "no password goes there" in said
    assert "still logs in" not in said
    said = _said(_shown("host:db1", pins=frozenset({C}), by="the site file", says=B))
    assert "no password goes there" in said
    assert "still logs in" not in said


def test_one_key_of_two_things_stands_at_the_end_too() -> None:
    said = _said(_shown("host:db1"), _shown("host:db2"))
    assert "ONE KEY, SHOWN BY SEVERAL: host:db1, host:db2" in said

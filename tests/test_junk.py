"""What says nothing is None; what may be real stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.junk import real

JUNK = [
    "", " ", "\0", "None", "NONE", "null", "N/A", "---", "...", "Unknown", "Default string",
    "To Be Filled By O.E.M.", " to be filled by o.e.m. ", "Not Specified", "Not Available",
    "System Serial Number", "Chassis Serial Number", "0123456789", "123456789", "0000000000",
    "UnnamedRack", ";;;;1", ";;;;", "xxxxxxxx", "uninitialized",
    "00000000-0000-0000-0000-000000000000", "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "ffffffffffffffffffffffffffffffff", "00000000-0000-0000-0000-0CC47A3B2C11",
    "03000200-0400-0500-0006-000700080009", "437XR1138R2", "WEB43", "web483", "Contoso",
    "38947555-7742-3448-3784-823347823834", "To be filled by O.E.M. by More String", "Not Assigned",
    "00020003-0004-0005-0006-000700080009", "78563412-3412-7856-90AB-CDDEEFAABBCC", "0x00000000",
]  # fmt: skip
REAL = [
    "CZ2100A7", "N1", "0", "00", "07", "1", "A", "F", "FF", "X", "north", "North", "R14", "4U",
    "4c4c4544-0031-4a10-8053-b4c04f4e3232", "3d1219c7c4c5404aaa1f6d2a48adfda4", "NO-12", "é",
    "None of the above", "0042", "SN-000001",
]  # fmt: skip


@pytest.mark.parametrize("value", JUNK)
def test_junk(value: str) -> None:
    assert real(value) is None
    assert real(value.upper()) is None
    assert real(f"  {value}\n") is None


@pytest.mark.parametrize("value", REAL)
def test_real(value: str) -> None:
    assert real(value) == value
    assert real(f" {value}\n") == value


@pytest.mark.parametrize("value", [None, 7, 1.5, True, [], {}, b"CZ2100A7"])
def test_what_is_no_text(value: object) -> None:
    assert real(value) is None


@given(st.text())
def test_what_is_real_stays_real(value: str) -> None:
    found = real(value)
    assert found is None or (found == found.strip() and real(found) == found)

"""Any bytes give a site file that reads as it was told, or errors; never anything else."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from preflight.errors import PreflightError
from preflight.files.site import Site
from preflight.starting.draft import HostDraft
from preflight.text import shown

CELLS = st.one_of(
    st.sampled_from(["", "db1", "10.0.0.1", "null", "true", "a: b", "# x", "N1", "=1+1", "tbd", "-",
                     '"', '""', "1e5", "é", "\x85", "\u2028", "\x00", "'", "[a]", "*x", "&y", "!z",
                     "~", "2026-11-10", "0x1", "10.0.0.2/24", "::1", "::", "\ufeff", "%"]),
    st.text(max_size=12),
)  # fmt: skip
HEADERS = st.sampled_from(
    ["Name", "IP", "BMC", "Rack", "Hall", "U", "Feed", "Feed B", "Serial", "Role", "User", "x", ""]
)


@st.composite
def sheets(draw: st.DrawFn) -> bytes:
    delimiter = draw(st.sampled_from(",;\t|"))
    header = draw(st.lists(HEADERS, min_size=1, max_size=8))
    rows = draw(st.lists(st.lists(CELLS, max_size=9), max_size=6))
    quoted = draw(st.booleans())
    cells = [[f'"{c.replace(chr(34), chr(34) * 2)}"' if quoted else c for c in r] for r in rows]
    text = "\n".join(delimiter.join(row) for row in [["IP", *header], *cells])
    return text.encode(draw(st.sampled_from(["utf-8", "utf-16", "latin-1"])), "replace")


def told(host: HostDraft) -> dict[str, Any]:
    """A host as its file must read."""
    fields = {
        "hall": host.hall, "rack": host.rack, "unit": host.unit, "serial": host.serial,
        "roles": list(host.roles), "feeds": list(host.feeds),
        "ssh": {"user": host.user} if host.user else None,
        "bmc": {"address": host.bmc.address} if host.bmc else None,
    }  # fmt: skip
    return {"address": host.address, **{key: value for key, value in fields.items() if value}}


@given(data=st.one_of(sheets(), st.binary(max_size=200)))
@example(b'Name,IP\n"')
@example(b"IP\n::")
@example(b"IP,Rack,Hall,Name\n10.0.0.1,true,false,true\n10.0.0.2,07,0x1,4.20")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_sheet(read: Any, draft: Any, loaded: Any, data: bytes) -> None:
    try:
        found = read(data)
    except PreflightError as error:
        assert str(error)
        return
    site = loaded(draft(found))
    assert site["hosts"] == {host.name: told(host) for host in found.hosts}
    halls = {
        name: {k: list(v) for k, v in (("racks", h.racks), ("feeds", h.feeds)) if v}
        for name, h in found.halls.items()
    }
    assert site.get("halls", {}) == halls
    if all(host.address for host in found.hosts):
        Site.model_validate(site)
    assert all("\n" not in line and shown(line) == line for line in found.told)

"""Where NetBox is asked, as templates: no request goes anywhere else, and all of them are GET.

Paths begin where NetBox lives (`netbox.path` in the site file). `{offset}` and `{ids}` are all that
an answer decides.
"""

from __future__ import annotations

from typing import NamedTuple

LIMIT = 200
"""Rows of a page. A NetBox whose MAX_PAGE_SIZE is less sends less, and is asked on from there."""
STATUS = "/api/status/"
SITES = "/api/dcim/sites/"


class List(NamedTuple):
    """One list of NetBox."""

    name: str
    path: str
    filters: str = ""
    """Beside the site, as they stand in the query."""
    needed: bool = False
    """Without it there is no inventory; of any other the token may know nothing."""
    model: str = ""
    """The object type that the token's user has to be allowed to view."""


LISTS = (
    List("locations", "/api/dcim/locations/", model="dcim.location"),
    List("racks", "/api/dcim/racks/", model="dcim.rack"),
    List("devices", "/api/dcim/devices/", "exclude=config_context", needed=True,
         model="dcim.device"),
    List("power-panels", "/api/dcim/power-panels/", model="dcim.powerpanel"),
    List("power-feeds", "/api/dcim/power-feeds/", model="dcim.powerfeed"),
    List("power-ports", "/api/dcim/power-ports/", model="dcim.powerport"),
    List("interfaces", "/api/dcim/interfaces/", "cabled=true", model="dcim.interface"),
    List("virtual-machines", "/api/virtualization/virtual-machines/", "exclude=config_context",
         model="virtualization.virtualmachine"),
)  # fmt: skip
"""In the order of asking."""
TYPES = List("device-types", "/api/dcim/device-types/", model="dcim.devicetype")
"""Asked by id: only they know how high a device is."""
MOST_IDS = 20
"""Of device types in one request."""


def page(list_: List, site: str, offset: object) -> str:
    """One page of a list of this site."""
    more = f"&{list_.filters}" if list_.filters else ""
    return f"{list_.path}?site={site}{more}&limit={LIMIT}&offset={offset}"


def types(ids: object) -> str:
    """Some device types; `ids` is like `id=3&id=12`."""
    return f"{TYPES.path}?limit={LIMIT}&{ids}"


def the_site(slug: str) -> str:
    """The one site."""
    return f"{SITES}?slug={slug}&limit=1&offset=0"


def all_sites(offset: object) -> str:
    """What there is, for whoever wrote the slug wrong."""
    return f"{SITES}?brief=true&limit={LIMIT}&offset={offset}"


def requests(site: str) -> tuple[str, ...]:
    """Every request that the records of a site may cause."""
    pages = (page(list_, site, "{offset}") for list_ in LISTS)
    paths = (STATUS, the_site(site), all_sites("{offset}"), *pages, types("{ids}"))
    return tuple(f"GET {path}" for path in paths)


def models() -> tuple[str, ...]:
    """The object types to allow, and no others."""
    return ("dcim.site", *(list_.model for list_ in LISTS), TYPES.model)

"""What NetBox says of one site: one bounded sequence of GETs, whatever is asked of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice

from preflight.files.suggest import one_of
from preflight.inventory import rows
from preflight.inventory.model import Inventory
from preflight.inventory.read import device_types, inventory
from preflight.inventory.rows import Row
from preflight.inventory.versions import is_too_old, known
from preflight.probes import netbox_paths as paths
from preflight.probes.netbox_http import NetboxHttp
from preflight.probes.netbox_paths import List
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

_WITHHELD = frozenset({UnknownCause.PERMISSION, UnknownCause.UNSUPPORTED})
_SITES_TOLD = 5000


def meet(http: NetboxHttp) -> str:
    """NetBox's version, once it has taken the token.

    Raises:
        Unanswered: it does not, it is no NetBox, or one that is too old.
    """
    found = http.get(paths.STATUS)
    version = rows.text(found, "netbox-version")
    if not version:
        other = "Nautobot" if "nautobot-version" in found else "something else"
        raise Unanswered(UnknownCause.PARSE, f"no NetBox answers at {paths.STATUS}: {other} does")
    if is_too_old(version):
        detail = f"NetBox {version} is older than the API that is known here: {known()}"
        raise Unanswered(UnknownCause.UNSUPPORTED, detail)
    return version


def read(http: NetboxHttp, slug: str, version: str) -> Inventory:
    """All that NetBox lists for the site of this slug.

    Raises:
        Unanswered: there is no such site, its devices may not be read, or a list is no list.
    """
    name = _name(http, slug)
    lists: dict[str, list[Row]] = {}
    withheld: list[str] = []
    for list_ in paths.LISTS:
        _keep(lists, withheld, list_, partial(http.rows, _pages(list_, slug)))
    ids = device_types(lists["devices"])
    _keep(lists, withheld, paths.TYPES, partial(_types, http, ids))
    return inventory(slug, version, name, lists, withheld)


def _keep(
    lists: dict[str, list[Row]], withheld: list[str], of: List, ask: Callable[[], Iterator[Row]]
) -> None:
    """What the token may not read is remembered as such, unless nothing goes without it."""
    try:
        lists[of.name] = list(ask())
    except Unanswered as why:
        if of.needed or why.no_answer.cause not in _WITHHELD:
            raise
        withheld.append(of.name)


def _pages(list_: List, slug: str) -> Callable[[int], str]:
    return lambda offset: paths.page(list_, slug, offset)


def _types(http: NetboxHttp, ids: tuple[int, ...]) -> Iterator[Row]:
    for start in range(0, len(ids), paths.MOST_IDS):
        some = "&".join(f"id={id_}" for id_ in ids[start : start + paths.MOST_IDS])
        yield from rows.listed(http.get(paths.types(some)), "results")


def _name(http: NetboxHttp, slug: str) -> str:
    """The site's name there."""
    found = http.get(paths.the_site(slug))
    site = next(rows.listed(found, "results"), None)
    if site is not None and rows.text(site, "slug") == slug:
        return rows.text(site, "name")
    slugs = [rows.text(row, "slug") for row in islice(http.rows(paths.all_sites), _SITES_TOLD)]
    near = one_of(slug, slugs) or f"there are {len(slugs)} sites"
    raise Unanswered(UnknownCause.MISSING_ATTRIBUTE, f'NetBox has no site "{slug}"; {near}')

"""Two feeds? By the declared labels of the power feeds in the site file. Nothing observes them."""

from __future__ import annotations

from preflight.kinds.apart.pair import PairResult, differ, open_, share
from preflight.kinds.base import Case
from preflight.kinds.sources import declared, quoted
from preflight.words import Assurance, UnknownCause


def feed(case: Case, one: str, other: str) -> PairResult:
    """No feed in common, and every label declared."""
    hosts = case.context.site.hosts
    feeds = {name: frozenset(hosts[name].feeds) for name in (one, other)}
    shared = feeds[one] & feeds[other]
    if shared:
        label = quoted(", ".join(sorted(shared)))
        found = f"{one} and {other} share feed {label} (said by the site file)"
        return share(found, Assurance.CLAIMED)
    without = [name for name, labels in feeds.items() if not labels]
    if without:
        found = f"nothing says which feeds {' and '.join(without)} hangs on"
        note = "write the feeds' labels into the site file"
        return open_(UnknownCause.MISSING_ATTRIBUTE, found, note=note)
    return _by_label(case, feeds)


def _by_label(case: Case, feeds: dict[str, frozenset[str]]) -> PairResult:
    found = ", ".join(
        f"{name} on feed {quoted(', '.join(sorted(labels)))}" for name, labels in feeds.items()
    )
    known = case.once("feeds", lambda: declared(case.context.site, "feed"))
    if not frozenset().union(*feeds.values()) <= known:
        note = "declare the feeds under halls: in the site file"
        found += ", but not all labels are declared"
        return open_(UnknownCause.AMBIGUOUS_LABEL, found, note=note)
    return differ(f"{found} (said by the site file)", Assurance.CLAIMED)

"""The sheet of `plan --provable`."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from preflight.canonical import canonical
from preflight.errors import RefusedError
from preflight.finding import Finding
from preflight.garbage import no_garbage_collection
from preflight.permission import refuse_unpermitted, targets
from preflight.plan import make_plan
from preflight.probes.facts import ROOT_ONLY
from preflight.provable.ideal import State
from preflight.provable.means import Means
from preflight.provable.reasons import ASSUMED, is_good
from preflight.provable.remedies import REMEDIES, Remedy
from preflight.provable.trial import Tried, hosts_of, tried
from preflight.report import Inputs
from preflight.series import series
from preflight.text import one_line, without_word
from preflight.words import Outcome, UnknownCause


class Request(NamedTuple):
    """One thing to ask for, and what it is good for."""

    owner: str
    ask: str
    alone: tuple[str, ...]
    """Findings that can pass as soon as this is there."""
    together: tuple[str, ...]
    """Findings that need something else as well."""

    @property
    def findings(self) -> int:
        """How many need it."""
        return len(self.alone) + len(self.together)


def provable(inputs: Inputs, means: Means, now: datetime, *, as_json: bool = False) -> str:
    """The sheet, or its data."""
    state = State(inputs, means)
    with no_garbage_collection():
        found = tried(state, now)
    refused = _refused(inputs, now)
    if as_json:
        return _json(state, found, refused)
    return "\n".join(_lines(state, found, refused))


def _refused(inputs: Inputs, now: datetime) -> str:
    """Why a run would send nothing at all; names are not resolved here."""
    addresses = {a: a for a in targets(make_plan(inputs)) if _is_ip(a)}
    try:
        refuse_unpermitted(inputs.site, addresses, now)
    except RefusedError as error:
        return str(error).removesuffix("; nothing was sent")
    return ""


def _is_ip(address: str) -> bool:
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return True


def requests(state: State, needed: Mapping[str, tuple[Remedy, ...]]) -> tuple[Request, ...]:
    """One per owner and remedy, the most useful of each owner first."""
    rows = []
    for remedy in REMEDIES:
        ids = [i for i, remedies in needed.items() if remedy in remedies]
        lacking = remedy.hosts(state)
        about = {h for i in ids for h in hosts_of(state, i)}
        hosts = series(name for name in lacking if name in about)
        if ids:
            alone = tuple(sorted(i for i in ids if needed[i] == (remedy,)))
            together = tuple(sorted(set(ids) - set(alone)))
            rows.append(Request(remedy.owner, remedy.text.format(hosts), alone, together))
    use: Counter[str] = Counter()
    for row in rows:
        use[row.owner] += row.findings
    return tuple(sorted(rows, key=lambda r: (-use[r.owner], r.owner, -r.findings)))


def _owners(rows: Iterable[Request]) -> list[str]:
    return list(dict.fromkeys(row.owner for row in rows))


def _lines(state: State, found: Tried, refused: str) -> Iterator[str]:
    passing = found.passing
    yield (
        f"{len(passing)} of {len(found.findings)} blocker and safety findings of "
        f"{state.inputs.site.site} can pass with this access, if all is well there"
    )
    if refused:
        yield f"but a run would send nothing today: {refused}"
    yield from _listed("can pass:", [i for i in passing if i not in found.by_self_check])
    by_people = [i for i in passing if i in found.by_self_check]
    yield from _listed("can pass once the customer has run the self-check:", by_people)
    yield from _cannot(found)
    yield from _asks(state, found)
    yield from _without_remedy(found)
    yield from _root(state)


def _listed(title: str, ids: Iterable[str]) -> Iterator[str]:
    """Subjects by check."""
    by_check: dict[str, list[str]] = {}
    for name in ids:
        check, _, subject = name.rpartition("@")
        by_check.setdefault(check, []).append(subject)
    if by_check:
        yield from ("", title)
    yield from (f"  {check}: {series(subjects)}" for check, subjects in by_check.items())


def _cannot(found: Tried) -> Iterator[str]:
    if found.needed:
        yield from ("", "cannot pass yet, because:")
    alike: dict[tuple[str, str], list[str]] = {}
    for name in (i for i in found.findings if i in found.needed):
        check, _, subject = name.rpartition("@")
        reason = without_word(subject.partition(":")[2], because(found.findings[name]))
        alike.setdefault((check, reason), []).append(name)
    for (check, reason), names in alike.items():
        subjects = series(name.rpartition("@")[2] for name in names)
        why = reason if len(names) > 1 else because(found.findings[names[0]])
        yield f"  {check}: {subjects}: {why}"


def because(finding: Finding) -> str:
    """Why the judge could not pass it, in a line."""
    parts = [p for p in finding.parts if not is_good(p)]
    return one_line("; ".join(dict.fromkeys(p.found for p in parts)) or finding.found, 300)


def _asks(state: State, found: Tried) -> Iterator[str]:
    rows = requests(state, found.needed)
    if rows:
        yield from ("", "the cheapest to ask for, and how many findings need it:")
    for owner in _owners(rows):
        yield f"{owner}:"
        for row in (r for r in rows if r.owner == owner):
            yield f"  {_count(row):>4}  {row.ask}"
    for row in requests(state, found.otherwise):
        yield f"instead of sudo: {row.ask} ({row.owner})"


def _count(row: Request) -> str:
    """`3` findings at once, `+2` that need another line as well."""
    alone, more = len(row.alone), len(row.together)
    return f"{alone}+{more}" if alone and more else f"+{more}" if more else str(alone)


def _without_remedy(found: Tried) -> Iterator[str]:
    if found.hopeless:
        yield from ("", "no access changes these:")
    for name in found.hopeless:
        finding = found.findings[name]
        yield f"  {name}: {because(finding)}"
        if hint := hint_of(finding):
            yield f"      {hint}"


def hint_of(finding: Finding) -> str:
    """What else could be done: the judge's own note, or less to be asked for."""
    if finding.unknown is UnknownCause.ASSURANCE_TOO_LOW:
        return (
            "nothing that is planned shows more; accept less in the profile (`assurance:`), or ask "
            "who could show it"
        )
    if finding.unknown is UnknownCause.EMPTY_SELECTION:
        return "describe it in the site file, or correct `on:` in the profile"
    if finding.outcome is Outcome.FAIL:
        failed = (p for p in finding.parts if p.outcome is Outcome.FAIL)
        if all(p.found.startswith(ASSUMED) for p in failed):
            return "as the site file draws it, it fails; correct whichever of the two is wrong"
        return "what the site file says already fails it; correct whichever of the two is wrong"
    return one_line(next((p.note for p in finding.parts if p.note), ""), 300)


def _root(state: State) -> Iterator[str]:
    """Facts that root alone may read, and who else tells them."""
    rows = list(root_facts(state))
    if rows:
        yield from ("", "only root may read these; without `sudo: true` they stay unread:")
    for host, facts, bmc in rows:
        other = "its BMC tells them too" if bmc else "nothing else tells them"
        yield f"  {host}: {', '.join(facts)}; {other}"


def root_facts(state: State) -> Iterator[tuple[str, tuple[str, ...], bool]]:
    """Host, the facts of it that stay unread, and whether its BMC can tell them."""
    unread: dict[str, list[str]] = {}
    for ask in make_plan(state.inputs).asks:
        question = ask.question
        root = question.argument or state.means.accounts.get(ask.thing) == "root"
        if question.fact in ROOT_ONLY and not root:
            unread.setdefault(ask.thing, []).append(question.fact)
    for thing, facts in unread.items():
        name = thing.partition(":")[2]
        bmc = f"bmc:{name}"
        open_ = bmc in state.means.pinned and bmc in state.means.accounts
        yield name, tuple(dict.fromkeys(facts)), open_


def _json(state: State, found: Tried, refused: str) -> str:
    rows = [
        {
            "id": name,
            "provable": name in found.passing,
            "by_self_check": name in found.by_self_check,
            "because": "" if name in found.passing else because(finding),
            "needs": [r.id for r in found.needed.get(name, ())],
            "hint": hint_of(finding) if name in found.hopeless else "",
        }
        for name, finding in found.findings.items()
    ]
    data = {
        "refused": refused,
        "findings": rows,
        "requests": [r._asdict() for r in requests(state, found.needed)],
        "instead_of_sudo": [r._asdict() for r in requests(state, found.otherwise)],
        "root_only": [
            {"host": host, "facts": list(facts), "bmc_tells": bmc}
            for host, facts, bmc in root_facts(state)
        ],
    }
    return canonical(data).decode("ascii")

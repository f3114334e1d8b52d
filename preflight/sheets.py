"""The sheets that `preflight plan` prints: the plan, the requests, the customer's requirements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from preflight.canonical import canonical, digest
from preflight.commands import announced, commands_digest
from preflight.errors import PreflightError
from preflight.evidence import Ask, Question
from preflight.files.check import PlannedCheck
from preflight.plan import Due, due_findings, make_plan
from preflight.report import Inputs, Plan
from preflight.series import series
from preflight.words import Severity


def plan(inputs: Inputs, *, as_json: bool = False) -> str:
    """Every finding due, by check, and how many questions go to which thing."""
    made = make_plan(inputs)
    if as_json:
        data = {**made.model_dump(mode="json"), "sha256": plan_digest(made)}
        return canonical(data).decode("ascii")
    lines = [f"Plan for {inputs.site.site} ({inputs.site.customer}), stage {inputs.stage}"]
    lines += [*_trip(inputs), ""]
    by_check: dict[str, list[str]] = {}
    for finding in made.findings:
        text = f"{finding.subject} (matches nothing)" if finding.empty else finding.subject
        by_check.setdefault(finding.check, []).append(text)
    for check in inputs.checks:
        if subjects := by_check.get(check.id):
            lines += [f"{check.id}  {check.title}", f"    {_weight(check)}: {series(subjects)}"]
    lines += [*_dropped(inputs), "", *_questions(made)]
    # No digest here: the one that `run --approved` takes is that of the requests.
    lines += ["", _totals(made)]
    lines += ["what would be sent, and the digest to approve it by: add --commands"]
    return "\n".join(lines)


def _totals(made: Plan) -> str:
    """`17 findings, 40 questions, and 2 to somebody on site`."""
    people = sum(_of_person(ask) for ask in made.asks)
    asked = _many(len(made.asks) - people, "question")
    rest = f", and {people} to somebody on site" if people else ""
    return f"{_many(len(made.findings), 'finding')}, {asked}{rest}"


def _of_person(ask: Ask) -> bool:
    """Nothing is sent: the self-check puts it to somebody on site."""
    return ask.question.protocol == "person"


def _many(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"


def plan_digest(made: Plan) -> str:
    """SHA-256 over the canonical plan."""
    return digest(made.model_dump(mode="json"))


def _trip(inputs: Inputs) -> list[str]:
    trip = inputs.booking
    if trip is None:
        return ["no booking given: the verdict can be no better than not proven"]
    return [f"booking {trip.booking}, departs {trip.departs:%Y-%m-%d %H:%M} UTC"]


def _weight(check: PlannedCheck) -> str:
    return f"{check.severity}, needed by {check.needed_by}, {check.owner}"


def _dropped(inputs: Inputs) -> list[str]:
    return [
        f"dropped: {d.check} {' '.join(d.on)} ({d.why})".replace("  ", " ")
        for d in inputs.profile.dropped
    ]


def _questions(made: Plan) -> list[str]:
    of: dict[tuple[str, str], list[str]] = {}
    for ask in made.asks:
        if not _of_person(ask):
            of.setdefault((ask.thing, ask.question.address), []).append(_question(ask.question))
    alike: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for thing, texts in of.items():
        alike.setdefault(tuple(texts), []).append(thing)
    machines = [f"{_where(things)}: {', '.join(texts)}" for texts, things in alike.items()]
    return [*machines, *_to_people(made)]


def _question(question: Question) -> str:
    port = f" {question.port}" if question.port else ""
    argument = f" {question.argument}" if question.argument else ""
    return f"{question.protocol}{port} {question.fact}{argument}"


def _where(things: Sequence[tuple[str, str]]) -> str:
    """Things that are asked the same, and at which addresses."""
    names = series(dict.fromkeys(thing for thing, _ in things))
    addresses = series(dict.fromkeys(address for _, address in things if address))
    return f"{names} at {addresses}" if addresses else f"about {names}"


def _to_people(made: Plan) -> list[str]:
    """What only a person can tell, apart from all that a run asks."""
    asks = [ask for ask in made.asks if _of_person(ask)]
    if not asks:
        return []
    lines = ["", "asked of somebody on site, by `preflight selfcheck build` (a run sends nothing):"]
    return [*lines, *(f"  about {ask.thing}: {ask.question.argument}" for ask in asks)]


def commands(inputs: Inputs, *, as_json: bool = False) -> str:
    """Every request that may be sent, as it goes over the wire, and the digest to approve."""
    from preflight.runner import templates

    requests = announced(make_plan(inputs), templates, inputs.site)
    sha256 = commands_digest(requests)
    if as_json:
        rows = [r.model_dump(mode="json") for r in requests]
        return canonical({"requests": rows, "sha256": sha256}).decode("ascii")
    lines = [f"{request.thing:<24} {request.request}" for request in requests]
    lines += ["", f"{len(requests)} requests; approve them by this digest: {sha256}"]
    return "\n".join(lines)


def script(inputs: Inputs, host: str = "") -> str:
    """The script that hosts are asked to run, as a file that they can hold themselves.

    With the name of a host exactly its file. Else the one that all share, or each different one
    under a line that names its hosts. A run sends the same functions and calls.

    Raises:
        PreflightError: there is no such host, or nothing is read on it.
    """
    texts = scripts(inputs)
    if not host and len(texts) == 1:
        return next(iter(texts))
    if not host:
        return "\n".join(f"# {' '.join(things)}\n{text}" for text, things in texts.items())
    for text, things in texts.items():
        if f"host:{host}" in things:
            return text
    what = "nothing is read on" if host in inputs.site.hosts else "there is no host"
    raise PreflightError(f"{what} {host}", help="hosts with a script: " + _hosts_of(texts))


def scripts(inputs: Inputs) -> dict[str, list[str]]:
    """Every different script as a file, and the things that it is for."""
    from preflight.probes import facts

    hosts: dict[str, list[Ask]] = {}
    for ask in make_plan(inputs).asks:
        if ask.question.protocol == "ssh" and ask.question.fact in facts.FACTS:
            hosts.setdefault(ask.thing, []).append(ask)
    texts: dict[str, list[str]] = {}
    for thing, asks in hosts.items():
        texts.setdefault(facts.published(asks), []).append(thing)
    return texts


def _hosts_of(texts: Mapping[str, list[str]]) -> str:
    things = (thing.partition(":")[2] for things in texts.values() for thing in things)
    return ", ".join(things) or "none"


def requirements(inputs: Inputs, *, as_json: bool = False) -> str:
    """What must be true at the site, by owner, in words for the customer."""
    due = [d for d in due_findings(inputs) if not d.check.check.startswith("site/")]
    if as_json:
        return canonical([_row(d) for d in due]).decode("ascii")
    lines = [f"What must be true at {inputs.site.customer}, {inputs.site.site}, before we travel"]
    for owner in dict.fromkeys(d.check.owner for d in due):
        lines += ["", f"{owner}:"]
        lines += _items(d for d in due if d.check.owner is owner)
    return "\n".join(lines)


def _items(due: Iterable[Due]) -> list[str]:
    by_check: dict[str, list[Due]] = {}
    for item in due:
        by_check.setdefault(item.check.id, []).append(item)
    lines = []
    for items in by_check.values():
        check = items[0].check
        extra = " (advisory)" if check.severity is Severity.ADVISORY else ""
        names = series(d.subject.name if d.subject else d.selector for d in items)
        lines += [f"  [ ] {check.title}{extra}: {names}", f"      {check.why}"]
    return lines


def _row(item: Due) -> dict[str, str]:
    check = item.check
    return {
        "id": item.id, "title": check.title, "owner": str(check.owner), "why": check.why,
        "severity": str(check.severity), "needed_by": str(check.needed_by),
    }  # fmt: skip

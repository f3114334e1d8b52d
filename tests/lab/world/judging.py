"""Holds a run of chaos against everything that must be true of every run."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from preflight.errors import NotGenuine
from preflight.judge import rejudge
from preflight.report import named, read_report, report_bytes
from preflight.verify import File, verify
from tests.lab.world import bmcs, boxes
from tests.lab.world.oracle import DUE, Oracle
from tests.lab.world.rig import Ran
from tests.lab.world.truth import READY

Data = dict[str, Any]
SEED = "PREFLIGHT_CHAOS_SEED"
"""The environment variable that names one combination to try again."""
EXITS = {"go": 0, "no-go": 3, "not-proven": 4}
GRACE_S = 20
"""How much longer than its limit a run may last, report, signature and page included, on a slow
machine. One that hangs is killed after a minute."""
SKEW_S = 300
"""A clock that moves further makes a report that nobody believes."""
SECRETS = (boxes.PASSWORD, bmcs.PASSWORD)


def wrong(ran: Ran) -> list[str]:
    """Every sentence is a promise that this run broke."""
    if (early := list(_ended(ran))) or ran.result.folder is None:
        return early
    report = ran.result.report
    rules: tuple[Callable[[Ran, Data], Iterator[str]], ...] = (
        _outcomes, _decided, _genuine, _clock, _nothing_after_wrong_site,
    )  # fmt: skip
    sentences = [sentence for rule in rules for sentence in rule(ran, report)]
    return [*_complete(report), *sentences, *_secrets_told(ran)]


def told(ran: Ran, sentences: list[str]) -> str:
    """For the person who must find out: what broke, in which combination, and how to see it."""
    last = "".join(ran.result.stdout.splitlines(keepends=True)[-1:])
    how = f"to see it again: {SEED}={ran.combination.seed}"
    files = f"files: {ran.files.folder}"
    said = f"exit {ran.result.rc} after {ran.took_s:.1f} s\n{last}{ran.result.stderr}"
    return "\n".join(["", *sentences, str(ran.combination), said, files, how])


def _ended(ran: Ran) -> Iterator[str]:
    limit = ran.combination.limit_s + GRACE_S
    if ran.took_s > limit:
        yield f"it took {ran.took_s:.1f} s, and {limit} s were allowed"
    for word in ("Traceback", "Exception in thread", "never retrieved"):
        if word in ran.result.stderr + ran.result.stdout:
            yield f"{word} on the screen"
    folder = ran.result.folder
    if folder is None or not (folder / "report.json").exists():
        yield "there is no report"


def _complete(report: Data) -> Iterator[str]:
    """Every planned finding exactly once, and evidence for every ask."""
    ids = Counter(finding["id"] for finding in report["findings"])
    planned = Counter(planned["id"] for planned in report["plan"]["findings"])
    if ids != planned or set(ids.values()) != {1}:
        yield f"findings differ from the plan: {ids - planned} {planned - ids}"
    others = {name for name in set(ids) - DUE if not name.startswith("site/needs@")}
    if missing := (DUE - set(ids)) | others:
        yield f"the plan is not the one that is due: {sorted(missing)}"
    asks = Counter(_ask(ask) for ask in report["plan"]["asks"])
    asked = Counter(_ask(item) for item in report["evidence"])
    if asks != asked:
        yield f"evidence differs from what was asked: {asks - asked} {asked - asks}"
    internal = [i for i in report["evidence"] if (i["no_answer"] or {}).get("cause") == "internal"]
    if internal:
        yield f"a bug in a probe: {internal[0]['thing']} {internal[0]['no_answer']}"


def _ask(row: Data) -> tuple[object, ...]:
    return row["thing"], *sorted((key, str(value)) for key, value in row["question"].items())


def _outcomes(ran: Ran, report: Data) -> Iterator[str]:
    """No pass of what is false or was not seen, no fail of what is true or was not asked."""
    oracle = Oracle(ran.combination)
    evidence = {item["id"]: item for item in report["evidence"]}
    normal = report["run"]["ended"] == "normal"
    for finding in report["findings"]:
        name, outcome = finding["id"], finding["outcome"]
        said = f"{name} is {outcome} ({finding['found']})"
        backing = [evidence[e] for e in finding["evidence"]]
        if outcome == "pass":
            yield from _passed(said, name, backing, may=oracle.may_pass(name, report))
        elif outcome == "fail":
            yield from _failed(said, name, backing, may=oracle.may_fail(name))
        elif outcome == "not-applicable":
            yield f"{said}: nothing here makes it so"
        if normal and outcome != "pass" and oracle.must_pass(name):
            yield f"{said}: it answered all the time"


def _passed(said: str, name: str, backing: list[Data], *, may: bool) -> Iterator[str]:
    if not may:
        yield f"{said}: better than the truth"
    if not (name.startswith("site/") or any(item["answer"] for item in backing)):
        yield f"{said}: silence is consent"


def _failed(said: str, name: str, backing: list[Data], *, may: bool) -> Iterator[str]:
    if not may:
        yield f"{said}: worse than the truth"
    if name.startswith("reach/") and any(item["attempts"] < 2 for item in backing):
        yield f"{said}: without a retry"


def _decided(ran: Ran, report: Data) -> Iterator[str]:
    oracle = Oracle(ran.combination)
    decision, outcomes = report["verdict"]["decision"], {f["outcome"] for f in report["findings"]}
    if ran.result.rc != EXITS[decision]:
        yield f"{decision}, and exit {ran.result.rc}"
    if ("fail" in outcomes) != (decision == "no-go"):
        yield f"{decision}, with {sorted(outcomes)}"
    if decision == "go" and not oracle.may_go():
        yield "go: better than the truth"
    if decision == "go" and report["run"]["ended"] != "normal":
        yield "go after a run that was cut short"
    if decision != "go" and oracle.must_go():
        yield f"{decision}: nothing was wrong"
    if decision != "go" and not report["causes"] and report["run"]["ended"] == "normal":
        yield f"{decision}, and nothing says why"


def _genuine(ran: Ran, report: Data) -> Iterator[str]:
    """Signed, bound, and the same when judged again. A clock that was set makes it worthless."""
    folder: Path = ran.result.folder  # type: ignore[assignment]
    data = (folder / "report.json").read_bytes()
    file = File(data, (folder / "report.json.sig").read_bytes())
    jumped = abs(report["run"]["clock_jump_s"]) > SKEW_S
    try:
        verify(file, ran.files.trust, now=datetime.now(timezone.utc) + timedelta(seconds=1))
    except NotGenuine as error:
        if not (jumped and error.code == "clock-jump"):
            yield f"not genuine: {error}"
    else:
        if jumped:
            yield f"believed, though the clock moved by {report['run']['clock_jump_s']} s"
    whole = read_report(data)
    if report_bytes(rejudge(whole)) != report_bytes(named(whole)):
        yield "judged again it says another thing"


def _clock(ran: Ran, report: Data) -> Iterator[str]:
    """A step is noticed when it came before the end, and moves no evidence."""
    at, by = ran.combination.step or (0.0, 0)
    run = report["run"]
    noticed = run["clock_jump_s"]
    late = run["elapsed_ms"] < (at + 3) * 1000  # a loaded machine sets it later than it should
    if abs(noticed - by) > 1 and not (late and abs(noticed) <= 1):
        yield f"a clock step of {by} s at {at} s is told as {noticed} s"
    first, last = _moment(run["started"]), _moment(run["finished"])
    limit = timedelta(seconds=ran.combination.limit_s + GRACE_S)
    if last - first > limit:
        yield f"by its own clock it ran {last - first}"
    for item in report["evidence"]:
        if not first <= _moment(item["taken"]) <= last + timedelta(seconds=1):
            yield f"evidence taken at {item['taken']}, outside of the run"
            return


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _secrets_told(ran: Ran) -> Iterator[str]:
    """Neither to a stranger, nor to anybody who reads what came of the run."""
    told = "\n".join(row["data"] for row in ran.diary if row["what"] != "drip")
    written = ran.result.stdout + ran.result.stderr
    folder: Path = ran.result.folder  # type: ignore[assignment]
    written += "".join(path.read_text() for path in folder.iterdir())
    for secret in SECRETS:
        for user in (boxes.USER, bmcs.USER):
            basic = base64.b64encode(f"{user}:{secret}".encode()).decode()
            if secret in told or basic in told:
                yield "a stranger was told a password"
            if secret in written or basic in written:
                yield "a password is in the report or on the screen"


def _nothing_after_wrong_site(ran: Ran, report: Data) -> Iterator[str]:
    """A stranger learns that somebody called, and no more; and nobody calls again."""
    for row in ran.diary:
        if row["what"] == "stranger" and row["event"] in {"auth", "inside"}:
            yield f"a stranger at {row['to']} was told {row['event']} {row['data'][:80]!r}"
    expired = {
        READY[fault.thing.partition(":")[2]].bmc
        for fault in ran.combination.faults
        if fault.what == "expired"
    }
    for line in ran.asked:
        if line["to"] in expired:
            yield f"{line['method']} {line['path']} to a BMC that proved nothing"
    if not ran.combination.step:
        yield from _calls_after(ran, report)


def _calls_after(ran: Ran, report: Data) -> Iterator[str]:
    known: dict[str, datetime] = {}
    for item in report["evidence"]:
        if (item["no_answer"] or {}).get("cause") == "wrong-site":
            known.setdefault(item["ip"], _moment(item["taken"]))
    for row in ran.diary:
        since = known.get(row["to"])
        at = datetime.fromtimestamp(row["at"], timezone.utc)
        if since and row["event"] == "open" and at > since + timedelta(seconds=2):
            yield f"{row['to']} was called again after wrong-site"

"""How it was looked at: by whose leave, from where, and with how many requests."""

from __future__ import annotations

from preflight.render import past, selfcheck
from preflight.render.index import Index
from preflight.render.moments import moment
from preflight.report import Report


def looked(index: Index) -> tuple[tuple[str, str], ...]:
    """Labels and sentences, in the order of reading."""
    report = index.report
    rows = [
        ("Permitted by", _leave(report)),
        ("Looked from", _vantage(report)),
        ("When", _when(report)),
        *(("Kept", _sentence(line)) for line in past.kept(index)),
        ("Requests", _requests(report)),
        ("Profile", _profile(report)),
        *(("Self-check", _sentence(line)) for line in selfcheck.lines(index)),
    ]
    return tuple(rows)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _leave(report: Report) -> str:
    given = report.inputs.site.authorised
    networks = ", ".join(given.networks)
    return f"{given.by} on {given.on}, from {given.from_} until {given.until}, for {networks}"


def _vantage(report: Report) -> str:
    at = report.vantage
    way = "the way to the site worked" if at.control_good else "the way to the site did not work"
    return f"{at.machine} ({', '.join(at.addresses) or 'no address'}); {way}"


def _when(report: Report) -> str:
    run = report.run
    judged = f", judged as of {moment(run.judged_at)}" if run.judged_at != run.finished else ""
    seconds = f"{run.elapsed_ms / 1000:.1f} s"
    which = past.attempt(report) or f"attempt {run.attempt}"
    return f"{moment(run.started)}, {seconds}, ended {run.ended}, {which}{judged}"


def _requests(report: Report) -> str:
    """`approved 47, sent 45, other 0`."""
    sent = report.commands
    word = "approved" if sent.approved else "planned"
    return f"{word} {sent.planned}, sent {sent.sent}, other {sent.other}"


def _profile(report: Report) -> str:
    used, tool = report.inputs.profile, report.tool
    return f"{used.id} version {used.version} ({used.sha256[:16]}), {tool.name} {tool.version}"

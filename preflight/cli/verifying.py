"""The steps of `preflight verify`: one result for a genuine report and for a refused one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from preflight import places
from preflight.errors import NotGenuine
from preflight.exits import Exit
from preflight.follows import missing_kinds
from preflight.model import utc_text
from preflight.reasons import CANNOT_CHECK, REASONS
from preflight.text import shown
from preflight.verdict import EXIT_OF
from preflight.verify import Expected, Verified, read_file, verify
from preflight.words import Decision

WORDS = {Decision.GO: "GO", Decision.NO_GO: "NO-GO", Decision.NOT_PROVEN: "NOT PROVEN"}
COUNTS_AS = {EXIT_OF[decision]: word for decision, word in WORDS.items()}
"""The first word follows the exit: a GO that has expired must not begin with GO."""
BY_VERDICT = frozenset({"no-go", "not-proven"})
"""Codes that the first word has said already."""


@dataclass(frozen=True)
class Outcome:
    """What verifying a file came to: a verified report, or the reason why it is refused."""

    verified: Verified | None
    refusal: NotGenuine | None = None

    @property
    def genuine(self) -> bool:
        """The report is what it claims to be; says nothing of its verdict."""
        return self.verified is not None

    @property
    def exit(self) -> Exit:
        """By the one table."""
        return self.verified.exit if self.verified else Exit.NOT_GENUINE


def check(
    file: Path,
    *,
    at: datetime,
    trust: Path | None = None,
    audit: bool = False,
    booking: str | None = None,
    site: str | None = None,
    profile: Path | None = None,
    checks_dir: Path | None = None,
    max_age_h: float | None = None,
) -> Outcome:
    """Verifies a file against what the caller expects, from sources of his own.

    Raises:
        PreflightError: FILE cannot be opened.
        InputError: the expected profile has mistakes.
    """
    expected = Expected(
        booking=booking,
        site=site,
        profile_sha256=profile_digest(profile, checks_dir) if profile else None,
        max_age=timedelta(hours=max_age_h) if max_age_h is not None else None,
    )
    document = read_file(file)
    try:
        found = verify(document, trust or places.trust(), now=at, expected=expected, audit=audit)
    except NotGenuine as error:
        return Outcome(None, error)
    return Outcome(found)


def profile_digest(path: Path, checks_dir: Path | None) -> str:
    """The digest of a profile of one's own, resolved with all that it extends."""
    from preflight.files.catalogue import profile_chain
    from preflight.files.resolve import resolve_chain

    return resolve_chain(profile_chain(path), checks_dir).profile.sha256


def sentence(found: Outcome) -> str:
    """The result for people. Text of the report is shown with control characters visible."""
    if found.verified is None:
        return _refused(found.refusal)
    return shown("\n".join(_genuine(found.verified)))


def _refused(error: NotGenuine | None) -> str:
    if error is None:
        return "NOT GENUINE"
    lines = [f"{_refusing(error.code)}  {error.code}", f"  {shown(str(error))}"]
    if error.code in CANNOT_CHECK:
        lines.append(
            "  It could not be checked here: this says nothing against it, and nothing for it"
        )
    if error.help:
        lines.append(f"  = help: {error.help}")
    return "\n".join(lines)


def _refusing(code: str) -> str:
    """A report is not called a forgery for what is missing on this machine."""
    return "CANNOT CHECK" if code in CANNOT_CHECK else "NOT GENUINE"


def _genuine(verified: Verified) -> list[str]:
    report = verified.report
    lines = [
        _headline(verified),
        f"  signed by {verified.principal} with {verified.fingerprint}",
        f"  booking {report.booking or 'none'}, site {report.site}, stage {report.stage}",
        f"  checked {utc_text(report.run.finished)}, good until {utc_text(report.expires)}",
        f"  report {report.report_id}, trust folder {verified.trust_fingerprint}",
    ]
    for coded in verified.codes:
        lines += [f"  {coded.code}: {coded.sentence}", f"    {REASONS[coded.code].next}"]
    lines += [
        f"  judged again with {kind.id} version {kind.version} of {kind.distribution}"
        for kind in verified.judged_with
    ]
    for code, text in verified.not_checked:
        lines.append(f"  not checked: {text}")
        if code == "not-rejudged":
            lines += [f"    {why}" for why in missing_kinds(report)]
    return lines


def _headline(verified: Verified) -> str:
    """What it counts as here, then what it says itself where that is another word, and why."""
    counts, says = COUNTS_AS[verified.exit], WORDS[verified.report.verdict.decision]
    codes = [coded.code for coded in verified.codes if coded.code not in BY_VERDICT]
    return "".join(
        (
            f"{counts}  genuine",
            f", says {says}" if says != counts else "",
            f"; {', '.join(codes)}" if codes else "",
        )
    )


def as_json(found: Outcome) -> str:
    """The result for programs: `genuine`, `exit`, `codes`, and what was not checked."""
    data: dict[str, Any] = {"genuine": found.genuine, "exit": int(found.exit)}
    if found.verified is None:
        data |= _refusal_data(found.refusal)
    else:
        data |= _verified_data(found.verified)
    return json.dumps(data, indent=1, sort_keys=True)


def _refusal_data(error: NotGenuine | None) -> dict[str, Any]:
    if error is None:
        return {}
    code = {"code": error.code, "exit": int(error.exit), "sentence": str(error)}
    return {"codes": [code], "step": error.step}


def _verified_data(verified: Verified) -> dict[str, Any]:
    report = verified.report
    return {
        "codes": [
            {"code": c.code, "exit": int(c.exit), "sentence": c.sentence} for c in verified.codes
        ],
        "decision": report.verdict.decision,
        "signer": verified.principal,
        "fingerprint": verified.fingerprint,
        "trust": verified.trust_fingerprint,
        "at": utc_text(verified.at),
        "report_id": report.report_id,
        "booking": report.booking,
        "site": report.site,
        "stage": report.stage,
        "finished": utc_text(report.run.finished),
        "expires": utc_text(report.expires),
        "judged_with": [kind.model_dump(mode="json") for kind in verified.judged_with],
        "not_checked": [code for code, _ in verified.not_checked],
    }

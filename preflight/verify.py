"""Is this report genuine, complete and fresh, and for this trip?

Everything that must hold, in this order; the first that does not ends it with its reason code:

 1. the file is a report with a signature beside it, or a page that carries both, exactly
 2. the trust folder is there, and every line of it is understood
 3. the signature is one strict SSHSIG block
 4. it was made for reports, by an accepted key, over exactly these bytes
 5. the key is not revoked
 6. the signed bytes are strict canonical JSON with exactly a report's fields
 7. the trust folder lets this key sign reports under the name that the report gives, now
 8. booking, site and profile are the expected ones
10. its times can be true
11. its findings are those that were due
12. findings and verdict follow from inputs and evidence
13. the page is the signed one, and shows the signed data
15. every acceptance is genuine, and the customer's evidence is what they accepted
16. only now the verdict counts; what of it does not hold is collected

(Steps 9 and 14 concern packs of the vendor's own runs and the ledger, which do not exist yet.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from preflight import acceptances, bounded, follows, fresh, strict
from preflight.errors import NotGenuine
from preflight.exits import Exit, worst
from preflight.follows import Rejudge
from preflight.reasons import REASONS, UNCHECKED, refusal
from preflight.render import html
from preflight.report import FORMAT, KindUsed, Report, id_of
from preflight.signing import REPORT, carrier, sshsig, trust
from preflight.signing.publickey import PublicKey
from preflight.statements import Signer
from preflight.text import sha256_hex
from preflight.words import Decision, Ended

Renderers = Mapping[str, Callable[[Report], str]]
"""Pages by renderer name, as `view.renderer` writes it."""


class Coded(NamedTuple):
    """A reason code with its exit, and what it means here."""

    code: str
    exit: Exit
    sentence: str


@dataclass(frozen=True)
class File:
    """A report.json with its signature, or a page."""

    data: bytes
    signature: bytes | None = None
    page: bool = False


@dataclass(frozen=True)
class Expected:
    """What the verifier expects, from sources of his own."""

    booking: str | None = None
    site: str | None = None
    profile_sha256: str | None = None
    max_age: timedelta | None = None


@dataclass(frozen=True)
class Verified:
    """A genuine report, and everything that still speaks against it."""

    report: Report
    principal: str
    fingerprint: str
    trust_fingerprint: str
    at: datetime
    codes: tuple[Coded, ...]
    """Codes of exits 3 and 4; the one that decides the exit first. Empty: go."""
    not_checked: tuple[tuple[str, str], ...]
    """Code and sentence of what nobody looked at."""
    judged_with: tuple[KindUsed, ...] = ()
    """Kinds of other distributions that judged it again here, as they are installed here."""

    @property
    def exit(self) -> Exit:
        """By the one table: the highest of all codes."""
        return worst(Exit.GO, *(coded.exit for coded in self.codes))


def read_file(path: Path) -> File:
    """The file to verify, with `PATH.sig` if it is no page. Reads no more than a report can be.

    Raises:
        PreflightError: it cannot be opened.
    """
    data = bounded.read(path, carrier.PAGE_LIMIT, help=_NAME_ONE)
    if path.suffix.lower() in {".html", ".htm"} or data[:1] == b"<":
        return File(data, page=True)
    beside = path.with_name(path.name + ".sig")
    # A pipe of that name, out of somebody's archive, would never end.
    if not beside.is_file():
        return File(data)
    return File(data, bounded.read(beside, sshsig.ARMOR_LIMIT, help=_NAME_ONE))


_NAME_ONE = "Name a report.json or a report.html."


def verify(
    file: File,
    trust_folder: Path,
    *,
    now: datetime,
    expected: Expected = Expected(),
    audit: bool = False,
    rejudge: Rejudge | None = None,
    renderers: Renderers | None = None,
) -> Verified:
    """The report, if it is genuine, and what speaks against relying on it.

    `now` is the time at which key and report must hold; `audit` says that it was given and not
    read from a clock. `rejudge` and `renderers` default to what is built in.

    Raises:
        NotGenuine: with the first failing step's code and number.
    """
    with _step(1):
        document = _document(file)
    with _step(2):
        known = trust.load(trust_folder)
    with _step(3):
        signature = sshsig.parse(document.armored)
    with _step(4):
        key = sshsig.check(signature, REPORT, document.report_json)
    with _step(5):
        trust.refuse_revoked(known, key)
    with _step(6):
        report, signer = _read(document.report_json, key)
    with _step(7):
        trust.authorise(known, signer.principal, REPORT, key, now)
    with _step(8):
        _refuse_other(report, expected)
    with _step(10):
        fresh.refuse_impossible(report, now)
    with _step(11):
        anew = follows.again(report, rejudge or follows.known_here)
        follows.refuse_incomplete_list(report, anew)
    with _step(12):
        follows.refuse_unfounded(report, anew)
    with _step(13):
        rendered = _refuse_other_page(document.view, report, renderers)
    with _step(15):
        acceptances.refuse_unaccepted(report, known, now)
    # 16
    return Verified(
        report=report,
        principal=signer.principal,
        fingerprint=key.fingerprint,
        trust_fingerprint=known.fingerprint,
        at=now,
        codes=in_order(_against(report, expected, now)),
        not_checked=tuple(
            (code, UNCHECKED[code])
            for code in _unchecked(
                expected, audit=audit, rejudged=anew is not None, rendered=rendered
            )
        ),
        judged_with=follows.judged_with(report) if anew is not None else (),
    )


@contextmanager
def _step(number: int) -> Iterator[None]:
    try:
        yield
    except NotGenuine as error:
        error.step = number
        raise


class _Document(NamedTuple):
    view: bytes | None
    report_json: bytes
    armored: str


def _document(file: File) -> _Document:
    if file.page:
        return _Document(*carrier.split(file.data))
    if file.signature is None:
        raise refusal("sig-missing")
    # Any byte has a character here; the armor's grammar then knows only ASCII.
    return _Document(None, file.data, file.signature.decode("latin-1"))


def _read(data: bytes, key: PublicKey) -> tuple[Report, Signer]:
    report = strict.read_document(data, Report, FORMAT)
    if report.report_id != id_of(report):
        raise refusal("report-id-mismatch")
    if report.signer is None or report.signer.fingerprint != key.fingerprint:
        named = report.signer.fingerprint if report.signer else "nobody"
        raise refusal("signer-mismatch", f"It names {named:.80}, and {key.fingerprint} signed it.")
    return report, report.signer


def _refuse_other(report: Report, expected: Expected) -> None:
    inputs = report.inputs
    if report.booking != (inputs.booking.booking if inputs.booking else None):
        raise refusal("booking-mismatch", "The report names two bookings.")
    if report.site != inputs.site.site:
        raise refusal("site-mismatch", "The report names two sites.")
    if report.stage != inputs.stage:
        raise refusal("stage-mismatch")
    if inputs.profile.sha256 != follows.profile_digest(inputs):
        raise refusal("profile-mismatch", "Its checks are not those of the profile it names.")
    if expected.booking is not None and report.booking != expected.booking:
        about = report.booking or "no booking"
        raise refusal("booking-mismatch", f"It is about {about}, not {expected.booking}.")
    if expected.site is not None and report.site != expected.site:
        raise refusal("site-mismatch", f"It is about {report.site}, not {expected.site}.")
    if expected.profile_sha256 not in {None, inputs.profile.sha256}:
        raise refusal("profile-mismatch")


def _refuse_other_page(view: bytes | None, report: Report, renderers: Renderers | None) -> bool:
    """Whether the page, if there is one, was made again."""
    if view is None:
        return True
    said = report.view
    if said is None or (said.sha256, said.size_bytes) != (sha256_hex(view), len(view)):
        raise refusal("html-mismatch")
    known = {html.RENDERER: html.render} if renderers is None else renderers
    if said.renderer not in known:
        return False
    if _rendered(known[said.renderer], report) != view:
        raise refusal("html-not-from-data")
    return True


def _rendered(render: Callable[[Report], str], report: Report) -> bytes | None:
    try:
        return render(report.model_copy(update={"view": None})).encode("ascii")
    except Exception:  # noqa: BLE001 - the seam: data that cannot be shown did not make this page
        return None


def _against(report: Report, expected: Expected, now: datetime) -> Iterator[tuple[str, str]]:
    if expected.booking is None or expected.site is None:
        trip = f"booking {report.booking}" if report.booking else "no booking"
        yield "context-missing", f"It is about {trip} and site {report.site}; nobody compared that."
    yield from fresh.lapsed(report, now, expected.max_age)
    incomplete = report.run.ended is not Ended.NORMAL or report.run.executed < report.run.planned
    if incomplete:
        yield "incomplete", f"The run was cut short: {report.run.ended}."
    if report.verdict.decision is Decision.NO_GO:
        yield "no-go", f"NO-GO at stage {report.stage}."
    if report.verdict.decision is Decision.NOT_PROVEN and not incomplete:
        yield "not-proven", f"Not proven at stage {report.stage}."


def in_order(found: Iterable[tuple[str, str]]) -> tuple[Coded, ...]:
    """The codes that decide the exit first, otherwise as found."""
    coded = [Coded(code, REASONS[code].exit, sentence) for code, sentence in found]
    decides = worst(Exit.GO, *(c.exit for c in coded))
    return tuple(sorted(coded, key=lambda c: c.exit is not decides))


def _unchecked(expected: Expected, *, audit: bool, rejudged: bool, rendered: bool) -> Iterator[str]:
    if audit:
        yield "as-of"
    if not rejudged:
        yield "not-rejudged"
    if not rendered:
        yield "not-rerendered"
    if expected.profile_sha256 is None:
        yield "no-profile"
    if expected.max_age is None:
        yield "no-max-age"
    yield from ("no-pack", "no-ledger")

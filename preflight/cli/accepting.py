"""The steps of `preflight selfcheck accept`: verify, examine, judge, sign, write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from preflight import places
from preflight.cli import judging, running
from preflight.cli.screen import note
from preflight.publish import publish, write_files
from preflight.render.selfcheck import Brought
from preflight.report import Report
from preflight.selfcheck import accept as accepting
from preflight.selfcheck.accept import Examined, Request
from preflight.selfcheck.reading import Came, read
from preflight.selfcheck.requests import RequestFiles, Requests
from preflight.signing import trust as trusting
from preflight.text import one_line
from preflight.verify import read_file, verify

if TYPE_CHECKING:
    from preflight.signing.signer import Signer


@dataclass(frozen=True)
class Mail:
    """What came from the customer, and how the engineer wants it taken."""

    answers: Path
    pack: Path | None
    unsealed: bool


@dataclass(frozen=True)
class Genuine:
    """A verified report and answers that belong to it."""

    report: Report
    examined: Examined
    requests: Requests


def open_both(mail: Mail, report: Path, trust: Path | None, now: datetime) -> Genuine:
    """The report and the answers, if both are genuine and about one trip. The report's expiry and
    verdict do not matter here.

    Raises:
        PreflightError: a file cannot be opened.
        NotGenuine: with the code of the first thing that does not hold.
    """
    folder, now = trust or places.trust(), now.replace(microsecond=0)
    verified = verify(read_file(report), folder, now=now)
    came = read(mail.answers)
    requests = Requests(places.requests())
    files = RequestFiles.read(mail.pack) if mail.pack else requests.open(came.answers.request)
    examined = accepting.examine(
        came, Request(files, requests), verified.report, trusting.load(folder), now,
        unsealed=mail.unsealed,
    )  # fmt: skip
    return Genuine(verified.report, examined, requests)


@contextmanager
def folder(output: Path | None, asked: Genuine) -> Iterator[Path]:
    """Where the new report goes, as `run` has it."""
    with running.folder(output, asked.report.inputs, asked.examined.received) as made:
        yield made


def accept(asked: Genuine, key: Signer, to: Path) -> Report:
    """The report with the answers, signed and written beside its acceptance: all of it or nothing.
    Ctrl-C during the writing waits until it is done.

    Raises:
        NotGenuine: `answers-malformed`.
        SigningError: the key or the agent refused.
        WriteError: the folder cannot be written.
    """
    report, examined = asked.report, asked.examined
    evidence = accepting.evidence_of(examined, report)
    merged = accepting.with_evidence(report, evidence)
    judged = judging.again(merged, max(report.run.finished, examined.received))
    accepted = accepting.statement_of(examined, evidence, report, judged, key)
    published = publish(accepting.embedded(judged, accepted, examined.received), key)
    with running.on_signal(lambda *_: None):
        write_files(to, {**published.files, **accepting.documents(accepted)})
        _remember(asked)
    note(f"accepted: {_summary(examined.came, Brought.of(evidence))}")
    note(f"written to {to}")
    running.say_how_to_verify(published.report, to)
    return published.report


def _remember(asked: Genuine) -> None:
    """The report is written by now; a folder that cannot be written only costs the memory."""
    came = asked.examined.came
    try:
        asked.requests.note_accepted(came.answers.request, came.sha256)
    except OSError as error:
        note(f"not noted as accepted: {error.filename}: {error.strerror}")


def _summary(came: Came, brought: Brought) -> str:
    """`12 answers, 2 times no answer, 2 questions, sealed, request r-..., from db1`."""
    answers = came.answers
    sealed = "sealed" if came.seal else "UNSEALED: they are claims"
    where = one_line(answers.machine.on) or "another machine"
    return ", ".join([str(brought), sealed, f"request {answers.request}", f"from {where}"])

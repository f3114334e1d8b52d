"""Chapters of the demo's story beside looking: ask, answer, accept, attach, and the gate's word.

Each calls what its command calls, on the files that a person would name.
"""

from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

from preflight.booking.gate import Asked
from preflight.cli import accepting, attaching, gating, mailing, running
from preflight.cli.screen import note
from preflight.demo import customer
from preflight.demo.site import DemoSite
from preflight.errors import PreflightError
from preflight.files.site import Host
from preflight.model import Clock
from preflight.publish import PAGE, REPORT
from preflight.report import Report
from preflight.stored import open_report
from preflight.words import Stage

ROLE = "facility"
"""What the demo's customer answers to the question for a role."""


def ask(site: DemoSite, clock: Clock) -> None:
    """As `preflight ask before/report.json --booking booking.yaml` does it."""
    files = site.files
    report = open_report(files.before / REPORT)
    order = mailing.Order(files.booking, None, files.mail, (), True, None, None)  # noqa: FBT003
    note(mailing.ask(report, order, clock()))


def answer(site: DemoSite) -> Path:
    """The customer saves the script from the mail, runs it, and reads two labels in the hall."""
    files = site.files
    files.customer.mkdir()
    name, data = _script(files.mail)
    script = files.customer / name
    script.write_bytes(data)
    answers = files.customer / "answers.json"
    labels = [host.rack or "" for host in _asked(files.before)]
    customer.run(script, [ROLE, *labels], answers)
    note(f"answered: sh {name}, on a machine of the customer's; {answers.stat().st_size} bytes")
    return answers


def _script(mail: Path) -> tuple[str, bytes]:
    """The attachment that is to be run, by its own bytes."""
    message = message_from_bytes(mail.read_bytes(), policy=default)
    for part in message.iter_attachments():
        name = part.get_filename() or ""
        if name.startswith("selfcheck-"):
            content = part.get_payload(decode=True)
            return Path(name).name, content if isinstance(content, bytes) else b""
    raise PreflightError(f"{mail}: no self-check is attached")


def _asked(before: Path) -> list[Host]:
    """The hosts whose racks are asked about, in the order of the questions."""
    report = open_report(before / REPORT)
    asks = [a for a in report.plan.asks if a.question.protocol == "person"]
    return [report.inputs.site.hosts[a.thing.partition(":")[2]] for a in asks]


def accept(site: DemoSite, answers: Path, trust: Path, clock: Clock) -> Report:
    """As `preflight selfcheck accept ANSWERS --with before/report.json -o answered` does it."""
    files = site.files
    mail = accepting.Mail(answers, None, unsealed=False)
    asked = accepting.open_both(mail, files.before / REPORT, trust, clock())
    with accepting.folder(files.answered, asked) as to:
        return accepting.accept(asked, running.signer(None, None), to)


def attach(site: DemoSite, trust: Path, clock: Clock) -> None:
    """As `preflight attach booking.ics after/report.html --full` does it."""
    files = site.files
    wanted = attaching.Wanted(files.after / PAGE, None, None, trust, None, None, clock())
    note(attaching.attach(wanted, files.invitation, files.invitation, "organizer", full=True))


def gate(site: DemoSite, trust: Path, clock: Clock) -> bool:
    """As `preflight gate booking.ics --stage commit` does it."""
    asked = Asked(file=site.files.invitation, stage=Stage.COMMIT)
    ruling = gating.rule(asked, trust, clock())
    note(gating.sentence(ruling, Stage.COMMIT))
    return ruling.allow

"""`preflight selfcheck accept`: the customer's answers, if they are genuine, into the report."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE, now, signer


@click.command("accept")
@click.argument("answers", type=FILE)
@click.option(
    "--with", "report", type=FILE, required=True, metavar="REPORT",
    help="Your signed report.json or report.html that the answers are judged with.",
)  # fmt: skip
@click.option("--trust", type=FILE, help="Trust folder; default in XDG config.")
@click.option("--pack", type=FILE, help="Folder with pack and script, if built on another machine.")
@click.option("--unsealed", is_flag=True, help="Let unsealed answers in, as mere claims.")
@click.option("-o", "--output", type=FILE, help="Folder; default reports/BOOKING/TIME.")
@signer
@click.option("--json", "as_json", is_flag=True, help="The report as JSON instead of text.")
def accept(
    answers: Path, report: Path, trust: Path | None, pack: Path | None, unsealed: bool,  # noqa: FBT001 - click passes flags
    output: Path | None, key: str | None, principal: str | None, as_json: bool,  # noqa: FBT001 - click passes flags
) -> int:  # fmt: skip
    """Accept ANSWERS, the file that the customer's self-check wrote, and judge them with REPORT.

    Exit 0 go, 3 no-go, 4 not proven, 5 answers or report are not genuine.
    """
    from preflight.cli import accepting, running
    from preflight.cli.screen import show

    came = accepting.Mail(answers, pack, unsealed=unsealed)
    asked = accepting.open_both(came, report, trust, now())
    who = running.signer(key, principal)
    with accepting.folder(output, asked) as to:
        accepted = accepting.accept(asked, who, to)
    show(accepted, as_json=as_json)
    return int(running.exit_of(accepted))


command = accept

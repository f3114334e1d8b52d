"""The steps of `pin`: look, show, ask what the customer says, write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight import places
from preflight.cli.options import now
from preflight.cli.prompts import answered, somebody_there
from preflight.cli.screen import note, result, warn
from preflight.exits import Exit
from preflight.pinning.edit import NotWritten, Pin, write
from preflight.pinning.shown import Shown, State
from preflight.render import pins
from preflight.text import one_line

if TYPE_CHECKING:
    from preflight.files.load import Loaded
    from preflight.files.site import Site


@dataclass(frozen=True)
class Wanted:
    """The command's options."""

    hosts: tuple[str, ...]
    everything: bool
    yes: bool
    as_json: bool


def pin(path: Path, wanted: Wanted) -> Exit:
    """The whole command.

    Raises:
        InputError, RefusedError: nothing was contacted.
        click.Abort, PreflightError: Ctrl-C, or no answer; what was confirmed before is written.
    """
    from preflight.files.load import load_site
    from preflight.pinning.look import look, things_of
    from preflight.probes.known_hosts import read_known_hosts

    loaded = load_site(path)
    warn(loaded.warnings)
    _refuse_unknown(loaded.value, wanted.hosts)
    _nothing_to_pin(loaded.value, wanted.hosts)
    things = things_of(loaded.value, wanted.hosts, everything=wanted.everything)
    known = read_known_hosts(places.known_hosts())
    shown = look(loaded, things, known, now, _announce) if things else ()
    if not wanted.as_json:
        result(pins.text(shown) if shown else "everything is pinned; --all looks at it")
    if wanted.as_json and not wanted.yes:
        result(pins.json(shown))
        return _exit(shown)
    return _confirm(loaded, shown, wanted)


def _refuse_unknown(site: Site, names: Sequence[str]) -> None:
    known = [*site.hosts, *site.pdus, *site.hypervisors]
    for name in names:
        if name not in known:
            from preflight.files.suggest import did_you_mean

            help_ = did_you_mean(name, known)
            raise click.UsageError(f"the site file has no host {name!r}. {help_}".rstrip())


def _nothing_to_pin(site: Site, names: Sequence[str]) -> None:
    """A BMC that is asked by IPMI shows neither key nor certificate."""
    for name, host in site.hosts.items():
        if host.bmc and host.bmc.protocol == "ipmi" and (not names or name in names):
            note(f"bmc:{name} is asked by IPMI: nothing to pin, its password is what proves it")


def _announce(things: int) -> None:
    note(f"looking at {things} thing{'s' * (things != 1)}, without a login")


def _confirm(loaded: Loaded[Site], shown: Sequence[Shown], wanted: Wanted) -> Exit:
    confirmed: list[Pin] = []
    try:
        for item in shown:
            if item.state is State.UNPINNED and _is_confirmed(item, yes=wanted.yes):
                confirmed.append(Pin(item.thing, item.to_pin))  # noqa: PERF401 - kept on Ctrl-C
    finally:  # Ctrl-C or Ctrl-D at a question does not lose the answers before it
        written = _write(loaded, confirmed)
    if wanted.as_json:
        result(pins.json(shown, [p.thing for p in confirmed] if written else []))
    return _exit(shown) if written else Exit.NOT_PROVEN


def _is_confirmed(item: Shown, *, yes: bool) -> bool:
    if yes or not somebody_there():
        return yes
    note("")
    for line in pins.spoken(item):
        note(line)
    question = f"{item.thing}: confirmed by the customer?"
    with answered(question, "what was confirmed before is written; ask again for the others"):
        return click.confirm(question, default=False, err=True)


def _write(loaded: Loaded[Site], confirmed: Sequence[Pin]) -> bool:
    if not confirmed:
        return True
    path = one_line(str(loaded.path), 4096)
    try:
        write(loaded, confirmed)
    except NotWritten as why:
        note(f"{path} stays as it is: {why}; to write yourself:")
        for one in confirmed:
            note(f"  under {one.under}:  {one.entry}")
        return False
    for one in confirmed:
        note(f"written to {path}: {one.under}  {one.entry}")
    return True


def _exit(shown: Sequence[Shown]) -> Exit:
    bad = {State.SILENT, State.WRONG_SITE}
    return Exit.NOT_PROVEN if any(item.state in bad for item in shown) else Exit.GO

"""The steps of `pin`: look, show, ask what the customer says, write."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from preflight import places
from preflight.cli.options import now
from preflight.cli.prompts import answered, somebody_there
from preflight.cli.screen import note, result, warn
from preflight.exits import Exit
from preflight.pinning.edit import NotWritten, Pin, write
from preflight.pinning.shown import Claim, Shown, State
from preflight.render import pins
from preflight.render.pin_summary import Ended, summary
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
    against: Path | None = None

    @property
    def asks(self) -> bool:
        """Whether anybody is asked."""
        return not self.yes and not self.as_json and somebody_there()


def pin(path: Path, wanted: Wanted) -> Exit:
    """The whole command.

    Raises:
        InputError, RefusedError: nothing was contacted.
        click.Abort, PreflightError: Ctrl-C, or no answer; what was confirmed before is written.
    """
    from preflight.files.load import load_site

    if wanted.yes and wanted.against:
        raise click.UsageError("--yes confirms what no list says: it does not go with --against")
    loaded = load_site(path)
    warn(loaded.warnings)
    _refuse_unknown(loaded.value, wanted.hosts)
    claims = _claims(loaded.value, wanted.against)
    _nothing_to_pin(loaded.value, wanted.hosts)
    shown = _looked(loaded, wanted, claims)
    if not shown and not wanted.as_json:
        result("everything is pinned; --all looks at it")
    return _confirm(loaded, shown, wanted)


def _claims(site: Site, path: Path | None) -> Mapping[str, tuple[Claim, ...]]:
    """What the customer's list says, by thing."""
    if path is None:
        return {}
    from preflight.pinning.listed import read_list

    found = read_list(path, site)
    name = one_line(str(path), 4096)
    note(f"{name} speaks of {len(found.claims)} things of this site; its SHA-256 is {found.sha256}")
    if found.nobodys:
        lines = ", ".join(map(str, found.nobodys[:20])) + (", ..." if found.nobodys[20:] else "")
        note(f"{name} has fingerprints of nothing in the site file, not used: line {lines}")
    return found.claims


def _looked(
    loaded: Loaded[Site], wanted: Wanted, claims: Mapping[str, tuple[Claim, ...]]
) -> tuple[Shown, ...]:
    """What has no pin, and what the list speaks of: it may contradict a pin."""
    from preflight.pinning.look import look, things_of
    from preflight.probes.known_hosts import read_known_hosts

    site = loaded.value
    open_ = set(things_of(site, wanted.hosts, everything=wanted.everything)) | set(claims)
    things = [t for t in things_of(site, wanted.hosts, everything=True) if t in open_]
    known = read_known_hosts(places.known_hosts())
    shown = look(loaded, things, known, now, _announce) if things else ()
    return tuple(replace(item, listed=claims.get(item.thing, ())) for item in shown)


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
    asked = {i.thing for i in shown if i.state is State.UNPINNED and i.agrees is None}
    # Beside its question a thing need not stand in the list above it as well.
    later = asked if wanted.asks and sys.stdout.isatty() else set()
    if shown and not wanted.as_json:
        result(pins.text(shown, later))
    confirmed: list[Pin] = []
    try:
        for item in shown:
            if item.state is State.UNPINNED and _is_confirmed(item, wanted):
                confirmed.append(Pin(item.thing, item.to_pin))  # noqa: PERF401 - kept on Ctrl-C
    finally:  # Ctrl-C or Ctrl-D at a question does not lose the answers before it
        written = _write(loaded, confirmed)
        _summarise(loaded, shown, confirmed, written=written)
    if wanted.as_json:
        result(pins.json(shown, [p.thing for p in confirmed] if written else []))
    return _exit(shown) if written else Exit.NOT_PROVEN


def _is_confirmed(item: Shown, wanted: Wanted) -> bool:
    """A list is a confirmation, and no question is asked against it."""
    if item.agrees is not None:
        return item.agrees
    if not wanted.asks:
        return wanted.yes
    if sys.stdout.isatty():
        result("\n".join(["", *pins.block(item)]))
    else:
        for line in ("", *pins.spoken(item)):
            note(line)
    question = f"{item.thing}: confirmed by the customer?"
    with answered(question, "what was confirmed before is written; ask again for the others"):
        return click.confirm(question, default=False, err=True)


def _summarise(
    loaded: Loaded[Site], shown: Sequence[Shown], confirmed: Sequence[Pin], *, written: bool
) -> None:
    things = frozenset(pin.thing for pin in confirmed)
    ended = Ended(str(loaded.path), shown, things if written else frozenset(),
                  frozenset() if written else things)  # fmt: skip
    for line in summary(ended):
        note(line)


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
    return True


def _exit(shown: Sequence[Shown]) -> Exit:
    bad = {State.SILENT, State.WRONG_SITE}
    wrong = any(item.state in bad or item.agrees is False for item in shown)
    return Exit.NOT_PROVEN if wrong else Exit.GO

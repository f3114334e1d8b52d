"""`preflight trust`: whose signatures count, for what, and until when."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from preflight.cli.options import FILE, Moment
from preflight.cli.screen import note, result

TRUST = click.option("--trust", "folder", type=FILE, help="Trust folder; default in XDG config.")
EVERYTHING = tuple(f"preflight-{what}" for what in ("report", "pack", "acceptance", "slip"))
"""One engineer's key does the whole job; narrow it where several people share the work."""
PURPOSE = click.option(
    "--namespace", "namespaces", multiple=True, default=EVERYTHING, show_default=True,
    help="What the key may sign.",
)  # fmt: skip
AFTER = click.option("--valid-after", type=Moment(), help="Trusted from this time on.")
BEFORE = click.option("--valid-before", type=Moment(), help="Trusted until this time.")


@click.group("trust")
def command() -> None:
    """Whose signatures count: a folder with two stock OpenSSH files, allowed_signers and
    revoked_keys, and the gate's policy.yaml."""


@command.command("init")
@click.argument("principal")
@click.argument("public_key", type=FILE)
@TRUST
@PURPOSE
@AFTER
@BEFORE
def init(
    principal: str, public_key: Path, folder: Path | None, namespaces: tuple[str, ...],
    valid_after: datetime | None, valid_before: datetime | None,
) -> None:  # fmt: skip
    """Make the trust folder, with PRINCIPAL's PUBLIC_KEY (a .pub file) as the first."""
    from preflight import places
    from preflight.signing import folder as trusted
    from preflight.signing import keys

    window = trusted.Window(valid_after, valid_before)
    where = folder or places.trust()
    trusted.init(where, principal, keys.read_public(public_key), namespaces, window)
    note(f"{where} trusts {principal} for {', '.join(namespaces)}")


@command.command("add")
@click.argument("principal")
@click.argument("public_key", type=FILE)
@TRUST
@PURPOSE
@AFTER
@BEFORE
def add(
    principal: str, public_key: Path, folder: Path | None, namespaces: tuple[str, ...],
    valid_after: datetime | None, valid_before: datetime | None,
) -> None:  # fmt: skip
    """Trust PRINCIPAL's PUBLIC_KEY too. Compare its fingerprint with the owner first."""
    from preflight import places
    from preflight.signing import folder as trusted
    from preflight.signing import keys

    key = keys.read_public(public_key)
    window = trusted.Window(valid_after, valid_before)
    trusted.add(folder or places.trust(), principal, key, namespaces, window)
    note(f"trusted: {principal} {key.fingerprint} for {', '.join(namespaces)}")


@command.command("policy")
@TRUST
def policy(folder: Path | None) -> None:
    """Write a commented policy.yaml for `preflight gate` into a trust folder that has none."""
    from preflight import places
    from preflight.signing import folder as trusted

    note(f"{trusted.write_policy(folder or places.trust())}: read it, it decides what may go")


@command.command("revoke")
@click.argument("key")
@TRUST
def revoke(key: str, folder: Path | None) -> None:
    """Void every signature of KEY (a .pub file, or a SHA256:... fingerprint), old ones too.

    For a key that merely retires, write an end with `trust add --valid-before` instead.
    """
    from preflight import places
    from preflight.signing import folder as trusted
    from preflight.signing import keys, trust

    where = folder or places.trust()
    by_print = key.startswith("SHA256:")
    found = trusted.key_of(trust.load(where), key) if by_print else keys.read_public(Path(key))
    trusted.revoke(where, found)
    note(f"revoked: {found.fingerprint}")


@command.command("list")
@TRUST
def list_(folder: Path | None) -> None:
    """Show who is trusted for what, until when, and which keys are revoked."""
    from preflight import places
    from preflight.signing import trust

    known = trust.load(folder or places.trust())
    for grant in known.grants:
        state = "REVOKED" if grant.key.blob in known.revoked else "trusted"
        until = f" until {grant.valid_before:%Y-%m-%dT%H:%M:%SZ}" if grant.valid_before else ""
        names, purposes = ",".join(grant.principals), ",".join(grant.namespaces or ("nothing",))
        result(f"{state}  {names}  {grant.key.fingerprint}  {purposes}{until}")
    note(f"trust folder fingerprint {known.fingerprint}")

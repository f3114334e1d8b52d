"""`preflight key`: the key that signs reports."""

from __future__ import annotations

from pathlib import Path

import click

from preflight.cli.options import FILE
from preflight.cli.prompts import answered, somebody_there
from preflight.cli.screen import note, result

KEY = click.option("--key", type=FILE, help="Key file; default in XDG data.")


@click.group("key")
def command() -> None:
    """Make or show the key that signs reports (a plain OpenSSH key file)."""


@command.command("new")
@click.option("--principal", required=True, help="Who signs with it: you@vendor.example.")
@KEY
@click.option("--no-passphrase", is_flag=True, help="Leave the key unencrypted.")
def new(principal: str, key: Path | None, no_passphrase: bool) -> None:  # noqa: FBT001 - click passes flags
    """Make a new ed25519 key; never writes over one that is there."""
    from preflight import places
    from preflight.signing import keys

    path = key or places.signing_key()
    _make_private(path.parent)
    public = keys.make(path, principal, None if no_passphrase else _new_passphrase())
    result(f"{public.text} {principal}")
    note(f"private key {path}, public key {path}.pub, fingerprint {public.fingerprint}")
    said = f"{principal} {path.name}.pub"
    note(f"whoever verifies: preflight trust add {said}   # the first time: trust init")


def _make_private(folder: Path) -> None:
    from preflight.errors import SigningError

    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SigningError(f"{folder}: {error.strerror}", help="name a file with --key") from error


def _new_passphrase() -> str:
    from preflight.errors import SigningError

    otherwise = "run this on a terminal, or leave the key unencrypted with --no-passphrase"
    if not somebody_there():
        raise SigningError(
            "a passphrase is asked for on a terminal, and there is none", help=otherwise
        )
    with answered("a passphrase for the new key", otherwise):
        text = click.prompt(
            "Passphrase", hide_input=True, confirmation_prompt=True, err=True, default="",
            show_default=False,
        )  # fmt: skip
    return str(text)


@command.command("show")
@KEY
def show(key: Path | None) -> None:
    """Print the public key and its fingerprint, to be read out over the telephone."""
    from preflight import places
    from preflight.signing import keys

    path = key or places.signing_key()
    beside = path if path.suffix == ".pub" else path.with_name(path.name + ".pub")
    public = keys.read_public(beside)
    result(f"{public.text} {keys.comment_of(beside.with_suffix(''), public)}".strip())
    note(public.fingerprint)

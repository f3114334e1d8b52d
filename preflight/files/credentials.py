"""The engineer's own credentials.yaml: which secret is for which site and networks.

The file holds references, never secrets (law 4), and nothing of its text is ever shown.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    RootModel,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from preflight.errors import InputError
from preflight.files.addresses import ip_of
from preflight.files.credential_uses import uses
from preflight.files.load import Loaded
from preflight.files.loader import parse
from preflight.files.problems import Problem, in_order
from preflight.files.secrets import REFERENCE, Ask, Unresolved, resolve
from preflight.files.site import Fingerprint, Network, Site
from preflight.files.source import Source, read_source
from preflight.files.suggest import did_you_mean
from preflight.files.validate import validate
from preflight.model import Id, Line, Model, misplaced
from preflight.probes.base import Secret
from preflight.probes.manager_paths import TOKEN_ID


def _reference(value: str) -> str:
    """A literal secret is refused without a word of it."""
    if not REFERENCE.match(value):
        raise PydanticCustomError("literal-secret", "a secret itself stands here")
    return value


def _key_path(value: str) -> str:
    if "\n" in value or value.startswith("-----BEGIN"):
        raise PydanticCustomError("literal-secret", "a private key itself stands here")
    return value


Reference = Annotated[Line, AfterValidator(_reference)]
"""`env:NAME`, `file:PATH`, `keyring:SERVICE/NAME` or `prompt:` with an optional text."""
_Sites = Annotated[
    tuple[Id, ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    Field(min_length=1),
]


class Credential(Model):
    """One login, and where it may be used."""

    site: _Sites
    """The site it is for, or a list of sites."""
    networks: tuple[Network, ...] = Field(min_length=1)
    """Addresses outside are never given this secret."""
    username: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    password: Reference | None = None
    key: Annotated[Line, AfterValidator(_key_path)] | None = None
    """An OpenSSH private key file, relative to the credentials file."""
    passphrase: Reference | None = None
    privacy: Reference | None = None
    """The privacy password of SNMPv3; `password` is the one that signs, and of 2c the community."""
    agent: Fingerprint | None = None
    """The one key of the agent to use."""

    @model_validator(mode="after")
    def _something_to_show(self) -> Credential:
        if not (self.password or self.key or self.agent):
            raise misplaced("", "give at least one of password, key and agent")
        if self.passphrase and not self.key:
            raise misplaced("passphrase", "passphrase without key")
        if self.privacy and not self.password:
            raise misplaced("privacy", "privacy without password")
        return self


class Credentials(RootModel[dict[Id, Credential]]):
    """The whole file: credentials by id."""


def load_credentials(path: Path) -> Loaded[Credentials]:
    """The credentials file, secrets unresolved.

    Raises:
        InputError: every mistake in it; readable by others than its owner (POSIX).
    """
    document = parse(read_source(path, secret=True))
    value, problems = validate(Credentials, document)
    problems = [*_too_open(path), *problems]
    if value is None or problems:
        raise InputError(problems)
    return Loaded(value, path, document)


def resolve_credentials(
    site: Site, addresses: Mapping[str, str], file: Path, ask: Ask
) -> dict[str, Secret]:
    """The secrets of the ids that the site file names, resolved before anything is contacted.

    `addresses` is name or IP text as in the site file -> IP address; a name that is missing
    there did not resolve and is not contacted. `ask` is given a question and returns what the
    engineer typed, without echo. `file` is not opened when the site names no credential.

    Raises:
        InputError: listing every id that is missing, is for another site or network, or does
            not resolve.
    """
    named = uses(site)
    if not named:
        return {}
    if not file.exists():
        raise InputError([_no_file(file, site, named)])
    found = load_credentials(file)
    problems = [p for name, at in named.items() for p in _unfit(found, name, at, site, addresses)]
    if problems:  # nobody is asked for a secret that will not be used
        raise InputError(in_order(problems))
    secrets: dict[str, Secret] = {}
    for name in named:
        secrets[name], unresolved = _secret(found, name, found.value.root[name], ask)
        problems += unresolved
    if problems:
        raise InputError(in_order(problems))
    return secrets


def _no_file(file: Path, site: Site, named: Iterable[str]) -> Problem:
    source = Source(str(file), "", secret=True)
    message = f"there is no such file, and {site.site} names credentials: {', '.join(named)}"
    return source.problem("missing-file", message, help=f"make it with mode 0600; {_entry(site)}")


def _entry(site: Site) -> str:
    return (
        f"an entry looks like ID: {{site: {site.site}, networks: "
        f"[{', '.join(site.authorised.networks)}], username: NAME, password: env:VARIABLE}}"
    )


def _unfit(
    found: Loaded[Credentials],
    name: str,
    at: list[tuple[str, str]],
    site: Site,
    addresses: Mapping[str, str],
) -> Iterator[Problem]:
    """Why this id may not be used as the site file says."""
    credential = found.value.root.get(name)
    if credential is None:
        message = f'credential "{name}" is not in this file; {at[0][0]} of {site.site} names it'
        help_ = did_you_mean(name, found.value.root) or _entry(site)
        yield found.problem("missing-credential", (), message, help_)
        return
    if site.site not in credential.site:
        message = f'credential "{name}" is for {", ".join(credential.site)}, not for {site.site}'
        help_ = "a site file cannot take the secrets of another site; check its credential ids"
        yield found.problem("other-site", (name, "site"), message, help_)
    yield from _half_a_login(found, name, site)
    for target in dict.fromkeys(address for _, address in at):
        ip = ip_of(addresses.get(target, target))
        if ip is not None and not _inside(str(ip), credential.networks):
            message = f'credential "{name}" may not be sent to {target}: outside its networks'
            help_ = "check the address in the site file before you widen the networks"
            yield found.problem("other-network", (name, "networks"), message, help_)


def _half_a_login(found: Loaded[Credentials], name: str, site: Site) -> Iterator[Problem]:
    """A manager of virtual machines takes username and password, Proxmox VE those of a token."""
    credential = found.value.root[name]
    for manager in site.hypervisors.values():
        if manager.credential != name:
            continue
        if not (credential.username and credential.password):
            message = f'credential "{name}" needs a username and a password for a manager'
            help_ = "give it both; of an API token of Proxmox VE the password is its secret"
            yield found.problem("half-a-login", (name,), message, help_)
        elif manager.protocol == "proxmox" and not TOKEN_ID.fullmatch(credential.username):
            message = f'the username of credential "{name}" names no API token of Proxmox VE'
            help_ = "write username: USER@REALM!TOKENID, and the token's secret as password"
            yield found.problem("no-token", (name, "username"), message, help_)
        else:
            continue
        return


def _inside(ip: str, networks: Iterable[str]) -> bool:
    address = ipaddress.ip_address(ip)
    return any(address in ipaddress.ip_network(network) for network in networks)


def _secret(
    found: Loaded[Credentials], name: str, credential: Credential, ask: Ask
) -> tuple[Secret, list[Problem]]:
    problems: list[Problem] = []
    texts = {"password": "", "passphrase": "", "privacy": ""}
    for key in texts:
        reference = getattr(credential, key)
        if reference is None:
            continue
        try:
            texts[key] = resolve(reference, found.folder, f"{key} of {name}", ask)
        except Unresolved as e:
            message = f'the {key} of credential "{name}" does not resolve: {e}'
            problems.append(found.problem("unresolved-secret", (name, key), message, e.help))
    path = found.folder / Path(credential.key).expanduser() if credential.key else None
    if path is not None and not path.is_file():
        message = f'the key of credential "{name}" is not there: {path}'
        help_ = "relative paths start at the credentials file"
        problems.append(found.problem("missing-file", (name, "key"), message, help_))
    secret = Secret(
        id=name,
        username=credential.username or "",
        key=path,
        agent=credential.agent,
        **texts,
    )
    return secret, problems


def _too_open(path: Path) -> Iterator[Problem]:
    """POSIX only: elsewhere the profile folder's own access list protects it."""
    if os.name != "posix":
        return
    state = path.stat()
    source = Source(str(path), "", secret=True)
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"others may read or write this file (mode {stat.S_IMODE(state.st_mode):04o})"
        yield source.problem("loose-permissions", message, help=f"chmod 600 {path}")
    if state.st_uid != os.geteuid():
        yield source.problem("other-owner", "this file belongs to another user")

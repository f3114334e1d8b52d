"""Where the engineer's own files lie (XDG Base Directory Specification; contract 9.13)."""

from __future__ import annotations

import os
from pathlib import Path


def _base(variable: str, default: str) -> Path:
    """Relative values are ignored, as the specification says."""
    given = Path(os.environ.get(variable, ""))
    return (given if given.is_absolute() else Path.home() / default) / "preflight"


def config() -> Path:
    """`$XDG_CONFIG_HOME/preflight`: credentials.yaml and trust/."""
    return _base("XDG_CONFIG_HOME", ".config")


def data() -> Path:
    """`$XDG_DATA_HOME/preflight`: keys/, attempts/, seen/, requests/."""
    return _base("XDG_DATA_HOME", ".local/share")


def credentials() -> Path:
    """The engineer's credentials file."""
    return config() / "credentials.yaml"


def trust() -> Path:
    """The engineer's trust folder."""
    return config() / "trust"


def signing_key() -> Path:
    """The key that signs reports unless another is named."""
    return data() / "keys" / "report"


def requests() -> Path:
    """What was asked of customers: a folder per request."""
    return data() / "requests"


def known_hosts() -> tuple[Path, ...]:
    """The engineer's own known hosts, as ssh(1) names them."""
    return (Path.home() / ".ssh" / "known_hosts", Path("/etc/ssh/ssh_known_hosts"))

"""What every test may rely on: the `peer` marker."""

from __future__ import annotations

import os
import shutil

import pytest

_PACKAGES = {
    "ip": "iproute2",
    "nft": "nftables",
    "nginx": "nginx-light",
    "ping": "iputils-ping",
    "sshd": "openssh-server",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ssh-agent": "openssh-client",
    "ssh-add": "openssh-client",
    "dpkg-deb": "dpkg",
    "dpkg-query": "dpkg",
}
"""Debian package of a program, where their names differ."""

_SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A test whose peer program is absent skips on a laptop and fails in CI."""
    names = [str(name) for marker in item.iter_markers("peer") for name in marker.args]
    missing = [name for name in names if shutil.which(name, path=_SYSTEM_PATH) is None]
    if not missing:
        return
    packages = " ".join(sorted({_PACKAGES.get(name, name) for name in missing}))
    reason = f"needs {', '.join(missing)}: apt install {packages}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

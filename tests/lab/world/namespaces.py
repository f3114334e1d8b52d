"""Whether this machine lets a test make network namespaces."""

from __future__ import annotations

import os
import subprocess

import pytest


def need_namespaces() -> None:
    """Skips where they cannot be made; in CI that is a failure."""
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "true"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode == 0 and os.geteuid() == 0:
        return
    reason = f"needs root with CAP_SYS_ADMIN and CAP_NET_ADMIN: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)

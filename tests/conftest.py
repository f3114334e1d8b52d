"""What every test may rely on: the `peer` marker, and the profiles of hypothesis."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

SOAK = "soak"
SOAK_TIMES = 20
"""How many more examples than usual `--hypothesis-profile=soak` tries."""
_KEPT_IN = "_hypothesis_internal_use_settings"
"""Where hypothesis keeps the settings of a test that has its own; it has no public way to them."""

settings.register_profile(SOAK, max_examples=SOAK_TIMES * settings().max_examples, deadline=None)
# The suite says the same of the same code, on a slow machine too; `make soak` looks for news.
settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

HERE = Path(__file__).parent
LONGEST = (
    "lab/test_end_to_end.py",
    "kinds/test_properties.py",
    "lab/test_chaos_slice.py",
    "verify/test_fuzz.py",
    "selfcheck/script/test_looks.py",
    "cli/test_demo.py",
    "lab/test_selfcheck.py",
    "lab/redundancy/test_redundancy.py",
    "lab/test_remote.py",
    "lab/virtual/test_virtual.py",
    "cli/test_run_with.py",
    "lab/test_lab.py",
    "selfcheck/script/test_manners.py",
    "test_judge.py",
    "lab/test_jump.py",
    "cli/test_completion.py",
    "lab/test_chaos_oracle.py",
    "lab/test_access.py",
    "lab/test_bad_input.py",
    "probes/net/test_icmp.py",
    "probes/net/test_tcp.py",
    "verify/test_signature.py",
    "test_recordings.py",
    "signing/test_interop.py",
    "cli/test_output.py",
    "cli/test_progress.py",
    "probes/ssh/test_ssh.py",
    "probes/jump/test_jump.py",
)
"""Begun first, so that no worker is left alone with one of them. Those that wait for peers and
those that compute take turns."""
assert all((HERE / name).exists() for name in LONGEST)

_PACKAGES = {
    "ip": "iproute2",
    "ipmi_sim": "openipmi",
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
    "libvirtd": "libvirt-daemon libvirt-daemon-driver-qemu",
    "lldpctl": "lldpd",
    "nsenter": "util-linux",
    "qemu-system-x86_64": "qemu-system-x86",
    "setpriv": "util-linux",
    "systemd-detect-virt": "systemd",
    "unshare": "util-linux",
    "virsh": "libvirt-clients",
    "visudo": "sudo",
}
"""Debian package of a program, where their names differ."""

_SYSTEM_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])


def pytest_configure() -> None:
    """What is started in the background, or by nohup, is deaf, and so are all that it starts."""
    if threading.current_thread() is not threading.main_thread():
        return
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long files first. In `make soak` a test that says how many examples it wants gets as many
    times more as all others."""
    turns = {HERE / name: turn for turn, name in enumerate(LONGEST)}
    items.sort(key=lambda item: turns.get(item.path, len(turns)))
    if config.getoption("--hypothesis-profile", None) != SOAK:
        return
    for test in {getattr(item, "obj", None) for item in items}:
        if is_hypothesis_test(test):
            own: settings = getattr(test, _KEPT_IN)
            if own.max_examples != settings().max_examples:
                more = settings(own, max_examples=SOAK_TIMES * own.max_examples)
                setattr(test, _KEPT_IN, more)

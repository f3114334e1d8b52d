"""What managers show to be pinned, and which credentials they take."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timezone
from pathlib import Path
from typing import Any

import pytest

from preflight.errors import InputError
from preflight.files.credentials import resolve_credentials
from preflight.pinning.edit import Pin, with_pins
from preflight.pinning.look import look as look_at
from preflight.pinning.look import things_of
from preflight.pinning.shown import State
from preflight.probes.known_hosts import read_known_hosts
from preflight.render import pins
from tests.probes.managers import world
from tests.probes.managers.conftest import DIGEST
from tests.probes.managers.peer import Peer


def test_pins_stand_beside_the_address(loaded: Any) -> None:
    found = loaded()
    assert things_of(found.value, ["pve", "vc"], everything=False) == (
        "hypervisor:pve",
        "hypervisor:vc",
    )
    text = with_pins(found, [Pin("hypervisor:pve", DIGEST), Pin("hypervisor:vc", DIGEST)])
    assert f'address: 127.0.0.21, tls: {{sha256: "{DIGEST}"}}, protocol: proxmox' in text
    assert f'# in the other hall\n    tls: {{sha256: "{DIGEST}"}}\n    protocol' in text
    assert Pin("hypervisor:vc", DIGEST).under == "hypervisors.vc"


def test_a_pin_takes_the_place_of_null(loaded: Any) -> None:
    found = loaded("  pve: {address: 127.0.0.21, tls: null, protocol: proxmox}\n")
    text = with_pins(found, [Pin("hypervisor:pve", DIGEST)])
    assert f'address: 127.0.0.21, tls: {{sha256: "{DIGEST}"}}, protocol' in text


def test_pin_shows_the_certificate_by_a_handshake(
    loaded: Any, manager: Callable[..., Peer]
) -> None:
    peer = manager("proxmox", world.proxmox("9"))
    found = loaded(
        f"  pve: {{address: 127.0.0.1, port: {peer.port}, protocol: proxmox}}\n"
        "  gone: {address: 127.0.0.1, port: 1, protocol: vsphere}\n"
    )
    noon = datetime.combine(date(2026, 11, 20), time(12), timezone.utc)
    things = ["hypervisor:pve", "hypervisor:gone"]
    pve, gone = look_at(found, things, read_known_hosts([]), lambda: noon)
    assert (pve.state, pve.values) == (State.UNPINNED, (peer.sha256,))
    assert gone.state is State.SILENT
    assert peer.seen == []
    assert "hypervisor:pve  127.0.0.1" in pins.text([pve])


# --- credentials ---

TOKEN = {"username": world.TOKEN_ID, "password": "env:P"}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"username": "preflight@pve", "password": "env:P"}, "no-token"),
        ({"username": world.TOKEN_ID, "key": "id_ed25519"}, "half-a-login"),
        ({"password": "env:P"}, "half-a-login"),
        ({**TOKEN, "networks": ["10.0.0.0/8"]}, "other-network"),
        (TOKEN, None),
    ],
)  # fmt: skip
def test_a_token_is_wanted(
    entry: dict[str, Any], code: str | None, loaded: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("P", world.SECRET)
    site = loaded("  pve: {address: 127.0.0.21, protocol: proxmox, credential: pve}\n").value
    file = tmp_path / "credentials.yaml"
    file.write_text(json.dumps({"pve": {"site": "lagos", "networks": ["127.0.0.0/8"], **entry}}))
    file.chmod(0o600)
    if code is None:
        assert resolve_credentials(site, {}, file, lambda _: "")["pve"].password == world.SECRET
        return
    with pytest.raises(InputError) as caught:
        resolve_credentials(site, {}, file, lambda _: "")
    assert [problem.code for problem in caught.value.problems] == [code]
    assert world.SECRET not in str(caught.value)

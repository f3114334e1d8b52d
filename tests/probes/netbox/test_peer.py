"""The NetBox of these tests speaks as NetBox does: the library that everybody uses for it reads the
same from it as the probe."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pynetbox
import pytest
import requests

from preflight.evidence import Record
from tests.probes.netbox.conftest import Look, site_of
from tests.probes.netbox.peer import SECOND, TOKEN, Peer

Start = Callable[..., Peer]


def client(peer: Peer, pem: Path, token: str) -> Any:
    session = requests.Session()
    session.verify = str(pem)
    session.trust_env = False
    api = pynetbox.api(peer.url, token=token)
    api.http_session = session
    return api


@pytest.mark.parametrize("version", ["3.7.8", "4.2.3", "4.5.1"])
def test_both_read_the_same(netbox: Start, look: Look, pem: Path, version: str) -> None:
    token = SECOND if version == "4.5.1" else TOKEN
    peer = netbox(version, token=token, most=3)
    api = client(peer, pem, token)
    assert api.status()["netbox-version"] == version
    told = look(site_of(peer), token=token)
    devices = {d.name: d for d in api.dcim.devices.filter(site="lagos-ikeja")}
    assert len(devices) == len(peer.list("dcim/devices"))
    for name in ("db1", "db2"):
        record, device = told[name], devices[name]
        assert isinstance(record, Record)
        assert (record.serial, record.rack, record.status) == (
            device.serial, device.rack.name, device.status.value,
        )  # fmt: skip
    ports = api.dcim.power_ports.filter(site="lagos-ikeja", device_id=devices["db1"].id)
    outlets = [
        end for port in ports if port.device.name == "db1" for end in port.connected_endpoints
    ]
    assert isinstance(told["db1"], Record)
    assert tuple(end.device.name for end in outlets) == told["db1"].pdus
    session: requests.Session = api.http_session
    session.close()


def test_both_are_refused_alike(netbox: Start, pem: Path) -> None:
    peer = netbox()
    api = client(peer, pem, "f" * 40)
    with pytest.raises(pynetbox.RequestError) as caught:
        api.status()
    assert caught.value.req.status_code == 403
    assert "Invalid token" in caught.value.error
    session: requests.Session = api.http_session
    session.close()

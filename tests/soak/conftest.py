"""What the long tests share: a site that is up, and a signed report of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from preflight.demo.site import DemoSite
from preflight.publish import publish, write_files
from preflight.signing import folder, keys
from preflight.signing.signer import open_signer
from tests.cli.looking import look
from tests.cli.person import PRINCIPAL


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    """The demo site, in good order and answering."""
    with DemoSite(tmp_path_factory.mktemp("up") / "site", datetime.now(timezone.utc)) as site:
        site.repair()
        yield site


@pytest.fixture(scope="module")
def signed(up: DemoSite, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a signed go, and the trust folder that believes it."""
    where = tmp_path_factory.mktemp("signed")
    public = keys.make(where / "key", PRINCIPAL)
    window = folder.Window(None, datetime.now(timezone.utc) + timedelta(days=1))
    folder.init(where / "trust", PRINCIPAL, public, ["preflight-report"], window)
    signer = open_signer(where / "key", None, None, lambda _: "")
    write_files(where, publish(look(up)[1], signer).files)
    return where

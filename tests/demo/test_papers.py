"""What the demo writes is what people would write: it loads, it refers, and scripts can edit it."""

from __future__ import annotations

import re
import stat
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from preflight.demo.site import DemoSite
from preflight.files.load import load_booking, load_profile, load_releases, load_site
from preflight.files.site import Site
from preflight.text import sha256_hex


def test_every_file_loads_without_a_warning(site: DemoSite) -> None:
    files = site.files
    assert load_booking(files.booking).warnings == ()
    assert load_profile(files.profile).warnings == ()
    assert load_releases(files.releases).warnings == ()
    for path in (files.site, files.before / "site.yaml", files.after / "site.yaml"):
        assert load_site(path).warnings == ()


def test_the_site_file_describes_the_places_as_found(site: DemoSite) -> None:
    found = load_site(site.files.site).value
    assert found == _rooted(load_site(site.files.before / "site.yaml").value)
    db1, db2 = found.hosts["db1"], found.hosts["db2"]
    assert (db1.hall, db1.rack, db1.feeds) == (db2.hall, db2.rack, db2.feeds)
    assert found.hosts["media1"].hall != db1.hall


def test_the_repaired_site_file_has_the_databases_apart(site: DemoSite) -> None:
    site.repair()
    after = load_site(site.files.site).value
    assert after == _rooted(load_site(site.files.after / "site.yaml").value)
    db1, db2 = after.hosts["db1"], after.hosts["db2"]
    assert db1.hall != db2.hall
    assert not set(db1.feeds) & set(db2.feeds)


def _rooted(site: Site) -> Site:
    """The same site file, were it one folder further up."""
    text = site.model_dump_json(by_alias=True)
    assert '"../profile.yaml"' in text
    assert '"../bmc-ca.pem"' in text
    return Site.model_validate_json(text.replace('"../', '"'))


def test_references_of_every_site_file_lead_to_files(site: DemoSite) -> None:
    for folder in (site.files.folder, site.files.before, site.files.after):
        claims = load_site(folder / "site.yaml").value
        assert (folder / claims.profile).resolve() == site.files.profile
        for host in claims.hosts.values():
            assert host.bmc
            assert host.bmc.tls
            assert host.bmc.tls.ca
            assert (folder / host.bmc.tls.ca).resolve() == site.files.ca


def test_dates_lie_around_now(site: DemoSite, now: datetime) -> None:
    allowed = load_site(site.files.site).value.authorised
    trip = load_booking(site.files.booking).value
    assert trip.decide_by
    assert allowed.from_ < now.date() < allowed.until
    assert now < trip.decide_by < trip.departs < trip.on_site.from_ < trip.on_site.to
    assert trip.departs.date() < allowed.until


def test_only_loopback_is_allowed_and_named(site: DemoSite) -> None:
    claims = load_site(site.files.site).value
    assert claims.authorised.networks == ("127.0.0.0/8",)
    hosts = claims.hosts.values()
    addresses = [h.address for h in hosts] + [h.bmc.address for h in hosts if h.bmc]
    assert all(address.startswith("127.") for address in addresses)


def test_scripts_can_read_the_files_line_by_line(site: DemoSite) -> None:
    booking, text = site.files.booking.read_text(), site.files.site.read_text()
    assert re.findall(r"^booking: (.*)$", booking, re.M) == ["DEMO-1"]
    assert re.findall(r"^site: (.*)$", text, re.M) == ["demo-site"]
    assert text.count("address") == len(re.findall(r"^ +address: [0-9.]+$", text, re.M)) == 6
    assert "{" not in text
    assert "[" not in text


def test_released_digests_are_those_of_the_installed_files(site: DemoSite) -> None:
    builds = {b.id: b for b in load_releases(site.files.releases).value.builds}
    for machine, build in (("db1", "7.2.4"), ("db2", "7.2.4-demo")):
        for file in builds[build].files:
            installed = site.files.root(machine) / file.path.lstrip("/")
            assert sha256_hex(installed.read_bytes()) == file.sha256


def test_secrets_are_the_owners_alone(site: DemoSite) -> None:
    files = site.files
    pems = list(files.machines.rglob("*.pem"))
    assert len(pems) == 6
    for path in (files.credentials, files.ssh_key, files.bmc_password, *pems):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (files.config, files.data, files.machines):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_credentials_refer_and_hold_no_secret(site: DemoSite, password: str) -> None:
    path = site.files.credentials
    text = path.read_text()
    rows = yaml.safe_load(text)
    assert password not in text
    assert all(row["site"] == "demo-site" for row in rows.values())
    assert _beside(path, rows["site-ssh"]["key"]) == site.files.ssh_key
    refers = rows["site-bmc"]["password"]
    assert _beside(path, refers.removeprefix("file:")) == site.files.bmc_password


def _beside(path: Path, relative: str) -> Path:
    return (path.parent / relative).resolve()


def test_a_reader_may_edit_the_site_file_until_places_change(site: DemoSite) -> None:
    path = site.files.site
    path.write_text(path.read_text() + "# mine\n")
    site.switch("db1-power", broken=True)
    assert path.read_text().endswith("# mine\n")
    site.switch("db2-place", broken=False)
    assert not path.read_text().endswith("# mine\n")


@pytest.mark.parametrize("secret", ["password", "key"])
def test_no_secret_is_in_a_repr(site: DemoSite, password: str, secret: str) -> None:
    text = password if secret == "password" else site.files.ssh_key.read_text().splitlines()[2]
    assert text not in repr(vars(site))
    assert text not in repr([vars(station) for station in vars(site)["_stations"].values()])

"""The file for somebody who starts with nothing, and what a look leaves in it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from preflight.errors import PreflightError, RefusedError
from preflight.files.lint import lint
from preflight.starting.booking_file import BOOKING_FILE
from preflight.starting.draft import BmcDraft, HostDraft, Permission, SiteDraft
from preflight.starting.site_file import blanks, site_file
from preflight.starting.targets import Place, permitted_site, targets

FILLED = SiteDraft(
    site="lagos",
    customer="Example Telecom",
    permission=Permission("C. Eze", "2026-11-10", "2026-11-10", "2026-12-12", ("10.20.0.0/16",)),
    hosts=(HostDraft("db1", "10.20.0.11"),),
)
KEY = "SHA256:" + "A" * 43


def test_every_blank_is_an_error_that_names_it(written: Any) -> None:
    empty = SiteDraft()
    problems = lint([written(empty)])
    named = {problem.message.split()[0] for problem in problems}
    assert named == set(blanks(empty))
    assert {p.severity for p in problems} == {"error"}
    assert all(p.help for p in problems if p.code == "blank")


def test_nothing_else_is_wrong_with_it(written: Any) -> None:
    assert blanks(FILLED) == ()
    assert lint([written(FILLED)]) == []


def test_the_blanks_of_a_booking(tmp_path: Any) -> None:
    path = tmp_path / "booking.yaml"
    path.write_text(BOOKING_FILE)
    assert [(p.code, p.message.split()[0]) for p in lint([path])] == [
        ("blank", name) for name in ("booking", "departs", "on_site.from", "on_site.to")
    ]


def test_the_ideas_are_valid_once_they_are_uncommented(written: Any) -> None:
    path = written(SiteDraft(FILLED.site, FILLED.customer, permission=FILLED.permission))
    text = path.read_text().replace("address:     #", "address: 10.20.0.11 #")
    text = re.sub(r"^    # ((?:serial|bmc|ssh|hall|rack):)", r"    \1", text, flags=re.MULTILINE)
    text = text.replace("# control:", "control:")
    path.write_text(text)
    assert [p.code for p in lint([path])] == ["undeclared-label"] * 2


@pytest.mark.parametrize("port", [22, 2222])
def test_pins_are_comments_until_somebody_confirms_them(
    written: Any, loaded: Any, port: int
) -> None:
    bmc = BmcDraft("10.20.9.11", 8443, "a" * 64, ("Redfish 1.6.0",))
    host = HostDraft("db1", "10.20.0.11", port=port, host_key=KEY, bmc=bmc, notes=("answers",))
    draft = SiteDraft(FILLED.site, FILLED.customer, permission=FILLED.permission, hosts=(host,))
    seen = loaded(draft)["hosts"]["db1"]
    assert "host_key" not in seen.get("ssh", {})
    assert "tls" not in seen["bmc"]
    path = written(draft)
    path.write_text(re.sub(r"# (ssh: {|host_key: |tls: )", r"\1", path.read_text()))
    assert lint([path]) == []
    assert path.read_text().count("seen, not confirmed") == 2


def test_a_bmc_of_nobody_is_a_comment_and_the_hosts_a_blank(written: Any) -> None:
    draft = SiteDraft(
        FILLED.site, FILLED.customer, permission=FILLED.permission,
        homeless=(BmcDraft("10.20.9.11", sha256="a" * 64),),
    )  # fmt: skip
    problems = lint([written(draft)])
    assert [(p.code, p.message) for p in problems] == [
        ("wrong-count", "hosts must have at least 1 entry, has 0")
    ]
    assert "10.20.9.11 is a BMC" in site_file(draft)


@pytest.mark.parametrize(
    ("text", "name", "host", "bmc"),
    [
        ("10.20.0.11", "10.20.0.11", Place("10.20.0.11", 22), None),
        ("db1=10.20.0.11:2222,10.20.9.11", "db1", Place("10.20.0.11", 2222),
         Place("10.20.9.11", 443)),
        (",10.20.9.11:8443", "10.20.9.11", None, Place("10.20.9.11", 8443)),
        ("[2001:db8::1]:2222", "2001-db8-1", Place("2001:db8::1", 2222), None),
        ("2001:db8::1", "2001-db8-1", Place("2001:db8::1", 22), None),
        ("db1.customer.example", "db1.customer.example", Place("db1.customer.example", 22), None),
    ],
)  # fmt: skip
def test_targets(text: str, name: str, host: Place | None, bmc: Place | None) -> None:
    [found] = targets([text])
    assert (found.name, found.host, found.bmc) == (name, host, bmc)


@pytest.mark.parametrize(
    "text", ["", ",", "=10.0.0.1", "a b=10.0.0.1", "10.0.0.300", "10.0.0.1:0", "10.0.0.1:99999",
             "http://10.0.0.1", "10.0.0.0/24", "a\n=::1", "-x"],
)  # fmt: skip
def test_no_target(text: str) -> None:
    with pytest.raises(PreflightError):
        targets([text])


def test_nobody_looks_without_a_permission() -> None:
    found, day = targets(["10.20.0.11"]), date(2026, 11, 22)
    for by, networks in (("", ["10.0.0.0/8"]), ("C. Eze", []), (" ", ["10.0.0.0/8"])):
        with pytest.raises(RefusedError):
            permitted_site(found, by, networks, day)
    with pytest.raises(PreflightError, match="is no network"):
        permitted_site(found, "C. Eze", ["10.20.0.11/16"], day)
    assert permitted_site(found, "C. Eze", ["10.0.0.0/8"], day).authorised.until == day

"""`selfcheck build`: the signed request, where it is kept, and when none is made."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from preflight.cli import cli
from preflight.cli.edge import run_command
from preflight.errors import NotGenuine, PreflightError
from preflight.plan import make_plan
from preflight.report import Inputs
from preflight.runner import gather
from preflight.selfcheck.build import Built, build, draft
from preflight.selfcheck.items import CLOCK, Item, items
from preflight.selfcheck.parts import MOST_BYTES, TooLong, divide
from preflight.selfcheck.requests import RequestFiles, Requests
from preflight.selfcheck.script import seal_key
from preflight.sheets import plan_digest
from preflight.signing import statement, trust
from preflight.signing.signer import Signer, open_signer
from preflight.statements import Pack
from preflight.text import sha256_hex
from tests.selfcheck.office import request

NOW = datetime(2026, 11, 20, 12, tzinfo=timezone.utc)
DEPARTS = datetime(2026, 12, 6, 5, 40, tzinfo=timezone.utc)
BOOKING = """\
booking: BK-1
departs: 2026-12-06T06:40:00+01:00
on_site: {from: 2026-12-07T09:00:00+01:00, to: 2026-12-11T17:00:00+01:00}
"""
SITE = """\
site: lab
customer: Example Telecom
profile: base-servers
authorised:
  {by: "C. Eze", on: 2026-11-10, from: 2026-11-15, until: 2026-12-12, networks: [127.0.0.0/8]}
hosts:
"""


def _site(hosts: int) -> str:
    rows = (
        f"  h{n}: {{address: 127.0.7.{n}, bmc: {{address: 127.0.8.{n}}}}}\n" for n in range(hosts)
    )
    return SITE + "".join(rows)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An engineer's folder with a site, a booking, a key, and a trust folder that knows it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "site.yaml").write_text(_site(3))
    later = datetime.now(timezone.utc) + timedelta(days=3)
    (tmp_path / "booking.yaml").write_text(BOOKING)
    (tmp_path / "soon.yaml").write_text(
        f"booking: BK-2\ndeparts: {later:%Y-%m-%dT%H:%M:%SZ}\n"
        f"on_site: {{from: {later:%Y-%m-%dT%H:%M:%SZ},"
        f" to: {later + timedelta(days=2):%Y-%m-%dT%H:%M:%SZ}}}\n"
    )
    assert _preflight("key", "new", "--principal", "anna@vendor.example", "--no-passphrase") == 0
    public = tmp_path / "data" / "preflight" / "keys" / "report.pub"
    words = ["trust", "init", "anna@vendor.example", str(public), "--namespace", "preflight-pack"]
    assert _preflight(*words, "--trust", "trust") == 0
    return tmp_path


def _preflight(*words: str) -> int:
    return run_command(cli, words)


@pytest.fixture
def key(office: Path) -> Signer:
    return open_signer(office / "data/preflight/keys/report", None, None, str)


def _inputs(office: Path, *, booking: bool = True) -> Inputs:
    trip = office / "booking.yaml" if booking else None
    return gather(office / "site.yaml", booking=trip).inputs


@pytest.fixture
def built(office: Path, key: Signer) -> Built:
    return request(_inputs(office), key, NOW)


def test_the_pack_is_signed_and_speaks_of_this_plan_and_script(built: Built, office: Path) -> None:
    data, armored = built.files["pack.json"], built.files["pack.json.sig"].decode()
    known = trust.load(office / "trust")
    assert statement.open_statement(data, armored, statement.PACK, known, NOW) == built.pack
    text = built.files["selfcheck-lab.txt"]
    assert built.pack.script.sha256 == sha256_hex(text)
    assert built.pack.script.size_bytes == len(text)
    assert built.pack.plan_sha256 == plan_digest(make_plan(_inputs(office)))
    assert (built.pack.booking, built.pack.site) == ("BK-1", "lab")
    assert sha256_hex(text) in built.files["README-lab.txt"].decode()


def test_the_seal_key_is_nowhere_but_in_the_script(built: Built) -> None:
    key = seal_key(built.files["selfcheck-lab.txt"])
    for name in ("pack.json", "pack.json.sig", "README-lab.txt"):
        assert key not in built.files[name]
        assert key.hex().encode() not in built.files[name]


def test_every_request_is_another(office: Path, key: Signer) -> None:
    first, second = (request(_inputs(office), key, NOW) for _ in range(2))
    assert first.pack.request != second.pack.request
    assert first.pack.nonce != second.pack.nonce
    one, two = (seal_key(b.files["selfcheck-lab.txt"]) for b in (first, second))
    assert one != two


def test_it_holds_a_week_and_never_beyond_departure(office: Path, key: Signer) -> None:
    inputs = _inputs(office)
    assert request(inputs, key, NOW).pack.expires == NOW + timedelta(days=7)
    assert request(inputs, key, NOW, valid=timedelta(days=90)).pack.expires == DEPARTS


def test_without_a_booking_or_after_departure_none_is_made(office: Path, key: Signer) -> None:
    with pytest.raises(PreflightError, match="belongs to a booking"):
        request(_inputs(office, booking=False), key, NOW)
    with pytest.raises(PreflightError, match="departed"):
        request(_inputs(office), key, DEPARTS)


def _numbers(text: bytes) -> list[int]:
    """Of the looks and questions of a script."""
    lines = text.decode().partition("items() {")[2].splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith(("  i ", "  q "))]


def test_one_host_alone(office: Path, key: Signer) -> None:
    inputs = _inputs(office)
    part = request(inputs, key, NOW, hosts=["h1"])
    numbers = {i.no for i in items(make_plan(inputs)) if i.thing in {"host:h1", "bmc:h1"}}
    text = part.files["selfcheck-lab.txt"]
    assert numbers < set(_numbers(text))
    assert b"127.0.7.2" not in text
    assert b"HOSTS='h1=127.0.7.1'" in text
    assert part.pack.hosts == ("h1",)


def test_a_large_site_is_asked_in_as_few_parts_as_fit(office: Path, key: Signer) -> None:
    (office / "site.yaml").write_text(_site(60))
    inputs = _inputs(office)
    parts = build(draft(inputs, NOW), key)
    assert len(parts) == 4
    every = {item.no: item for item in items(make_plan(inputs))}
    scripts = [part.files[part.pack.script.name] for part in parts]
    assert all(len(text) <= MOST_BYTES for text in scripts)
    asked = sorted(no for text in scripts for no in _numbers(text))
    clocks = [no for no, item in every.items() if item.action == "clock"] * 3
    assert asked == sorted([*every, *clocks]), "all once; the clock of every machine"
    hosts = [host for part in parts for host in sorted(part.pack.hosts, key=_number)]
    assert hosts == list(inputs.site.hosts)
    for part, text in zip(parts, scripts, strict=True):
        (named,) = [line for line in text.decode().splitlines() if line.startswith("HOSTS=")]
        assert {w.split("=")[0] for w in named[7:-1].split()} == set(part.pack.hosts)
        assert {no for no in _numbers(text) if every[no].thing.startswith("host:")} == {
            no for no, i in every.items() if i.thing.removeprefix("host:") in part.pack.hosts
        }


def _number(host: str) -> int:
    return int(host[1:])


def test_a_part_is_full(office: Path) -> None:
    """With its next host the first would be too long, so that there are no fewer."""
    (office / "site.yaml").write_text(_site(60))
    inputs = _inputs(office)
    first, second, *_ = (part.hosts for part in draft(inputs, NOW).parts)
    assert len(draft(inputs, NOW, hosts=first).parts) == 1
    assert len(draft(inputs, NOW, hosts=[*first, *second[:2]]).parts) == 2


def test_the_parts_say_what_each_is_for(office: Path, key: Signer) -> None:
    (office / "site.yaml").write_text(_site(30))
    one, two = build(draft(_inputs(office), NOW), key)
    assert one.about == "part 1 of 2: the site itself and 16 servers, h0 to h15"
    assert two.about == "part 2 of 2: 14 servers, h16 to h29"
    for number, built in enumerate((one, two), 1):
        script, readme = f"selfcheck-lab-{number}.txt", f"README-lab-{number}.txt"
        assert set(built.files) == {script, readme, "pack.json", "pack.json.sig"}
        assert built.about in built.files[script].decode()
        assert f"This is {built.about}." in built.files[readme].decode()
        assert script in built.files[readme].decode()
        assert built.pack.script.name == script
    assert one.pack.request != two.pack.request
    assert one.pack.nonce != two.pack.nonce
    assert len({seal_key(b.files[b.pack.script.name]) for b in (one, two)}) == 2


def test_what_cannot_be_divided_is_refused() -> None:
    with pytest.raises(TooLong, match="for h0 alone") as refused:
        divide([Item(no=1, action="clock", asks=(CLOCK,))], ["h0"], lambda _: MOST_BYTES + 1)
    assert "h0" in refused.value.help


def test_the_command_writes_a_folder_for_each_part(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (office / "site.yaml").write_text(_site(30))
    words = ["selfcheck", "build", "site.yaml", "--booking", "soon.yaml"]
    assert _preflight(*words, "-o", "out") == 0
    shown = capsys.readouterr()
    assert "2 requests beside each other" in shown.err
    assert "part 2 of 2: 14 servers, h16 to h29" in shown.err
    assert "selfcheck-lab-2.txt and README-lab-2.txt" in shown.err
    for number in (1, 2):
        folder = office / "out" / f"part-{number}"
        made = RequestFiles.read(folder)
        assert f"{folder.relative_to(office)}/selfcheck-lab-{number}.txt" in shown.out
        kept = Requests(office / "data/preflight/requests")
        assert kept.open(Pack.model_validate_json(made.pack).request) == made
    assert _preflight(*words) == 0
    assert len(list((office / "selfcheck/lab").iterdir())) == 2


def test_of_several_parts_all_are_kept_or_none(
    office: Path,
) -> None:
    (office / "site.yaml").write_text(_site(30))
    (office / "out" / "part-2").mkdir(parents=True)
    (office / "out" / "part-2" / "pack.json").write_text("mine")
    words = ["selfcheck", "build", "site.yaml", "--booking", "soon.yaml", "-o", "out"]
    assert _preflight(*words) == 2
    assert [p.read_text() for p in (office / "out").rglob("*") if p.is_file()] == ["mine"]
    assert not list((office / "data/preflight").glob("requests/*/*"))


def test_the_command_writes_four_files_and_keeps_three(
    office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _preflight("selfcheck", "build", "site.yaml", "--booking", "soon.yaml") == 0
    shown = [Path(line) for line in capsys.readouterr().out.splitlines()]
    assert [path.name for path in shown[-4:]] == [
        "selfcheck-lab.txt", "README-lab.txt", "pack.json", "pack.json.sig"
    ]  # fmt: skip
    (kept,) = (office / "data/preflight/requests").iterdir()
    assert {p.name for p in kept.iterdir()} == {"selfcheck-lab.txt", "pack.json", "pack.json.sig"}
    assert kept.stat().st_mode & 0o777 == 0o700
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in kept.iterdir()} == {0o600}
    assert RequestFiles.read(kept) == RequestFiles.read(office / shown[-1].parent)


def test_the_command_never_writes_over_a_request(office: Path) -> None:
    words = ["selfcheck", "build", "site.yaml", "--booking", "soon.yaml", "-o", "out"]
    assert _preflight(*words) == 0
    before = {p.name: p.read_bytes() for p in (office / "out").iterdir()}
    assert _preflight(*words) == 2
    assert {p.name: p.read_bytes() for p in (office / "out").iterdir()} == before
    assert len(list((office / "data/preflight/requests").iterdir())) == 1


def test_what_cannot_be_kept_is_not_given_out(office: Path) -> None:
    (office / "data/preflight/requests").write_text("in the way")
    words = ["selfcheck", "build", "site.yaml", "--booking", "soon.yaml", "-o", "out"]
    assert _preflight(*words) == 2
    assert not list((office / "out").iterdir())


@pytest.mark.parametrize(
    "words", [["--host", "nobody"], ["--expires", "soon"], ["--expires", "0"], ["--key", "none"]]
)
def test_bad_words_are_exit_2_and_write_nothing(words: list[str], office: Path) -> None:
    line = ["selfcheck", "build", "site.yaml", "--booking", "soon.yaml", "-o", "out", *words]
    assert _preflight(*line) == 2
    assert not (office / "out").exists()


@pytest.fixture
def requests(tmp_path: Path) -> Requests:
    return Requests(tmp_path / "requests")


def test_a_request_is_found_again(built: Built, requests: Requests) -> None:
    requests.store(built)
    found = requests.open(built.pack.request)
    assert found.pack == built.files["pack.json"]
    assert found.signature.encode() == built.files["pack.json.sig"]
    assert found.script == built.files["selfcheck-lab.txt"]
    with pytest.raises(PreflightError, match="never overwritten"):
        requests.store(built)


@pytest.mark.parametrize("name", ["r-000000000000", "../r-000000000000", "", "r-0", "/etc", "R-\0"])
def test_another_request_is_unknown(name: str, built: Built, requests: Requests) -> None:
    requests.store(built)
    with pytest.raises(NotGenuine) as refused:
        requests.open(name)
    assert refused.value.code == "request-unknown"


@pytest.mark.parametrize(
    "pack", [b"", b"[]", b"{}", b'{"script": {"name": "../../etc/passwd"}}', b"[" * 100000]
)
def test_a_folder_that_is_no_request_is_unknown(pack: bytes, tmp_path: Path) -> None:
    (tmp_path / "pack.json").write_bytes(pack)
    (tmp_path / "pack.json.sig").write_bytes(b"")
    with pytest.raises(NotGenuine) as refused:
        RequestFiles.read(tmp_path)
    assert refused.value.code == "request-unknown"


def test_a_newer_request_of_the_same_trip_and_site_counts(
    office: Path, key: Signer, requests: Requests
) -> None:
    inputs = _inputs(office)
    old, new = (request(inputs, key, NOW + timedelta(hours=n)) for n in (0, 1))
    requests.store(old)
    assert not requests.newer_than(old.pack)
    requests.store(new)
    assert requests.newer_than(old.pack)
    assert not requests.newer_than(new.pack)
    elsewhere = old.pack.model_copy(update={"booking": "BK-9"})
    assert not requests.newer_than(elsewhere)


@pytest.mark.parametrize(
    ("old", "new", "replaced"),
    [
        (["h1"], ["h2"], False), (["h1"], ["h1", "h2"], True), (["h1", "h2"], ["h1"], False),
        ([], ["h1"], False), (["h1"], [], True), ([], [], True),
    ],
)  # fmt: skip
def test_the_parts_of_a_site_are_requests_beside_each_other(
    office: Path, key: Signer, requests: Requests, old: list[str], new: list[str], replaced: bool
) -> None:
    inputs = _inputs(office)
    first = request(inputs, key, NOW, hosts=old)
    requests.store(first)
    requests.store(request(inputs, key, NOW + timedelta(hours=1), hosts=new))
    assert (requests.newer_than(first.pack) is not None) is replaced


def test_accepted_answers_are_remembered(built: Built, requests: Requests) -> None:
    request = built.pack.request
    assert requests.accepted(request) == frozenset()
    requests.note_accepted(request, "ab" * 32)
    requests.store(built)
    requests.note_accepted(request, "cd" * 32)
    assert requests.accepted(request) == {"ab" * 32, "cd" * 32}

"""`preflight ask`: a mail that a mail program opens as a draft, to the right people or to none."""

from __future__ import annotations

import email
import stat
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.asking import Parties, address, compose
from preflight.render.mail import Mail
from preflight.report import report_bytes
from preflight.text import sha256_hex
from tests.cli.person import Done, Person
from tests.cli.recorded import recorded
from tests.selfcheck.office import one_host_each

NOW = datetime(2026, 11, 22, 5, tzinfo=timezone.utc)
BOOKING = "BK-2026-1142"
CONTACT = "okoro@customer.example"
ENGINEER = "anna@vendor.example"
MAIL = f"ask-{BOOKING}.eml"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's edge tells the time of the recordings."""
    monkeypatch.setattr("preflight.cli.ask.now", lambda: NOW)


@pytest.fixture
def asked(person: Person) -> Callable[..., Done]:
    """Asks about a recorded report, without a self-check unless the words say otherwise."""

    def ask(*words: str | Path, story: str = "a-server-is-off", **inputs: Any) -> Done:
        person.write("report.json", report_bytes(recorded(story, **inputs)).decode("ascii"))
        return person.call("ask", "report.json", *words)

    return ask


def booking(person: Person, name: str = "B. Okoro", mailbox: str = CONTACT, **other: str) -> Path:
    """The trip's file, with its people."""
    fields = {"booking": BOOKING, "engineer": ENGINEER, **other}
    lines = [f"{key}: {value!r}" for key, value in fields.items()]
    lines += [
        f"contact: {{name: {name!r}, email: {mailbox!r}}}",
        "departs: 2026-12-02T03:45:19Z",
        "on_site: {from: 2026-12-03T03:45:19Z, to: 2026-12-07T03:45:19Z}",
    ]
    return person.write("booking.yaml", "\n".join(lines) + "\n")


def site(person: Person, contacts: str, name: str = "lagos-ikeja") -> Path:
    """A site file with these contacts."""
    text = (
        f"site: {name}\ncustomer: Example Telecom\nprofile: base-servers\n"
        "authorised: {by: C. Eze, on: 2026-11-10, from: 2026-11-15, until: 2026-12-12, "
        "networks: [10.99.0.0/16]}\nhosts:\n  db1: {address: 10.99.0.11}\n"
        f"contacts: {contacts}\n"
    )
    return person.write("site.yaml", text)


def opened(path: Path) -> EmailMessage:
    """As a mail program reads it."""
    message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert [part.defects for part in message.walk() if part.defects] == []
    return message


def attached(message: EmailMessage) -> dict[str, bytes]:
    return {
        str(part.get_filename()): part.get_payload(decode=True)  # type: ignore[misc]
        for part in message.iter_attachments()
    }


def body(message: EmailMessage, sort: str) -> str:
    part = message.get_body((sort,))
    assert part is not None
    return str(part.get_content())


def test_a_draft_to_the_contact(person: Person, asked: Callable[..., Done]) -> None:
    done = asked("--booking", booking(person), "--no-selfcheck")
    assert done.rc == 0, done.said
    assert f"{MAIL}: 1 item to {CONTACT}, without the self-check" in done.out
    assert "its signature was not checked" in done.err
    message = opened(person.folder / MAIL)
    assert message["X-Unsent"] == "1"
    assert message["Date"].datetime == NOW
    assert message["To"].addresses == (Address("B. Okoro", addr_spec=CONTACT),)
    assert message["From"].addresses == message["Reply-To"].addresses
    assert [a.addr_spec for a in message["From"].addresses] == [ENGINEER]
    assert message["Subject"].startswith(f"Site readiness lagos-ikeja, booking {BOOKING}: 1 item")
    assert message["Message-ID"].endswith("@vendor.example>")
    assert message.get_content_type() == "multipart/alternative"
    assert "Dear B. Okoro," in body(message, "plain")
    assert "Dear B. Okoro," in body(message, "html")
    assert attached(message) == {}


def test_the_file_is_what_mail_programs_expect(person: Person, asked: Callable[..., Done]) -> None:
    asked("--booking", booking(person), "--no-selfcheck")
    path = person.folder / MAIL
    data = path.read_bytes()
    assert data.isascii()
    assert data.count(b"\n") == data.count(b"\r\n") == data.count(b"\r")
    assert max(map(len, data.split(b"\r\n"))) <= 78
    assert all(len(line) <= 78 for line in body(opened(path), "plain").splitlines())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_input_gives_the_same_bytes(person: Person, asked: Callable[..., Done]) -> None:
    for name in ("a.eml", "b.eml"):
        assert asked("--booking", booking(person), "--no-selfcheck", "-o", name).rc == 0
    first, second = ((person.folder / name).read_bytes() for name in ("a.eml", "b.eml"))
    assert first == second


def test_no_machine_is_named(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda *_: "annas-laptop.home.example")
    asked("--no-selfcheck")
    data = (person.folder / MAIL).read_bytes()
    assert b"laptop" not in data
    assert opened(person.folder / MAIL)["Message-ID"].endswith("@preflight.invalid>")


def test_without_people_the_recipient_stays_empty(
    person: Person, asked: Callable[..., Done]
) -> None:
    done = asked("--no-selfcheck")
    assert done.rc == 0
    assert "no recipient: a report holds no people" in done.err
    message = opened(person.folder / MAIL)
    assert message["To"].addresses == ()
    assert message["From"] is None
    assert "Good day," in body(message, "plain")


def test_the_contacts_of_the_site(person: Person, asked: Callable[..., Done]) -> None:
    contacts = "{net: {name: N, email: net@customer.example}, gate: {phone: '+234 1'}, "
    contacts += "facility: {email: power@customer.example}}"
    done = asked("--site", site(person, contacts), "--no-selfcheck")
    assert done.rc == 0, done.said
    to = [a.addr_spec for a in opened(person.folder / MAIL)["To"].addresses]
    assert to == ["power@customer.example", "net@customer.example"]
    (person.folder / MAIL).unlink()
    asked("--site", "site.yaml", "--booking", booking(person), "--no-selfcheck")
    to = [a.addr_spec for a in opened(person.folder / MAIL)["To"].addresses]
    assert to == [CONTACT]


def test_nobody_reads_the_items_of_another_trip(person: Person, asked: Callable[..., Done]) -> None:
    done = asked("--booking", booking(person, booking="BK-2"), "--no-selfcheck")
    assert done.rc == 2
    assert "the booking file is BK-2" in done.err
    done = asked("--site", site(person, "{}", "accra"), "--no-selfcheck")
    assert done.rc == 2
    assert "the site file is accra" in done.err
    done = asked("--booking", booking(person), "--no-selfcheck", booking=None)
    assert done.rc == 2
    assert "about booking (none)" in done.err
    assert list(person.folder.glob("*.eml")) == []


@pytest.mark.parametrize(
    ("story", "said"),
    [
        ("ready", "GO, and no cause is open"),
        ("demo-build-under-the-release-s-version", "NO-GO, 1 cause is open, none on their side"),
        ("everything-black-holed", "NOT PROVEN, 1 cause is open, none on their side"),
    ],
)
def test_nothing_to_ask_no_mail(
    story: str, said: str, person: Person, asked: Callable[..., Done]
) -> None:
    """Not even a key is needed, or a file read."""
    done = asked("--booking", "no-such.yaml", story=story)
    assert (done.rc, done.out) == (0, f"nothing to ask the customer: {said}\n")
    assert list(person.folder.glob("*.eml")) == []


def test_a_mail_is_never_overwritten(person: Person, asked: Callable[..., Done]) -> None:
    person.write(MAIL, "already sent")
    done = asked("--no-selfcheck")
    assert done.rc == 2
    assert "is there already" in done.err
    assert "-o" in done.err
    assert (person.folder / MAIL).read_text() == "already sent"
    done = asked("--no-selfcheck", "-o", "no-such-folder/x.eml")
    assert done.rc == 2
    assert "No such file" in done.err


def test_junk_is_refused(person: Person, asked: Callable[..., Done]) -> None:
    person.write("junk.json", "{}")
    assert person.call("ask", "junk.json", "--no-selfcheck").rc == 2
    assert asked("--no-selfcheck", "--selfcheck", "x").rc == 2
    assert asked("--booking", "no-such.yaml", "--no-selfcheck").rc == 2


def test_an_old_report_says_so(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preflight.cli.ask.now", lambda: NOW + timedelta(days=7))
    done = asked("--no-selfcheck")
    assert done.rc == 0
    assert "the report ran out" in done.err
    assert "needed by Wed 2 Dec" in opened(person.folder / MAIL)["Subject"]


# --- the self-check ------------------------------------------------------------------------

SCRIPT, README = "selfcheck-lagos-ikeja.txt", "README-lagos-ikeja.txt"


def requests(person: Person) -> list[Path]:
    return list((person.folder / "data" / "preflight" / "requests").glob("r-*"))


def test_a_new_self_check_is_attached_and_remembered(
    person: Person, asked: Callable[..., Done]
) -> None:
    person.make_key()
    done = asked("--booking", booking(person))
    assert done.rc == 0, done.said
    assert "with the self-check" in done.out
    message = opened(person.folder / MAIL)
    assert message.get_content_type() == "multipart/mixed"
    files = attached(message)
    assert set(files) == {SCRIPT, README}
    [kept] = requests(person)
    assert files[SCRIPT] == (kept / SCRIPT).read_bytes()
    assert files[SCRIPT].startswith(b"#")
    for sort in ("plain", "html"):
        assert sha256_hex(files[SCRIPT]) in body(message, sort)
        assert f"sh {SCRIPT}" in body(message, sort)
    for part in message.iter_attachments():
        assert part.get_content_type() == "text/plain"
        assert part["Content-Transfer-Encoding"] == "base64"


def test_a_second_self_check_says_which_one_it_replaces(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    person.make_key()
    assert "replaces" not in asked("--booking", booking(person), "-o", "first.eml").err
    [first] = requests(person)
    monkeypatch.setattr("preflight.cli.ask.now", lambda: NOW + timedelta(minutes=1))
    done = asked("--booking", booking(person), "-o", "second.eml")
    assert f"its self-check replaces {first.name}: answers to that are refused" in done.err
    assert "--selfcheck" in done.err


def test_the_self_check_of_a_folder_is_attached_as_it_is(
    person: Person, asked: Callable[..., Done]
) -> None:
    person.make_key()
    folder = made(person)
    for name in ("a.eml", "b.eml"):
        assert asked("--selfcheck", folder, "-o", name).rc == 0
    files = attached(opened(person.folder / "a.eml"))
    assert files == {name: (folder / name).read_bytes() for name in (SCRIPT, README)}
    data = (person.folder / "a.eml").read_bytes()
    assert data == (person.folder / "b.eml").read_bytes()
    assert requests(person) == []


def made(person: Person) -> Path:
    """What `selfcheck build` leaves in a folder."""
    from preflight.signing.signer import open_signer
    from tests.selfcheck.office import request

    key = open_signer(person.key, None, None, lambda _: "")
    folder = person.folder / "to the customer"
    folder.mkdir()
    for name, data in request(recorded("a-server-is-off").inputs, key, NOW).files.items():
        (folder / name).write_bytes(data)
    return folder


def spoil(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        data = (folder / name).read_bytes()
        assert old in data
        (folder / name).write_bytes(data.replace(old, new))

    return change


def test_a_large_site_gets_a_self_check_for_each_part(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    person.make_key()
    one_host_each(recorded("a-server-is-off").inputs, NOW, monkeypatch)
    done = asked("--booking", booking(person))
    assert done.rc == 0, done.said
    assert "with the self-check in 3 parts" in done.out
    assert "replaces" not in done.err
    files = attached(opened(person.folder / MAIL))
    kept = {p.name: p.read_bytes() for one in requests(person) for p in one.glob("selfcheck-*")}
    names = [f"lagos-ikeja-{n}.txt" for n in (1, 2, 3)]
    assert list(files) == [f"{w}-{name}" for name in names for w in ("selfcheck", "README")]
    assert {name: files[name] for name in kept} == kept
    for sort in ("plain", "html"):
        text = " ".join(body(opened(person.folder / MAIL), sort).split())
        assert "comes as 3 scripts" in text
        assert "Part 1 of 3: the site itself and server db1:" in text
        for name, data in kept.items():
            assert f"sh {name}" in text
            assert sha256_hex(data) in text


def test_too_many_parts_are_for_the_servers_with_open_items(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    person.make_key()
    one_host_each(recorded("a-server-is-off").inputs, NOW, monkeypatch)
    monkeypatch.setattr("preflight.cli.mailing.MOST_ATTACHED", 1)
    done = asked("--booking", booking(person))
    assert done.rc == 0, done.said
    assert "takes 3 scripts: attached is that of the 1 server with open items" in done.err
    files = attached(opened(person.folder / MAIL))
    assert set(files) == {SCRIPT, README}
    assert b"host:media1" in files[SCRIPT]
    assert b"host:db1" not in files[SCRIPT]
    monkeypatch.setattr("preflight.cli.mailing.MOST_ATTACHED", 0)
    done = asked("-o", "other.eml")
    assert done.rc == 0, done.said
    assert "no self-check attached: it takes 3 scripts" in done.err


def test_where_none_can_be_made_no_key_is_opened_and_the_mail_is_written(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is not even one."""
    monkeypatch.setattr("preflight.selfcheck.parts.MOST_BYTES", 100)
    done = asked("--booking", booking(person))
    assert done.rc == 0, done.said
    assert "no self-check attached: what there is to look at for" in done.err
    assert attached(opened(person.folder / MAIL)) == {}


def test_the_parts_of_a_folder_are_attached_together(
    person: Person, asked: Callable[..., Done]
) -> None:
    from preflight.signing.signer import open_signer
    from tests.selfcheck.office import request

    person.make_key()
    key = open_signer(person.key, None, None, lambda _: "")
    inputs = recorded("a-server-is-off").inputs
    for number, host in ((2, "db1"), (10, "db2")):
        folder = person.folder / "out" / f"part-{number}"
        folder.mkdir(parents=True)
        for name, data in request(inputs, key, NOW, hosts=[host]).files.items():
            (folder / name).write_bytes(data)
    done = asked("--selfcheck", "out")
    assert done.rc == 2
    assert f"two of the self-checks are called {SCRIPT}" in done.err
    assert asked("--selfcheck", "out/part-10").rc == 0


def test_the_engineer_signs(person: Person, asked: Callable[..., Done]) -> None:
    for number, (engineer, said) in enumerate({
        f"Anna Kern <{ENGINEER}>": f"Kind regards Anna Kern {ENGINEER}",
        ENGINEER: f"Kind regards {ENGINEER}", "Anna Kern": "Kind regards Anna Kern",
    }.items()):  # fmt: skip
        trip = booking(person, engineer=engineer)
        assert asked("--booking", trip, "--no-selfcheck", "-o", f"{number}.eml").rc == 0
        message = opened(person.folder / f"{number}.eml")
        assert " ".join(body(message, "plain").split()).endswith(said)
        page = body(message, "html").replace("<br>", "")
        assert said in " ".join(page.replace("<", " <").split())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: (f / README).unlink(), "holds no self-check"),
        (lambda f: (f / "pack.json").unlink(), "holds no self-check"),
        (lambda f: (f / "pack.json").write_text("{"), "holds no self-check"),
        (spoil("pack.json", BOOKING.encode(), b"BK-2"), "is for booking BK-2"),
        (spoil("pack.json", SCRIPT.encode(), b"../report"), "names no script"),
        (spoil(SCRIPT, b"sh", b"zsh"), "the script was changed"),
        (spoil("pack.json", b"2026-11-29T", b"2026-11-21T"), "ran out at 2026-11-21"),
    ],
)
def test_a_self_check_whose_answers_would_be_refused_is_not_sent(
    change: Callable[[Path], object], said: str, person: Person, asked: Callable[..., Done]
) -> None:
    person.make_key()
    folder = made(person)
    change(folder)
    done = asked("--selfcheck", folder)
    assert done.rc == 2
    assert said in done.err
    assert not (person.folder / MAIL).exists()


def test_without_a_key_no_mail_and_a_way_out(person: Person, asked: Callable[..., Done]) -> None:
    done = asked()
    assert done.rc == 2
    assert "no signing key" in done.err
    assert "--no-selfcheck" in done.err
    assert not (person.folder / MAIL).exists()


def test_without_a_booking_there_is_no_self_check(
    person: Person, asked: Callable[..., Done]
) -> None:
    done = asked(booking=None)
    assert done.rc == 0, done.said
    assert "no self-check attached: it belongs to a booking" in done.err
    message = opened(person.folder / "ask-lagos-ikeja.eml")
    assert attached(message) == {}
    assert "self-check" not in body(message, "plain")


def test_after_departure_no_self_check_can_be_made(
    person: Person, asked: Callable[..., Done], monkeypatch: pytest.MonkeyPatch
) -> None:
    person.make_key()
    monkeypatch.setattr("preflight.cli.ask.now", lambda: NOW + timedelta(days=30))
    done = asked()
    assert done.rc == 2
    assert "leave it out with --no-selfcheck" in done.err
    assert requests(person) == []


def test_a_request_that_cannot_be_kept_leaves_no_mail(
    person: Person, asked: Callable[..., Done]
) -> None:
    """Its answers could never be accepted."""
    person.make_key()
    (person.folder / "data" / "preflight" / "requests").write_text("in the way")
    done = asked()
    assert done.rc == 2
    assert not (person.folder / MAIL).exists()


# --- headers -------------------------------------------------------------------------------


HOSTILE = [
    "Okoro, B.",
    'B. "the boss" Okoro',
    "Bj\u00f6rn \u00c5ngstr\u00f6m, \u6f22\u5b57",
    "x <eve@evil.example>",
    "=?utf-8?q?x?= <eve@evil.example>,",
    "\u6f22" * 70,
    "a@b, c@d; e:f",
]


def test_a_name_with_control_characters_is_refused(
    person: Person, asked: Callable[..., Done]
) -> None:
    path = booking(person, name="NAME")
    path.write_text(path.read_text().replace("'NAME'", r'"Eve\r\nBcc: all@evil.example"'))
    done = asked("--booking", path, "--no-selfcheck")
    assert done.rc == 2
    assert "error[control-character]" in done.err


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_steers_no_header(name: str, person: Person, asked: Callable[..., Done]) -> None:
    done = asked("--booking", booking(person, name=name), "--no-selfcheck")
    assert done.rc == 0, done.said
    message = opened(person.folder / MAIL)
    assert [a.addr_spec for a in message["To"].addresses] == [CONTACT]
    assert sorted(k.lower() for k in message) == sorted(
        ["x-unsent", "date", "from", "reply-to", "to", "subject", "message-id", "mime-version",
         "content-type"]
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["", "Anna", "anna@", "@x", "a b@c", "a@b\r\nBcc: c@d", "a@b, c@d", "\u00fc@x.example",
     "a@\u00fc.example", "a@-x", "a..b@c", "a@b..c", ".a@b", "<a@b", "a@b>", "a@b <c@d> e",
     "x" * 65 + "@b"],
)  # fmt: skip
def test_what_is_no_mail_address_is_left_out(text: str) -> None:
    assert address(text) is None


def test_a_mail_address_with_or_without_a_name() -> None:
    assert address(" anna@vendor.example ") == Address("", "anna", "vendor.example")
    named = Address("Anna Kern", "anna+site", "vendor.example")
    assert address('"Anna Kern" <anna+site@vendor.example>') == named


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=120))
def test_any_name_and_subject_comes_back_as_one_line(text: str) -> None:
    from preflight.asking import addressed

    to = addressed(text, CONTACT)
    assert to is not None
    data = compose(Mail("S", "t\n", "h\n"), Parties((to,), to), (), NOW)
    message = email.message_from_bytes(data, policy=policy.default)
    assert len(message.keys()) == 9
    for header in ("To", "From", "Reply-To"):
        [name] = [a.display_name for a in message[header].addresses]
        assert "".join(name.split()) == "".join(to.display_name.split())
        assert [a.addr_spec for a in message[header].addresses] == [CONTACT]
    head = data.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))

"""Secrets, telephone numbers, mail addresses and people's names never stay in a report."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from html import escape
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import FileState, NoAnswer, Raw, Text
from preflight.files.booking import Booking
from preflight.probes.base import Reply, Secret
from preflight.redact import hider, redactor, role_of, trip_of, without_people
from preflight.text import one_line
from preflight.words import UnknownCause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call +234 1 555 0142 now", "call [phone] now"),
        ("okoro@customer.example wrote", "[mail] wrote"),
        ("serial CZ2100A7, rack N1", "serial CZ2100A7, rack N1"),
        ("10.20.0.11:443 and fd99::1", "10.20.0.11:443 and fd99::1"),
        ("power/powered-on@host:db1", "power/powered-on@host:db1"),
        ("2026-11-20T14:05:00+01:00", "2026-11-20T14:05:00+01:00"),
        ("build 7.2.4+20261120", "build 7.2.4+20261120"),
    ],
)
def test_people_go_and_facts_stay(text: str, expected: str) -> None:
    assert without_people(text) == expected


@pytest.mark.parametrize(
    ("person", "role"), [("C. Eze, security", "security"), ("C. Eze", "[person]"), ("", "[person]")]
)
def test_a_person_is_written_as_the_role(person: str, role: str) -> None:
    assert role_of(person) == role


def hiding(password: str) -> Callable[[Reply], Reply]:
    return redactor(hider([Secret(id="x", password=password)]))


SECRETS = st.from_regex(r"[A-Za-z0-9!#%&+]{4,30}", fullmatch=True).filter(
    lambda s: s not in "[secret]"
)


@given(SECRETS, st.text(max_size=50), st.text(max_size=50))
def test_no_secret_survives_anywhere_in_a_reply(secret: str, before: str, after: str) -> None:
    text = f"{before} {secret} {after}"
    redact = hiding(secret)
    raw = Raw(text=text, size_bytes=1, sha256="0" * 64)
    answered = redact(Reply(Text(value=text), raw=raw, root=text))
    refused = redact(Reply(NoAnswer(cause=UnknownCause.AUTH, detail=text)))
    assert isinstance(answered.answer, Text)
    assert isinstance(refused.answer, NoAnswer)
    assert answered.raw is not None
    left = (answered.answer.value, answered.raw.text, answered.root, refused.answer.detail)
    assert all(secret not in str(kept) for kept in left)


WRITTEN = {
    "in JSON": json.dumps,
    "in JSON, UTF-8": lambda s: json.dumps(s, ensure_ascii=False),
    "in JSON, slashes escaped": lambda s: json.dumps(s).replace("/", r"\/"),
    "in JSON in JSON": lambda s: json.dumps(json.dumps(s)[1:-1]),
    "in a URL": quote,
    "in a form": quote_plus,
    "in a URL, lower-case": lambda s: quote(s).lower(),
    "in HTML": escape,
    "in a Python error": repr,
    "on one line": one_line,
    "in base64": lambda s: b64encode(s.encode()).decode(),
    "in basic authentication": lambda s: "Basic " + b64encode(b"preflight:" + s.encode()).decode(),
}


@pytest.mark.parametrize("write", WRITTEN.values(), ids=WRITTEN.keys())
@pytest.mark.parametrize("secret", ['p"a/s&s  w\u00f6rd\\9', "pa ss+'wo'rd%41"])
def test_no_secret_survives_as_peers_write_it(write: Callable[[str], str], secret: str) -> None:
    """A BMC that repeats what it was sent quotes it in its own way."""
    text = f"you sent {write(secret)}"
    hide = hider([Secret(id="x", username="preflight", password=secret)])
    assert hide(text) in {"you sent [secret]", "you sent Basic [secret]"} | {
        f"you sent {mark}[secret]{mark}" for mark in "\"'"
    }


@pytest.mark.parametrize("kept", range(4, 16))
def test_no_secret_survives_in_part_where_the_text_was_cut(kept: int) -> None:
    hide = hider([Secret(id="x", password="correct horse battery")])
    begun = "correct horse battery"[:kept]
    assert hide(f"you sent {begun}… at /x") == "you sent [secret]… at /x"
    assert hide(f"{begun:>4096}").strip() == "[secret]"
    assert hide(f"{begun:>1000}").strip() == "[secret]"
    assert hide(f"it is {begun}") == f"it is {begun}"


def test_a_secret_of_blanks_hides_nothing_else() -> None:
    assert hider([Secret(id="x", password=" " * 8)])("a b") == "a b"


def test_an_answer_without_a_secret_stays_itself() -> None:
    reply = Reply(Text(value="text"))
    assert hiding("text")(reply).answer == Text(value="[secret]")
    assert hiding("another")(reply).answer is reply.answer


def test_a_digest_stays_whole_whatever_the_password() -> None:
    state = FileState(present=True, sha256="cafe" * 16, size_bytes=1)
    assert hiding("cafe")(Reply(state)).answer == state


def test_a_trip_names_nobody() -> None:
    moment = datetime(2026, 12, 6, tzinfo=timezone.utc)
    booking = Booking.model_validate(
        {
            "booking": "B-1", "engineer": "anna@vendor.example", "departs": moment,
            "contact": {"name": "B. Okoro", "phone": "+234 1 555 0142"},
            "on_site": {"from": moment, "to": moment + timedelta(days=4)},
        }
    )  # fmt: skip
    trip = trip_of(booking)
    assert trip is not None
    assert "anna" not in trip.model_dump_json()
    assert "Okoro" not in trip.model_dump_json()


def test_a_privacy_password_is_hidden_too() -> None:
    hide = hider([Secret(id="x", password="signs-it", privacy="hides-it")])
    assert hide("hides-it and signs-it") == "[secret] and [secret]"

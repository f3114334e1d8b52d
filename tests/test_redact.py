"""Secrets, telephone numbers, mail addresses and people's names never stay in a report."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import FileState, NoAnswer, Raw, Text
from preflight.files.booking import Booking
from preflight.probes.base import Reply
from preflight.redact import redactor, role_of, trip_of, without_people
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


SECRETS = st.from_regex(r"[A-Za-z0-9!#%&+]{4,30}", fullmatch=True).filter(
    lambda s: s not in "[secret]"
)


@given(SECRETS, st.text(max_size=50), st.text(max_size=50))
def test_no_secret_survives_anywhere_in_a_reply(secret: str, before: str, after: str) -> None:
    text = f"{before} {secret} {after}"
    redact = redactor([secret])
    raw = Raw(text=text, size_bytes=1, sha256="0" * 64)
    answered = redact(Reply(Text(value=text), raw=raw, root=text))
    refused = redact(Reply(NoAnswer(cause=UnknownCause.AUTH, detail=text)))
    assert isinstance(answered.answer, Text)
    assert isinstance(refused.answer, NoAnswer)
    assert answered.raw is not None
    left = (answered.answer.value, answered.raw.text, answered.root, refused.answer.detail)
    assert all(secret not in str(kept) for kept in left)


def test_an_answer_without_a_secret_stays_itself() -> None:
    reply = Reply(Text(value="text"))
    assert redactor(["text"])(reply).answer == Text(value="[secret]")
    assert redactor(["another"])(reply).answer is reply.answer


def test_a_digest_stays_whole_whatever_the_password() -> None:
    state = FileState(present=True, sha256="cafe" * 16, size_bytes=1)
    assert redactor(["cafe"])(Reply(state)).answer == state


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

"""What must not stay in a report: secrets, telephone numbers, mail addresses, people's names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from pydantic import TypeAdapter

from preflight.evidence import Answer, NoAnswer, Raw
from preflight.files.booking import Booking
from preflight.files.delivery import DeliveryNote
from preflight.files.site import Contact, Site
from preflight.probes.base import Reply, Secret
from preflight.probes.spellings import spellings
from preflight.report import Trip

SHORTEST_SECRET = 4
"""Shorter values would be found in every text; nobody's password is that short."""
MASK = "[secret]"
ELLIPSIS = "\u2026"
"""What `text.one_line` writes where it cuts."""
CUTS = frozenset({1000, 4096})
"""Lengths at which texts of evidence and requests are cut without a sign."""

_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")
_PHONE = re.compile(r"(?<![\w.+])\+\d(?:[ ()./-]{0,2}\d){6,14}(?!\w)")
_COMPUTED = frozenset({"type", "sha256", "fingerprint"})
"""Ours, not the thing's own words: a short password may well occur in a digest."""
_ANSWER: TypeAdapter[Any] = TypeAdapter(Answer)


def without_people(text: str) -> str:
    """Mail addresses as `[mail]`, international telephone numbers as `[phone]` (contract 9.19)."""
    return _PHONE.sub("[phone]", _MAIL.sub("[mail]", text))


def role_of(person: str) -> str:
    """`C. Eze, security` -> `security`; a bare name says nothing that a report may keep."""
    _, comma, role = person.rpartition(",")
    return without_people(role.strip()) if comma and role.strip() else "[person]"


def redacted_site(site: Site) -> Site:
    """The site as reports carry it: contacts as roles, the permission by role."""
    permit = site.authorised.model_copy(update={"by": role_of(site.authorised.by)})
    contacts = {role: Contact() for role in site.contacts}
    return site.model_copy(update={"authorised": permit, "contacts": contacts})


def redacted_note(note: DeliveryNote) -> DeliveryNote:
    """The delivery note as reports carry it: somebody's notes beside a box may name people."""
    boxes = tuple(
        box.model_copy(
            update={
                name: value and without_people(value)
                for name, value in (("model", box.model), ("asset", box.asset))
            }
        )
        for box in note.boxes
    )
    return note.model_copy(update={"boxes": boxes})


def trip_of(booking: Booking | None) -> Trip | None:
    """The booking as reports carry it: no people."""
    if booking is None:
        return None
    return Trip.model_validate(booking.model_dump(exclude={"engineer", "contact"}))


def hider(secrets: Iterable[Secret]) -> Callable[[str], str]:
    """Takes passwords (communities too) and passphrases out of a text, in every form in which
    a peer may quote them, and their beginnings where the text was cut."""
    forms = {form for secret in secrets for form in _forms(secret)}
    values = sorted((f for f in forms if len(f) >= SHORTEST_SECRET), key=len, reverse=True)

    def hide(text: str) -> str:
        was_cut = len(text) in CUTS
        for value in values:
            text = text.replace(value, MASK)
        *cut, last = text.split(ELLIPSIS)
        pieces = [_without_beginning(piece, values) for piece in cut]
        return ELLIPSIS.join([*pieces, _without_beginning(last, values) if was_cut else last])

    return hide


def _without_beginning(text: str, values: Sequence[str]) -> str:
    """Without the beginning of a secret at its end."""
    for value in values:
        begun = value[:SHORTEST_SECRET]
        at = text.find(begun)
        while at >= 0:
            if value.startswith(text[at:]):
                return text[:at] + MASK
            at = text.find(begun, at + 1)
    return text


def _forms(secret: Secret) -> Iterator[str]:
    for plain in (secret.password, secret.passphrase, secret.privacy):
        if len(plain) >= SHORTEST_SECRET:
            yield from spellings(plain, secret.username)


def redactor(hide: Callable[[str], str]) -> Callable[[Reply], Reply]:
    """Takes what `hide` hides out of everything, and people out of raw text."""

    def redact(reply: Reply) -> Reply:
        return Reply(
            answer=_redacted_answer(reply.answer, hide),
            duration_us=reply.duration_us,
            attempts=reply.attempts,
            proven=reply.proven,
            raw=_redacted_raw(reply.raw, hide),
            root=hide(reply.root),
            distribution=reply.distribution,
        )

    return redact


def _redacted_answer(answer: Any, hide: Callable[[str], str]) -> Any:
    if isinstance(answer, NoAnswer):
        return answer.model_copy(update={"detail": without_people(hide(answer.detail))[:1000]})
    data = answer.model_dump(mode="json")
    computed = {name: data[name] for name in _COMPUTED & data.keys()}
    changed = {**_each_text(data, hide), **computed}
    return answer if changed == data else _ANSWER.validate_python(changed)


def _redacted_raw(raw: Raw | None, hide: Callable[[str], str]) -> Raw | None:
    if raw is None:
        return None
    return raw.model_copy(update={"text": without_people(hide(raw.text))[:4096]})


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _each_text(item, change) for key, item in value.items()}
    return value

"""From a plan to what the customer gets: scripts, a README to each, and the signed packs."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from preflight import __version__
from preflight.errors import PreflightError
from preflight.files.site import Site
from preflight.plan import make_plan
from preflight.report import Inputs, Plan, Trip
from preflight.selfcheck import script
from preflight.selfcheck.items import items
from preflight.selfcheck.parts import Part, divide
from preflight.selfcheck.readme import readme
from preflight.selfcheck.requests import PACK, SIGNATURE, Built
from preflight.sheets import plan_digest
from preflight.signing import statement
from preflight.signing.signer import Signer as Key
from preflight.statements import Pack, Script, Tool
from preflight.text import sha256_hex

__all__ = ["VALID", "Built", "Draft", "build", "draft"]

VALID = timedelta(days=7)
"""How long a request holds unless said otherwise."""


@dataclass(frozen=True)
class Draft:
    """What can be asked. Nobody has signed it, and it touched no key."""

    site: Site
    trip: Trip
    plan: Plan
    issued: datetime
    expires: datetime
    narrowed: bool
    """To some hosts, not all."""
    parts: tuple[Part, ...]


def draft(
    inputs: Inputs, now: datetime, *, valid: timedelta = VALID, hosts: Collection[str] = ()
) -> Draft:
    """As few requests as a site takes, a script each. Touches no disk and no key.

    `hosts` narrows it to these, their BMCs, and what belongs to no host; empty: all of them.

    Raises:
        TooLong: even one host alone makes a script that nobody would read.
        PreflightError: there is no booking, or the departure is over.
    """
    trip, site, plan = _trip(inputs, now), inputs.site, make_plan(inputs)
    expires = min(now + valid, trip.departs)
    asked = [name for name in site.hosts if not hosts or name in hosts]

    def length(part: Part) -> int:
        longest = "x" * script.ASKER_CHARS
        return len(_script(_asked(site, trip, expires, part, longest), part, site))

    parts = divide(items(plan), asked, length)
    return Draft(site, trip, plan, now, expires, bool(hosts), parts)


def build(of: Draft, key: Key) -> tuple[Built, ...]:
    """A request for each part, random each time, signed by `key`. Touches no disk.

    Raises:
        SigningError: the key or the agent refused.
    """
    return tuple(_built(of, part, key) for part in of.parts)


def _built(of: Draft, part: Part, key: Key) -> Built:
    asked = _asked(of.site, of.trip, of.expires, part, key.principal)
    text = _script(asked, part, of.site)
    pack = _pack(of, part, asked, text, key)
    data, armored = statement.sign(pack, statement.PACK, key)
    files = {
        pack.script.name: text,
        asked.readme_name: readme(asked, part.items, sha256_hex(text)),
        PACK: data,
        SIGNATURE: armored.encode("ascii"),
    }
    return Built(pack, files, part.about)


def _asked(site: Site, trip: Trip, expires: datetime, part: Part, asker: str) -> script.Asked:
    return script.Asked(
        request=f"r-{secrets.token_hex(6)}", nonce=secrets.token_hex(32),
        booking=trip.booking, site=site.site, asker=asker, customer=site.customer,
        expires=expires, part=part.suffix, about=part.about,
    )  # fmt: skip


def _script(asked: script.Asked, part: Part, site: Site) -> bytes:
    hosts = {name: site.hosts[name].address for name in part.hosts}
    return script.script(asked, part.items, hosts, secrets.token_bytes(script.KEY_BYTES))


def _trip(inputs: Inputs, now: datetime) -> Trip:
    if inputs.booking is None:
        raise PreflightError(
            "a self-check belongs to a booking, and none is given", help="add --booking FILE"
        )
    if now >= inputs.booking.departs:
        raise PreflightError(
            f"booking {inputs.booking.booking} departed at {inputs.booking.departs:%Y-%m-%d %H:%M}"
            " UTC: there is nothing left to ask",
            help="give the booking of the trip that is to come",
        )
    return inputs.booking


def _pack(of: Draft, part: Part, asked: script.Asked, text: bytes, key: Key) -> Pack:
    whole = len(of.parts) == 1 and not of.narrowed
    return Pack(
        request=asked.request, booking=asked.booking, site=asked.site, nonce=asked.nonce,
        hosts=() if whole else tuple(sorted(part.hosts)), plan_sha256=plan_digest(of.plan),
        issued=of.issued, expires=asked.expires,
        script=Script(name=asked.script_name, sha256=sha256_hex(text), size_bytes=len(text)),
        tool=Tool(name="preflight", version=__version__), signer=statement.signer_of(key),
    )  # fmt: skip

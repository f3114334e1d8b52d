"""From a plan to what the customer gets: the script, its README, and the signed pack."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from preflight import __version__
from preflight.errors import PreflightError
from preflight.plan import make_plan
from preflight.report import Inputs, Plan, Trip
from preflight.selfcheck import script
from preflight.selfcheck.items import Item, items
from preflight.selfcheck.requests import PACK, SIGNATURE, Built
from preflight.sheets import plan_digest
from preflight.signing import statement
from preflight.signing.signer import Signer as Key
from preflight.statements import Pack, Script, Tool
from preflight.text import sha256_hex

__all__ = ["MOST_BYTES", "VALID", "Built", "build"]

MOST_BYTES = 20000
"""Of a script: what a person can read through, and every mail lets pass."""
VALID = timedelta(days=7)
"""How long a request holds unless said otherwise."""


def build(
    inputs: Inputs,
    key: Key,
    now: datetime,
    *,
    valid: timedelta = VALID,
    hosts: Collection[str] = (),
) -> Built:
    """A request of its own, random each time, signed by `key`. Touches no disk.

    `hosts` narrows it to these, their BMCs, and what belongs to no host; empty: all of them.

    Raises:
        PreflightError: there is no booking, the departure is over, or the script gets too long.
        SigningError: the key or the agent refused.
    """
    trip = _trip(inputs, now)
    plan = make_plan(inputs)
    asked = script.Asked(
        request=f"r-{secrets.token_hex(6)}", nonce=secrets.token_hex(32),
        booking=trip.booking, site=inputs.site.site, asker=key.principal,
        customer=inputs.site.customer, expires=min(now + valid, trip.departs),
    )  # fmt: skip
    text = script.script(asked, _of_hosts(plan, hosts), inputs.site, secrets.token_bytes(32))
    _refuse_long(text)
    pack = _pack(asked, plan, text, key, now, hosts)
    data, armored = statement.sign(pack, statement.PACK, key)
    files = {
        pack.script.name: text,
        f"README-{asked.site}.txt": script.readme(asked, sha256_hex(text)),
        PACK: data,
        SIGNATURE: armored.encode("ascii"),
    }
    return Built(pack, files)


def _of_hosts(plan: Plan, hosts: Collection[str]) -> Sequence[Item]:
    """Numbers stay the plan's, so that the answers to every part fit the same report."""
    return [item for item in items(plan) if not hosts or _belongs(item, hosts)]


def _belongs(item: Item, hosts: Collection[str]) -> bool:
    kind, _, name = item.thing.partition(":")
    return kind not in {"host", "bmc"} or name in hosts


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


def _refuse_long(text: bytes) -> None:
    if len(text) > MOST_BYTES:
        raise PreflightError(
            f"the script would have {len(text)} bytes, and nobody reads more than {MOST_BYTES}",
            help="make one for fewer machines with --host NAME, more than once for more",
        )


def _pack(
    asked: script.Asked,
    plan: Plan,
    text: bytes,
    key: Key,
    now: datetime,
    hosts: Collection[str],
) -> Pack:
    return Pack(
        request=asked.request, booking=asked.booking, site=asked.site, nonce=asked.nonce,
        hosts=tuple(sorted(hosts)), plan_sha256=plan_digest(plan),
        issued=now, expires=asked.expires,
        script=Script(name=asked.script_name, sha256=sha256_hex(text), size_bytes=len(text)),
        tool=Tool(name="preflight", version=__version__), signer=statement.signer_of(key),
    )  # fmt: skip

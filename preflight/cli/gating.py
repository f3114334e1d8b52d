"""The steps of `preflight gate`: whatever happens, a ruling comes out."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from preflight import places
from preflight.booking.gate import Asked, gate
from preflight.booking.policy import NoPolicyError
from preflight.booking.ruling import Ruling, refused
from preflight.errors import NotGenuine, PreflightError
from preflight.exits import Exit
from preflight.model import utc_text
from preflight.verify import Coded
from preflight.words import Stage


def rule(asked: Asked, trust: Path | None, now: datetime) -> Ruling:
    """The ruling, a no for everything that can be wrong with what was handed in."""
    try:
        return gate(asked, trust or places.trust(), now)
    except NotGenuine as error:
        coded = Coded(error.code, error.exit, str(error))
    except NoPolicyError as error:
        coded = Coded("policy-missing", Exit.USAGE, str(error))
    except PreflightError as error:
        coded = Coded("usage", Exit.USAGE, f"{error}. {error.help}")
    return refused(coded, asked.stage, now)


def misused(message: str, now: datetime) -> Ruling:
    """The ruling on a command line that makes no sense."""
    return refused(Coded("usage", Exit.USAGE, message), None, now)


def as_json(ruling: Ruling) -> str:
    """The ruling for programs; two on the same inputs differ in `evaluated_at` alone."""
    data = ruling.model_dump(mode="json", by_alias=True)
    return json.dumps(data, indent=1, sort_keys=True)


def sentence(ruling: Ruling, stage: Stage) -> str:
    """The ruling for people, on one line."""
    if not ruling.allow:
        first, *more = ruling.reasons
        also = f" Also: {', '.join(dict.fromkeys(r.code for r in more))}." if more else ""
        return f"NO  {first.code}: {first.text.rstrip('.')}.{also} {first.next}"
    source = ruling.report or ruling.slip
    trip = ruling.booking.booking if ruling.booking else "the trip"
    until = f", good until {utc_text(source.expires)}" if source else ""
    return f"YES  {trip} may go at stage {stage}{until}."

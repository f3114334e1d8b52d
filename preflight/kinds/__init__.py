"""How to judge: every kind of check that ships with preflight, by name."""

from __future__ import annotations

from preflight.kinds.base import Kind
from preflight.kinds.claims_agree import ClaimsAgree
from preflight.kinds.identity import Identity
from preflight.kinds.login import Login
from preflight.kinds.needs import Needs
from preflight.kinds.powered import Powered
from preflight.kinds.question import Question
from preflight.kinds.reachable import Reachable
from preflight.kinds.released_build import ReleasedBuild
from preflight.kinds.separated import Separated

_BUILT_IN: tuple[type[Kind], ...] = (
    Reachable,
    Login,
    Powered,
    Separated,
    Identity,
    ReleasedBuild,
    ClaimsAgree,
    Needs,
    Question,
)

KINDS: dict[str, type[Kind]] = {kind.name: kind for kind in _BUILT_IN}
"""Kind by name. A new kind is one file and one name in the tuple above."""

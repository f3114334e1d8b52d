"""HTTP for NetBox's REST API: GET only, with the token, and only at NetBox itself.

Links that NetBox sends (`next`) are never followed: behind a proxy they often name another scheme
or host, and the token must not go there. Pages are asked for by offset.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from preflight.inventory.rows import Row, number
from preflight.probes.base import Limits, Send
from preflight.probes.foreign_json import object_of
from preflight.probes.https import Answered, Https, Target
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.text import one_line
from preflight.words import UnknownCause

MOST_ROWS = 50_000
"""Of one list; NetBox's own default page has 50."""
_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")
_SECOND = re.compile(r"nbt_[^.]+\.")
"""How a token of version 2 begins (NetBox 4.5)."""


def header_of(token: str) -> str:
    """The Authorization header: `Bearer` for tokens of version 2, `Token` for those of version 1.

    Raises:
        Unanswered: this is no token; nothing of it is told.
    """
    if not _TOKEN.fullmatch(token):
        detail = "the token is empty, too long, or has blanks or line ends in it; it was not sent"
        raise Unanswered(UnknownCause.NOT_ASKED, detail)
    return f"{'Bearer' if _SECOND.match(token) else 'Token'} {token}"


class NetboxHttp(Https):
    """GET requests to one NetBox, which lives at `root` of its server (`""` or `/netbox`)."""

    def __init__(
        self, target: Target, guard: Guard, send: Send, limits: Limits, root: str, token: str
    ) -> None:
        """Raises Unanswered when this is no token."""
        super().__init__(target, guard, send, limits)
        self._root, self._whole = root, guard.deadline
        self._client.headers["Authorization"] = header_of(token)

    def spelled(self, path: str) -> str:
        """As announced: from where NetBox lives."""
        return path.removeprefix(self._root)

    def get(self, path: str) -> dict[str, Any]:
        """The JSON object at a path of the API. Raises Unanswered."""
        left = self._whole.need("asking NetBox")
        whole = self._whole
        self.guard.deadline = Deadline(min(left, self._limits.question_s), lambda: whole.passed)
        answered = self.patient("GET", self._root + path)
        if answered.status != 200:
            raise self._refusal(answered, path)
        found = _object(answered, path)
        self.let_in = True
        return found

    def rows(self, page: Callable[[int], str]) -> Iterator[Row]:
        """All rows of a list, page by page. Raises Unanswered rather than to end early."""
        got, count = 0, 1
        while got < count:
            path = page(got)
            found = self.get(path)
            results, count = _page(found, path)
            if got + len(results) > count or (not results and got < count):
                detail = f"{path}: the list says it has {count} rows, and pages do not add up to it"
                raise Unanswered(UnknownCause.PARSE, detail)
            got += len(results)
            yield from (row for row in results if isinstance(row, dict))

    def _refusal(self, answered: Answered, path: str) -> Unanswered:
        status = answered.status
        said = f"{path}: HTTP {status}{_words(answered)}"
        if status == 401 or (status == 403 and not self.let_in):
            return Unanswered(UnknownCause.AUTH, f"NetBox does not take this token at {said}")
        if status == 403:
            return Unanswered(UnknownCause.PERMISSION, f"the token may not read {said}")
        if 300 <= status < 400:
            return Unanswered(UnknownCause.PARSE, f"{said}{_elsewhere(answered)}")
        if status in {429, 503}:
            return Unanswered(UnknownCause.TIMEOUT, f"NetBox is too busy to answer {said}")
        if status == 404 and self.let_in:
            return Unanswered(UnknownCause.UNSUPPORTED, f"this NetBox has nothing at {said}")
        return Unanswered(UnknownCause.PARSE, f"no NetBox answers at {said}")


def _object(answered: Answered, path: str) -> dict[str, Any]:
    """Raises Unanswered when it is a page for people, or any other thing than an object."""
    kind = answered.headers.get("content-type", "")
    if "html" in kind.casefold():
        detail = f"no NetBox answers at {path}: a page for people came instead of JSON"
        raise Unanswered(UnknownCause.PARSE, detail)
    return object_of(answered.body, path)


def _page(found: Row, path: str) -> tuple[list[Any], int]:
    results, count = found.get("results"), number(found, "count")
    if not isinstance(results, list) or count is None:
        raise Unanswered(UnknownCause.PARSE, f"no list of NetBox at {path}")
    if count > MOST_ROWS:
        detail = f"{path} lists {count} rows, and {MOST_ROWS} are the most"
        raise Unanswered(UnknownCause.PARSE, detail)
    return results, count


def _elsewhere(answered: Answered) -> str:
    where = one_line(answered.headers.get("location", "nowhere"), 120)
    return (
        f", it sends us on to {where}, where nothing is sent: a login page or a proxy stands before"
        " NetBox, or this is not its address"
    )


def _words(answered: Answered) -> str:
    """NetBox's own words for an error, where it gives any."""
    try:
        said = object_of(answered.body, "").get("detail")
    except Unanswered:
        return ""
    return f" ({one_line(said, 120)})" if isinstance(said, str) else ""

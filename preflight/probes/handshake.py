"""One TLS handshake and not a word more: a stranger's first look at what has nothing to say to
strangers."""

from __future__ import annotations

import ssl

from preflight.probes.base import Way
from preflight.probes.dial import endpoint, reach
from preflight.probes.https import Target
from preflight.probes.tls import Guard
from preflight.probes.unanswered import Unanswered, from_os
from preflight.words import UnknownCause

REQUEST = "TLS handshake"
"""As it is announced and logged."""


def shake(target: Target, guard: Guard, way: Way) -> None:
    """Meets the thing, which shows the guard its certificate. Raises Unanswered."""
    if not way.send(target.thing, REQUEST):
        detail = f"the {REQUEST} is not part of the approved plan; it was not sent"
        raise Unanswered(UnknownCause.NOT_ASKED, detail)
    where = endpoint(target.ip, target.port)
    with reach(way, target.thing, target.address, target.port, way.limits.connect_s) as sock:
        try:
            guard.context.wrap_socket(sock, server_hostname=target.address).close()
        except ssl.SSLError as error:
            raise guard.refusal(error, where) from error
        except OSError as error:
            raise from_os(error, where) from error

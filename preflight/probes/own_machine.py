"""What this machine can do, tried without leaving it."""

from __future__ import annotations

import contextlib
import ssl

from preflight.evidence import Ask, Echo, NoAnswer, Question
from preflight.probes.base import Reply
from preflight.probes.icmp_target import Target
from preflight.words import UnknownCause

_HERE = "127.0.0.1"
_WAIT_S = 1.0


def echo_way() -> Echo | NoAnswer:
    """The answer to one echo request to ourselves, by the first way that the system gives:
    a datagram socket, a raw socket, or the `ping` program; or why there is none."""
    question = Question(protocol="icmp", fact="echo", argument="1", address=_HERE)
    target = Target(Ask(thing="host:here", question=question), _HERE, 1)
    replies: list[Reply] = []
    _send(target, replies)
    answer = replies[0].answer if replies else None
    if isinstance(answer, (Echo, NoAnswer)):
        return answer
    return NoAnswer(cause=UnknownCause.INTERNAL, detail="the echo request was lost")


def _send(target: Target, replies: list[Reply]) -> None:
    from preflight.probes.icmp_program import ping_all
    from preflight.probes.icmp_socket import open_sockets
    from preflight.probes.icmp_sweep import Sweep

    with contextlib.ExitStack() as stack:
        sockets = open_sockets(4, 1)
        for one in sockets:
            stack.callback(one.close)
        if sockets:
            done = Sweep({4: sockets}, lambda t, by: replies.append(t.reply(by, _WAIT_S)), _WAIT_S)
            done.run([target])
    if not sockets:
        ping_all([target], 1, _WAIT_S, lambda _, reply: replies.append(reply))


def tls_library() -> str:
    """Name and version of the TLS library behind every connection."""
    return ssl.OPENSSL_VERSION

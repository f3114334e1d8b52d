"""Does it answer echo requests? Unprivileged sockets first, then raw ones, then `ping`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import ClassVar, Literal

from preflight.evidence import Ask, Question
from preflight.jumps import jump_of
from preflight.probes.base import Reply, Tell, Way
from preflight.probes.icmp_packet import packed
from preflight.probes.icmp_target import Target
from preflight.probes.route import source_for
from preflight.probes.silence import no_route, not_approved, silence, unresolved, via_jump
from preflight.words import UnknownCause

PACKETS = 3
"""Echo requests where the question names no number."""
MOST_PACKETS = 100
_LOOPBACK_6 = packed("::1")


class IcmpProbe:
    """Fact `echo`: Echo if any packet was answered. The argument is the number of packets."""

    protocol: ClassVar[str] = "icmp"
    scope: ClassVar[Literal["all", "thing"]] = "all"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """All hosts at once; each is listened for `limits.connect_s` after its last packet."""
        targets = []
        for ask in asks:
            target = _target(ask, way)
            if isinstance(target, Target):
                targets.append(target)
            else:
                tell(ask, target)
        if targets:
            _sweep(targets, way, tell)

    def templates(self, ask: Ask) -> Sequence[str]:
        """`ICMP echo ADDRESS xN`, the address as the site file writes it."""
        return (_request(ask.question, _packets(ask.question)),)


def _request(question: Question, packets: int) -> str:
    return f"ICMP echo {question.address} x{packets}"


def _packets(question: Question) -> int:
    if not question.argument.isdecimal():
        return PACKETS
    return min(max(int(question.argument), 1), MOST_PACKETS)


def _target(ask: Ask, way: Way) -> Target | Reply:
    """Where to send to, once everything is settled that needs no packet."""
    address = ask.question.address
    if jump := jump_of(way.site, ask.thing):
        return via_jump(jump, "ICMP")
    ip = way.addresses.get(address)
    if ip is None:
        return unresolved(address)
    try:
        source = source_for(ip)
    except OSError as err:
        return no_route(address, err.errno)
    target = Target(ask, ip, _packets(ask.question))
    if _is_own(target.address, source):
        return _own(address)
    request = _request(ask.question, target.packets)
    return target if way.send(ask.thing, request) else not_approved(request)


def _is_own(address: bytes, source: str) -> bool:
    """What is sent to an own address leaves from it. RFC 1122, 3.2.1.3 (g), RFC 4291, 2.5.3."""
    loopback = address[0] == 127 if len(address) == 4 else address == _LOOPBACK_6
    return loopback or packed(source) == address


def _own(address: str) -> Reply:
    """The kernel answers for every address of its machine, whatever runs there (contract 9.11)."""
    detail = f"{address} is this machine's own address: the kernel itself answers for it"
    return silence(UnknownCause.UNSUPPORTED, detail, attempts=0)


def _sweep(targets: Sequence[Target], way: Way, tell: Tell) -> None:
    from preflight.probes.icmp_program import ping_all
    from preflight.probes.icmp_socket import open_sockets
    from preflight.probes.icmp_sweep import Sweep, sockets_needed

    timeout_s = way.limits.connect_s
    with contextlib.ExitStack() as stack:
        sockets = {}
        for version in sorted({target.version for target in targets}):
            need = sockets_needed([one for one in targets if one.version == version])
            sockets[version] = open_sockets(version, need)
            for socket in sockets[version]:
                stack.callback(socket.close)
        Sweep(
            sockets, lambda target, by: tell(target.ask, target.reply(by, timeout_s)), timeout_s
        ).run([target for target in targets if sockets[target.version]])
    left = [target for target in targets if not sockets[target.version]]
    if left:
        ping_all(left, way.limits.jobs, timeout_s, lambda target, reply: tell(target.ask, reply))

"""What it means that the facts script could not collect a fact."""

from __future__ import annotations

from preflight.evidence import Ask, NoAnswer
from preflight.probes.facts_calls import TOOLS, by_sudo
from preflight.probes.facts_frames import Frame
from preflight.probes.unanswered import no_answer
from preflight.text import one_line
from preflight.words import UnknownCause

_CAUSES = {
    "permission": (UnknownCause.PERMISSION, "is not readable without root"),
    "tool-missing": (UnknownCause.TOOL_MISSING, "needs a tool or database that the host lacks"),
    "failed": (UnknownCause.PARSE, "could not be read to its end on the host"),
    "long": (UnknownCause.PARSE, "is more than is read: 8192 lines, or 1 MB"),
    "unrooted": (
        UnknownCause.UNSUPPORTED,
        "is not asked for: PREFLIGHT_ROOT says that the facts of this host come from a part of its"
        " files, and a program would tell of the whole machine",
    ),
    "stopped": (UnknownCause.UNSUPPORTED, "has nobody to tell it: the service is not running"),
    "absent": (UnknownCause.UNSUPPORTED, "is not told by this system: Linux keeps it elsewhere"),
    "special": (UnknownCause.UNSUPPORTED, "is not told by this system: Linux keeps it elsewhere"),
}
_ASK = "ask for the sudoers lines of `preflight plan --access`, and set `sudo: true` under ssh:"
_REFUSED = "the sudoers lines of `preflight plan --access` are not in force there"
_OWN = {
    ("neighbours", "permission"): "lldpctl does not answer this account (on Debian it answers root"
    " and group adm)",
    ("neighbours", "tool-missing"): "the host has no lldpctl, so that nobody there hears what its"
    " switches say",
    ("neighbours", "stopped"): "lldpd is not running on the host, so that nobody there hears what"
    " its switches say",
    ("guests", "permission"): "libvirt refuses this account even to look",
    ("guests", "tool-missing"): "the host has no virsh to ask libvirt with",
    ("guests", "stopped"): "libvirt's daemon for qemu:///system is not running on the host",
}
"""Fact and status -> its own words."""
_TAIL = 300


def failure(ask: Ask, frame: Frame, *, tells_absence: bool) -> NoAnswer | None:
    """Why there is no answer; None where the frame holds one. `tells_absence`: that nothing is
    there is an answer to this fact."""
    if frame.status not in _CAUSES or (tells_absence and frame.status in {"absent", "special"}):
        return None
    fact = ask.question.fact
    cause, words = _CAUSES[frame.status]
    text = f"{fact} {ask.question.argument * (not by_sudo(ask))}".strip() + f" {words}"
    text = _OWN.get((fact, frame.status), text)
    if fact in TOOLS and frame.status == "permission":
        text += f": {_REFUSED if by_sudo(ask) else _ASK}"
    if fact in TOOLS and frame.status in {"stopped", "failed"}:
        text += f"; it said: {one_line(frame.data[-_TAIL:], 200)!r}"
    return no_answer(cause, text)


def senseless(frame: Frame) -> NoAnswer:
    """The frame is whole, and what stands in it is no answer."""
    said = one_line(frame.status + " " + one_line(frame.data))
    return no_answer(UnknownCause.PARSE, f"cannot make sense of: {said!r}")

"""Facts of a host: one POSIX sh script that collects what is asked, and the way to read its output.

Every fact stands in a frame of its own between lines that carry a random token. The token occurs in
the script only apart from the characters around it, so neither a banner, a profile script nor an
echo of the script can forge a frame. Every path is prefixed with `$PREFLIGHT_ROOT`, which only the
host's own environment can set (contract 9.12); programs that would tell of the whole machine are
then not asked. The script opens regular files only, and writes nothing.

A host whose key is held to one command (sshd(8), `command=`) runs the copy of it that was published
there (`published`) and takes nothing but the token from what we send. The two may be of different
plans, so a frame bears the name of its fact and not a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from preflight.evidence import Answer, Ask, NoAnswer
from preflight.probes.facts_calls import (
    ARGUMENTS,
    BY_SUDO,
    FACTS,
    FIXED,
    ROOT_ONLY,
    SUDO,
    TOOLS,
    by_sudo,
    call,
    frame_name,
    how,
    library,
    needs_root,
    root_commands,
    sudo_call,
    sudo_library,
)
from preflight.probes.facts_failures import failure, senseless
from preflight.probes.facts_frames import Frame, frames, last_line, root_of
from preflight.probes.facts_guests import guests
from preflight.probes.facts_neighbours import neighbours
from preflight.probes.facts_network import gateway, interfaces
from preflight.probes.facts_plain import file, package, text
from preflight.probes.facts_storage import storage
from preflight.probes.facts_virtual import virtual
from preflight.probes.unanswered import Unanswered, no_answer
from preflight.text import one_line, sha256_hex
from preflight.words import UnknownCause

__all__ = [
    "BY_SUDO", "COMMAND", "FACTS", "ROOT_ONLY", "SUDO", "TOOLS", "TRUNCATED", "Frame", "answer",
    "calls", "frame_name", "frames", "lacking", "last_line", "library", "needs_root", "ordered",
    "published", "read", "refusal", "request", "root_commands", "root_of", "script",
]  # fmt: skip

COMMAND = "exec sh"
"""What the host is told to execute; the script comes on its standard input."""
_UNFINISHED = "the host did not run the facts script to its end"
TRUNCATED = NoAnswer(cause=UnknownCause.PARSE, detail=_UNFINISHED)


def refusal(ask: Ask) -> NoAnswer | None:
    """Why this fact is never asked: its argument does not fit the fixed pattern."""
    question = ask.question
    pattern = ARGUMENTS.get(question.fact)
    if pattern.fullmatch(question.argument) if pattern else not question.argument:
        return None
    detail = f"{question.fact} {question.argument!r} holds characters that are not sent to a host"
    return no_answer(UnknownCause.NOT_ASKED, detail)


def ordered(asks: Iterable[Ask]) -> list[Ask]:
    """The asks that the script answers, in its order; the same for every order of `asks`."""
    wanted = {a for a in asks if a.question.fact in FACTS and refusal(a) is None}
    return sorted(wanted, key=_rank)


def _rank(ask: Ask) -> tuple[int, str, str]:
    question = ask.question
    return FACTS.index(question.fact), question.argument, ask.model_dump_json()


def script(asks: Iterable[Ask], token: str) -> str:
    """The whole script. `token` is 32 random hex digits in a run, any word in a plan."""
    return "\n".join([f"T='{token}'", *_body(ordered(asks))])


def published(asks: Iterable[Ask]) -> str:
    """The same as a file for the host, which takes the token from the first line of `script`."""
    body = _body(ordered(asks))
    return "\n".join([FIXED, *body[:1], "opening fixed", "closing fixed value", *body[1:]])


def _body(asks: Sequence[Ask]) -> list[str]:
    own = [sudo_call(ask) if by_sudo(ask) else call(ask) for ask in asks]
    return [library(asks), *sudo_library(asks), *own, "printf '\\n@%s@ done\\n' \"$T\"", ""]


def calls(asks: Iterable[Ask]) -> list[str]:
    """One line of the script per fact, in its order. None of them tries sudo."""
    return [call(ask) for ask in ordered(asks)]


def request(ask: Ask) -> str:
    """How a fact stands in the plan and in the log. It names the code that would run for it."""
    return f"SSH fact {how(ask)} (script {sha256_hex(script([ask], 'TOKEN').encode())[:12]})"


def lacking(output: bytes, token: str) -> NoAnswer:
    """Why a fact has no frame: the host's own copy does not hold it, or the output was cut."""
    if "fixed" in frames(output, token) and output.endswith(last_line(token)):
        return no_answer(
            UnknownCause.PERMISSION,
            "this login runs the host's own copy of the facts script, which does not hold this "
            "fact: have the one of `preflight plan --script` published there",
        )
    return _truncated(output)


def _truncated(output: bytes) -> NoAnswer:
    said = one_line(output, 120)
    return no_answer(UnknownCause.PARSE, f"{_UNFINISHED}; it said: {said!r}")


def read(
    output: bytes, token: str, asks: Iterable[Ask], missing: NoAnswer = TRUNCATED
) -> dict[Ask, Answer | NoAnswer]:
    """Every ask that the script holds -> its answer; `missing` where there is no whole frame."""
    found = frames(output, token)
    return {
        ask: answer(ask, found.get(frame_name(ask)) if "root" in found else None, missing)
        for ask in ordered(asks)
    }


def answer(ask: Ask, frame: Frame | None, missing: NoAnswer = TRUNCATED) -> Answer | NoAnswer:
    """What a frame says about a fact. Never raises, for any bytes."""
    if frame is None:
        return missing
    fact = ask.question.fact
    no = failure(ask, frame, tells_absence=fact not in _READERS)
    if no is not None:
        return no
    if fact in _READERS and frame.status != "value":
        return senseless(frame)
    try:
        return (_READERS.get(fact) or _PLAIN.get(fact, text))(frame) or senseless(frame)
    except Unanswered as why:
        return why.no_answer


_PLAIN: dict[str, Callable[[Frame], Answer | None]] = {"file": file, "package": package}
"""Beside attributes, which are read as text: to these, that nothing is there is an answer."""
_READERS: dict[str, Callable[[Frame], Answer | None]] = {
    "virtual": virtual,
    "interfaces": interfaces,
    "gateway": gateway,
    "storage": storage,
    "neighbours": neighbours,
    "guests": guests,
}
"""They read frames of status `value` only."""

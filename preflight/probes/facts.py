"""Facts of a host: one POSIX sh script that collects what is asked, and the way to read its output.

Every fact stands in a frame of its own between lines that carry a random token. The token occurs in
the script only apart from the characters around it, so neither a banner, a profile script nor an
echo of the script can forge a frame. Every path is prefixed with `$PREFLIGHT_ROOT`, which only the
host's own environment can set (contract 9.12). The script opens regular files only, writes nothing.

A host whose key is held to one command (sshd(8), `command=`) runs the copy of it that was published
there (`published`) and takes nothing but the token from what we send. The two may be of different
plans, so a frame bears the name of its fact and not a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise

from preflight.evidence import Answer, Ask, FileState, NoAnswer, PackageState, Text
from preflight.probes.kept import attribute
from preflight.probes.unanswered import no_answer
from preflight.text import one_line, sha256_hex
from preflight.words import UnknownCause

COMMAND = "exec sh"
"""What the host is told to execute; the script comes on its standard input."""
LIBRARY = files("preflight.probes").joinpath("facts.sh").read_text("ascii")
"""The functions that the calls name; it opens with a frame of its own."""
_SUDO = files("preflight.probes").joinpath("sudo.sh").read_text("ascii")
"""One more function, only where a call names it."""
_FIXED = files("preflight.probes").joinpath("fixed.sh").read_text("ascii")
"""What stands before it on a host that runs a copy of its own."""
_ATTRIBUTES = {
    "machine-id": "/etc/machine-id",
    "product-uuid": "/sys/class/dmi/id/product_uuid",
    "product-serial": "/sys/class/dmi/id/product_serial",
}
"""machine-id(5); Linux Documentation/ABI/testing/sysfs-class-dmi."""
ROOT_ONLY = ("product-serial", "product-uuid")
"""Linux lets only root read these (drivers/firmware/dmi-id.c, mode 0400)."""
SUDO = "sudo"
"""Argument of a fact of `ROOT_ONLY`: the host's sudoers hold the line that lets us read it."""
FACTS = (*_ATTRIBUTES, "package", "file")
"""In the order of asking: what may take long comes last."""
_ARGUMENTS = {
    "file": re.compile(r"(?!.*/\.\.(/|$))/[A-Za-z0-9 ._+@%:=,~/-]{1,900}"),
    "package": re.compile(r"[a-z0-9][a-z0-9+.-]{1,100}"),  # Debian policy 5.6.1
    **dict.fromkeys(ROOT_ONLY, re.compile(f"({SUDO})?")),
}
_NONE = re.compile("")
_SHA256 = re.compile(rb"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_SIZE = re.compile(rb"^size\s+(\d{1,15})\s*$", re.MULTILINE)
_STATUS = re.compile(rb"^Status: \S+ \S+ (\S+)$", re.MULTILINE)
_VERSION = re.compile(rb"^Version: (\S.*)$", re.MULTILINE)
_INSTALLED = frozenset({b"installed", b"triggers-awaited", b"triggers-pending"})
"""Of dpkg(1), PACKAGE STATES: unpacked and configured, so that it works."""

_UNFINISHED = "the host did not run the facts script to its end"
TRUNCATED = NoAnswer(cause=UnknownCause.PARSE, detail=_UNFINISHED)


@dataclass(frozen=True)
class Frame:
    """What the script said about one fact."""

    status: str
    """`value`, `absent`, `special` (no regular file), `permission`, `tool-missing`, `failed`."""
    data: bytes


def refusal(ask: Ask) -> NoAnswer | None:
    """Why this fact is never asked: its argument does not fit the fixed pattern."""
    question = ask.question
    if _ARGUMENTS.get(question.fact, _NONE).fullmatch(question.argument):
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
    return "\n".join([_FIXED, *body[:1], "opening fixed", "closing fixed value", *body[1:]])


def _body(asks: Sequence[Ask]) -> list[str]:
    sudo = [_SUDO] if any(_by_sudo(ask) for ask in asks) else []
    own = [_rooted(ask) if _by_sudo(ask) else _call(ask) for ask in asks]
    return [LIBRARY, *sudo, *own, "printf '\\n@%s@ done\\n' \"$T\"", ""]


def calls(asks: Iterable[Ask]) -> list[str]:
    """One line of the script per fact, in its order. None of them tries sudo."""
    return [_call(ask) for ask in ordered(asks)]


def frame_name(ask: Ask) -> str:
    """What the frame of a fact is called; the same in every script."""
    question = ask.question
    if question.fact == "file":
        return f"file-{sha256_hex(question.argument.encode())[:16]}"
    return f"package-{question.argument}" if question.fact == "package" else question.fact


def _call(ask: Ask) -> str:
    question, name = ask.question, frame_name(ask)
    if question.fact == "file":
        return f"digest {name} \"$R\"'{question.argument}'"
    if question.fact == "package":
        as_pattern = question.argument.replace(".", r"\.")
        return f"package {name} '{question.argument}' '{as_pattern}'"
    return f'attribute {name} "$R"{_ATTRIBUTES[question.fact]}'


def _by_sudo(ask: Ask) -> bool:
    return ask.question.fact in ROOT_ONLY and ask.question.argument == SUDO


def _rooted(ask: Ask) -> str:
    return f'rooted {frame_name(ask)} "$R"{_ATTRIBUTES[ask.question.fact]}'


def root_command(fact: str) -> str:
    """The one command that reads a fact of `ROOT_ONLY`, as a line of sudoers(5) permits it."""
    return f"/bin/cat {_ATTRIBUTES[fact]}"


def request(ask: Ask) -> str:
    """How a fact stands in the plan and in the log. It names the code that would run for it."""
    question = ask.question
    what = f"{question.fact} {question.argument}".strip()
    if _by_sudo(ask):
        what = f"{question.fact}, if only root may read it by sudo -n {root_command(question.fact)}"
    return f"SSH fact {what} (script {sha256_hex(script([ask], 'TOKEN').encode())[:12]})"


def last_line(token: str) -> bytes:
    """What ends the script's output."""
    return _marker(token) + b"done\n"


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


def frames(output: bytes, token: str) -> dict[str, Frame]:
    """Closed frames by name (`root`, `machine-id`, ...). Whatever else stands there is ignored."""
    found: dict[str, Frame] = {}
    for opening, closing in pairwise(output.split(_marker(token))[1:]):
        name, begins, data = opening.partition(b" begin\n")
        status, ends, _ = closing.removeprefix(name + b" end ").partition(b"\n")
        if begins and ends and closing.startswith(name + b" end "):
            found.setdefault(name.decode("ascii", "replace"), _frame(status, data))
    return found


def _marker(token: str) -> bytes:
    return f"\n@{token}@ ".encode()


def _frame(status: bytes, data: bytes) -> Frame:
    return Frame(status.decode("ascii", "replace"), data)


def root_of(found: Mapping[str, Frame]) -> str:
    """The host's PREFLIGHT_ROOT, clean; empty on a machine that has none."""
    frame = found.get("root")
    return one_line(frame.data) if frame else ""


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
    if frame.status in _FAILURES:
        cause, words = _FAILURES[frame.status]
        return no_answer(cause, f"{ask.question.fact} {ask.question.argument} {words}")
    reader = _READERS.get(ask.question.fact, _attribute)
    return reader(frame) or no_answer(UnknownCause.PARSE, f"cannot make sense of: {_quote(frame)}")


def _quote(frame: Frame) -> str:
    return repr(one_line(frame.status + " " + one_line(frame.data)))


_FAILURES = {
    "permission": (UnknownCause.PERMISSION, "is not readable without root"),
    "tool-missing": (UnknownCause.TOOL_MISSING, "needs a tool or database that the host lacks"),
    "failed": (UnknownCause.PARSE, "could not be read to its end on the host"),
}


def _attribute(frame: Frame) -> Answer | None:
    if frame.status in {"absent", "special"}:
        return Text(value=None)
    text = frame.data.decode("utf-8", "replace")
    return Text(value=attribute(text)) if frame.status == "value" else None


def _file(frame: Frame) -> Answer | None:
    if frame.status in {"absent", "special"}:
        return FileState(present=False)
    digest, size = _SHA256.search(frame.data), _SIZE.search(frame.data)
    if frame.status != "value" or digest is None or size is None:
        return None
    return FileState(present=True, sha256=digest[0].decode(), size_bytes=int(size[1]))


def _package(frame: Frame) -> Answer | None:
    """Of several architectures the installed one counts."""
    if frame.status == "absent":
        return PackageState(installed=False)
    if frame.status != "value":
        return None
    states = _STATUS.findall(frame.data)
    installed = any(state in _INSTALLED for state in states)
    return PackageState(installed=installed, version=_version(frame.data) if installed else None)


def _version(data: bytes) -> str | None:
    """The version under the first installed state."""
    blocks = re.split(rb"(?m)^(?=Status: )", data)
    for block in blocks:
        state, version = _STATUS.search(block), _VERSION.search(block)
        if state and version and state[1] in _INSTALLED:
            return one_line(version[1])[:1000]
    return None


_READERS: dict[str, Callable[[Frame], Answer | None]] = {"file": _file, "package": _package}

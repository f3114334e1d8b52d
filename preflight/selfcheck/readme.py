"""The README beside a script: what to do, for somebody who was not told before. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.model import utc_text
from preflight.probes.facts import ROOT_ONLY
from preflight.selfcheck.items import Item
from preflight.selfcheck.script import Asked, asker_words, plain


def readme(asked: Asked, items: Sequence[Item], sha256: str) -> bytes:
    """README-SITE.txt, ASCII; `sha256` is the script's, in lower-case hex."""
    steps = _steps(asked, items, sha256)
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
    part = f"This is {asked.about}.\n" * bool(asked.about)
    lines = f"""\
Self-check of site {asked.site}, booking {asked.booking}

{asker_words(asked)} asks you for it before travelling to {plain(asked.customer)}.
It is good until {utc_text(asked.expires)}.
{part}
{numbered}
It installs nothing and changes nothing. It never logs in, never asks for a password, and sends
nothing to anybody. "unavailable" in the file means that this machine has no tool to look with; that
is not a fault of yours. The script only collects. What is not ready yet will be written down, and
blames nobody.

More: sh {asked.script_name} --help
"""
    return lines.encode("ascii")


def _steps(asked: Asked, items: Sequence[Item], sha256: str) -> Iterator[str]:
    """Only of what this script does: not every one asks, or reads anything of the machine."""
    name, request = asked.script_name, asked.request
    questions = [item for item in items if item.action == "question"]
    facts = {ask.question.fact for item in items if item.action == "facts" for ask in item.asks}
    yield f"""\
Is it the right file? On the machine where you saved it:

       sha256sum {name}

   must show

       {sha256}

   This mail could be forged as well as the file. To be sure, telephone whoever asks, by a number
   that you know, and have the digest read out to you.
"""
    yield f"""\
See what it would look at{_AND_ASK if questions else "."}
   This contacts nothing and writes nothing:

       sh {name} --list
"""
    yield f"""\
Run it on a Linux or Unix machine at the site, as an ordinary user. No root, no installation:

       sh {name}

{_asking(questions)}"""
    if facts:
        yield f"""\
On each of these servers itself too, if you can: there it also reads serial numbers, versions,
   and what the server is connected to. It finds out by itself on which one it runs; otherwise say
   so with --on HOST.
{_AS_ROOT.format(name) * bool(facts.intersection(ROOT_ONLY))}"""
    or_host = f", or selfcheck-{request}-HOST.json" if facts else ""
    yield f"""\
It writes one file, selfcheck-{request}.json{or_host}.
   A second run on the same machine writes it anew. Read it: the name of your machine, its system
   and your account's name are in it. Then mail it back as an attachment, unchanged: its last line
   is a seal, and a changed file no longer counts.
"""


_AS_ROOT = """\
   Linux shows serial numbers to root alone. Read the script first; then, on the servers only:

       sudo sh {} --no-ask
"""
_AND_ASK = ", and what it would ask you: you may want to go and see before."


def _asking(questions: Sequence[Item]) -> str:
    """What to expect of the run."""
    if not questions:
        return "   It looks for some seconds.\n"
    text = (
        '   It asks you {}, then looks for some seconds. "unknown" is a good answer; a guess\n'
        "   is not.{}\n"
    )
    count = "one question" if len(questions) == 1 else f"{len(questions)} questions"
    label = any(ask.question.fact == "rack-label" for item in questions for ask in item.asks)
    return text.format(count, _LABEL if label else "")


_LABEL = " Answer with the label that is really there, not with the one that should be."

"""A finding's words for people who do not know the site file. Pure."""

from __future__ import annotations

import re

from preflight.render.index import Index
from preflight.render.phrases import subject_words
from preflight.render.vocabulary import WHY_UNKNOWN
from preflight.words import UnknownCause

ACCOUNT = "the agreed account"
SITE_FILE = "our description of the site"
"""The customer has never seen the site file."""
_OURS = re.compile(r"\b(?:the )?site file\b")
_LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)
"""What mail programs make a link of: an answer from a machine must not become one."""
_CODE = re.compile(rf"(?<=\()(?:{'|'.join(UnknownCause)})(?=[:)])")
_THING = re.compile(
    r"(?<![\w:.-])(?:host|bmc|pdu|ups|switch|control|group|hall):[A-Za-z0-9][\w.-]*"
)


class Plain:
    """Says things by name (`BMC of db1` for `bmc:db1`) and codes in words; no credential by its
    id, and no link."""

    def __init__(self, index: Index) -> None:
        hosts = index.report.inputs.site.hosts.values()
        doors = [door for host in hosts for door in (host.ssh, host.bmc) if door]
        self._ids = frozenset(door.credential for door in doors if door.credential)
        longest_first = sorted(self._ids, key=lambda name: (-len(name), name))
        any_of = "|".join(map(re.escape, longest_first))
        self._credential = re.compile(rf"(?<![\w.-])(?:{any_of})(?![\w-])")

    def __call__(self, text: str) -> str:
        """The same text, plainly."""
        unlinked = _LINK.sub(lambda match: f"{match[0][:-1]}[{match[0][-1]}]", text)
        worded = _CODE.sub(lambda match: WHY_UNKNOWN[UnknownCause(match[0])], unlinked)
        named = _OURS.sub(SITE_FILE, _THING.sub(lambda match: _name(match[0]), worded))
        return self._credential.sub(ACCOUNT, named) if self._ids else named


def _name(thing: str) -> str:
    """A full stop at its end is the sentence's."""
    bare = thing.rstrip(".-")
    return subject_words(bare) + thing[len(bare) :]

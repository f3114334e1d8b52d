"""The script that the customer runs: fixed text around the items of one plan. Pure.

All that comes from files that people wrote is printable ASCII in single quotes: data, never code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files

from preflight.model import utc_text
from preflight.probes import facts
from preflight.selfcheck.items import Item

_TEXT = files("preflight.selfcheck").joinpath("selfcheck.sh").read_text("ascii")
KEY_BYTES = 32
ASKER_CHARS = 80
"""Most of the principal's name that a script shows."""
_BLOCK = 64
"""Of SHA-256 (RFC 2104)."""
_INNER, _OUTER = 0x36, 0x5C


@dataclass(frozen=True)
class Asked:
    """Who asks what of whom, until when."""

    request: str
    nonce: str
    booking: str
    site: str
    asker: str
    """The principal who signs the pack."""
    customer: str
    expires: datetime
    part: str = ""
    """`-2`: which of several scripts this is, in the names of its files."""
    about: str = ""
    """`part 2 of 3, servers db8 to db14 (7)`; empty for the only one."""

    @property
    def script_name(self) -> str:
        """A text file: mail filters stop programs."""
        return f"selfcheck-{self.site}{self.part}.txt"

    @property
    def readme_name(self) -> str:
        """What lies beside it."""
        return f"README-{self.site}{self.part}.txt"

    @property
    def token(self) -> str:
        """Frames the facts of a host (`probes.facts`)."""
        return self.nonce[:32]


def script(asked: Asked, items: Sequence[Item], hosts: Mapping[str, str], key: bytes) -> bytes:
    """The whole script, ASCII with LF; it holds `key` as the seal needs it.

    `hosts` are the servers that it may find itself on, name -> address.

    Raises:
        ValueError: the key is not of 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise ValueError(f"a seal key has {KEY_BYTES} bytes")
    text = _wanted({item.action for item in items})
    text = text.replace("#@TOKEN\n", f"T={asked.token}\n")
    text = text.replace("#@FACTS\n", _facts(items)).replace("#@ITEMS\n", _items(items))
    constants = _constants(asked, hosts, key)
    return "\n".join([*_head(asked, items), *constants, text]).encode("ascii")


def seal_key(text: bytes) -> bytes:
    """The key of a script's seal, from the script.

    Raises:
        ValueError: the script holds none, or two halves of different keys.
    """
    inner, outer = (_unpadded(text, name, pad) for name, pad in _PADS.items())
    if inner != outer or any(inner[KEY_BYTES:]):
        raise ValueError("the script's two halves of the seal key differ")
    return inner[:KEY_BYTES]


_PADS = {"IPAD": _INNER, "OPAD": _OUTER}


def _padded(key: bytes, pad: int) -> str:
    """One half of the key as HMAC wants it; sh cannot XOR."""
    return bytes(byte ^ pad for byte in key.ljust(_BLOCK, b"\0")).hex()


def _unpadded(text: bytes, name: str, pad: int) -> bytes:
    found = re.search(rb"(?m)^%b=([0-9a-f]{128})$" % name.encode("ascii"), text)
    if found is None:
        raise ValueError("the script holds no seal key")
    return bytes(byte ^ pad for byte in bytes.fromhex(found[1].decode("ascii")))


def plain(text: str) -> str:
    """One line of printable ASCII: accents are dropped, what cannot be written is `?`."""
    letters = unicodedata.normalize("NFKD", " ".join(text.split()))
    kept = (c for c in letters if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in kept)


def quoted(text: str) -> str:
    """One word of POSIX sh that means exactly this printable text."""
    return text if _SAFE.fullmatch(text) else _in_quotes(text)


def _in_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_SAFE = re.compile(r"[A-Za-z0-9_./:,@%+-]+")


def _head(asked: Asked, items: Sequence[Item]) -> list[str]:
    """What a mail reader shows first."""
    name = asked.script_name
    return ["#!/bin/sh", *(f"# {line}".rstrip() for line in (
        f"SELF-CHECK of site {asked.site} ({plain(asked.customer)[:60]}), booking {asked.booking}",
        *([asked.about] if asked.about else []),
        f"Asked for by {asker_words(asked)}, request {asked.request}, good until",
        f"{utc_text(asked.expires)}. Run it on a machine at the site:  sh {name}",
        f"To see first what it would look at, without contacting anything:  sh {name} --list",
        "",
        "It looks at the machines named at its end, as anybody in that network could: do they",
        "answer, with which certificate, SSH key and clock.", *_more(items),
        "It never installs or changes anything, never logs in, never asks for a password, and",
        "sends what it found to nobody: it writes one file, which you may read and then mail back.",
        "Your machine's name, its system and your account's name are in it. Nothing else is left.",
        "",
        f"Has anybody changed it?  sha256sum {name}  must show the digest that stands in",
        f"{asked.readme_name}; have it read out to you on the telephone by who asks.",
        "",
        # SC2016: programs of awk, perl and another shell arrive as they stand;
        # SC2100: a hyphen in a word is no minus; SC2317: not every plan asks for every fact
        "shellcheck disable=SC2016,SC2100,SC2317",
    ))]  # fmt: skip


def _more(items: Sequence[Item]) -> list[str]:
    """What it does beside, if it does."""
    questions = sum(item.action == "question" for item in items)
    on_host = "On one of these servers it also reads serial numbers, versions and connections."
    asks = f"It asks you {questions} question{'s' * (questions != 1)}."
    reads = any(item.action == "facts" for item in items)
    return [on_host] * reads + [asks] * bool(questions)


def asker_words(asked: Asked) -> str:
    """Who asks, as far as it is shown."""
    return plain(asked.asker)[:ASKER_CHARS]


def _constants(asked: Asked, hosts: Mapping[str, str], key: bytes) -> list[str]:
    values = {
        "NAME": asked.script_name, "ASKER": asker_words(asked), "REQUEST": asked.request,
        "BOOKING": asked.booking, "SITE": asked.site, "EXPIRES": utc_text(asked.expires),
        "HOSTS": " ".join(f"{name}={plain(address)}" for name, address in hosts.items()),
        "NONCE": asked.nonce,
    }  # fmt: skip
    lines = [f"{name}={_in_quotes(value)}" for name, value in values.items()]
    return lines + [f"{name}={_padded(key, pad)}" for name, pad in _PADS.items()]


def _wanted(actions: AbstractSet[str]) -> str:
    """The fixed text without the parts that no item of this plan needs."""

    def part(match: re.Match[str]) -> str:
        return match[2] if actions & set(match[1].split()) else ""

    return re.sub(r"(?ms)^#@if ([\w ]+)\n(.*?)^#@end\n", part, _TEXT)


def _items(items: Iterable[Item]) -> str:
    """The functions `items` and `questions`."""
    looks = _looks([item for item in items if item.action != "question"])
    asked = [_question(item) for item in items if item.action == "question"]
    if not asked:
        return "\n".join(["items() {", *looks, "}", ""])
    last = '  if [ "$mode" = list ]; then questions; fi'
    return "\n".join(["items() {", *looks, last, "}", "questions() {", *asked, "}", ""])


def _looks(items: Iterable[Item]) -> Iterator[str]:
    """The looks, those of one thing together: it and its address are named once."""
    at: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        question = item.asks[0].question
        at.setdefault((item.thing, *filter(None, [question.address])), []).append(item)
    for where, looks in at.items():
        yield f"  at {_words(where)}"
        for item in looks:
            port = item.asks[0].question.port if item.action != "facts" else None
            yield f"  i {_words((item.no, item.action, *filter(None, [port])))}"


def _words(words: Iterable[object]) -> str:
    return " ".join(quoted(plain(str(word))) for word in words)


def _question(item: Item) -> str:
    return f"  q {item.no} {quoted(plain(item.asks[0].question.argument)[:_QUESTION])}"


_QUESTION = 300
"""Most characters of a question: more is no question."""


def _facts(items: Iterable[Item]) -> str:
    """The facts script, and what of it belongs to which host."""
    hosts: dict[str, list[str]] = {}
    asked = [item for item in items if item.action == "facts"]
    for item in asked:
        calls = "\n".join(facts.calls(item.asks))
        hosts.setdefault(calls, []).append(item.thing.partition(":")[2])
    cases = "\n".join(f"{' | '.join(names)})\n{calls} ;;" for calls, names in hosts.items())
    library = facts.library(ask for item in asked for ask in item.asks)
    return f"{library}\ncase $1 in\n{cases}\nesac\n"

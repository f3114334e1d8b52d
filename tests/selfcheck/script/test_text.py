"""The script as a text: readable, small, ASCII, and whatever people wrote is data in it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import Ask, Question
from preflight.probes.facts import FACTS, TOOLS
from preflight.selfcheck.items import Item
from preflight.selfcheck.parts import MOST_BYTES
from preflight.selfcheck.readme import readme
from preflight.selfcheck.script import plain, quoted, seal_key
from tests.selfcheck.script.customer import ASKED, KEY, SITE, item, made

ODD = st.text(max_size=80) | st.text(alphabet="'\"$`()\\;&|<>{}*?~#!\n\r\0\t -=EOFéß", max_size=80)


def large() -> bytes:
    """Three hosts with all there is to look at, and five questions."""
    site = SITE.model_dump(mode="json", by_alias=True)
    site["hosts"] = {f"database{n}": {"address": f"10.123.200.{n}"} for n in (1, 2, 3)}
    looks: list[Item] = []

    def add(*words: object, **more: object) -> None:
        looks.append(item(len(looks) + 1, *words, **more))  # type: ignore[arg-type]

    add("clock")
    for gateway in ("10.123.0.1", "gateway.customer.example"):
        add("tcp", gateway, 443, thing=f"control:{gateway}:443")
    add("dns", "gateway.customer.example")
    for name, data in site["hosts"].items():
        host, bmc, address = f"host:{name}", f"bmc:{name}", data["address"]
        add("ping", address, thing=host)
        for port in (22, 5060, 5432):
            add("tcp", address, port, thing=host)
        add("hostkey", address, 22, thing=host)
        add("tcp", address + "1", 443, thing=bmc)
        add("tls", address + "1", 443, thing=bmc)
        add("http", address + "1", 443, thing=bmc)
        question = Question(protocol="ssh", fact="file", argument="/opt/suite/bin/server.jar",
                            address=address, port=22)  # fmt: skip
        more = [Ask(thing=host, question=question)]
        more += [
            Ask(thing=host, question=question.model_copy(update={"fact": fact, "argument": ""}))
            for fact in ("machine-id", "product-uuid", "product-serial")
        ]
        looks.append(Item(no=len(looks) + 1, action="facts", asks=tuple(more)))
    for n in range(5):
        add("question", argument=f"What does the label on the rack of database{n} say, exactly?")
    return made(*looks, site=type(SITE).model_validate(site))


def connected() -> bytes:
    """All that one host is asked for by its fact alone."""
    of = Question(protocol="ssh", fact="virtual", address="10.0.0.1", port=22)
    names = [name for name in FACTS if name not in {"file", "package", *TOOLS}]
    asks = [Ask(thing="host:db1", question=of.model_copy(update={"fact": n})) for n in names]
    return made(Item(no=1, action="facts", asks=tuple(asks)))


def test_a_large_script_is_small() -> None:
    assert len(large()) < MOST_BYTES
    assert len(connected()) < MOST_BYTES


def test_it_is_ascii_in_lines_that_can_be_read() -> None:
    text = large().decode("ascii")
    assert "\r" not in text
    assert "\t" not in text
    assert max(map(len, text.splitlines())) <= 136  # the two halves of the key


def test_the_head_says_it_all() -> None:
    head = large().decode().split("NAME=")[0]
    wanted = (
        "anna@vendor.example", "BK-1", "site lab", "sha256sum selfcheck-lab.txt", "--list",
        "never installs", "never logs in", "nobody", "README-lab.txt",
    )  # fmt: skip
    assert not [words for words in wanted if words not in head]
    assert all(line.startswith("#") for line in head.splitlines())


@pytest.mark.peer("shellcheck")
@pytest.mark.parametrize(
    "text", [large(), connected(), made(item(1, "clock"))], ids=["whole", "facts", "least"]
)
def test_shellcheck_finds_nothing(text: bytes, tmp_path: Path) -> None:
    path = tmp_path / "selfcheck.txt"
    path.write_bytes(text)
    done = subprocess.run(["shellcheck", "-s", "sh", path], capture_output=True, check=False)
    assert done.stdout.decode() == ""
    assert text.count(b"shellcheck disable") == 1


@given(st.binary(min_size=32, max_size=32))
def test_the_key_comes_out_of_the_script_again(key: bytes) -> None:
    assert seal_key(_with(key)) == key


def _with(key: bytes) -> bytes:
    from preflight.selfcheck.script import script

    return script(ASKED, [item(1, "clock")], {}, key)


def test_a_script_without_its_key_is_refused() -> None:
    text = made(item(1, "clock"))
    assert seal_key(text) == KEY
    for spoiled in (b"", text.replace(b"IPAD=", b"ipad="), text.replace(b"OPAD=5c", b"OPAD=5d")):
        with pytest.raises(ValueError, match="key"):
            seal_key(spoiled)
    with pytest.raises(ValueError, match="32 bytes"):
        _with(b"short")


@given(st.lists(ODD, min_size=1, max_size=20))
@settings(deadline=None)
def test_quoted_text_is_one_word_of_a_shell(texts: list[str]) -> None:
    words = [quoted(plain(text)) for text in texts]
    done = subprocess.run(
        [shutil.which("dash") or "sh", "-c", "printf '%s\\n' " + " ".join(words)],
        capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode().split("\n")[:-1] == [plain(text) for text in texts]


@given(ODD, ODD, ODD)
@settings(deadline=None, max_examples=25)
def test_what_people_wrote_is_no_code(question: str, customer: str, asker: str) -> None:
    """A list of the script says the words as they are, and says no more than that."""
    asked = replace(ASKED, customer=customer, asker=asker)
    text = made(item(1, "clock"), item(2, "question", argument=question), asked=asked)
    done = subprocess.run(
        [shutil.which("dash") or "sh", "-s", "--", "--list"],
        input=text, capture_output=True, check=True, env={"PATH": "/nowhere"},
    )  # fmt: skip
    assert done.stderr == b""
    lines = done.stdout.decode().splitlines()
    assert lines[1:] == [
        "  - read the clock of this machine",
        f"  - ask you: {plain(question)}",
    ]


def test_plain_keeps_what_can_be_kept() -> None:
    assert plain("Schränke\nder Halle „N“\x1b[31m") == "Schranke der Halle ?N??[31m"


def test_the_readme_says_digest_and_request() -> None:
    text = readme(ASKED, [item(1, "facts")], "ab" * 32).decode("ascii")
    assert "ab" * 32 in text
    assert "selfcheck-r-0123456789ab.json" in text
    assert max(map(len, text.splitlines())) <= 100


def test_readme_and_head_speak_only_of_what_is_asked() -> None:
    clock, facts = item(1, "clock"), item(2, "facts")
    other, label = (item(n, "question", argument="Where is it?") for n in (3, 4))
    question = Question(protocol="person", fact="rack-label", argument="Which label?")
    label = label.model_copy(update={"asks": (Ask(thing="host:db1", question=question),)})
    told = {
        name: (readme(ASKED, asked, "ab" * 32) + made(*asked).partition(b"NAME=")[0]).decode()
        for name, asked in {
            "clock": [clock], "facts": [clock, facts], "other": [clock, other],
            "both": [clock, facts, other, label],
        }.items()
    }  # fmt: skip
    words = {
        "ask you": {"other", "both"}, "asks you one question": {"other"}, "2 questions": {"both"},
        "really there": {"both"}, "serial number": {"facts", "both"},
        "--on HOST": {"facts", "both"},
        "-HOST.json": {"facts", "both"}, "1. Is it": set(told), "5. It writes": {"facts", "both"},
        "4. It writes": {"clock", "other"},
    }  # fmt: skip
    for said, where in words.items():
        assert {name for name, text in told.items() if said in text} == where, said
    assert not any("rack" in told[name] for name in told)

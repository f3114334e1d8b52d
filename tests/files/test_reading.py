"""Files that are no text, too large, or not there: refused before they can do harm."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from preflight.errors import InputError
from preflight.files import loader
from preflight.files.loader import parse
from preflight.files.source import LIMIT_BYTES, decode, read_source

Write = Callable[..., Path]


NOBODY = 65534


def _refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        parse(read_source(path))
    (problem,) = caught.value.problems
    return f"{problem.line}:{problem.column}:{problem.code}"


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", "1:1:empty"),
        (b"# only a comment\n", "1:1:empty"),
        (b"---\n", "1:1:empty"),
        (b"\x7fELF\x02\x01\x01\x00", "1:1:not-text"),
        (b"site: lagos\nhosts\x00: 1\n", "2:6:not-text"),
        (b"site: lagos\ncustomer: caf\xe9\n", "2:14:not-text"),
        ("site: lagos\n".encode("utf-16"), "1:1:not-text"),
        (b"just text\n", "1:1:not-a-mapping"),
    ],
)
def test_what_is_no_yaml_mapping(write: Write, data: bytes, refusal: str) -> None:
    assert _refusal(write("file.yaml", data)) == refusal


def test_missing_and_directory(tmp_path: Path, write: Write) -> None:
    write("site.yaml", "site: lagos\n")
    assert _refusal(tmp_path / "sites.yaml") == "1:1:missing-file"
    assert _refusal(tmp_path) == "1:1:directory"
    with pytest.raises(InputError, match=r'did you mean "site\.yaml"'):
        read_source(tmp_path / "sites.yaml")


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_unreadable(write: Write) -> None:
    path = write("site.yaml", "site: lagos\n", mode=0o000)
    with not_root():
        assert _refusal(path) == "1:1:unreadable"


@contextmanager
def not_root() -> Iterator[None]:
    """Root reads everything; inside, this process has nobody's rights."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_large_file_is_not_read(tmp_path: Path) -> None:
    """Sparse: reading it whole would take 50 GB of memory, and this test would die."""
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50 * 2**30)
    assert _refusal(path) == "1:1:too-large"


@pytest.mark.skipif(os.name != "posix", reason="needs a device without a size")
def test_a_file_without_a_size_is_read_up_to_the_limit() -> None:
    assert _refusal(Path("/dev/zero")) == "1:1:too-large"


def test_bytes_over_the_limit_are_refused() -> None:
    with pytest.raises(InputError, match="larger than 4 MB"):
        decode("file.yaml", b"#" * (LIMIT_BYTES + 1))


def test_scalars_stay_as_written() -> None:
    text = (
        "a: 07\nb: 4.20\nc: no\nd: on\ne: 12:30:45\nf: 0x1F\ng: 2026-11-10\nh: ~\ni: Null\n"
        'j: "null"\nk: null\nl: true\nm: false\nn: True\no:\np: 1e3\nq: .inf\n'
    )
    assert parse(decode("file.yaml", text.encode())).data == {
        "a": "07",
        "b": "4.20",
        "c": "no",
        "d": "on",
        "e": "12:30:45",
        "f": "0x1F",
        "g": "2026-11-10",
        "h": "~",
        "i": "Null",
        "j": "null",
        "k": None,
        "l": True,
        "m": False,
        "n": "True",
        "o": "",
        "p": "1e3",
        "q": ".inf",
    }


def test_keys_are_always_text() -> None:
    data = parse(decode("file.yaml", b"null: 1\ntrue: 2\non: 3\n")).data
    assert data == {"null": "1", "true": "2", "on": "3"}


def test_byte_order_mark_and_line_ends() -> None:
    document = parse(decode("file.yaml", b"\xef\xbb\xbfa: 1\r\nb: [x,\r\n  y]\r\n"))
    assert document.data == {"a": "1", "b": ["x", "y"]}
    assert document.mark(("a",)) == (0, 3, 1)
    assert document.mark(("b", 1)) == (2, 2, 1)


def test_few_aliases_are_read() -> None:
    document = parse(decode("file.yaml", b"a: &x {k: v}\nb: *x\n"))
    assert document.data == {"a": {"k": "v"}, "b": {"k": "v"}}
    assert document.mark(("b", "k")) == (0, 10, 1)


def test_a_credential_may_stand_at_every_host_as_an_alias() -> None:
    text = "a: &x {k: v}\n" + "".join(f"h{n}: *x\n" for n in range(500))
    document = parse(decode("file.yaml", text.encode()))
    assert all(document.data[f"h{n}"] == {"k": "v"} for n in range(500))


def test_a_large_value_is_not_repeated_without_end() -> None:
    """Every key and value counts, so that neither long texts nor many short ones multiply."""
    for inside in (
        "v" * 50_000,
        "[" + "v," * 25_000 + "]",
        "{" + ",".join(map(str, range(9000))) + "}",
    ):
        text = f"a: &x {inside}\n" + "".join(f"h{n}: *x\n" for n in range(60))
        with pytest.raises(InputError, match="more than 100000 characters"):
            parse(decode("file.yaml", text.encode()))


def test_collection_is_on_again_after_a_mistake() -> None:
    assert gc.isenabled()
    with pytest.raises(InputError):
        parse(decode("file.yaml", b"a: [1\n"))
    assert gc.isenabled()


@pytest.mark.parametrize("text", ["a: {b: [07, null, 'x']}\n", "a: |\n  x\n  y\nb: >-\n  z\n"])
def test_the_pure_parser_reads_the_same(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    fast = parse(decode("file.yaml", text.encode()))
    monkeypatch.setattr(loader, "_Loader", yaml.SafeLoader)
    slow = parse(decode("file.yaml", text.encode()))
    assert (slow.data, slow.root) == (fast.data, fast.root)

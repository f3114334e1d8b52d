"""The page that carries its report: exact grammar, and the stock tools that take it apart."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.errors import NotGenuine
from preflight.signing import carrier
from preflight.signing.keys import FileKey
from preflight.signing.signer import KeySigner

PURPOSE = "preflight-report"
VIEW = b"<!doctype html>\n<title>NO-GO</title>\n<p>&#233;</p>\n</html>\n"
REPORT = b'{\n "format": "preflight-report/0",\n "verdict": "' + b"x" * 200 + b'"\n}\n'


@pytest.fixture
def armored(key: FileKey) -> str:
    return KeySigner("eng", key).sign(PURPOSE, REPORT)


@pytest.fixture
def page(armored: str) -> bytes:
    return carrier.append(VIEW, REPORT, armored)


def code_of(page: bytes) -> str:
    with pytest.raises(NotGenuine) as caught:
        carrier.split(page)
    return caught.value.code


def test_round_trip(page: bytes, armored: str) -> None:
    assert carrier.split(page) == (VIEW, REPORT, armored)


@given(st.binary(min_size=1))
def test_any_report_comes_back(report: bytes) -> None:
    armored = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"
    assert carrier.split(carrier.append(VIEW, report, armored)) == (VIEW, report, armored)


CHANGES: dict[str, Callable[[bytes], bytes]] = {
    "110 content after the block": lambda p: p + b"<script>x</script>\n",
    "blank line after the block": lambda p: p + b"\n",
    "no final newline": lambda p: p[:-1],
    "111 two blocks": lambda p: p + p[len(VIEW) :],
    "a second marker in the view": lambda p: p.replace(b"<p>", b"<p><!--PREFLIGHT-SIGNED-DATA"),
    "112 block removed": lambda p: p[: len(VIEW)],
    "113 HTML in the base64": lambda p: p.replace(b"report.json:\n", b"report.json:\n--><b>"),
    "113 HTML in the signature": lambda p: p.replace(b"\n-----END", b"\n--><b>\n-----END"),
    "113 HTML behind the signature": lambda p: p.replace(b"\n-->\n", b"\n--><b>\n-->\n"),
    "114 UTF-8 BOM": lambda p: b"\xef\xbb\xbf" + p,
    "114 UTF-16": lambda p: p.decode().encode("utf-16"),
    "114 raw UTF-8": lambda p: p.replace(b"&#233;", "\u00e9".encode()),
    "115 CRLF": lambda p: p.replace(b"\n", b"\r\n"),
    "115 one CR": lambda p: p.replace(b"</p>\n", b"</p>\r\n"),
    "NUL": lambda p: p.replace(b"<p>", b"<p>\x00"),
    "132 base64 that does not decode": lambda p: p.replace(b"ewog", b"e=og"),
    "base64 rewrapped": lambda p: p.replace(b"report.json:\newog", b"report.json:\new\nog"),
    "no base64": lambda p: (
        p[: p.index(b"report.json:\n") + 13] + p[p.index(b"-----BEGIN SSH SIG") :]
    ),
    "other help text": lambda p: p.replace(b"To take them out", b"To forge them"),
    "other version": lambda p: p.replace(b"SIGNED-DATA/1", b"SIGNED-DATA/2"),
    "no signature": lambda p: p[: p.index(b"-----BEGIN SSH SIG")] + b"-->\n",
    "marker inside a line": lambda p: p.replace(b"</html>\n<!--", b"</html><!--"),
    "131 too large": lambda p: b" " * carrier.PAGE_LIMIT + p,
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_grammar(change: Callable[[bytes], bytes], page: bytes) -> None:
    assert change(page) != page
    assert code_of(change(page)) == "container-malformed"


def test_133_spare_bits_of_the_base64(armored: str) -> None:
    page = carrier.append(VIEW, b"x" * 4, armored)
    assert code_of(page.replace(b"eHh4eA==", b"eHh4eB==")) == "container-malformed"


@pytest.mark.parametrize(
    "view",
    [b"", b"no line end", b"\xff\n", b"a\r\n", b"<!--PREFLIGHT-SIGNED-DATA\n"],
    ids=range(5),
)
def test_views_that_cannot_carry(view: bytes, armored: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        carrier.append(view, REPORT, armored)


def test_no_flip_leaves_all_three_parts(page: bytes, armored: str) -> None:
    for at in range(len(page)):
        changed = bytearray(page)
        changed[at] ^= 1 << at % 7
        try:
            parts = carrier.split(bytes(changed))
        except NotGenuine:
            continue
        assert parts != (VIEW, REPORT, armored)


@pytest.mark.peer("sed")
@pytest.mark.peer("base64")
@pytest.mark.peer("ssh-keygen")
def test_sed_base64_and_ssh_keygen_take_it_apart(
    page: bytes, armored: str, key: FileKey, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_bytes(page)
    commands = [line for line in page.decode("ascii").splitlines() if line.startswith("sed -n")]
    assert len(commands) == 2
    for command in commands:
        subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True)
    assert (tmp_path / "report.json").read_bytes() == REPORT
    assert (tmp_path / "report.json.sig").read_text("ascii") == armored
    (tmp_path / "allowed").write_text(f'eng namespaces="{PURPOSE}" {key.public.text}\n')
    command = (
        f"ssh-keygen -Y verify -f allowed -I eng -n {PURPOSE} -s report.json.sig < report.json"
    )
    subprocess.run(["sh", "-ec", command], cwd=tmp_path, check=True, capture_output=True)


@pytest.mark.peer("sed")
@pytest.mark.peer("sha256sum")
def test_sed_and_sha256sum_give_the_digest_of_the_view(page: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(page)
    command = "sed '/^<!--PREFLIGHT-SIGNED-DATA/,$d' report.html | sha256sum"
    done = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    assert done.stdout.split()[0] == hashlib.sha256(VIEW).hexdigest()

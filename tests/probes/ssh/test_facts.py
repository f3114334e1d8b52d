"""The facts script in every shell that is here, and the reading of its output whatever it is."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preflight.evidence import Ask, FileState, NoAnswer, PackageState, Text
from preflight.probes import facts
from preflight.words import UnknownCause
from tests.probes.scripted import TOKEN, ask, read

SHELLS = {
    "dash": ("dash",),
    "bash": ("bash", "--posix"),
    "busybox": ("busybox", "sh"),
    "mksh": ("mksh",),
    "posh": ("posh",),
}
RARER = {"ksh": ("ksh",), "yash": ("yash",), "zsh": ("zsh", "--emulate", "sh")}
"""No Linux has these as /bin/sh; they are asked where they are."""
ALL_SHELLS = [
    pytest.param(argv, id=name, marks=pytest.mark.peer(argv[0]))
    for name, argv in {**SHELLS, **{n: v for n, v in RARER.items() if shutil.which(n)}}.items()
]
NOBODY = 65534


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A machine with everything that can stand at a path."""
    tmp_path.chmod(0o755)
    root = tmp_path / "a machine's $(root)"
    for folder in ("etc", "sys/class/dmi/id", "opt", "var/lib/dpkg", "shut"):
        (root / folder).mkdir(parents=True)
    (root / "etc/machine-id").write_bytes(b"3d12\xff\x1b[31m\n")
    (root / "sys/class/dmi/id/product_serial").write_text("  System Serial Number \n")
    opt = root / "opt"
    (opt / "file").write_bytes(b"build 7\n")
    (opt / "empty").touch()
    (opt / "a name with  spaces").write_bytes(b"x")
    (opt / "link").symlink_to("file")
    (opt / "dangling").symlink_to("nowhere")
    (opt / "loop").symlink_to("loop")
    (opt / "folder").mkdir()
    os.mkfifo(opt / "fifo")
    (root / "var/lib/dpkg/status").write_text(STATUS)
    return root


STATUS = """Package: acme-app
Status: install ok installed
Architecture: amd64
Version: 1:4.2.0-3

Package: acmexapp
Status: install ok installed
Architecture: all
Version: 9

Package: lib++.x
Status: hold ok installed
Architecture: all
Version: 2

Package: old
Status: deinstall ok config-files
Architecture: all
Version: 1.0

Package: half
Status: install ok half-configured
Architecture: all
Version: 1.0
Config-Version: 1.0

Package: waits
Status: install ok triggers-pending
Architecture: all
Version: 1.1
Triggers-Pending: something
"""
PACKAGES = {
    "acme-app": PackageState(installed=True, version="1:4.2.0-3"),
    "lib++.x": PackageState(installed=True, version="2"),
    "old": PackageState(installed=False),
    "half": PackageState(installed=False),
    "waits": PackageState(installed=True, version="1.1"),
    "absent": PackageState(installed=False),
}


def digest(data: bytes) -> FileState:
    return FileState(present=True, sha256=hashlib.sha256(data).hexdigest(), size_bytes=len(data))


FILES = {
    "/opt/file": digest(b"build 7\n"),
    "/opt/empty": digest(b""),
    "/opt/a name with  spaces": digest(b"x"),
    "/opt/link": digest(b"build 7\n"),
    "/opt/dangling": FileState(present=False),
    "/opt/loop": FileState(present=False),
    "/opt/folder": FileState(present=False),
    "/opt/fifo": FileState(present=False),
    "/opt/nothing": FileState(present=False),
    "/opt/file/below": FileState(present=False),
    "/no/such/folder/at all": FileState(present=False),
}


@pytest.mark.parametrize("shell", ALL_SHELLS)
def test_every_shell_says_the_same(shell: tuple[str, ...], tree: Path) -> None:
    wanted: dict[Ask, object] = {
        ask("machine-id"): Text(value="3d12\ufffd[U+001B][31m"),
        ask("product-uuid"): Text(value=None),
        ask("product-serial"): Text(value=None),
        **{ask("file", path): state for path, state in FILES.items()},
        **{ask("package", name): state for name, state in PACKAGES.items()},
    }
    assert read(list(wanted), shell, tree) == wanted


@pytest.mark.skipif(os.geteuid() != 0, reason="root reads everything; needs to become nobody")
@pytest.mark.parametrize("shell", ALL_SHELLS)
def test_what_may_not_be_read_is_not_absent(shell: tuple[str, ...], tmp_path: Path) -> None:
    root = Path("/tmp") / f"preflight-{os.getpid()}-{tmp_path.name}"  # noqa: S108 - nobody's way in
    try:
        for folder in ("sys/class/dmi/id", "shut", "opt", "var/lib/dpkg"):
            (root / folder).mkdir(parents=True)
        for name in ("sys/class/dmi/id/product_serial", "shut/file", "var/lib/dpkg/status"):
            (root / name).write_text("secret\n")
            (root / name).chmod(0o400)
        (root / "shut").chmod(0o700)
        (root / "opt/link").symlink_to("../shut/file")
        asks = [ask("product-serial"), ask("package", "acme-app")]
        asks += [ask("file", path) for path in ("/shut/file", "/shut/nothing", "/opt/link")]
        found = read(asks, shell, root, uid=NOBODY)
        causes = {a.question.argument: getattr(v, "cause", v) for a, v in found.items()}
        assert set(causes.values()) == {UnknownCause.PERMISSION}, causes
    finally:
        shutil.rmtree(root)


def missing(folder: Path, *tools: str) -> str:
    """A PATH on which these tools answer as a shell does for a command that is not there."""
    folder.mkdir()
    for tool in tools:
        (folder / tool).write_text("#!/bin/sh\nexit 127\n")
        (folder / tool).chmod(0o755)
    return f"{folder}:"


DIGESTERS = ("sha256sum", "shasum", "openssl", "busybox")


@pytest.mark.parametrize("tool", [tool for tool in DIGESTERS if shutil.which(tool)])
def test_each_digest_tool_will_do(tree: Path, tmp_path: Path, tool: str) -> None:
    path = missing(tmp_path / "bin", *(t for t in DIGESTERS if t != tool))
    wanted = ask("file", "/opt/file")
    assert read([wanted], root=tree, path=path) == {wanted: FILES["/opt/file"]}


def test_no_digest_tool_at_all(tree: Path, tmp_path: Path) -> None:
    path = missing(tmp_path / "bin", *DIGESTERS)
    (found,) = read([ask("file", "/opt/file")], root=tree, path=path).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.TOOL_MISSING


def test_a_digest_tool_that_fails_is_not_absence(tree: Path, tmp_path: Path) -> None:
    path = missing(tmp_path / "bin", *DIGESTERS)
    (tmp_path / "bin/sha256sum").write_text("#!/bin/sh\nexit 1\n")
    (found,) = read([ask("file", "/opt/file")], root=tree, path=path).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.PARSE


@pytest.mark.parametrize("name", PACKAGES)
def test_packages_without_dpkg_query(tree: Path, tmp_path: Path, name: str) -> None:
    path = missing(tmp_path / "bin", "dpkg-query")
    wanted = ask("package", name)
    assert read([wanted], root=tree, path=path) == {wanted: PACKAGES[name]}


def test_no_package_database(tmp_path: Path) -> None:
    (found,) = read([ask("package", "acme-app")], root=tmp_path).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.TOOL_MISSING


def test_a_broken_package_database(tree: Path) -> None:
    (tree / "var/lib/dpkg/status").write_bytes(b"\0\xff nonsense\n")
    (found,) = read([ask("package", "acme-app")], root=tree).values()
    assert isinstance(found, NoAnswer)
    assert found.cause is UnknownCause.PARSE


@pytest.mark.peer("dpkg-query")
def test_this_machine() -> None:
    version = subprocess.run(
        ["dpkg-query", "-W", "-f=${Version}", "dpkg"], check=True, capture_output=True, text=True
    ).stdout
    wanted = ask("package", "dpkg")
    assert read([wanted]) == {wanted: PackageState(installed=True, version=version)}


# --- the script as text ---


def test_the_order_of_asking_does_not_matter() -> None:
    asks = [ask("file", "/b"), ask("file", "/a"), ask("package", "x1"), ask("machine-id")]
    assert facts.script(asks, "T") == facts.script(asks[::-1], "T")


def test_a_request_names_the_code_that_would_run() -> None:
    request = facts.request(ask("file", "/opt/acme/bin/acme"))
    assert request.startswith("SSH fact file /opt/acme/bin/acme (script ")


def test_the_script_itself_holds_no_frame() -> None:
    text = facts.script([ask("machine-id"), ask("file", "/x")], TOKEN).encode()
    assert facts.frames(b"\n" + text, TOKEN) == {}


BAD = [
    "x",
    "/x'y",
    "/x\ny",
    "/x$y",
    "/x`y`",
    "/a/../b",
    "/..",
    "/x\\y",
    "/x\0",
    "/\u00e4",
    "/*",
    "",
]


@pytest.mark.parametrize("path", BAD)
def test_paths_that_are_refused(path: str) -> None:
    refused = facts.refusal(ask("file", path))
    assert refused is not None
    assert refused.cause is UnknownCause.NOT_ASKED
    assert facts.ordered([ask("file", path)]) == []


@pytest.mark.parametrize("name", ["", "a", "A1", "-x", "x;y", "x y", "x'", "*", "x:amd64", "x\n"])
def test_package_names_that_are_refused(name: str) -> None:
    assert facts.refusal(ask("package", name)) is not None


@pytest.mark.parametrize("path", ["/x", "/opt/a b/c.so.1", "/opt/x..y", "/...", "/a@b:c,d~e%f=g+h"])
def test_paths_that_are_asked(path: str) -> None:
    assert facts.refusal(ask("file", path)) is None


# --- reading ---

ASKS = [ask("machine-id"), ask("file", "/x"), ask("package", "acme")]
PIECES = st.sampled_from(
    [
        b"\n", f"@{TOKEN}@ ".encode(), f"\n@{TOKEN}@ ".encode(), b"begin\n", b"end ", b"fixed ",
        b"machine-id ", b"package-acme ", b"root ", b"value\n", b"absent\n", b"permission\n",
        b"done\n", b"a" * 64,
        b"size 3\n", b"size 99999999999999999999\n", b"Status: install ok installed\n",
        b"Version: 1\n", b"\xff\0",
    ]
)  # fmt: skip


@given(st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=60).map(b"".join))
def test_reading_never_raises_and_answers_every_ask(output: bytes) -> None:
    found = facts.read(output, TOKEN, ASKS)
    assert set(found) == set(ASKS)
    facts.root_of(facts.frames(output, TOKEN))


@given(st.binary(max_size=200), st.sampled_from(["machine-id", "package-acme", "fixed", "root"]))
def test_a_frame_with_another_token_is_ignored(data: bytes, name: str) -> None:
    other = "0e" * 16
    forged = (
        f"\n@{other}@ {name} begin\n".encode() + data + f"\n@{other}@ {name} end value\n".encode()
    )
    found = facts.read(forged, TOKEN, ASKS)
    assert all(isinstance(v, NoAnswer) and v.cause is UnknownCause.PARSE for v in found.values())


@pytest.fixture
def output(tree: Path) -> bytes:
    done = subprocess.run(
        ["sh"],
        input=facts.script(ASKS, TOKEN).encode(),
        stdout=subprocess.PIPE,
        check=True,
        env={"PATH": os.environ["PATH"], "PREFLIGHT_ROOT": str(tree)},
    )
    return done.stdout


def test_wherever_the_output_is_cut_it_is_parse_or_true(output: bytes) -> None:
    whole = facts.read(output, TOKEN, ASKS)
    for end in range(len(output)):
        for ask_, answer in facts.read(output[:end], TOKEN, ASKS).items():
            assert answer in (whole[ask_], facts.TRUNCATED), output[:end]


def test_a_fact_cannot_speak_for_another(output: bytes) -> None:
    """Content that looks like a frame, but of which nobody could know the token."""
    spoiled = output.replace(b"3d12", b"\n@" + b"0" * 32 + b"@ package-acme begin\nStatus: x\n")
    whole, found = facts.read(output, TOKEN, ASKS), facts.read(spoiled, TOKEN, ASKS)
    assert {a: v for a, v in found.items() if a.question.fact != "machine-id"} == {
        a: v for a, v in whole.items() if a.question.fact != "machine-id"
    }


def test_a_flood_of_open_frames_is_read() -> None:
    """Nothing is timed: reading that goes back over it each time would not come to its end."""
    flood = f"\n@{TOKEN}@ machine-id begin\n".encode() * 50_000
    assert facts.frames(flood, TOKEN) == {}

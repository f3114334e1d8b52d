"""A real ssh-agent, and things that only claim to be one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from preflight.errors import SigningError
from preflight.signing import agent, keys
from preflight.signing.signer import KeySigner, open_signer
from preflight.signing.wire import string

PURPOSE = "preflight-report"
MESSAGE = b"the report\n"
SORTS = [("-t", "ed25519"), ("-t", "ecdsa", "-b", "384"), ("-t", "rsa", "-b", "2048")]
Ask = Callable[[str], str]
Keygen = Callable[..., Path]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh ssh-agent of the system."""
    path = tmp_path / "agent"
    command = ["ssh-agent", "-D", "-a", str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    process.stdout.readline()  # it prints its variables once it listens
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    yield path
    process.send_signal(signal.SIGTERM)
    process.wait()
    process.stdout.close()


def _add(path: Path, *options: str) -> None:
    subprocess.run(["ssh-add", "-q", *options, str(path)], check=True, env=os.environ)


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
@pytest.mark.peer("ssh-keygen")
@pytest.mark.usefixtures("running")
def test_signs_with_exactly_the_chosen_key(
    keygen: Keygen, never: Ask, stock_verifies: Callable[..., bool]
) -> None:
    for sort in SORTS:
        _add(keygen(*sort))
    assert len(agent.keys()) == len(SORTS)
    for sort in SORTS:
        public = keys.read_public(keygen(*sort).with_name("id.pub"))
        signer = open_signer(None, public.fingerprint, None, never)
        assert signer.principal == "eng@vendor.example"
        assert isinstance(signer, KeySigner)
        assert signer.key.public == public
        assert stock_verifies(public, signer.sign(PURPOSE, MESSAGE), MESSAGE)


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
@pytest.mark.peer("ssh-keygen")
@pytest.mark.usefixtures("running")
def test_a_key_it_does_not_hold(keygen: Keygen, never: Ask) -> None:
    _add(keygen("-t", "ed25519"))
    with pytest.raises(SigningError, match="does not hold the key SHA256:x, but 1 others"):
        open_signer(None, "SHA256:x", "eng", never)


@pytest.mark.peer("ssh-agent")
@pytest.mark.peer("ssh-add")
@pytest.mark.peer("ssh-keygen")
@pytest.mark.usefixtures("running")
def test_an_agent_that_refuses(keygen: Keygen, never: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    path = keygen("-t", "ed25519")
    fingerprint = keys.read_public(path.with_name("id.pub")).fingerprint
    _add(path)
    signer = open_signer(None, fingerprint, "eng", never)
    subprocess.run(["ssh-add", "-q", "-D"], check=True)
    with pytest.raises(SigningError, match="refused"):
        signer.sign(PURPOSE, MESSAGE)
    # A key that wants confirmation, and nobody to confirm: the agent refuses as well.
    monkeypatch.delenv("DISPLAY", raising=False)
    _add(path, "-c")
    with pytest.raises(SigningError, match="refused"):
        signer.sign(PURPOSE, MESSAGE)


def test_no_agent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, never: Ask) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with pytest.raises(SigningError, match="there is no ssh-agent"):
        open_signer(None, "SHA256:x", "eng", never)
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "gone"))
    with pytest.raises(SigningError, match="does not answer: No such file"):
        open_signer(None, "SHA256:x", "eng", never)


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[bytes], None]]:
    """Something that answers one request with any bytes, and hangs up."""
    path = tmp_path / "fake"
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()
    monkeypatch.setenv("SSH_AUTH_SOCK", str(path))
    threads: list[threading.Thread] = []

    def answer(data: bytes) -> None:
        client, _ = listener.accept()
        with client:
            client.recv(4096)
            client.sendall(data)

    def serve(data: bytes) -> None:
        threads.append(threading.Thread(target=answer, args=(data,)))
        threads[-1].start()

    yield serve
    for thread in threads:
        thread.join()
    listener.close()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00",
        b"\xff\xff\xff\xff",
        string(b""),
        string(b"\x06"),
        string(b"\x0c"),
        string(b"\x0c\xff\xff\xff\xff"),
        string(b"\x0c\x00\x00\x00\x01" + string(b"blob")),
        string(b"\x0c\x00\x00\x00\x00junk"),
        string(b"\x0e\x00\x00\x00\x00"),
    ],
    ids=range(10),
)
def test_answers_that_are_none(data: bytes, fake: Callable[[bytes], None]) -> None:
    fake(data)
    with pytest.raises(SigningError, match="something else"):
        agent.keys()


def test_an_answer_beyond_all_measure_is_not_read(fake: Callable[[bytes], None]) -> None:
    fake(b"\x00\x04\x00\x01")
    with pytest.raises(SigningError, match="an answer of 262145 bytes"):
        agent.keys()


def test_keys_of_other_sorts_are_left_out(fake: Callable[[bytes], None]) -> None:
    pairs = string(string(b"ssh-dss")) + string(b"old") + string(b"\x00") + string(b"broken")
    fake(string(b"\x0c\x00\x00\x00\x02" + pairs))
    assert agent.keys() == ()


def test_an_agent_that_never_answers(
    fake: Callable[[bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del fake
    monkeypatch.setattr(agent, "TIMEOUT_S", 0.05)
    with pytest.raises(SigningError, match="does not answer"):
        agent.keys()

"""What a probe is: the code that opens sockets. It answers every question it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal, Protocol

from preflight.evidence import Answer, Ask, NoAnswer, Raw
from preflight.files.site import Site
from preflight.probes.logins import Logins
from preflight.probes.passages import Passages
from preflight.probes.unanswered import Deadline, not_asked


@dataclass(frozen=True)
class Reply:
    """What a probe learned about one ask."""

    answer: Answer | NoAnswer
    duration_us: int = 0
    """From first packet to answer, monotonic clock, microseconds."""
    attempts: int = 1
    proven: bool = False
    """The thing showed the pinned key or certificate before it said this."""
    raw: Raw | None = None
    root: str = ""
    """A non-empty PREFLIGHT_ROOT that the host's facts came from."""
    distribution: str = ""
    """Of the probe, where it is not ours. Whatever a plug-in writes here is replaced."""


Tell = Callable[[Ask, Reply], None]
"""Called once per ask, from any thread."""


@dataclass(frozen=True)
class Limits:
    """Deadlines in seconds and bounds (contract 9.11)."""

    connect_s: float = 2.0
    question_s: float = 10.0
    run_s: float = 120.0
    jobs: int = 64
    answer_bytes: int = 4 * 1024 * 1024
    """No single answer is read beyond this."""


@dataclass(frozen=True)
class Secret:
    """A resolved credential. Its repr shows no secret."""

    id: str
    username: str = ""
    password: str = field(default="", repr=False)
    key: Path | None = None
    """An OpenSSH private key file."""
    passphrase: str = field(default="", repr=False)
    privacy: str = field(default="", repr=False)
    """Hides what SNMPv3 says; `password` signs it."""
    agent: str | None = None
    """Fingerprint of the one agent key to use (`SHA256:...`); never all of them."""


Send = Callable[[str, str], bool]
"""Logs one request to a thing (`"bmc:db1"`, `"GET /redfish/v1/Systems/1"`) before it is sent.

False means: it is not part of the approved plan, do not send it."""


@dataclass(frozen=True)
class Way:
    """All that a probe needs to reach things; the same for a whole run."""

    site: Site
    base: Path
    """Folder of the site file: relative paths in it start here."""
    addresses: Mapping[str, str]
    """Name or IP text as in the site file -> IP address. A name missing here did not resolve."""
    secrets: Mapping[str, Secret]
    """By credential id; only those that this site and network may have."""
    known_hosts: Mapping[str, frozenset[str]]
    """Engineer's own known_hosts: `address` or `[address]:port` -> fingerprints `SHA256:...`."""
    send: Send
    limits: Limits = Limits()
    passages: Passages = field(default_factory=Passages)
    """Through jump hosts, as they open."""
    logins: Logins = field(default_factory=Logins)
    """What became of the shared credentials so far."""

    def secret(self, credential: str | None, nothing: str) -> Secret:
        """The credential that the site file names by this id. Raises Unanswered(not-asked):
        `nothing` says that it names none; or the engineer has none of this id."""
        if credential is None:
            raise not_asked(nothing)
        secret = self.secrets.get(credential)
        if secret is None:
            raise not_asked(f"your credentials file has no {credential} for this site and network")
        return secret

    @contextmanager
    def login(self, credential: str, thing: str, deadline: Deadline) -> Iterator[None]:
        """Around the sending of a credential (by its id) and the thing's decision, and nothing
        else: meet the thing and let it prove itself before.

        It waits while another thing decides about the same credential, which nobody holds against
        this one: `deadline` stands still, and the connection stays open as it is. Leave it by an
        Unanswered of cause `auth` when the thing refuses; by any other when it does not decide.

        Raises:
            Unanswered: `not-asked`, nothing may be sent: another thing refused this credential, or
                does not make up its mind.
        """
        # A little longer than a thing may take that is asked in vain.
        patience_s = self.limits.question_s + self.limits.connect_s
        with ExitStack() as turn:
            with deadline.paused():
                turn.enter_context(self.logins.turn(credential, thing, patience_s))
            yield


class Probe(Protocol):
    """One protocol. `scope` says what a batch is: all asks at once, or one thing's asks."""

    protocol: ClassVar[str]
    scope: ClassVar[Literal["all", "thing"]]

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """Tells a Reply for each ask, within the limits; an exception is a bug (`internal`)."""
        ...

    def templates(self, ask: Ask) -> Sequence[str]:
        """The requests this ask may cause, as `plan --commands` shows them; discovered path
        segments are written `{name}` and match exactly one segment. Pure."""
        ...

"""The words of the contract, one enum each. Their values are what files and reports contain."""

from __future__ import annotations

from enum import Enum


class Word(str, Enum):
    """A closed vocabulary; prints as its value."""

    def __str__(self) -> str:
        return str(self.value)


class Ranked(Word):
    """A vocabulary whose order of definition means least to most."""

    def __init__(self, _value: str) -> None:
        self._place = len(type(self).__members__)

    @property
    def rank(self) -> int:
        """0 for the least."""
        return self._place


class Outcome(Word):
    """How a planned finding ended: exactly one of these."""

    PASS = "pass"  # noqa: S105 - the outcome, no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"


class Assurance(Ranked):
    """How well a finding is backed (contract, law 2)."""

    CLAIMED = "claimed"
    """Somebody said so: site file, NetBox, a person."""
    REPORTED = "reported"
    """Collected by the customer's self-check, or by us from a machine that proved nothing."""
    OBSERVED = "observed"
    """Seen by the vendor's own run on a proven machine."""
    CORROBORATED = "corroborated"
    """Observed, and an agreeing reported or observed fact of another controller."""


class Controller(Word):
    """Who had the fact in hand. Two facts of one controller never corroborate each other."""

    HOST = "host"
    BMC = "bmc"
    PDU = "pdu"
    UPS = "ups"
    SWITCH = "switch"
    HYPERVISOR = "hypervisor"
    """What manages virtual machines over several physical ones (Proxmox VE, vCenter)."""
    NETWORK = "network"
    PERSON = "person"
    CUSTOMER = "customer"
    VENDOR = "vendor"


class Severity(Word):
    """Whom a failure hurts. Only advisory findings never change the verdict."""

    SAFETY = "safety"
    BLOCKER = "blocker"
    ADVISORY = "advisory"


class Owner(Word):
    """Who clears a finding."""

    CUSTOMER_IT = "customer-it"
    FACILITY = "facility"
    NETWORK = "network"
    VENDOR = "vendor"
    SALES = "sales"
    CARRIER = "carrier"
    ENGINEER = "engineer"


class Stage(Ranked):
    """A decision about the trip, in the order in which they are taken."""

    BOOK = "book"
    COMMIT = "commit"
    DEPART = "depart"


class Decision(Word):
    """The verdict's word. Only `go` lets a person travel."""

    GO = "go"
    NO_GO = "no-go"
    NOT_PROVEN = "not-proven"


class Ended(Word):
    """How a run ended; anything but `normal` is at best not proven."""

    NORMAL = "normal"
    INTERRUPTED = "interrupted"
    TIMEOUT = "timeout"
    CRASHED = "crashed"


class BuildClass(Word):
    """What sort of build the vendor made."""

    RELEASE = "release"
    HOTFIX = "hotfix"
    CUSTOM = "custom"
    BETA = "beta"
    DEMO = "demo"
    DEV = "dev"


class Dimension(Word):
    """In what the members of a group must differ."""

    MACHINE = "machine"
    CHASSIS = "chassis"
    """The box that several servers may sit in: an enclosure of blades, a multi-node chassis."""
    HYPERVISOR = "hypervisor"
    """The physical machine that a virtual one runs on."""
    RACK = "rack"
    ROW = "row"
    HALL = "hall"
    FEED = "feed"
    PDU = "pdu"
    UPS = "ups"
    SWITCH = "switch"
    """Of access switches: no one of them may carry both."""
    SWITCH_PAIR = "switch-pair"
    """Switches that fail together: a stack, an MLAG pair with one software."""
    STORAGE = "storage"
    SUBNET = "subnet"
    GATEWAY = "gateway"


class UnknownCause(Word):
    """Why something is not known. `NoAnswer` and unknown findings carry one of these."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    AUTH = "auth"
    HOST_KEY = "host-key"
    TLS = "tls"
    WRONG_SITE = "wrong-site"
    PERMISSION = "permission"
    TOOL_MISSING = "tool-missing"
    UNSUPPORTED = "unsupported"
    PARSE = "parse"
    MISSING_ATTRIBUTE = "missing-attribute"
    AMBIGUOUS_LABEL = "ambiguous-label"
    EMPTY_SELECTION = "empty-selection"
    CONTRADICTION = "contradiction"
    ASSURANCE_TOO_LOW = "assurance-too-low"
    EXPIRED = "expired"
    NOT_ASKED = "not-asked"
    NOT_RUN = "not-run"
    INTERNAL = "internal"


SILENCE = frozenset({UnknownCause.UNREACHABLE, UnknownCause.TIMEOUT, UnknownCause.REFUSED})
"""Nothing useful came back from the address."""
LOGIN = frozenset(
    {UnknownCause.AUTH, UnknownCause.HOST_KEY, UnknownCause.TLS, UnknownCause.WRONG_SITE}
)
"""Something answered, but we were not let in, or would not go in."""
DECLINED = frozenset(
    {
        UnknownCause.PERMISSION,
        UnknownCause.TOOL_MISSING,
        UnknownCause.UNSUPPORTED,
        UnknownCause.MISSING_ATTRIBUTE,
    }
)
"""The thing itself answered that it does not tell: as good as an empty answer (decision 0003)."""

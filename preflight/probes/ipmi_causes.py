"""What a BMC's refusal means: completion codes and RMCP+ status codes to causes. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

SILENT = "a BMC whose IPMI over LAN is switched off looks the same"
TOO_LONG = frozenset({0xC7, 0xC8, 0xCA})
"""Completion codes of a BMC that cannot answer with so many bytes at once (table 5-2)."""
RESERVATION_LOST = 0xC5

_CODES: Mapping[int, UnknownCause] = {
    0xC0: UnknownCause.TIMEOUT,  # node busy
    0xC1: UnknownCause.UNSUPPORTED,
    0xC2: UnknownCause.UNSUPPORTED,
    0xC3: UnknownCause.TIMEOUT,
    0xCB: UnknownCause.MISSING_ATTRIBUTE,  # no such sensor, record or FRU
    0xCD: UnknownCause.UNSUPPORTED,
    0xCE: UnknownCause.UNSUPPORTED,
    0xD3: UnknownCause.UNSUPPORTED,  # nothing there to ask
    0xD4: UnknownCause.PERMISSION,
    0xD5: UnknownCause.UNSUPPORTED,
    0xD6: UnknownCause.UNSUPPORTED,
}
"""IPMI 2.0, table 5-2."""
_PRIVILEGE = frozenset({0x80, 0x81, 0x82})
"""Of Set Session Privilege Level (22.18): not for this user, or not over this channel."""

_ALL_TAKEN = frozenset({0x01, 0x0B})
_CIPHER = frozenset({0x04, 0x05, 0x06, 0x07, 0x10, 0x11, 0x12})
_ROLE = frozenset({0x09, 0x0A})
_NAME = frozenset({0x0C, 0x0D})
"""RMCP+ and RAKP status codes (IPMI 2.0, table 13-15)."""


class Refusal(Unanswered):
    """A command was answered with a completion code that is no success."""

    def __init__(self, request: str, code: int) -> None:
        super().__init__(
            _CODES.get(code, UnknownCause.PARSE),
            f"the BMC refuses {request}: completion code 0x{code:02x}",
        )
        self.code = code


def privilege_refused(code: int) -> Unanswered:
    """Set Session Privilege Level came back with this completion code."""
    if code in _PRIVILEGE or code == 0xD4:
        return Unanswered(
            UnknownCause.PERMISSION,
            "the BMC lets this account in, and refuses it the privilege level User: completion "
            f"code 0x{code:02x}",
        )
    return Refusal("the privilege level User", code)


def session_refused(status: int, *, cipher: str, credential: str, proven: bool) -> Unanswered:
    """The BMC ended the login with this RMCP+ status code. `proven`: it had shown before that it
    knows the password, so that the password is not what it means."""
    said = f"RMCP+ status 0x{status:02x}"
    if status in _CIPHER:
        return cipher_refused(cipher, said)
    if status in _ROLE:
        detail = f"the BMC refuses {credential} the privilege level User: {said}"
        return Unanswered(UnknownCause.PERMISSION, detail)
    if status in _ALL_TAKEN:
        detail = f"the BMC has no session left for us ({said}): end one that nobody needs"
        return Unanswered(UnknownCause.REFUSED, detail)
    if status in _NAME or not proven:
        return Unanswered(UnknownCause.AUTH, f"the BMC does not let {credential} in: {said}")
    return Unanswered(UnknownCause.PARSE, f"the login got out of step: {said}")


def cipher_refused(cipher: str, said: str) -> Unanswered:
    """The BMC does not speak the only cipher suite that it may be spoken to in."""
    older = '; cipher: "3" in the site file allows the older one' if cipher != "3" else ""
    detail = f"the BMC does not take cipher suite {cipher}{older} ({said})"
    return Unanswered(UnknownCause.UNSUPPORTED, detail)


def wrong_password(credential: str) -> Unanswered:
    """RAKP message 2 was not made with our password."""
    return Unanswered(
        UnknownCause.AUTH,
        f"the BMC does not know the password of {credential}: a wrong password, or another "
        "machine; nothing made of it was sent",
    )


def second_key() -> Unanswered:
    """RAKP message 4 was not made with it, after message 2 was: there is a BMC key K_G."""
    return Unanswered(
        UnknownCause.UNSUPPORTED,
        "the BMC wants a second key (K_G) beside the password, which is not supported",
    )

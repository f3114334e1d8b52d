"""Which SSH algorithms are taken: today's from everybody, old ones only where the site file says.

OpenSSH switched the old ones off in 7.0 (group 1), 7.4 (CBC) and 8.8 (`ssh-rsa`, RFC 8332): SHA-1
collides, and a host key that is signed with it proves less.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import paramiko
from cryptography.hazmat.primitives import hashes
from paramiko.kex_group14 import KexGroup14SHA256

_RSA = ("rsa-sha2-512", "rsa-sha2-256")
_OLD_KEX = ("diffie-hellman-group14-sha1", "diffie-hellman-group1-sha1")
_OLD_KEYS = ("ssh-rsa",)
_OLD_CIPHERS = ("aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc")
_OLD_MACS = ("hmac-sha1",)


FAMILIES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "ssh-rsa",
)
"""The sorts of host key that can be compared with a pin, best first."""


class RememberingTransport(paramiko.Transport):
    """A transport that remembers which sorts of host key the server has."""

    offered: frozenset[str] = frozenset()

    def _really_parse_kex_init(self, m: Any, ignore_first_byte: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002 - as in paramiko
        parsed: dict[str, Any] = super()._really_parse_kex_init(m, ignore_first_byte)  # type: ignore[misc]  # not in the stubs
        self.offered = frozenset(map(family, parsed["server_key_algo_list"])) - {""}
        return parsed


class _Group14Sha1(KexGroup14SHA256):
    """RFC 4253, 8.2."""

    name = "diffie-hellman-group14-sha1"
    hash_algo = hashlib.sha1


class _Group1Sha1(KexGroup14SHA256):
    """RFC 4253, 8.1, with the 1024-bit prime of RFC 2409, 6.2."""

    name = "diffie-hellman-group1-sha1"
    hash_algo = hashlib.sha1
    P = int(
        "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A0879"
        "8E3404DDEF9519B3CD3A431B302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B"
        "0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE649286651ECE65381FFFFFFFFFFFFFFFF",
        16,
    )


class _OldRsaKey(paramiko.RSAKey):
    """Takes signatures with SHA-1 too."""

    HASHES = {  # type: ignore[misc]  # noqa: RUF012 - as in paramiko
        **paramiko.RSAKey.HASHES,
        "ssh-rsa": hashes.SHA1,
    }


class _OldTransport(RememberingTransport):
    """Knows the old algorithms; paramiko itself has dropped most of them."""

    _kex_info = {  # noqa: RUF012 - paramiko's own class attributes
        **paramiko.Transport._kex_info,  # type: ignore[attr-defined]  # not in the stubs
        _Group14Sha1.name: _Group14Sha1,
        _Group1Sha1.name: _Group1Sha1,
    }
    _key_info = {  # noqa: RUF012
        **paramiko.Transport._key_info,  # type: ignore[attr-defined]  # not in the stubs
        "ssh-rsa": _OldRsaKey,
    }


def transport(
    wire: Any, packetizer: Any, without: frozenset[str], *, legacy: bool
) -> RememberingTransport:
    """A transport that takes host keys of every family but those in `without`."""
    kind = _OldTransport if legacy else RememberingTransport
    made = kind(wire, packetizer_class=packetizer)
    options = made.get_security_options()
    # Finite-field Diffie-Hellman is slow here and remains for servers that know nothing else.
    kex = sorted(_today(options.kex), key=lambda name: name.startswith("diffie-hellman"))
    keys = _today(options.key_types)
    options.kex = (*kex, *(_OLD_KEX if legacy else ()))
    # AES-GCM (RFC 5647) brings its own check; the others' is compared byte by byte, in Python.
    ciphers = sorted(_today(options.ciphers), key=lambda name: "-gcm" not in name)
    options.ciphers = (*ciphers, *(_OLD_CIPHERS if legacy else ()))
    options.digests = (*_today(options.digests), *(_OLD_MACS if legacy else ()))
    options.key_types = tuple(
        name for name in (*keys, *(_OLD_KEYS if legacy else ())) if family(name) not in without
    )
    return made


def _today(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if not _is_old(name))


def _is_old(name: str) -> bool:
    weak = ("sha1", "md5", "-cbc", "arcfour")
    return name in {"ssh-rsa", "ssh-dss"} or any(part in name for part in weak)


def family(key_type: str) -> str:
    """The name that such a key bears on the wire; RSA's signature types share `ssh-rsa`."""
    return "ssh-rsa" if key_type in _RSA else key_type

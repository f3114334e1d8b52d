"""Pack, acceptance and slip as signed bytes, and back. Opening one goes through the same steps as
a report's verification."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from preflight import strict
from preflight.canonical import canonical
from preflight.reasons import refusal
from preflight.signing import sshsig, trust
from preflight.signing.signer import Signer as Key
from preflight.statements import Acceptance, Pack, Signer, Slip, Statement

D = TypeVar("D", bound=Statement)


@dataclass(frozen=True)
class Sort(Generic[D]):
    """One sort of document: its name in sentences, namespace, format and model."""

    name: str
    namespace: str
    format: str
    model: type[D]


PACK = Sort("pack", "preflight-pack", "preflight-pack/0", Pack)
ACCEPTANCE = Sort("acceptance", "preflight-acceptance", "preflight-acceptance/0", Acceptance)
SLIP = Sort("slip", "preflight-slip", "preflight-slip/0", Slip)


def document_bytes(document: Statement) -> bytes:
    """The canonical bytes: what is written, hashed and signed."""
    return canonical(document.model_dump(mode="json", by_alias=True))


def sign(document: Statement, sort: Sort[D], key: Key) -> tuple[bytes, str]:
    """The document's bytes and the armored signature over them.

    Raises:
        SigningError: the key or the agent refused.
    """
    data = document_bytes(document)
    return data, key.sign(sort.namespace, data)


def signer_of(key: Key) -> Signer:
    """The `signer` field for a key."""
    return Signer(principal=key.principal, fingerprint=key.fingerprint)


def open_statement(
    data: bytes, armored: str, sort: Sort[D], known: trust.Trust, now: datetime
) -> D:
    """The document in these bytes, if the trust folder lets its signer say so now.

    Raises:
        NotGenuine: with the code of the first step that fails, as `verify` names it.
    """
    signature = sshsig.parse(armored)
    key = sshsig.check(signature, sort.namespace, data)
    trust.refuse_revoked(known, key)
    document = strict.read_document(data, sort.model, sort.format)
    if document.signer.fingerprint != key.fingerprint:
        said = f"The {sort.name} names {document.signer.fingerprint:.80}"
        raise refusal("signer-mismatch", f"{said}, and {key.fingerprint} signed it.")
    trust.authorise(known, document.signer.principal, sort.namespace, key, now)
    return document

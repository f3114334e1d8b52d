"""What a first look saw, as a draft. All of it is a claim to be confirmed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from preflight.evidence import Certificate, Connected, Evidence, Fact, HostKey, ServiceRoot
from preflight.starting.draft import BMC_PORT, BmcDraft, HostDraft
from preflight.starting.targets import Place, Target
from preflight.words import UnknownCause

T = TypeVar("T", Certificate, Connected, HostKey, ServiceRoot)
_Told = Mapping[tuple[str, Fact, int], Evidence]


def drafts(
    found: Sequence[Target], evidence: Sequence[Evidence], at: datetime
) -> tuple[tuple[HostDraft, ...], tuple[BmcDraft, ...]]:
    """The servers, and the BMCs of which nobody said whose they are."""
    told = {(e.thing, e.question.fact, e.question.port or 0): e for e in evidence}
    when = f"{at:%Y-%m-%d %H:%M} UTC"
    hosts, homeless = [], []
    for target in found:
        if target.host is None and target.bmc:
            homeless.append(_bmc(f"bmc:{target.name}", target.bmc, told, when))
        elif target.host and _is_bmc(target, told):
            at_web = Place(target.host.address, BMC_PORT)
            homeless.append(_bmc(f"host:{target.name}", at_web, told, when))
        elif target.host:
            hosts.append(_host(target, target.host, told, when))
    return tuple(hosts), tuple(homeless)


def _is_bmc(target: Target, told: _Told) -> bool:
    """A lone address that is a Redfish service; that BMCs talk SSH too says nothing."""
    root = _answer(told, f"host:{target.name}", "service-root", BMC_PORT, ServiceRoot)
    return target.bmc is None and root is not None


def _answer(told: _Told, thing: str, fact: Fact, port: int, sort: type[T]) -> T | None:
    evidence = told.get((thing, fact, port))
    answer = evidence.answer if evidence else None
    return answer if isinstance(answer, sort) else None


def _why(told: _Told, thing: str, fact: Fact, port: int) -> str:
    evidence = told.get((thing, fact, port))
    silent = evidence.no_answer if evidence else None
    return f"{silent.cause}: {silent.detail}" if silent else "not asked"


def _host(target: Target, at: Place, told: _Told, when: str) -> HostDraft:
    thing = f"host:{target.name}"
    key = _answer(told, thing, "host-key", at.port, HostKey)
    return HostDraft(
        name=target.name,
        address=at.address,
        port=at.port,
        host_key=key.fingerprint if key else "",
        bmc=_bmc(f"bmc:{target.name}", target.bmc, told, when) if target.bmc else None,
        notes=_host_notes(thing, at, told, when),
    )


def _host_notes(thing: str, at: Place, told: _Told, when: str) -> tuple[str, ...]:
    web = _answer(told, thing, "certificate", BMC_PORT, Certificate)
    other = ("port 443 speaks TLS, and is no Redfish service",) if web else ()
    if key := _answer(told, thing, "host-key", at.port, HostKey):
        return (f"{when}: SSH answers with a {key.algorithm} key", *other)
    if _answer(told, thing, "connect", at.port, Connected):
        why = _why(told, thing, "host-key", at.port)
        return (f"{when}: port {at.port} answers, but shows no host key ({why})", *other)
    why = _why(told, thing, "connect", at.port)
    return (f"{when}: {_quiet(told, thing, at.port)} ({why}); nothing of this was seen", *other)


def _bmc(thing: str, at: Place, told: _Told, when: str) -> BmcDraft:
    shown = _answer(told, thing, "certificate", at.port, Certificate)
    digest = shown.sha256 if shown else ""
    return BmcDraft(at.address, at.port, digest, (_bmc_note(thing, at, told, when),))


def _bmc_note(thing: str, at: Place, told: _Told, when: str) -> str:
    if root := _answer(told, thing, "service-root", at.port, ServiceRoot):
        vendor = f", vendor {root.vendor}" if root.vendor else ""
        return f"{when}: Redfish {root.version or 'of no version'}{vendor}"
    if _answer(told, thing, "connect", at.port, Connected):
        why = _why(told, thing, "service-root", at.port)
        return f"{when}: answers, but shows no Redfish service ({why})"
    why = _why(told, thing, "connect", at.port)
    return f"{when}: {_quiet(told, thing, at.port)} ({why})"


def _quiet(told: _Told, thing: str, port: int) -> str:
    """A refusal is an answer, though not the wanted one."""
    evidence = told.get((thing, "connect", port))
    refused = evidence and evidence.no_answer and evidence.no_answer.cause is UnknownCause.REFUSED
    return "nothing listens there" if refused else "silent"


def anything_answers(evidence: Sequence[Evidence]) -> bool:
    """With nothing at all heard, the way to the site may be what is missing."""
    heard = (e.no_answer is None or e.no_answer.cause is UnknownCause.REFUSED for e in evidence)
    return any(heard)

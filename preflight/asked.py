"""One object per question: plan, judgement and causes want each of them for many checks. Pure."""

from __future__ import annotations

from functools import lru_cache

from preflight.evidence import Ask, Evidence, Fact, Protocol, Question


def ask_for(
    thing: str,
    protocol: Protocol,
    fact: Fact,
    argument: str = "",
    address: str = "",
    port: int | None = None,
) -> Ask:
    """This question to this thing, validated when it is first made.

    Raises:
        pydantic.ValidationError: as `Question` and `Ask`.
    """
    return _ask(thing, protocol, fact, argument, address, port)


def ask_of(evidence: Evidence) -> Ask:
    """What this evidence is an answer to."""
    asked = evidence.question
    return _ask(
        evidence.thing, asked.protocol, asked.fact, asked.argument, asked.address, asked.port
    )


@lru_cache(maxsize=1 << 17)  # enough for ten thousand servers
def _ask(
    thing: str, protocol: Protocol, fact: Fact, argument: str, address: str, port: int | None
) -> Ask:
    question = Question(protocol=protocol, fact=fact, argument=argument, address=address, port=port)
    return Ask(thing=thing, question=question)

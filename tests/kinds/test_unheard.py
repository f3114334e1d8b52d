"""Silence in plain words: every fact and every protocol of ours has some."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from preflight.evidence import Ask, Evidence, NoAnswer, OwnFact, OwnProtocol, Question
from preflight.kinds.reading import Silent, unanswered
from preflight.kinds.unheard import FACTS, PROTOCOLS, unheard
from preflight.words import Controller, UnknownCause


def ask(thing: str, protocol: str, fact: str, **more: Any) -> Ask:
    where = {} if protocol == "person" else {"address": "10.0.0.1"}
    question = {"protocol": protocol, "fact": fact, **where, **more}
    return Ask(thing=thing, question=Question.model_validate(question))


def test_every_fact_and_every_protocol_has_words() -> None:
    assert set(FACTS) == set(get_args(OwnFact))
    assert set(PROTOCOLS) == set(get_args(OwnProtocol))


@pytest.mark.parametrize("fact", get_args(OwnFact))
def test_no_sentence_has_a_hole(fact: str) -> None:
    said = unheard(ask("host:db1", "ssh", fact, argument="/opt/x", port=22))
    assert "host:db1" in said
    assert not set("{}") & set(said)
    assert "None" not in said


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("host:db1", "tcp", "connect", 2222), "host:db1 did not answer on TCP port 2222"),
        (("bmc:db1", "redfish", "power", 443), "bmc:db1 did not tell its power state by Redfish"),
        (("ups:u1", "snmp", "battery", 161), "ups:u1 did not tell of its battery by SNMP"),
        (("bmc:db1", "ipmi", "login", 623), "there was no login at bmc:db1 by IPMI"),
        (("host:db1", "x-nut", "x-state", None), "host:db1 did not tell x-state by x-nut"),
        (("host:db1", "icmp", "echo", None), "host:db1 did not answer a ping"),
    ],
)
def test_examples(asked: tuple[str, str, str, int | None], said: str) -> None:
    thing, protocol, fact, port = asked
    assert unheard(ask(thing, protocol, fact, port=port)) == said


def silent(asked: Ask, vantage: str) -> str:
    answer = NoAnswer(cause=UnknownCause.TIMEOUT, detail="nothing came in 2 s")
    evidence = Evidence.model_validate(
        {
            "id": "e-0", "thing": asked.thing, "question": asked.question, "vantage": vantage,
            "controller": Controller.HOST, "taken": "2026-11-20T14:00:00Z", "duration_us": 0,
            "attempts": 1, "good_for_s": 60, "proven": False, "no_answer": answer,
        }
    )  # fmt: skip
    return str(Silent(asked, answer, evidence))


def test_whose_silence_it_is() -> None:
    port = ask("host:db1", "tcp", "connect", port=22)
    why = "(timeout: nothing came in 2 s)"
    assert silent(port, "vendor") == f"host:db1 did not answer on TCP port 22 {why}"
    theirs = f"to the customer's own script, host:db1 did not answer on TCP port 22 {why}"
    assert silent(port, "customer") == theirs
    label = ask("host:db1", "person", "rack-label", argument="What is on the rack?")
    nobody = f"nobody answered the question about the rack label of host:db1 {why}"
    assert silent(label, "customer") == nobody


def test_what_was_left_alone_because_of_another_is_not_the_reason() -> None:
    """One login was refused, and the other was not tried for it: the refusal is the cause."""
    left = NoAnswer(cause=UnknownCause.NOT_ASKED, detail="left alone", because="pdu:b")
    refused = NoAnswer(cause=UnknownCause.AUTH, detail="no such password")
    silent = [
        Silent(ask(thing, "snmp", "outlets", port=161), no_answer, None)
        for thing, no_answer in (("pdu:a", left), ("pdu:b", refused))
    ]
    part = unanswered("power", "on", silent)
    assert part.unknown is UnknownCause.AUTH
    assert part.found.startswith("pdu:b did not tell of its outlets by SNMP (auth: ")

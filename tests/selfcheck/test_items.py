"""What of a plan the customer's script is asked."""

from __future__ import annotations

from preflight.evidence import Ask, Fact, Protocol, Question
from preflight.report import Plan
from preflight.selfcheck.items import items


def ask(thing: str, protocol: Protocol, fact: Fact) -> Ask:
    question = Question(protocol=protocol, fact=fact, address="10.0.0.1", port=22)
    return Ask(thing=thing, question=question)


def test_files_are_read_and_programs_left_alone() -> None:
    """`lldpctl` and `virsh` answer few accounts; and what a switch hears is no fact of a script."""
    storage = ask("host:db1", "ssh", "storage")
    asks = (
        storage,
        ask("host:db1", "ssh", "neighbours"),
        ask("host:db1", "ssh", "guests"),
        ask("switch:sa", "snmp", "neighbours"),
        ask("hypervisor:pve", "proxmox", "guests"),
    )
    found = items(Plan(findings=(), asks=asks))
    assert [item.asks for item in found if item.action == "facts"] == [(storage,)]

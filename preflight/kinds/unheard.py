"""What it means, in plain words, that a question was not answered. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from preflight.evidence import Ask

FACTS: Mapping[str, str] = {
    "route": "there is no way to {thing}",
    "echo": "{thing} did not answer a ping",
    "connect": "{thing} did not answer on TCP port {port}",
    "host-key": "{thing} showed no host key",
    "login": "there was no login at {thing}",
    "presence": "{thing} did not answer",
    "machine-id": "{thing} did not tell its machine id",
    "product-uuid": "{thing} did not tell its hardware UUID",
    "product-serial": "{thing} did not tell its serial number",
    "chassis-serial": "{thing} did not tell the serial number of its enclosure",
    "asset-tag": "{thing} did not tell its asset tag",
    "boot-id": "{thing} did not tell since when it runs",
    "virtual": "{thing} did not tell whether it is a virtual machine",
    "interfaces": "{thing} did not tell of its network interfaces",
    "gateway": "{thing} did not tell its default gateway",
    "storage": "{thing} did not tell what storage of others it uses",
    "record": "{thing} did not tell of {argument}",
    "file": "{thing} did not tell of the file {argument}",
    "package": "{thing} did not tell of the package {argument}",
    "system": "{thing} did not tell whose BMC it is",
    "power": "{thing} did not tell its power state",
    "chassis": "{thing} did not tell of its chassis",
    "supplies": "{thing} did not tell of its power supplies",
    "outlets": "{thing} did not tell of its outlets",
    "battery": "{thing} did not tell of its battery",
    "device": "{thing} did not tell what device it is",
    "neighbours": "{thing} did not tell what is at the other end of its cables",
    "guests": "{thing} did not tell which virtual machines run where",
    "certificate": "{thing} showed no certificate",
    "service-root": "{thing} did not show where its service begins",
    "addresses": "no address was found for the name of {thing}",
    "clock": "{thing} did not tell the time",
    "rack-label": "nobody answered the question about the rack label of {thing}",
    "power-seen": "nobody answered the question whether {thing} has power",
    "said": "nobody answered the question about {thing}: {argument}",
}
"""Fact -> the sentence without its end."""
PROTOCOLS: Mapping[str, str] = {
    "route": "",
    "icmp": "",
    "tcp": "",
    "ssh": " by SSH",
    "redfish": " by Redfish",
    "ipmi": " by IPMI",
    "snmp": " by SNMP",
    "tls": " by TLS",
    "http": " by HTTPS",
    "dns": " by DNS",
    "clock": "",
    "person": "",
    "proxmox": " by the API of Proxmox VE",
    "vsphere": " by the vSphere API",
    "netbox": "",
}
"""Protocol -> how it was asked, where the sentence does not say so itself."""
_FOREIGN = "{thing} did not tell {fact}"


def unheard(ask: Ask) -> str:
    """`host:db1 did not answer on TCP port 22`, `bmc:db1 did not tell its power state by IPMI`."""
    question = ask.question
    sentence = FACTS.get(question.fact, _FOREIGN).format(
        thing=ask.thing, port=question.port, argument=question.argument, fact=question.fact
    )
    return sentence + PROTOCOLS.get(question.protocol, f" by {question.protocol}")

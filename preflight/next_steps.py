"""What to do next about something that is not known: one sentence per cause. Pure.

No sentence orders anyone to switch on, press or move anything (contract, law 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from preflight.words import SILENCE, UnknownCause

NEXT_STEPS: Mapping[UnknownCause, str] = MappingProxyType(
    {
        UnknownCause.UNREACHABLE: "Find out which part of the way to it does not work: the own"
        " network, the VPN, the site's gateway or the cable. Then look again.",
        UnknownCause.TIMEOUT: "Ask whoever runs the network whether a firewall drops this on the"
        " way, and whether the machine is known to be busy or down. Then look again.",
        UnknownCause.REFUSED: "Ask whether the service is meant to run there, on this port, and"
        " open to the address this look came from. Another port goes into the site file: `port:`.",
        UnknownCause.AUTH: "Check user name and secret of this credential with the person who"
        " issued it before trying again: repeated attempts may lock the account.",
        UnknownCause.HOST_KEY: "Have the customer read the SSH host key's fingerprint to you from"
        " the machine itself; `preflight pin` shows the one seen from here, and writes what was"
        " confirmed into the site file.",
        UnknownCause.TLS: "Ask for a valid certificate there, or compare the one in use with the"
        " customer: `preflight pin` shows it, and writes what was confirmed into the site file.",
        UnknownCause.WRONG_SITE: "Do not log in. The key shown is not the pinned one: find out"
        " whether the machine was replaced or the address now leads to another one.",
        UnknownCause.PERMISSION: "Ask whoever runs it for the right to read this with the agreed"
        " account. Then look again.",
        UnknownCause.TOOL_MISSING: "Ask for the missing program on that machine, or for its output"
        " from somebody who may run it there.",
        UnknownCause.UNSUPPORTED: "The thing does not offer this. Ask for the fact in another way,"
        " or have the profile accept another source.",
        UnknownCause.PARSE: "The answer could not be read. Look at the raw answer in the evidence,"
        " and report it so that preflight learns to read it.",
        UnknownCause.MISSING_ATTRIBUTE: "If the site file lacks this, write it there. If the thing"
        " itself does not tell it, ask the person at the rack.",
        UnknownCause.AMBIGUOUS_LABEL: "Ask the person at the rack for the exact label, and write"
        " it into the site file as it is declared there.",
        UnknownCause.EMPTY_SELECTION: "Nothing in the site file is selected here: add what is"
        " missing to the site file, or correct the profile's selector.",
        UnknownCause.CONTRADICTION: "Two sources disagree. Find out which one is right, and"
        " correct the other.",
        UnknownCause.ASSURANCE_TOO_LOW: "It was said, but not seen. Give access so that it can be"
        " looked at, or have somebody else who can see it confirm it.",
        UnknownCause.EXPIRED: "The evidence is too old. Look again.",
        UnknownCause.NOT_ASKED: "It was left alone because something before it did not work, or no"
        " `credential:` in the site file names a login for it. Clear that first, then look again.",
        UnknownCause.NOT_RUN: "The run ended before this was asked. Run it again to its end.",
        UnknownCause.INTERNAL: "preflight itself made a mistake here. Run it again, and report the"
        " mistake if it stays.",
    }
)


ADD_TO_THE_SITE_FILE: Mapping[str, str] = MappingProxyType(
    {
        "reachable": "Ask for the management controller's address and write it under the host:"
        " `bmc: {address: ...}`. It would show that the controller answers, also while the server"
        " itself is silent.",
        "login": "Write the management controller under the host: `bmc: {address: ..., credential:"
        " ID}`, and the credential ID into your own credentials file. It would prove that the"
        " agreed account is let in before somebody needs it on site.",
        "powered": "Write another source under the host: `bmc: {address: ..., credential: ID}`. It"
        " would show power without the server's own word.",
        "supplies": "Write the management controller under the host: `bmc: {address: ...,"
        " credential: ID}`. It would show how many power supplies the server has, and which are"
        " fed.",
        "feeds": "Write under the host what it hangs on (`outlets: [{pdu: ..., outlet: ...}]`), and"
        " under each PDU its `feeds:`, its `address:` and how it is asked (`snmp:` or `redfish:`)."
        " It would show whether both feeds have power.",
        "outlets": "Write the PDU's `address:` and how it is asked (`snmp:` or `redfish:`), and"
        " under each host its `outlets:`. It would show whether the drawing is right.",
        "ups": "Write the UPS's `address:` and `snmp: {credential: ID}`. It would show whether it"
        " runs on mains, and whether its battery is ready.",
        "identity": "Write the number of the delivery note under the host: `serial: ...`, or name"
        " the note: `delivery_note: delivery.csv`. Compared with what the machine says, it would"
        " prove that this is the box that was delivered.",
        "serials": "Write the management controller under the host: `bmc: {address: ...,"
        " credential: ID}`. It would show, beside the operating system, which box this is.",
        "separated": "Write what is missing under each host (`hall:`, `rack:`, `feeds:`), with the"
        " labels declared under `halls:`. It would show whether one failure takes both.",
        "uplinks": "Have lldpd run on the host and LLDP on its switches, or write each switch's"
        " `address:` and `snmp: {credential: ID}`. It would show at which switch each cable ends."
        " As a drawing alone: `links: [{from: host:NAME, to: switch:NAME}]`.",
        "needs": "Write the missing halls, or hosts with their `roles:`, into the site file. It"
        " would show that the installation is complete on paper, before anybody looks.",
        "released-build": "Name the release list of the product with `--releases FILE`. It would"
        " prove that what is installed is a build that was released, file by file.",
    }
)
"""Kind -> what to add to the site file where it lacks something, and what that would prove."""


SEND_THE_SELF_CHECK = (
    "Send the customer the self-check (`preflight selfcheck build`): what it looks at there, nobody"
    " else can see. Then accept what comes back."
)
RUN_IT_AS_ROOT = (
    "Linux shows this to root alone. Ask for the self-check to be run on that server once more, by"
    " somebody who may: `sudo sh selfcheck-....txt --no-ask`."
)


def next_step(cause: UnknownCause | None, kind: str = "") -> str:
    """What to do first about an unknown finding; without a cause, to run it again.

    `kind` is the check's, given where nothing was asked because the files lack something.
    """
    if cause is UnknownCause.MISSING_ATTRIBUTE and kind in ADD_TO_THE_SITE_FILE:
        return ADD_TO_THE_SITE_FILE[kind]
    return NEXT_STEPS[cause or UnknownCause.NOT_RUN]


def remedy_helps(cause: UnknownCause | None, *, site_answers: bool) -> bool:
    """Whether the check's own remedy also makes sense while nothing is known.

    Only when one thing is silent at a site that answers: then what the check asks about may really
    be missing. With a silent site nobody is to blame from here (contract 3).
    """
    return site_answers and cause in SILENCE

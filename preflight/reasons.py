"""Every reason code of `verify` and `gate`: exit, what it says, what to do next (contract 5).

`docs/codes.md` is this table; a test holds the two equal.
"""

from __future__ import annotations

from typing import NamedTuple

from preflight.errors import NotGenuine
from preflight.exits import Exit
from preflight.text import one_line

MOST_CHARS = 2000
"""Of one refusal's sentence."""


class Reason(NamedTuple):
    """What one reason code means."""

    exit: Exit
    sentence: str
    next: str


_AGAIN = "Ask the sender for the original file again; if it repeats, telephone the signer."
_MAKER = "Treat the report as forged or made by a broken program; ask for a new run."
_FOLDER = "Repair the trust folder, or fetch a good copy of it; `preflight trust list` shows it."
_WHO = "Read the fingerprint to the signer on the telephone; only then `preflight trust add`."
_RERUN = "Run preflight again."
_ANSWERS = "Ask the customer for the file as the self-check wrote it, or to let it run again."


def _refused(sentence: str, next_: str) -> Reason:
    return Reason(Exit.NOT_GENUINE, sentence, next_)


def _unproven(sentence: str, next_: str) -> Reason:
    return Reason(Exit.NOT_PROVEN, sentence, next_)


REASONS: dict[str, Reason] = {
    # 1 the file
    "container-malformed": _refused("The page is not an unaltered signed page.", _AGAIN),
    "sig-missing": _refused(
        "There is no signature beside the report.",
        "Ask for report.json.sig, or for report.html, which carries the signature.",
    ),
    # 2 the trust folder
    "trust-unavailable": _refused(
        "There is no trust folder, so nobody's signature counts.",
        "Make one with `preflight trust init`, or name yours with --trust.",
    ),
    "trust-malformed": _refused("The trust folder holds a line that cannot be read.", _FOLDER),
    "revocation-unavailable": _refused(
        "There is no readable list of revoked keys.",
        "Put a text file revoked_keys into the trust folder; it may hold nothing but a comment.",
    ),
    # 3 the signature's form
    "sig-malformed": _refused("The signature is damaged.", _AGAIN),
    "sig-version": _refused("The signature is of another version than 1.", _AGAIN),
    "sig-reserved": _refused("The signature fills a field that must be empty.", _AGAIN),
    "hash-forbidden": _refused(
        "The signature uses a digest other than sha256 and sha512.", "Ask for a new signature."
    ),
    "ns-mismatch": _refused(
        "The signature was made for another sort of document.",
        "Ask for the right document; this may be another one of the same signer.",
    ),
    # 4 key and signature
    "key-unsupported": _refused(
        "The signature was made with a sort of key that is not accepted.",
        "Sign with ed25519, ecdsa, rsa (2048 bits or more) or a FIDO key, without certificate.",
    ),
    "key-weak": _refused(
        "The signature was made with a key that others could imitate.",
        "Make a new key with `preflight key new`.",
    ),
    "alg-forbidden": _refused("The signature uses SHA-1.", "Ask for a new signature."),
    "alg-mismatch": _refused("The signature names an algorithm that is not its key's.", _AGAIN),
    "sk-no-presence": _refused(
        "Nobody touched the security key when it signed.",
        "Sign again with a security key that asks for a touch.",
    ),
    "sig-invalid": _refused("The bytes are not those that were signed.", _AGAIN),
    # 5 and 7 the key in the trust folder
    "key-revoked": _refused(
        "The signing key has been revoked.", "Ask for a new run signed with a valid key."
    ),
    "key-untrusted": _refused("The trust folder does not know this key under this name.", _WHO),
    "key-wrong-namespace": _refused(
        "The key is trusted, but not for this sort of document.",
        "Ask for one by somebody who may sign it, or see `preflight trust add --namespace`.",
    ),
    "key-not-namespaced": _refused(
        "The key's line in the trust folder does not say what it may sign.",
        'Add namespaces="preflight-report,..." to its line in allowed_signers.',
    ),
    "key-expired": _refused(
        "The key's time in the trust folder is over.", "Ask for a new run with a current key."
    ),
    "key-not-yet-valid": _refused(
        "The key's time in the trust folder has not begun.", "Compare the clocks and the line."
    ),
    # 6 the signed bytes
    "json-strict": _refused("The signed bytes are not strict JSON.", _MAKER),
    "json-duplicate-key": _refused("The signed JSON says one thing twice.", _MAKER),
    "json-not-canonical": _refused("The signed JSON is not in its one deterministic form.", _MAKER),
    "json-schema": _refused("The signed JSON is not of its format.", _MAKER),
    "format-mismatch": _refused(
        "The document has another format than this preflight reads.",
        "Verify it with a preflight that knows the format.",
    ),
    "report-id-mismatch": _refused("The report's own number is not that of its content.", _MAKER),
    "signer-mismatch": _refused("The document names another signer than the key.", _MAKER),
    # 8 what it is about
    "booking-mismatch": _refused(
        "The report is about another booking.", "Ask for the report of this booking."
    ),
    "site-mismatch": _refused("The report is about another site.", "Ask for this site's report."),
    "stage-mismatch": _refused("The report names two stages.", _MAKER),
    "profile-mismatch": _refused(
        "The report was judged by another profile than the expected one.",
        "Ask for a run with the expected profile.",
    ),
    "context-missing": _unproven(
        "It was not compared with a booking and a site.", "Give --booking and --site."
    ),
    # 10 time
    "time-inconsistent": _refused("The report's times contradict each other.", _MAKER),
    "clock-jump": _refused(
        "The clock was set while the run was under way.", "Set the clock, then run again."
    ),
    "from-the-future": _refused(
        "The report speaks of a time that has not come.",
        "Compare this machine's clock with the signer's.",
    ),
    "validity-too-long": _refused("The report claims to hold for more than 90 days.", _MAKER),
    "not-yet-valid": _unproven("The report does not hold yet.", "Wait, or compare the clocks."),
    "expired": _unproven("The report has expired.", _RERUN),
    "stale": _unproven("The report is older than was asked for.", _RERUN),
    # 11 and 12 completeness, and whether the result follows from the evidence
    "checks-mismatch": _refused("The findings are not those that were due.", _MAKER),
    "run-count-mismatch": _refused("The numbers of findings do not add up.", _MAKER),
    "waiver-unverified": _refused(
        "The report holds waivers, which this preflight cannot verify.",
        "Verify it with a preflight that knows waivers, or ask for a report without them.",
    ),
    "result-mismatch": _refused("The findings do not follow from the evidence.", _MAKER),
    "decision-mismatch": _refused("The verdict does not follow from the findings.", _MAKER),
    "incomplete": _unproven("The run was cut short.", _RERUN),
    # 13 the page
    "html-mismatch": _refused("The page does not show what was signed.", _AGAIN),
    "html-not-from-data": _refused(
        "The signed page shows something else than the signed data.",
        "Trust neither, and telephone the signer.",
    ),
    # 15 the customer's answers: when they are accepted, and in a report that rests on them
    "answers-too-large": _refused(
        "The answers file is larger than any that a self-check writes.",
        "Ask for the file that the self-check wrote, and nothing else.",
    ),
    "answers-malformed": _refused(
        "The file is not one that a self-check wrote, or not all of it.", _ANSWERS
    ),
    "request-unknown": _refused(
        "Nobody asked for these answers from here.",
        "Name the folder with that request's pack and script with --pack.",
    ),
    "seal-missing": _refused(
        "The answers are not sealed, so anybody may have written them.",
        "Ask why; with --unsealed they count as claims.",
    ),
    "seal-invalid": _refused("The answers are not those that the script sealed.", _ANSWERS),
    "nonce-mismatch": _refused("The answers are to another request.", _ANSWERS),
    "pack-binding-mismatch": _refused(
        "Answers, request and report are not about one booking, site and plan.",
        "Accept them with the report of the site file that the self-check was built from.",
    ),
    "pack-mismatch": _refused(
        "The answers are not to the request that counts.",
        "Ask for the answers to the newest request.",
    ),
    "started-before-pack": _refused(
        "The self-check ran before it was asked for.",
        "Compare the clock of the customer's machine; have it run again.",
    ),
    "pack-expired": _refused(
        "The answers came after the request had expired.",
        "Build a new self-check, and ask once more.",
    ),
    "finished-after-receipt": _refused(
        "The self-check ended after its answers came.",
        "Compare the clock of the customer's machine with this one's.",
    ),
    "answers-replayed": _refused(
        "These answers have been accepted before.",
        "To judge them with a newer run: `preflight judge` with the accepted report as --evidence.",
    ),
    "acceptance-mismatch": _refused("The customer's evidence is not what was accepted.", _MAKER),
    # 16 the verdict
    "no-go": Reason(Exit.NO_GO, "The verdict is NO-GO.", "See the causes on page 1 of the report."),
    "not-proven": _unproven(
        "Nothing failed, but not everything was shown.",
        "See the open items on page 1 of the report.",
    ),
    # what only `gate` says
    "usage": Reason(
        Exit.USAGE, "The command line is wrong, or a file cannot be opened.", "Correct the call."
    ),
    "policy-missing": Reason(
        Exit.USAGE,
        "There is no policy in the trust folder, so nothing says what suffices.",
        "`preflight trust init` writes one; `preflight trust policy` into a folder you have.",
    ),
    "policy-malformed": _refused(
        "The policy cannot be read.", "Repair it; `preflight lint` on it shows every mistake."
    ),
    "calendar-malformed": _refused(
        "The calendar file is no sound calendar of one trip.", "Export the event again."
    ),
    "reports-ambiguous": _refused(
        "There is more than one report, slip or event that could be meant.",
        "Leave the one that counts; `preflight attach` replaces its own.",
    ),
    "slip-mismatch": _refused(
        "The slip says something else than its report, or contradicts itself.",
        "Attach the report again with `preflight attach`.",
    ),
    "self-acceptance": _refused(
        "The acceptance is by the same person or key as the report.",
        "Have somebody else accept the answers.",
    ),
    "acceptance-outlives-report": _refused(
        "The acceptance claims to hold for longer than its report.", _MAKER
    ),
    "travel-moved": _unproven(
        "The calendar has other dates than the report.", "Run again with the new dates."
    ),
    "departure-not-covered": _unproven(
        "The report expires before the trip departs.", "Run again closer to the departure."
    ),
    "report-missing": _unproven(
        "The report itself is needed, and is not there.",
        "Attach it with `preflight attach --full`, or name it with --report.",
    ),
    "second-missing": _unproven(
        "Nobody but the report's signer vouches for it.",
        "Have the customer run the self-check, or give a colleague's acceptance.",
    ),
    "waivers-not-allowed": _unproven(
        "Findings are waived, and the policy allows no waivers.",
        "See the waivers on page 1 of the report.",
    ),
    "not-rejudged": _unproven(
        "A kind of check is unknown here in that version: nothing backs the findings.",
        "Use a preflight that has the kind; name that of a plug-in under `kinds` of policy.yaml.",
    ),
    "internal": Reason(
        Exit.INTERNAL,
        "A bug in preflight, and no verdict.",
        "Do not let the trip go; report the bug.",
    ),
}


CANNOT_CHECK = frozenset(
    {
        "trust-unavailable",
        "trust-malformed",
        "revocation-unavailable",
        "format-mismatch",
        "waiver-unverified",
    }
)
"""Codes of exit 5 that say what is missing here, and nothing against the document."""

UNCHECKED: dict[str, str] = {
    "as-of": "No clock was read: everything is said as of the time that was given.",
    "no-profile": "The profile was not compared with one of your own.",
    "no-max-age": "No greatest age was asked for; only the report's own expiry counted.",
    "no-pack": "Nobody but the signer says when it ran.",
    "no-ledger": "Whether a newer report of this booking exists was not looked up.",
    "not-rejudged": "A kind of check is unknown here in that version: the findings were believed.",
    "not-rerendered": "The page's renderer is unknown here: the page is what was signed, no more.",
}
"""What a verification says it did not do."""


def refusal(code: str, message: str = "", *, step: int = 0) -> NotGenuine:
    """The error for a code that ends in exit 5, with the table's advice.

    `message` says what exactly; without it the table's sentence stands. It may quote what somebody
    else wrote, so it becomes one visible line.
    """
    reason = REASONS[code]
    said = one_line(message, MOST_CHARS) or reason.sentence
    return NotGenuine(code, said, step=step, help=reason.next)


def page() -> str:
    """`docs/codes.md`: the exit codes and the reason codes, as Markdown."""
    exits = [f"| {e.value} | `{e.name.lower()}` | {EXIT_TEXT[e]} |" for e in Exit]
    rows = [f"| `{c}` | {r.exit.value} | {r.sentence} | {r.next} |" for c, r in REASONS.items()]
    left = [f"| `{code}` | {sentence} |" for code, sentence in UNCHECKED.items()]
    middle = _MIDDLE.format(cannot=", ".join(f"`{c}`" for c in REASONS if c in CANNOT_CHECK))
    return "\n".join([_HEAD, *exits, middle, *rows, _UNCHECKED_HEAD, *left, ""])


EXIT_TEXT = {
    Exit.GO: "Go, or the command did what was asked.",
    Exit.INTERNAL: "A bug in preflight, or a disk that took no report. Never a verdict.",
    Exit.USAGE: "A wrong command line or a wrong input file; nothing was contacted.",
    Exit.NO_GO: "Something that must be true is not.",
    Exit.NOT_PROVEN: "Not proven, incomplete, stale, expired, or not compared with a booking.",
    Exit.NOT_GENUINE: "Signature, key, trust, binding or structure is not what it must be.",
    Exit.INTERRUPTED: "Ctrl-C. What was known is written, marked incomplete.",
}
"""What each exit code means."""

_HEAD = """# Codes

## Exit codes

One table for every command. Where several would apply, the first of 2, 5, 3, 4, 0 wins:
a no-go beats incomplete and expired.

| exit | name | meaning |
| --- | --- | --- |"""

_MIDDLE = """
## Reason codes

In the order in which they are looked for. A code of exit 5 ends the verification: nothing that
the document says counts any more. Codes of exits 3 and 4 are all collected, and the one that
decides the exit is named first. Those behind `not-proven` are said by `gate` alone, which advises
by the stage and by what it was given.

`verify` begins with `NOT GENUINE`; where something is missing here and nothing was found against
the document, with `CANNOT CHECK`: {cannot}.
The exit is 5 all the same.

| code | exit | what it says | what to do |
| --- | --- | --- | --- |"""

_UNCHECKED_HEAD = """
## What was not checked

Codes that `verify` and `gate` print beside the verdict. They change no exit.

| code | what it says |
| --- | --- |"""

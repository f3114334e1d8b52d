"""The customer's mail: only their items, without blame, whatever the report holds."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.evidence import Ask, Evidence, NoAnswer, Question
from preflight.finding import Cause, Finding
from preflight.render.index import Index
from preflight.render.mail import Mail, render
from preflight.render.mail.letter import Enclosed, Letter, letter
from preflight.render.mail.needed import NEEDED, WHOM_TO_ASK, for_owner, needed
from preflight.render.mail.plain import Plain
from preflight.render.mail.wanted import AGAIN
from preflight.render.moments import dated
from preflight.report import Report
from preflight.words import Decision, Outcome, Owner, Severity, UnknownCause
from tests.cli.recorded import VANTAGE, recorded
from tests.test_recordings import EXPECTED

AT = datetime(2026, 11, 22, 5, tzinfo=timezone.utc)
DIGEST = "5e1f" * 16
ENCLOSED = Enclosed(
    "selfcheck-lagos-ikeja.txt", "README-lagos-ikeja.txt", DIGEST, AT + timedelta(days=7)
)
BLAME = re.compile(
    r"\byou(?:r \w+)? (?:failed|said|told|claimed|promised|forgot|did not|have not)\b"
    r"|\b(?:fault|blame|wrong|incorrect|mistake|lie[ds]?|false|unfortunately|missed|only said)\b",
    re.IGNORECASE,
)
ASKING = {
    "a-server-is-off": 1,
    "both-hosts-in-one-rack": 1,
    "two-addresses-one-machine": 1,
    "one-host-black-holed": 1,
    "one-host-refuses": 1,
    "wrong-ssh-password": 1,
    "rack-contradicted-by-the-bmc": 1,
    "rack-contradicted-and-shared": 1,
    "changed-host-key": 1,
    "ssh-service-hangs": 1,
    "bmc-is-expired": 1,
    "bmc-is-html": 1,
    "bmc-is-hanging": 1,
}
"""Recording -> how many items the customer is asked for. The others: all is ready, it is the
vendor's, or the whole site is silent and nobody can tell whose it is."""


def mail(report: Report) -> Mail:
    return render(letter(report, AT, to="B. Okoro", enclosed=[ENCLOSED]))


def flat(text: str) -> str:
    """As one line: words do not depend on where lines end."""
    return " ".join(text.split())


class Page(HTMLParser):
    """What a mail program would find in the HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return flat("".join(self.words))


@pytest.mark.parametrize("story", EXPECTED)
def test_a_recorded_story_asks_for_what_is_theirs(story: str) -> None:
    report = recorded(story)
    written = letter(report, AT)
    assert written.items == ASKING.get(story, 0)
    assert written.empty == (story not in ASKING)


@pytest.mark.parametrize("story", ASKING)
def test_no_blame_no_credential_and_nothing_of_ours(story: str) -> None:
    both = mail(recorded(story))
    for text in (flat(both.text), Page(both.html).text):
        assert not BLAME.search(text)
        for ours in ("site-ssh", "site-bmc", VANTAGE.machine, "anna@", "site file"):
            assert ours not in text
        assert "the customer" not in text
        assert not re.search(r"\b(?:host|bmc|group):", text)
        assert "  " not in text
        assert not re.search(r"\b(released-build|as-delivered|claims-agree)\b", text)


def test_what_an_item_says() -> None:
    text = flat(mail(recorded("a-server-is-off")).text)
    assert "For your facility team" in text
    assert "1. The server is not powered on: server media1" in text
    assert "Found Sun 22 Nov 03:45 UTC: BMC of media1 says Off" in text
    assert "Waiting for this: The server answers on the network (server media1);" in text
    assert "Needed: Please find out why it is off and when it may be switched on." in text
    assert "Usual time: 1 day" in text
    assert "Ready on (date): ____________________ by (name): ____________________" in text


def test_the_head_says_which_trip_and_until_when() -> None:
    report = recorded("a-server-is-off")
    both = mail(report)
    until = "1 item needed by Fri 27 Nov 03:45 UTC"
    assert both.subject == f"Site readiness lagos-ikeja, booking BK-2026-1142: {until}"
    for text in (flat(both.text), Page(both.html).text):
        assert "Dear B. Okoro," in text
        assert "BK-2026-1142, on site Thu 3 to Mon 7 Dec 2026" in text
        assert report.report_id in text
        assert "Sun 22 Nov 2026, 03:45 UTC" in text
        assert text.count("What happens next:") == 1


def test_a_past_cancellation_gives_way_to_the_departure() -> None:
    report = recorded("a-server-is-off")
    assert letter(report, AT + timedelta(days=7)).subject.endswith("needed by Wed 2 Dec 03:45 UTC")
    assert letter(report, AT + timedelta(days=30)).subject.endswith(": 1 item needed")


def test_two_sources_differ() -> None:
    text = flat(mail(recorded("rack-contradicted-by-the-bmc")).text)
    assert (
        "Not settled: two sources differ: rack of server db2: our description of"
        " the site says S1, BMC of db2 says S2" in text
    )
    assert "which of the two is right" in text
    shared = flat(mail(recorded("rack-contradicted-and-shared")).text)
    assert "Found Sun 22 Nov 03:46 UTC: db1 and db2 share rack N1 (seen by BMC of db1" in shared
    assert "Found " not in text


def test_what_is_ours_is_not_asked(stories: Mapping[str, Report]) -> None:
    """The demonstration build is in the same report, and nobody at the site clears it."""
    report = stories["no-go"]
    both = mail(report)
    theirs = {"power/powered-on@host:media1", "redundancy/apart@group:database"}
    roots = {c.root for c in report.causes}
    assert theirs < roots
    for text in (both.text, both.html):
        assert "demo" not in text
        assert "build" not in text
    written = letter(report, AT)
    assert written.count == "2 items"
    assert [w.number for g in written.groups for w in g.wanted] == [1, 2]


@pytest.mark.parametrize("story", ["go", "go-remote", "go-waived", "silent", "interrupted"])
def test_nothing_to_ask(story: str, stories: Mapping[str, Report]) -> None:
    assert letter(stories[story], AT).empty


def changed(report: Report, name: str, **finding: object) -> Report:
    """One finding of a report is another one."""
    findings = tuple(f.model_copy(update=finding) if f.id == name else f for f in report.findings)
    return report.model_copy(update={"findings": findings})


def with_checks(report: Report, **update: object) -> Report:
    checks = tuple(c.model_copy(update=update) for c in report.inputs.checks)
    inputs = report.inputs.model_copy(update={"checks": checks})
    return report.model_copy(update={"inputs": inputs})


@pytest.mark.parametrize("owner", Owner)
def test_only_their_owners(owner: Owner, stories: Mapping[str, Report]) -> None:
    ours = {Owner.VENDOR, Owner.SALES, Owner.ENGINEER}
    assert letter(with_checks(stories["no-go"], owner=owner), AT).items == (
        0 if owner in ours else 3
    )


@pytest.mark.parametrize("severity", Severity)
def test_advice_is_not_asked_for(severity: Severity, stories: Mapping[str, Report]) -> None:
    report = with_checks(stories["no-go"], severity=severity)
    assert letter(report, AT).empty == (severity is Severity.ADVISORY)


@pytest.mark.parametrize("cause", UnknownCause)
def test_every_cause_of_not_knowing_is_asked_or_ours(
    cause: UnknownCause, stories: Mapping[str, Report]
) -> None:
    name = "redundancy/apart@group:database"
    report = changed(stories["no-go"], name, outcome=Outcome.UNKNOWN, unknown=cause)
    headlines = [w.headline for g in letter(report, AT).groups for w in g.wanted]
    assert any(h.startswith("Not known: ") for h in headlines) == (cause in NEEDED)
    assert (cause in AGAIN) == (cause not in NEEDED)


def test_nothing_that_is_needed_blames_or_orders() -> None:
    from preflight.files.remedies import dangerous_order

    for text in (*NEEDED.values(), WHOM_TO_ASK):
        assert not BLAME.search(text)
        assert dangerous_order(text) is None


def test_a_remedy_that_orders_is_not_passed_on(stories: Mapping[str, Report]) -> None:
    report = with_checks(stories["no-go"], remedy="Switch it on and press the button.")
    text = flat(mail(report).text)
    assert "press" not in text
    assert text.count(WHOM_TO_ASK) == 2
    after = with_checks(report, safe_after="the electrician has signed it off")
    said = "Only after this: the electrician has signed it off. Switch it on"
    assert flat(mail(after).text).count(said) == 2


def test_a_refused_login_asks_both_ways() -> None:
    report = recorded("wrong-ssh-password")
    index = Index(report)
    text = needed(index.item("reach/login-works@host:db1"), index)
    assert NEEDED[UnknownCause.AUTH] in text
    assert "Ask the person responsible for the servers" in text


def test_a_silent_site_blames_nobody() -> None:
    for story in ("everything-black-holed", "everything-but-the-gateway-black-holed"):
        assert letter(recorded(story), AT).empty


def question(report: Report, words: str, severity: Severity = Severity.ADVISORY) -> Report:
    """The report with one question that nobody was asked yet."""
    subject = "host:db1"
    ask = Ask(
        thing=subject, question=Question(protocol="person", fact="rack-label", argument=words)
    )
    evidence = Evidence(
        id="e-000000000001", thing=ask.thing, question=ask.question, controller="person",
        taken=AT, duration_us=0, attempts=0, good_for_s=1, proven=False,
        no_answer=NoAnswer(cause=UnknownCause.NOT_ASKED),
    )  # fmt: skip
    base = report.inputs.checks[0]
    check = base.model_copy(
        update={"id": "ask/rack", "check": "ask/rack", "kind": "question", "severity": severity}
    )
    number = len(report.inputs.checks)
    planned = report.plan.findings[0].model_copy(
        update={
            "id": f"ask/rack@{subject}", "check": "ask/rack", "check_no": number,
            "subject": subject,
        }
    )  # fmt: skip
    finding = Finding(
        id=planned.id, outcome=Outcome.UNKNOWN, unknown=UnknownCause.NOT_ASKED,
        required="somebody on site says it", found="not asked", evidence=(evidence.id,),
    )  # fmt: skip
    return report.model_copy(
        update={
            "inputs": report.inputs.model_copy(update={"checks": (*report.inputs.checks, check)}),
            "plan": report.plan.model_copy(update={"findings": (*report.plan.findings, planned)}),
            "findings": (*report.findings, finding),
            "evidence": (*report.evidence, evidence),
        }
    )


WORDS = "What is written on the label of the rack that holds db1?"


def test_an_open_question_is_for_the_self_check(stories: Mapping[str, Report]) -> None:
    report = question(stories["no-go"], WORDS)
    text = flat(mail(report).text)
    assert f"- {WORDS}" in text
    assert "The attached self-check asks it" in text
    assert "Answer: ___" not in text
    without = render(letter(report, AT))
    assert f"{WORDS} Answer: ___" in flat(without.text)
    assert WORDS in Page(without.html).text
    assert "2 items and 1 question needed" in without.subject


def test_a_question_that_is_only_advice_is_not_asked_when_all_may_go(
    stories: Mapping[str, Report],
) -> None:
    assert letter(question(stories["go"], WORDS), AT).empty
    assert not letter(question(stories["go"], WORDS, Severity.BLOCKER), AT).empty
    alone = question(with_checks(stories["no-go"], owner=Owner.VENDOR), WORDS)
    assert letter(alone, AT).subject.endswith("1 question needed by Thu 3 Dec 12:00 UTC")
    assert "Each item has a number" not in render(letter(alone, AT)).text


def test_without_a_self_check_no_word_of_it(stories: Mapping[str, Report]) -> None:
    for text in (both := render(letter(stories["no-go"], AT))).text, both.html:
        assert "self-check" not in text
        assert "SHA-256" in text


def test_with_a_self_check_how_to_run_it(stories: Mapping[str, Report]) -> None:
    both = mail(stories["no-go"])
    for text in (flat(both.text), Page(both.html).text):
        assert "sh selfcheck-lagos-ikeja.txt" in text
        assert "it changes nothing and sends nothing anywhere" in text
        assert DIGEST in text


def sound(both: Mail) -> Page:
    """What must hold of every mail."""
    assert all(len(line) <= 78 for line in both.text.split("\n"))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]", both.text)
    assert both.html.isascii()
    assert "\n" not in both.subject
    assert both.subject.isprintable()
    page = Page(both.html)
    allowed = {"html", "head", "meta", "title", "body", "p", "h2", "table", "tr", "td", "b", "br",
               "span", "div", "code"}  # fmt: skip
    assert set(page.tags) <= allowed
    assert not {name for name, _ in page.attributes} & {"src", "href", "background", "class", "id"}
    assert not any("url(" in (v or "") or name.startswith("on") for name, v in page.attributes)
    return page


def test_every_story_is_sound(story: Report) -> None:
    written = letter(story, AT, to="B. Okoro", enclosed=[ENCLOSED])
    page = sound(render(written))
    assert page.text.count("Ready on (date)") == written.items
    blanks = [w for w in page.words if w == "\xa0"]
    assert len(blanks) >= 2 * written.items


@settings(max_examples=25, deadline=None)
@given(text=st.text(max_size=80))
def test_any_text_from_outside_is_harmless(
    text: str, hostile_report: Callable[[str], Report]
) -> None:
    report = hostile_report(text)
    sound(render(letter(report, AT, to=text, enclosed=[ENCLOSED])))
    assert not letter(report, AT).empty


def test_the_self_check_is_due_while_an_answer_helps(stories: Mapping[str, Report]) -> None:
    """Its request may hold for longer than anybody can still decide."""
    report = stories["no-go"]
    trip = report.inputs.booking
    assert trip
    last = trip.decide_by or trip.departs
    for expires in (last + timedelta(days=1), last - timedelta(hours=1)):
        enclosed = [replace(ENCLOSED, expires=expires)]
        text = flat(render(letter(report, AT, enclosed=enclosed)).text)
        own = expires < last
        assert (f"the file that it writes by {dated(expires)}." in text) is own
        assert text.count(dated(last)) == 1, "a mail names its time limit once"


def test_it_says_from_where_we_look() -> None:
    text = flat(mail(recorded("one-host-black-holed")).text)
    ours = VANTAGE.addresses[0]
    assert "Please find out whether address and route are as agreed, and what is between" in text
    assert f"between us (we look from {ours}) and this server." in text


@pytest.mark.parametrize(
    ("text", "owner", "said"),
    [
        ("Ask the person responsible for the hall what is on it.", Owner.FACILITY, "Please find"),
        ("Please ask whoever runs the network whether it is up.", Owner.NETWORK, "Please find"),
        ("Ask the person responsible for the hall what is on it.", Owner.NETWORK, "Ask the"),
        ("Ask the person responsible for the network to open it.", Owner.NETWORK, "Ask the"),
        ("Ask the person responsible for the hall when it ends, and to say who.", Owner.FACILITY,
         "Ask the"),
    ],
)  # fmt: skip
def test_nobody_is_told_to_ask_himself(text: str, owner: Owner, said: str) -> None:
    assert for_owner(text, owner, Index(recorded("ready"))).startswith(said)


def test_a_machine_puts_no_link_into_the_mail(stories: Mapping[str, Report]) -> None:
    name = "power/powered-on@host:media1"
    said = "says http://evil.example/ and www.evil.example, by host:media1."
    text = flat(mail(changed(stories["no-go"], name, found=said)).text)
    assert "says http:/[/]evil.example/ and www[.]evil.example, by server media1." in text


def test_names_instead_of_ids() -> None:
    plain = Plain(Index(recorded("ready")))
    assert plain("bmc:db1, host:db2 (hall:all).") == "BMC of db1, server db2 (all halls)."
    assert plain("let in with site-ssh.") == "let in with the agreed account."
    assert plain("db1 (timeout), db2 (wrong-site: x)") == (
        "db1 (no answer in time), db2 (not the machine that was pinned: x)"
    )
    assert plain("not site-ssh-2, my-site-ssh") == "not site-ssh-2, my-site-ssh"


def test_a_cause_whose_root_is_waived_is_not_asked(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    name = "redundancy/apart@group:database"
    assert letter(changed(report, name, waiver="w1"), AT).items == 1
    only = report.model_copy(update={"causes": (Cause(id="c1", root=name),)})
    assert letter(only, AT).items == 1
    assert only.verdict.decision is Decision.NO_GO


def test_the_same_letter_twice(story: Report) -> None:
    first, second = (letter(story, AT, enclosed=[ENCLOSED]) for _ in range(2))
    assert isinstance(first, Letter)
    assert first == second
    assert render(first) == render(second)

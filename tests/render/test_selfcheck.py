"""What the customer's self-check brought: told honestly, by whom, and never as more than it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import unescape

import pytest

from preflight import sheets
from preflight.evidence import Ask, Question, Statement
from preflight.render import render
from preflight.render.backing import Backing, backing, backing_words
from preflight.render.cards import DISAGREE, cards
from preflight.render.index import Index
from preflight.render.limits import cannot_tell, exceptions
from preflight.render.phrases import folded_words, phone_line, verdict_words
from preflight.render.questions import ASK, answered
from preflight.render.selfcheck import brief, lines
from preflight.render.sources import contradiction_words
from preflight.render.tally import sentence, tallies
from preflight.report import Plan, Report
from preflight.words import Assurance, Controller


def _text(report: Report, width: int = 100) -> str:
    return " ".join(render(report, "text", width=width).split())


def _page(report: Report) -> str:
    return " ".join(unescape(render(report, "html")).split())


def test_page_and_text_say_what_came_and_who_accepted_it(stories: Mapping[str, Report]) -> None:
    report = stories["selfcheck"]
    line = brief(Index(report))
    assert line == "received Fri 20 Nov 13:25 UTC: 19 answers, 2 questions; sealed"
    (whole,) = lines(Index(report))
    assert whole == (
        "received Fri 20 Nov 13:25 UTC, 19 answers, 2 questions, sealed, run on server media1;"
        " accepted by readiness@vendor.example (request r-3fa94c01b27d)"
    )
    first_page = _page(report).partition("All 11 findings")[0]
    assert f"The customer's self-check: </b>{line}" in first_page
    assert whole[1:] in _page(report)
    assert f"Self-check {line}" in _text(report)
    assert whole in _text(report)


def test_several_stand_a_line_each_and_the_unsealed_counts_only_as_said(
    stories: Mapping[str, Report],
) -> None:
    index = Index(stories["selfcheck-unsealed"])
    assert brief(index) == (
        "2 received, the last Fri 20 Nov 13:45 UTC: 39 answers, 2 questions (1 not known);"
        " 1 not sealed: counts only as said"
    )
    first, second = lines(index)
    assert "2 questions (1 not known), sealed, run on server db1, 2 replaced by newer" in first
    assert "0 questions, not sealed: counts only as said, run on server media1;" in second
    assert "(request r-77c0d1e2f3a4)" in second


def test_silence_that_the_script_met_is_no_answer(stories: Mapping[str, Report]) -> None:
    assert "15 answers, 5 times no answer, 3 questions" in brief(
        Index(stories["selfcheck-contradicted"])
    )


def test_without_a_self_check_nothing_is_said_of_one(stories: Mapping[str, Report]) -> None:
    assert brief(Index(stories["go"])) == ""
    assert "self-check" not in _page(stories["go"])
    assert "elf-check" not in _text(stories["go"])


def test_answers_that_nobody_accepted_stand_on_page_1(stories: Mapping[str, Report]) -> None:
    smuggled = stories["selfcheck"].model_copy(update={"acceptances": ()})
    text = "21 answers from the customer's side stand in no acceptance: nobody vouches for them."
    assert text in exceptions(Index(smuggled))
    assert text in _page(smuggled)
    assert not [line for line in exceptions(Index(stories["selfcheck"])) if "vouches" in line]


def test_what_the_customer_collected_is_counted_apart(stories: Mapping[str, Report]) -> None:
    index = Index(stories["selfcheck"])
    serials = [item for item in index.items if item.check and item.check.kind == "identity"]
    assert {item.backing for item in serials} == {Backing.SEEN, Backing.COLLECTED}
    counted, _ = tallies(index.items)
    assert counted.seen == index.report.verdict.seen
    assert counted.collected >= 1
    assert counted.passed == counted.seen + counted.collected + counted.said
    words = f"{counted.collected} collected by the customer"
    assert words in sentence(*tallies(index.items))
    assert words in phone_line(index)
    page = _page(index.report)
    assert words in page
    assert 'class="m collected"' in page
    assert '<i class="collected"' in page
    assert "passed, collected by the customer" in page


def test_an_unproven_machine_is_not_the_customer(stories: Mapping[str, Report]) -> None:
    report = stories["go"]
    weak = report.findings[0].model_copy(update={"assurance": Assurance.REPORTED})
    index = Index(report.model_copy(update={"findings": (weak, *report.findings[1:])}))
    assert verdict_words(index.item(weak.id)) == "passed, told by an unproven machine"
    counted, _ = tallies(index.items)
    assert (counted.collected, counted.unproven) == (0, 1)
    assert any("about the right machine" in line for line in cannot_tell(index))


def test_corroboration_names_the_customer_only_where_it_needs_him(
    stories: Mapping[str, Report],
) -> None:
    evidence = stories["selfcheck"].evidence
    ours = next(e for e in evidence if e.vantage == "vendor" and e.controller is Controller.BMC)
    host = next(e for e in evidence if e.vantage == "vendor" and e.controller is Controller.HOST)
    theirs = next(e for e in evidence if e.vantage == "customer" and e.proven)
    words = "seen, and the customer's self-check agrees"
    assert backing_words(Assurance.CORROBORATED, [ours, theirs]) == words
    assert backing_words(Assurance.CORROBORATED, [ours, host, theirs]) == "seen twice"
    assert backing(Assurance.REPORTED, [ours]) is Backing.UNPROVEN
    assert backing(None, [ours]) is Backing.SAID


def test_a_contradiction_comes_first_and_names_who_says_what(
    stories: Mapping[str, Report],
) -> None:
    report = stories["three-say"]
    first, second = cards(Index(report))
    assert not second.disagree
    assert first.disagree == (
        "rack of server db1: site file says S1 (only said);"
        " the customer's own script at BMC of db1 says N1 (collected by the customer);"
        " the customer's own script at BMC of db1 says S2 (not sealed, so only said);"
        " somebody on site (facility manager) says N2 (only said);"
        " BMC of db1 says S1 (seen by us)",
        "power of server media1: somebody on site (facility manager) says N2 (only said);"
        " BMC of db1 says S1 (seen by us)",
    )
    page, text = _page(report), _text(report, 200)
    assert page.index(first.disagree[0]) < page.index("Required</dt>")
    assert text.index("disagree rack of server db1") < text.index("required")


def test_a_contradiction_that_folds_under_another_cause_stands_on_its_card(
    stories: Mapping[str, Report],
) -> None:
    report = stories["three-say"]
    first, second = report.causes
    one = first.model_copy(update={"folded": (second.root,)})
    (card,) = cards(Index(report.model_copy(update={"causes": (one,)})))
    assert card.item.finding.contradiction is None
    assert len(card.disagree) == 2
    assert folded_words(card.folded) == "and 1 more could not be settled because of it"


def test_many_contradictions_are_cut_on_the_card_and_whole_in_the_table(
    stories: Mapping[str, Report],
) -> None:
    report = stories["three-say"]
    name = "site/claims-agree@site:lagos-ikeja"
    bad = next(f for f in report.findings if f.id == name)
    assert bad.contradiction is not None
    part = bad.parts[0]
    clashes = [bad.contradiction.model_copy(update={"fact": f"fact-{n}"}) for n in range(7)]
    parts = tuple(part.model_copy(update={"contradiction": clash}) for clash in clashes)
    many = bad.model_copy(update={"parts": parts, "contradiction": clashes[0]})
    grown = report.model_copy(
        update={"findings": tuple(many if f.id == name else f for f in report.findings)}
    )
    index = Index(grown)
    assert cards(index)[0].disagree[DISAGREE:] == ("and 3 more contradictions",)
    page = _page(grown)
    assert [page.count(contradiction_words(clash, index)) for clash in clashes] == [1] * 7


def test_evidence_that_is_gone_is_still_named(stories: Mapping[str, Report]) -> None:
    """A contradiction whose evidence the report lacks falls back to what it says itself."""
    report = stories["three-say"].model_copy(update={"evidence": ()})
    assert "BMC of db1 says N1 (told by an unproven machine)" in cards(Index(report))[0].disagree[0]


def test_questions_show_words_answer_role_and_time(stories: Mapping[str, Report]) -> None:
    report = stories["questions"]
    said = (
        "Question: What is written on the rack that db1 stands in? Somebody on site (facility"
        " manager) says S1, Fri 20 Nov 13:10 UTC (only said; counts until Sun 20 Dec)."
    )
    unsure = "Somebody on site does not know, Fri 20 Nov 13:10 UTC"
    for shown in (_page(report), _text(report)):
        assert said in shown
        assert unsure in shown
        assert "not known: not asked yet" in shown


def test_what_nobody_was_asked_yet_is_open_by_its_own_name(stories: Mapping[str, Report]) -> None:
    report = stories["questions"]
    text = _text(report)
    open_ = text.partition("Not asked yet ")[2].partition("What this report")[0]
    assert "Who has the key of db1's cabinet? Not asked yet." in open_
    assert "Who has the key of media1's cabinet? Not asked yet." in open_
    assert ASK in open_
    card = cards(Index(report))[-1]
    assert card.to_do == (ASK,)
    assert card.questions == ("Question: Who has the key of db1's cabinet? Not asked yet.",)


def test_advisory_questions_stay_off_page_1(stories: Mapping[str, Report]) -> None:
    first_page = _page(stories["questions"]).partition("All 21 findings")[0]
    assert "Who has the key of db1's cabinet?" in first_page
    assert "media1's cabinet" not in first_page
    assert "What is written on" not in first_page


def test_a_question_without_evidence_is_not_dropped(stories: Mapping[str, Report]) -> None:
    report = stories["questions"].model_copy(update={"evidence": ()})
    index = Index(report)
    (item,) = [i for i in index.items if i.not_asked_yet and not i.advisory]
    assert answered(item, index) == ("Question: what the check asks for Not asked yet.",)
    assert "Not asked yet" in _text(report)


def test_the_limits_say_what_another_collected_and_said(stories: Mapping[str, Report]) -> None:
    told = " ".join(cannot_tell(Index(stories["selfcheck"])))
    assert "its seal protects that against damage on the way, not against whoever ran it" in told
    assert "Answers of persons are claims" in told
    assert "seal" not in " ".join(cannot_tell(Index(stories["go"])))
    only_asked = " ".join(cannot_tell(Index(stories["questions"])))
    assert "Answers of persons" in only_asked
    assert "script" not in only_asked


def test_a_rack_that_somebody_reads_is_noted_and_proves_nothing(
    stories: Mapping[str, Report],
) -> None:
    page = _page(stories["selfcheck-contradicted"])
    assert "db2: somebody on site says rack S1" in page
    assert "db1: somebody on site" not in page
    report = stories["selfcheck-contradicted"]
    free = tuple(
        e.model_copy(update={"answer": Statement(value="<b>behind the door</b>")})
        if isinstance(e.answer, Statement)
        else e
        for e in report.evidence
    )
    loose = _page(report.model_copy(update={"evidence": free}))
    assert "somebody on site says rack" not in loose, "no declared label"


HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "</style><script>alert(1)</script>",
    "\u202eevil\u2066 \x1b]0;owned\x07\x1b[2J\r\n\x00",
    "-->" * 300,
    "W" * 1000,
)


@pytest.mark.parametrize("words", HOSTILE, ids=["tag", "script", "control", "comment", "long"])
def test_what_persons_write_stays_text(words: str, hostile_report: Callable[[str], Report]) -> None:
    report = hostile_report(words)
    page = render(report, "html")
    assert page.isascii()
    assert [bad for bad in ("<img", "<script", "-->", "\x1b", "\r") if bad in page] == []
    text = render(report, "text", width=80)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    assert "\u202e" not in text
    assert "not sealed: counts only as said" in " ".join(text.split())


def test_a_role_longer_than_any_role_is_cut(hostile_report: Callable[[str], Report]) -> None:
    page = _page(hostile_report("W" * 1000))
    assert f"Somebody on site ({'W' * 59}\u2026)" in page


def test_the_plan_names_questions_to_people_as_such(
    stories: Mapping[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = stories["selfcheck"]
    words = "What is written on the rack that db1 stands in?"
    person = Ask(
        thing="host:db1", question=Question(protocol="person", fact="rack-label", argument=words)
    )
    made = Plan(findings=report.plan.findings, asks=(*report.plan.asks[:3], person))
    monkeypatch.setattr(sheets, "make_plan", lambda _: made)
    told = sheets.plan(report.inputs)
    _, _, people = told.partition("asked of somebody on site, by `preflight selfcheck build`")
    assert f"  about host:db1: {words}\n" in people
    assert told.count(words) == 1
    assert "11 findings, 3 questions, and 1 to somebody on site" in told
    assert words not in sheets.commands(report.inputs), "nothing is sent"

"""Markdown as trackers read it: nothing from outside becomes a link, a mention or HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from preflight.render import render
from preflight.render.index import Index
from preflight.render.markdown import MOST_CHARS
from preflight.render.phrases import headline, subject_words
from preflight.render.plain_markdown import cell, said
from preflight.report import Report
from preflight.text import shown

GFM = MarkdownIt("gfm-like", {"html": True, "linkify": True})
ALIVE = {"html_inline", "html_block", "link_open", "image", "fence", "code_block", "hr",
         "blockquote_open", "ordered_list_open", "s_open", "em_open"}  # fmt: skip
TRACKERS = re.compile(r"@\w|#\d|!\d|\w@\w|://|:\w+:|www\.|\bGH-\d")
"""What GitHub and GitLab look for in the text that came out: also where a backslash stood."""
ATTACKS = (
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "![x](https://evil.example/x.png)",
    "@everyone look", "fixes #12 and !7", "see GH-12",
    "https://evil.example", "www.evil.example", "a@b.example",
    "| a | b |", "`code` ``more``", "`", "a\\|b", "\\`x\\`", "# head", "1. one", "- x", "***",
    "---", "~~x~~", "&lt;b&gt;", "<!-- x -->", "> q", "a  \nb", "\n\n# x\n",
    "[ref]: https://evil.example",
    "$`x`$", "```\nx", "    x", "<https://evil.example>", ":smile:", "_x_ __y__", "*x*", "\\",
    "a`b`c`",
)  # fmt: skip


def tokens(text: str) -> Iterator[Token]:
    for token in GFM.parse(text):
        yield token
        yield from token.children or ()


def seen(text: str) -> str:
    """What a reader reads, code spans included."""
    inline = (t for t in GFM.parse(text) if t.type == "inline")
    return " ".join("".join(c.content for c in t.children or ()) for t in inline)


def check_dead(text: str) -> None:
    found = list(tokens(text))
    assert not {t.type for t in found} & ALIVE
    prose = [t.content for t in found if t.type == "text"]
    assert not [words for words in prose if TRACKERS.search(words)]


def test_the_verdict_is_first_and_every_finding_is_a_row(story: Report) -> None:
    text = render(story, "markdown")
    assert text.startswith(f"## {headline(story)}: ")
    rows = [t for t in GFM.parse(text) if t.type == "tr_open"]
    cells = [t for t in GFM.parse(text) if t.type in ("td_open", "th_open")]
    cut = re.search(r"^And (\d+) more findings", text, re.MULTILINE)
    left = int(cut[1]) if cut else 0
    assert len(rows) + left == len(Index(story).items) + 1
    assert len(cells) == 4 * len(rows)


def test_nothing_in_a_report_is_alive(story: Report) -> None:
    check_dead(render(story, "markdown"))


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_come_out_as_text(attack: str, hostile_report: Callable[[str], Report]) -> None:
    report = hostile_report(attack)
    text = render(report, "markdown")
    check_dead(text)
    plain = [t.type for t in GFM.parse(render(hostile_report("plain"), "markdown"))]
    assert [t.type for t in GFM.parse(text)] == plain
    assert shown(" ".join(attack.split())) in seen(text)


@settings(max_examples=150, deadline=None)
@given(text=st.text(st.sampled_from("ab1 `|\\[]()<>!@#*_~-.:/&$\n\t+=\"'"), max_size=25))
def test_a_line_and_a_cell_show_what_was_given(text: str) -> None:
    words = " ".join(text.split())
    line = f"- found: {said(text)}"
    check_dead(line)
    assert seen(line) == f"found: {words}".strip()
    table = f"| a | b |\n| --- | --- |\n| x | {cell(text)} |"
    check_dead(table)
    assert seen(table) == f"a b x {words.replace('|', '[U+007C]')}".rstrip() + " " * (not words)


def test_plain_sentences_stay_readable() -> None:
    sentence = "Ask the facility team (on site), by Thu 3 Dec 12:00 UTC; it's theirs."
    assert said(sentence) == sentence
    assert said("build 7.2.4: old") == "build `7.2.4`: old"


def test_a_cause_says_who_and_what(stories: Mapping[str, Report]) -> None:
    text = render(stories["no-go"], "markdown")
    assert "- Cause 2: **The server is powered on** (server media1, failed, seen)" in text
    assert "  - who: the customer's facility team, usually 1 day" in text
    assert "  - to do: Ask the person responsible for the electrical installation" in text


def test_a_large_report_fits_a_comment_and_counts_what_it_leaves_out(
    stories: Mapping[str, Report],
) -> None:
    go = stories["no-go"]
    plan = go.plan.findings
    many = tuple(
        planned.model_copy(update={"id": f"reach/answers@host:h{n}", "subject": f"host:h{n}"})
        for n, planned in enumerate(plan[3:4] * 2000)
    )
    report = go.model_copy(
        update={"plan": go.plan.model_copy(update={"findings": plan + many}),
                "findings": go.findings + tuple(
                    go.findings[0].model_copy(update={"id": one.id}) for one in many)}
    )  # fmt: skip
    text = render(report, "markdown")
    assert len(text) <= MOST_CHARS + 200
    assert re.search(r"^And \d{3,4} more findings, which the report holds\.$", text, re.MULTILINE)
    for item in Index(report).items:
        if item.bad:
            assert f"| {item.title} | {subject_words(item.subject)} |" in text

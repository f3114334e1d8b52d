"""The page: safe whatever it carries, complete, and the same bytes for the same report."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from preflight.render.html import RENDERER, render
from preflight.render.page.css import DARK, LIGHT
from preflight.render.phrases import subject_words
from preflight.report import Report, View
from preflight.text import shown

VOID = {"meta"}
ALLOWED = frozenset(
    [
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "div",
        "section",
        "article",
        "aside",
        "header",
        "footer",
        "h1",
        "h2",
        "h3",
        "p",
        "b",
        "i",
        "span",
        "code",
        "pre",
        "dl",
        "dt",
        "dd",
        "ol",
        "ul",
        "li",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "svg",
        "path",
        "rect",
        "circle",
        "text",
    ]
)


class Page(HTMLParser):
    """Reads a page strictly: what is opened is closed, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.comments: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        assert len({name for name, _ in attrs}) == len(attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def safe(text: str) -> Page:
    """A page that cannot run, load, hide or end anything; raises AssertionError otherwise."""
    assert text.isascii()
    assert "\r" not in text
    assert "<!--" not in text
    assert "-->" not in text
    page = Page(text)
    assert page.open == []
    assert page.comments == []
    assert page.tags <= ALLOWED
    names = {name for name, _ in page.attributes}
    assert not {n for n in names if n.startswith("on")}
    assert not names & {"src", "href", "action", "hidden", "open", "srcset", "xlink:href"}
    return page


def test_every_story_is_a_safe_page(story: Report) -> None:
    safe(render(story))


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200))
def test_no_text_can_break_out(text: str, hostile_report: Callable[[str], Report]) -> None:
    safe(render(hostile_report(text)))


@settings(max_examples=60, deadline=None)
@given(
    text=st.lists(
        st.sampled_from(
            ["<script>", "-->", "<!--", "<!--PREFLIGHT", '"', "'", "&", "&#60;", "</style>", "<",
             ">", "]]>", "\u202e", "\x1b[2J", "\r", "\n", "</title>", "<svg/onload=x>", "x"]
        ),
        max_size=8,
    ).map("".join)
)  # fmt: skip
def test_no_markup_can_break_out(text: str, hostile_report: Callable[[str], Report]) -> None:
    safe(render(hostile_report(text)))


def test_hostile_text_is_still_readable(stories: Mapping[str, Report]) -> None:
    words = Page(render(stories["hostile"])).text
    assert "<script>alert(1)</script> -->" in words
    assert "[U+202E]gnp.exe[U+001B][2J[U+000D]" in words


def test_nothing_is_loaded_and_nothing_is_hidden(story: Report) -> None:
    text = render(story)
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    style = text.partition("<style>")[2].partition("</style>")[0]
    forbidden = ("display:none", "visibility:hidden", "opacity:0", "url(", "@import", "details")
    assert [word for word in forbidden if word in style] == []


def test_every_planned_finding_is_on_the_page(stories: Mapping[str, Report]) -> None:
    for name in ("go", "no-go", "silent", "interrupted", "empty", "hostile"):
        report = stories[name]
        words = Page(render(report)).text
        checks = {c.id: c for c in report.inputs.checks}
        for planned in report.plan.findings:
            row = f"{checks[planned.check].title} · {subject_words(planned.subject)}"
            assert " ".join(shown(row).split()) in words, (name, planned.id)


def test_a_finding_that_nobody_planned_is_on_the_page(stories: Mapping[str, Report]) -> None:
    report = stories["no-go"]
    extra = report.findings[0].model_copy(update={"id": "extra/thing@host:db9", "found": "odd"})
    grown = report.model_copy(update={"findings": (*report.findings, extra)})
    assert "extra/thing@host:db9 · server db9" in Page(render(grown)).text


def test_the_same_report_gives_the_same_bytes(story: Report) -> None:
    again = Report.model_validate_json(story.model_dump_json(by_alias=True))
    assert render(story) == render(again)


def test_the_page_does_not_look_at_its_own_digest(story: Report) -> None:
    view = View(renderer=RENDERER, sha256="a" * 64, size_bytes=1)
    assert render(story) == render(story.model_copy(update={"view": view}))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no-go", "NO-GO do not travel yet"),
        ("no-go", "8 passed:7 seen, 1 only said"),
        ("no-go", "And 2 more could not be checked and 1 more fails because of it"),
        ("no-go", "facts were read under PREFLIGHT_ROOT=/srv/db2"),
        ("no-go", "db1 and db2 share this rack"),
        ("no-go", "Promised for Wed 2 Dec by the facility manager."),
        ("no-go", "This report runs out before the departure: look again between "),
        ("no-go", "preflight verify report.html --booking BK-2026-1142 --site lagos-ikeja"),
        ("no-go", "ssh-keygen -Y verify -f allowed_signers -I readiness@vendor.example"),
        ("no-go", "approved 47, sent 45, other 0"),
        ("go", "GO the trip may go ahead"),
        ("go-waived", "Waived by desk@vendor.example"),
        ("go-remote", "all 3 reported faults are fixed in 7.2.4: no trip needed"),
        ("no-go-unsigned", "This report is not signed."),
        ("no-go-without-booking", "No booking was given"),
        ("silent", "NOT PROVEN do not travel yet"),
        ("silent", "the way to it did not work from here"),
        ("interrupted", "Incomplete: the run was interrupted after 7 of 17 findings."),
        ("contradicted", "rack of server db1: site file says S1 (only said); BMC of db1 says N2"),
        ("empty", "the report holds no finding for this"),
    ],
)
def test_what_a_reader_must_see(stories: Mapping[str, Report], name: str, words: str) -> None:
    assert words in Page(render(stories[name])).text


def test_an_unsigned_page_names_no_signer(stories: Mapping[str, Report]) -> None:
    assert "Signed by" not in render(stories["no-go-unsigned"])


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_is_enough_for_everybody(palette: Mapping[str, str]) -> None:
    inks = ("text", "muted", "red", "amber", "green", "blue")
    papers = ("page", "card", "soft")
    pairs = [(palette[i], palette[p]) for i in inks for p in papers]
    pairs += [(palette["on"], palette[banner]) for banner in ("no-go", "not-proven", "go")]
    for ink, paper in pairs:
        low, high = sorted((_luminance(ink), _luminance(paper)))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, paper)


def test_the_page_stays_small(stories: Mapping[str, Report]) -> None:
    assert len(render(stories["no-go"])) < 60_000


def test_every_class_has_a_meaning_in_the_style(stories: Mapping[str, Report]) -> None:
    text = render(stories["no-go"])
    style = text.partition("<style>")[2].partition("</style>")[0]
    used = {c for names in re.findall(r'class="([^"]*)"', text) for c in names.split()}
    assert {c for c in used if f".{c}" not in style} <= {"fail-card", "big", "box-dates"}

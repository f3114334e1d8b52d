"""The terminal's text: within its width, complete, verdict first and the phone's line last."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from preflight.errors import PreflightError
from preflight.render import render
from preflight.render.index import Index
from preflight.render.phrases import headline, phone_line, subject_words
from preflight.report import Report, read_report, report_bytes
from preflight.text import shown


def _lines(report: Report, width: int) -> list[str]:
    return render(report, "text", width=width).splitlines()


@pytest.mark.parametrize("width", [60, 80, 109, 110, 200])
def test_no_line_is_longer_than_the_terminal(story: Report, width: int) -> None:
    *lines, _ = _lines(story, width)
    assert [line for line in lines if cell_len(line) > width] == []


def test_the_verdict_is_first_and_the_phone_line_last(story: Report) -> None:
    lines = _lines(story, 60)
    assert lines[0].strip().startswith(headline(story))
    assert lines[-1] == phone_line(Index(story))


@pytest.mark.parametrize("width", [60, 200])
def test_every_planned_finding_is_listed(stories: Mapping[str, Report], width: int) -> None:
    for name in ("go", "no-go", "silent", "interrupted", "empty"):
        report = stories[name]
        text = " ".join(render(report, "text", width=width).split())
        checks = {c.id: c for c in report.inputs.checks}
        for planned in report.plan.findings:
            title, subject = checks[planned.check].title, subject_words(planned.subject)
            assert title in text
            assert subject in text
        assert f"All {len(report.plan.findings)} findings" in text


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=120))
def test_no_text_can_steer_the_terminal(text: str, hostile_report: Callable[[str], Report]) -> None:
    printed = render(hostile_report(text), "text", width=60)
    assert shown(printed) == printed
    assert "\t" not in printed


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=150))
def test_long_words_are_folded_and_not_lost(
    text: str, hostile_report: Callable[[str], Report]
) -> None:
    *lines, _ = _lines(hostile_report(text), 60)
    assert max(map(cell_len, lines)) <= 60
    assert "".join(shown(text).split()) in "".join("".join(lines).split())


def test_colour_only_when_asked(stories: Mapping[str, Report]) -> None:
    plain = render(stories["no-go"], "text", width=80)
    coloured = render(stories["no-go"], "text", width=80, colour=True)
    assert "\x1b[" not in plain
    assert "\x1b[" in coloured


def test_the_environment_changes_nothing(
    stories: Mapping[str, Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = render(stories["no-go"], "text", width=80)
    for name, value in {"COLUMNS": "20", "FORCE_COLOR": "1", "TERM": "dumb"}.items():
        monkeypatch.setenv(name, value)
    assert render(stories["no-go"], "text", width=80) == before


def test_json_is_the_canonical_bytes(story: Report) -> None:
    text = render(story, "json")
    assert text.encode("ascii") == report_bytes(story)
    assert read_report(text.encode()) == story


def test_an_unknown_format_is_refused(stories: Mapping[str, Report]) -> None:
    with pytest.raises(PreflightError, match="no format 'pdf'"):
        render(stories["go"], "pdf")

"""The mail as HTML: tables and inline styles, because mail programs drop everything else."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.render.mail.letter import Letter
from preflight.render.mail.wanted import Group, Wanted
from preflight.render.page.markup import Html, block, join, tag

_FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:20px;color:#1c1c1c"
_BODY = f"margin:0;padding:16px;background:#ffffff;{_FONT}"
_TABLE = f"border-collapse:collapse;width:100%;max-width:680px;{_FONT}"
_PARAGRAPH = f"margin:0 0 12px 0;max-width:680px;{_FONT}"
_TITLE = "margin:24px 0 8px 0;font-family:Arial,Helvetica,sans-serif;font-size:16px;color:#1c1c1c"
_CELL = "border:1px solid #b8b8b8;padding:6px 8px;vertical-align:top;text-align:left"
_LABEL = "padding:2px 12px 2px 0;vertical-align:top;text-align:left;color:#555555;width:140px"
_VALUE = "padding:2px 0;vertical-align:top;text-align:left;word-break:break-word"
_BLANK = Html("&nbsp;")
_DATE, _NAME = "Ready on (date)", "By (name)"


def render(letter: Letter) -> str:
    """A whole document: some mail programs show a bare fragment as text."""
    head = block("head", "\n", Html('<meta charset="us-ascii">\n'), tag("title", letter.subject))
    body = block("body", "\n", _parts(letter), style=_BODY)
    return Html('<!doctype html>\n<html lang="en">\n') + head + body + "</html>\n"


def _parts(letter: Letter) -> Html:
    return join(
        _paragraph(letter.greeting),
        *map(_paragraph, letter.opening),
        _pairs(letter.facts),
        *map(_group, letter.groups),
        _questions(letter),
        _selfcheck(letter),
        block("p", *_regards(letter), style=f"{_PARAGRAPH};margin-top:24px"),
    )


def _regards(letter: Letter) -> Iterator[Html | str]:
    yield "Kind regards"
    for line in letter.signature:
        yield from (Html("<br>\n"), line)


def _paragraph(text: str) -> Html:
    return block("p", text, style=_PARAGRAPH)


def _title(text: str) -> Html:
    return block("h2", text, style=_TITLE)


def _table(*rows: Html) -> Html:
    """Mail programs without styles still draw what the attributes say."""
    return block(
        "table", "\n", *rows, role="presentation", cellspacing="0", cellpadding="0", border="0",
        style=_TABLE,
    )  # fmt: skip


def _pairs(pairs: tuple[tuple[str, str], ...]) -> Html:
    return _table(*(_pair(label, value) for label, value in pairs))


def _pair(label: str, value: str) -> Html:
    return block("tr", tag("td", label, style=_LABEL), tag("td", value, style=_VALUE))


def _group(group: Group) -> Html:
    return join(_title(f"For {group.owner}"), *map(_wanted, group.wanted))


def _wanted(wanted: Wanted) -> Html:
    """The item over its two empty cells, all in one frame."""
    what = join(
        tag("b", f"{wanted.number}. {wanted.headline}"),
        *(_line(label, text) for label, text in wanted.rows),
    )
    whole = block("tr", tag("td", what, colspan="4", style=_CELL))
    return join(_table(whole, _blanks(_DATE, _NAME)), _gap())


def _gap() -> Html:
    return block("div", _BLANK, style="font-size:8px;line-height:12px")


def _line(label: str, text: str) -> Html:
    return join(Html("<br>\n"), tag("span", f"{label}:", style="color:#555555"), " ", text)


def _blanks(*labels: str) -> Html:
    """A row of labels, an empty cell beside each."""
    share = f"{100 // len(labels) - 18}%"
    cells = [
        join(
            tag("td", label, style=f"{_CELL};width:18%;color:#555555"),
            tag("td", _BLANK, style=f"{_CELL};width:{share}"),
        )
        for label in labels
    ]
    return block("tr", *cells)


def _questions(letter: Letter) -> Html:
    if not letter.questions:
        return Html("")
    return join(
        _title("Questions"),
        _paragraph(letter.ask),
        _table(*(_question(text, letter) for text in letter.questions)),
    )


def _question(text: str, letter: Letter) -> Html:
    answer = tag("td", _BLANK, style=f"{_CELL};width:45%") if letter.answered_here else None
    return block("tr", tag("td", text, style=_CELL), answer)


def _selfcheck(letter: Letter) -> Html:
    if not letter.selfcheck:
        return Html("")
    return join(_title("The attached self-check"), *(_step(*step) for step in letter.selfcheck))


def _step(text: str, exactly: str) -> Html:
    code = tag("code", exactly, style="word-break:break-all")
    return block("p", text, Html("<br>\n"), code, style=_PARAGRAPH)

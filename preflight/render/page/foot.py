"""What page 1 must not hide, what the report cannot tell, and how to check who made it."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from preflight.render.index import Index
from preflight.render.limits import cannot_tell, exceptions
from preflight.render.looked import looked
from preflight.render.page.markup import Html, block, join, section, spans, tag
from preflight.report import Report
from preflight.statements import Signer


def advice(index: Index) -> Html | None:
    """What else to do than travel."""
    texts = [item.text for item in index.report.verdict.advice]
    if not texts:
        return None
    lines = (tag("p", tag("b", "Advice: "), spans(text)) for text in texts)
    return block("aside", *lines, class_="box note")


def excepted(index: Index) -> Html | None:
    """Exceptions stand on page 1, or nowhere."""
    lines = exceptions(index)
    if not lines:
        return None
    title = tag("b", "Exceptions in this report")
    return block("aside", title, _list(lines), class_="box note warn")


def limits(index: Index) -> Html:
    """What the report cannot tell, beside how it was looked at."""
    pairs = [join(tag("dt", label), tag("dd", text)) for label, text in looked(index)]
    left = tag("div", tag("h2", "What this report cannot tell"), _list(cannot_tell(index)))
    right = tag("div", tag("h2", "How it was looked at"), tag("dl", *pairs, class_="pairs"))
    return block("section", left, right, class_="two small")


def _list(lines: Sequence[str]) -> Html:
    return tag("ul", *(tag("li", spans(line)) for line in lines))


def signature(report: Report) -> Html:
    """Who signed, and the commands that prove it: the page itself proves nothing."""
    lines = _signed(report, report.signer) if report.signer else _unsigned(report)
    return section("Signature", block("div", *lines, class_="box sign"))


def _signed(report: Report, signer: Signer) -> tuple[Html, ...]:
    who = join("Signed by ", tag("b", signer.principal), ", key ", tag("code", signer.fingerprint))
    return (
        tag("p", who, ". Report ", tag("code", report.report_id), ": ", _NUMBER),
        tag("p", _PROOF),
        tag("pre", f"{_verify(report)}\n{_keygen(signer)}"),
    )


def _unsigned(report: Report) -> tuple[Html, ...]:
    return (
        tag("p", tag("b", "This report is not signed."), " Nobody vouches for it, and no booking"
            " may rest on it (preflight verify refuses it)."),
        tag("p", "Report ", tag("code", report.report_id), ": ", _NUMBER),
    )  # fmt: skip


_NUMBER = (
    "the start of the SHA-256 of its data without number, signer and page. The signed data also"
    " holds the SHA-256 of this page."
)
_PROOF = (
    "A page in a browser proves nothing by itself: anybody can draw one. On a machine that"
    " has its own trust folder, the first command checks all of it; the second, with nothing but"
    " OpenSSH, the report without this page:"
)


def _verify(report: Report) -> str:
    booking = f" --booking {quote(report.booking)}" if report.booking else ""
    return f"preflight verify report.html{booking} --site {quote(report.site)}"


def _keygen(signer: Signer) -> str:
    return (
        f"ssh-keygen -Y verify -f allowed_signers -I {quote(signer.principal)}"
        " -n preflight-report -r revoked_keys -s report.json.sig < report.json"
    )

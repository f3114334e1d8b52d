"""The report as JUnit XML, for CI systems: a suite per check, and one for the verdict.

What is not known is an `error`, never `skipped`: silence is not consent. A consumer that counts
failures and errors sees a report that is no go even when every single finding passed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timezone
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from preflight.render.areas import cause_numbers
from preflight.render.cards import Card, cards
from preflight.render.index import Index, Item
from preflight.render.phrases import (
    folded_words,
    headline,
    incomplete,
    owner_words,
    phone_line,
    severity_words,
    subject_words,
    summary,
    verdict_words,
)
from preflight.render.standing import standing, why_not
from preflight.report import Report
from preflight.text import shown
from preflight.words import Outcome

_TAGS = {Outcome.FAIL: "failure", Outcome.UNKNOWN: "error", Outcome.NOT_APPLICABLE: "skipped"}
_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def render(report: Report) -> str:
    """ASCII, whatever the report holds; characters that XML forbids are written as `[U+0007]`."""
    index = Index(report)
    root = Element("testsuites", name=_said(f"preflight {report.site}"))
    root.append(_verdict(index))
    root.extend(_suites(index))
    root.set("time", f"{report.run.elapsed_ms // 1000}.{report.run.elapsed_ms % 1000:03}")
    _count(root)
    indent(root)
    body: bytes = tostring(root, "us-ascii", xml_declaration=True)
    return body.decode("ascii") + "\n"


def _said(text: str) -> str:
    """Foreign text on one visible line. What is visible is also what XML 1.0 allows."""
    return shown(" ".join(text.split()))


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(_said(line) for line in lines if line)


def _verdict(index: Index) -> Element:
    report = index.report
    suite = _suite("verdict", report)
    about = {
        "report": report.report_id,
        "site": report.site,
        "booking": report.booking or "none",
        "stage": str(report.stage),
        "decision": str(report.verdict.decision),
        "signer": report.signer.principal if report.signer else "none",
    }
    _properties(suite, about)
    case = _case(suite, "verdict", f"the trip may go ({report.stage})")
    outcome = standing(report)
    if outcome is not Outcome.PASS:
        body = [summary(index), incomplete(report)]
        if report.booking is None:
            body.append("No booking was given: this report speaks for no trip.")
        _ended(case, outcome, why_not(report), phone_line(index), body)
    else:
        SubElement(case, "system-out").text = _said(headline(report))
    return suite


def _suites(index: Index) -> Iterable[Element]:
    """Two entries of a profile may share a check's id, and differ in severity: a suite each."""
    found = cards(index)
    numbers = cause_numbers(found)
    by_number = {card.number: card for card in found}
    grouped: dict[tuple[str, int], list[Item]] = {}
    for item in index.items:
        check = item.check.id if item.check else item.finding.id.partition("@")[0]
        grouped.setdefault((check, id(item.check)), []).append(item)
    for (name, _), items in grouped.items():
        suite = _suite(name, index.report)
        _properties(suite, _about(items[0]))
        for item in items:
            _finding(suite, name, item, by_number.get(numbers.get(item.finding.id, 0)), index)
        yield suite


def _about(item: Item) -> Mapping[str, str]:
    check = item.check
    if check is None:
        return {}
    return {
        "title": check.title,
        "severity": str(check.severity),
        "owner": str(check.owner),
        "needed_by": str(check.needed_by),
    }


def _finding(suite: Element, name: str, item: Item, card: Card | None, index: Index) -> None:
    finding = item.finding
    case = _case(suite, name, finding.id)
    if finding.outcome is Outcome.PASS:
        SubElement(case, "system-out").text = _lines([verdict_words(item), finding.found])
        return
    code = str(finding.unknown or finding.outcome)
    _ended(case, finding.outcome, code, _message(item), _body(item, card, index))


def _message(item: Item) -> str:
    marks = (severity_words(item), "waived" if item.finding.waiver else "")
    before = ", ".join(filter(None, marks))
    about = f"{item.headline}, {subject_words(item.subject)}: {item.finding.found}"
    return f"({before}) {about}" if before else about


def _body(item: Item, card: Card | None, index: Index) -> list[str]:
    finding = item.finding
    lines = [verdict_words(item), _pair("required", finding.required)]
    lines += [_pair("found", finding.found)]
    lines += [_pair("not applicable", part.note) for part in finding.parts if part.note]
    if card is None:
        return lines
    if card.item.finding.id != finding.id:
        lines.append(f"because of: {card.headline}, {subject_words(card.subject)}")
        return lines
    if card.cause.located:
        lines.append(_pair(card.headline, card.found))
    lines += [_pair("sources disagree", line) for line in card.disagree]
    lines += [_pair("to do", step) for step in card.to_do]
    return [*lines, _pair("who", owner_words(card.cause, index)), folded_words(card.folded)]


def _pair(label: str, text: str) -> str:
    return f"{label}: {text}" if text else ""


def _suite(name: str, report: Report) -> Element:
    """The time as the schema of Jenkins has it: without a zone; it is UTC."""
    at = report.run.started.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
    return Element("testsuite", name=_said(name), timestamp=at)


def _properties(suite: Element, values: Mapping[str, str]) -> None:
    inside = SubElement(suite, "properties")
    for name, value in values.items():
        SubElement(inside, "property", name=name, value=_said(value))


def _case(suite: Element, check: str, name: str) -> Element:
    """Dots, because consumers take them for packages and group by them."""
    return SubElement(suite, "testcase", classname=_said(check.replace("/", ".")), name=_said(name))


def _ended(case: Element, outcome: Outcome, code: str, message: str, body: Iterable[str]) -> None:
    inside = SubElement(case, _TAGS[outcome], type=code, message=_said(message))
    inside.text = _lines(body)


def _count(root: Element) -> None:
    """On every suite and on the whole."""
    for element in (*root, root):
        cases = list(element.iter("testcase"))
        element.set("tests", str(len(cases)))
        for name, tag in _COUNTED.items():
            if element is not root or name != "skipped":
                element.set(name, str(sum(case.find(tag) is not None for case in cases)))

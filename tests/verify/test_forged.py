"""Signed by the right key and still wrong: every case by its code (signing.md's numbers)."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from preflight import strict
from preflight.canonical import canonical
from preflight.errors import NotGenuine, PreflightError
from preflight.strict import DEPTH_LIMIT, LIMIT_BYTES
from preflight.verify import Expected, File
from preflight.words import Ended

Data = dict[str, Any]
DARK: dict[tuple[str, str], Any] = {("host:db2", "connect"): None}
SILENT: dict[tuple[str, str], Any] = {("bmc:db1", "power"): None}
GO = {"decision": "go", "reasons": []}


def put(path: str, value: object) -> Callable[[Data], None]:
    """Sets one field; numbers in the path are list indexes."""

    def change(data: Data) -> None:
        *way, last = path.split(".")
        at: Any = data
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        at[last] = value

    return change


def drop(path: str) -> Callable[[Data], None]:
    """Deletes one field."""

    def change(data: Data) -> None:
        *way, last = path.split(".")
        at: Any = data
        for step in way:
            at = at[int(step)] if step.isdigit() else at[step]
        del at[int(last) if last.isdigit() else last]

    return change


def say_go(data: Data) -> None:
    data["verdict"]["decision"] = "go"
    for stage in data["verdict"]["stages"]:
        stage |= GO


def failing(data: Data) -> int:
    return next(i for i, f in enumerate(data["findings"]) if f["outcome"] == "fail")


def strip_failing_finding(data: Data) -> None:
    del data["findings"][failing(data)]
    say_go(data)


def strip_failing_from_plan_too(data: Data) -> None:
    at = failing(data)
    del data["findings"][at], data["plan"]["findings"][at]
    data["run"]["planned"] -= 1
    data["run"]["executed"] -= 1
    data["causes"] = []
    say_go(data)


def strip_failing_check_too(data: Data) -> None:
    strip_failing_from_plan_too(data)
    data["inputs"]["checks"] = [
        check for check in data["inputs"]["checks"] if check["id"] != "reach/answers"
    ]


def pass_shadows_fail(data: Data) -> None:
    at = failing(data)
    double = {**data["findings"][at], "outcome": "pass"}
    data["findings"].insert(at, double)
    say_go(data)


def swap_two(data: Data) -> None:
    data["findings"][0], data["findings"][1] = data["findings"][1], data["findings"][0]


def fail_becomes_pass(data: Data) -> None:
    finding = data["findings"][failing(data)]
    finding["outcome"] = "pass"
    for part in finding["parts"]:
        part["outcome"] = "pass"
    data["causes"] = []
    say_go(data)
    data["verdict"]["passed"] += 1
    data["verdict"]["seen"] += 1


def weaken_the_check(data: Data) -> None:
    checks = {check["id"]: check for check in data["inputs"]["checks"]}
    checks["reach/answers"]["severity"] = "advisory"


def a_waiver(data: Data) -> None:
    at = failing(data)
    data["findings"][at]["waiver"] = "w-1"
    say_go(data)


def double_evidence(data: Data) -> None:
    data["evidence"].append(data["evidence"][0])


def holds_a_second_longer(data: Data) -> None:
    data["evidence"][0]["good_for_s"] += 1


def evidence(field: str, value: object) -> Callable[[Data], None]:
    return put(f"evidence.0.{field}", value)


CASES: dict[str, tuple[Callable[[Data], None], str]] = {
    "58 unknown top-level field": (put("note", "x"), "json-schema"),
    "59 missing field": (drop("run"), "json-schema"),
    "59 a field with a default is missing": (drop("promises"), "json-schema"),
    "59 a deep field with a default is missing": (drop("findings.0.waiver"), "json-schema"),
    "60 wrong type": (put("findings", "none"), "json-schema"),
    "60 number as text": (put("run.planned", "12"), "json-schema"),
    "60 number as bool": (put("run.attempt", True), "json-schema"),
    "60 jump as text": (put("run.clock_jump_s", "0"), "json-schema"),
    "60 bool as number": (put("vantage.control_good", 1), "json-schema"),
    "61 newer format": (put("format", "preflight-report/1"), "format-mismatch"),
    "61 format of another sort": (put("format", ["preflight-report/0"]), "format-mismatch"),
    "61 no format": (drop("format"), "format-mismatch"),
    "63 two bookings": (put("booking", "BK-2"), "booking-mismatch"),
    "64 two sites": (put("site", "accra"), "site-mismatch"),
    "two stages": (put("stage", "book"), "stage-mismatch"),
    "66 weaker check under the same profile": (weaken_the_check, "profile-mismatch"),
    "66 other profile digest": (put("inputs.profile.sha256", "1" * 64), "profile-mismatch"),
    "78 finished in the future": (put("run.finished", "2026-11-20T14:15:10Z"), "clock-jump"),
    "78 judged in the future": (put("run.judged_at", "2026-11-20T14:15:10Z"), "from-the-future"),
    "80 holds for years": (put("expires", "2036-11-20T14:00:00Z"), "validity-too-long"),
    "81 finished before started": (
        put("run.finished", "2026-11-20T13:59:59Z"),
        "time-inconsistent",
    ),
    "judged before started": (put("run.judged_at", "2026-11-20T13:59:59Z"), "time-inconsistent"),
    "82 expires before it holds": (put("expires", "2026-11-20T14:00:00Z"), "time-inconsistent"),
    "83 clocks disagree": (put("run.elapsed_ms", 310_000), "clock-jump"),
    "83 the clock was set": (put("run.clock_jump_s", -301), "clock-jump"),
    "86 time with an offset": (put("run.started", "2026-11-20T15:00:00+01:00"), "json-schema"),
    "86 impossible date": (put("run.started", "2026-02-30T14:00:00Z"), "json-schema"),
    "86 time at the end of the calendar": (
        put("run.started", "9999-12-31T23:59:59-23:00"),
        "json-schema",
    ),
    "87 finding stripped": (strip_failing_finding, "checks-mismatch"),
    "87 finding and plan stripped": (strip_failing_from_plan_too, "checks-mismatch"),
    "87 check stripped from the inputs": (strip_failing_check_too, "profile-mismatch"),
    "88 pass shadows fail": (pass_shadows_fail, "checks-mismatch"),
    "89 reordered": (swap_two, "checks-mismatch"),
    "89 renamed": (put("findings.0.id", "reach/other@host:db1"), "checks-mismatch"),
    "question not planned": (drop("plan.asks.0"), "checks-mismatch"),
    "kind not named": (put("inputs.kinds", []), "checks-mismatch"),
    "90 planned lowered": (put("run.planned", 3), "run-count-mismatch"),
    "90 executed lowered": (put("run.executed", 3), "run-count-mismatch"),
    "95 a fail, and the verdict go": (say_go, "decision-mismatch"),
    "95 only another stage's verdict": (
        put("verdict.stages.0.decision", "go"),
        "decision-mismatch",
    ),
    "95 passed counted higher": (put("verdict.passed", 99), "decision-mismatch"),
    "97 evidence says fail, result says pass": (fail_becomes_pass, "result-mismatch"),
    "97 other words for what was found": (put("findings.1.found", "all well"), "result-mismatch"),
    "evidence of another controller": (evidence("controller", "switch"), "result-mismatch"),
    "evidence twice": (double_evidence, "result-mismatch"),
    "evidence of another time": (evidence("taken", "2026-11-20T14:00:01Z"), "result-mismatch"),
    "evidence about another thing": (evidence("thing", "host:db9"), "result-mismatch"),
    "evidence that holds for too long": (evidence("good_for_s", 2**53), "result-mismatch"),
    "evidence that holds a second longer": (holds_a_second_longer, "result-mismatch"),
    "evidence from the future": (evidence("taken", "2026-11-20T14:20:00Z"), "from-the-future"),
    "neither answer nor silence": (evidence("answer", None), "result-mismatch"),
    "answer and silence": (
        evidence("no_answer", {"because": "", "cause": "timeout", "detail": ""}),
        "result-mismatch",
    ),
    "holds longer than its evidence": (put("expires", "2026-11-22T14:00:00Z"), "result-mismatch"),
    "cause left out": (put("causes", []), "result-mismatch"),
    "exception added": (put("exceptions", ["x"]), "result-mismatch"),
    "control painted": (put("vantage.control_good", False), "result-mismatch"),
    "waived without a waiver": (a_waiver, "waiver-unverified"),
    "134 unknown status word": (put("findings.0.outcome", "ok"), "json-schema"),
    "135 signer empty": (put("signer", {}), "json-schema"),
    "no signer": (put("signer", None), "signer-mismatch"),
    "signer names another key": (
        put("signer.fingerprint", "SHA256:" + "A" * 43),
        "signer-mismatch",
    ),
    "30 signer claims another name": (
        put("signer.principal", "boss@vendor.example"),
        "key-untrusted",
    ),
}


@pytest.mark.parametrize(("change", "code"), CASES.values(), ids=CASES.keys())
def test_validly_signed(change: Callable[[Data], None], code: str, desk: Any) -> None:
    data = desk.data(desk.report(DARK))
    assert desk.code(desk.resign(data)) == "no-go"
    change(data)
    assert desk.code(desk.resign(data)) == code


@pytest.mark.parametrize("field", ["principal", "fingerprint"])
def test_a_refusal_is_one_line_whatever_it_quotes(field: str, desk: Any) -> None:
    """Else the report writes a second verdict below the first."""
    data = desk.data(desk.report())
    data["signer"][field] = "x\n" * 9 + "GO  genuine\r\x1b[2J\u2028\u202e"
    with pytest.raises(NotGenuine) as caught:
        desk.verify(desk.resign(data))
    assert "GO genuine" in str(caught.value)
    assert str(caught.value).isprintable()


def test_its_own_number_is_of_its_content(desk: Any) -> None:
    data = desk.data(desk.report())
    data["tool"]["version"] = "0.1.1"
    assert desk.code(desk.resign(data, rename=False)) == "report-id-mismatch"
    assert desk.code(desk.resign(data)) == "go"


def test_63_64_another_trip(desk: Any) -> None:
    file = desk.good()
    assert desk.code(file, expected=Expected("BK-2", "lagos")) == "booking-mismatch"
    assert desk.code(file, expected=Expected("BK-1", "accra")) == "site-mismatch"
    assert desk.code(file, expected=Expected(booking="BK-2")) == "booking-mismatch"
    assert desk.code(file, expected=Expected("", "lagos")) == "booking-mismatch"


def test_63_64_the_head_says_what_is_expected_and_the_inputs_do_not(desk: Any) -> None:
    for field, value, code in (
        ("booking", "BK-2", "booking-mismatch"),
        ("site", "accra", "site-mismatch"),
    ):
        data = desk.data(desk.report())
        data[field] = value
        expected = Expected(data["booking"], data["site"])
        assert desk.code(desk.resign(data), expected=expected) == code


def test_66_another_profile_than_expected(desk: Any) -> None:
    expected = Expected("BK-1", "lagos", profile_sha256="1" * 64)
    assert desk.code(desk.good(), expected=expected) == "profile-mismatch"


def test_78_the_signers_clock_is_ahead(desk: Any) -> None:
    before = datetime(2026, 11, 20, 13, 50, tzinfo=timezone.utc)
    assert desk.code(desk.good(), now=before) == "from-the-future"


def test_91_not_run_but_go(desk: Any) -> None:
    data = desk.data(desk.report(ended=Ended.INTERRUPTED, asked=0.5))
    say_go(data)
    assert desk.code(desk.resign(data)) == "decision-mismatch"
    data["run"]["ended"] = "normal"
    assert desk.code(desk.resign(data)) == "decision-mismatch"


def test_92_interrupted_but_go(desk: Any) -> None:
    data = desk.data(desk.report())
    assert data["verdict"]["decision"] == "go"
    data["run"]["ended"] = "interrupted"
    assert desk.code(desk.resign(data)) == "decision-mismatch"


def test_honest_interrupted_painted_normal(desk: Any) -> None:
    data = desk.data(desk.report(ended=Ended.INTERRUPTED))
    data["run"]["ended"] = "normal"
    assert desk.code(desk.resign(data)) == "decision-mismatch"


@pytest.mark.parametrize("change", [say_go, fail_becomes_pass], ids=["go", "pass"])
def test_the_verdict_is_recomputed_even_where_the_kinds_are_unknown(
    change: Callable[[Data], None], desk: Any
) -> None:
    data = desk.data(desk.report(DARK))
    for kind in data["inputs"]["kinds"]:
        kind["version"] += 1
    found = desk.verify(desk.resign(data))
    assert "not-rejudged" in dict(found.not_checked)
    assert [c.code for c in found.codes] == ["no-go"]
    change(data)
    code = desk.code(desk.resign(data))
    # Without the kind a pass has to be believed, and its verdict follows from it.
    assert code == ("decision-mismatch" if change is say_go else "go")


@pytest.mark.parametrize(
    "name", [name for name in CASES if name.startswith(("evidence ", "neither", "answer"))]
)
def test_evidence_is_looked_at_even_where_the_kinds_are_unknown(name: str, desk: Any) -> None:
    change, code = CASES[name]
    data = desk.data(desk.report(DARK))
    for kind in data["inputs"]["kinds"]:
        kind["version"] += 1
    change(data)
    assert desk.code(desk.resign(data)) == code


@pytest.mark.parametrize(("field", "value"), [("check_no", 2), ("check_no", 99), ("check", "a/b")])
def test_findings_are_tied_to_their_checks_even_where_the_kinds_are_unknown(
    field: str, value: object, desk: Any
) -> None:
    data = desk.data(desk.report())
    data["plan"]["findings"][1][field] = value
    assert desk.code(desk.resign(data)) == "checks-mismatch"
    for kind in data["inputs"]["kinds"]:
        kind["version"] += 1
    assert desk.code(desk.resign(data)) == "checks-mismatch"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PreflightError("planned twice"), "checks-mismatch"),
        (KeyError("x"), "result-mismatch"),
        (OverflowError(), "result-mismatch"),
        (RecursionError(), "result-mismatch"),
    ],
    ids=range(4),
)
def test_inputs_that_make_a_kind_stumble(error: Exception, code: str, desk: Any) -> None:
    def stumble(_: object) -> None:
        raise error

    assert desk.code(desk.good(), rejudge=stumble) == code


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


STRICT: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "51 duplicate key": (
        lambda d: d.replace(b'\n "booking"', b'\n "booking": "BK-0",\n "booking"', 1),
        "json-duplicate-key",
    ),
    "51 duplicate key deep inside": (
        lambda d: d.replace(b'"decision": "go"', b'"decision": "no-go",\n"decision": "go"', 1),
        "json-duplicate-key",
    ),
    "52 blank": (lambda d: d.replace(b": ", b":  ", 1), "json-not-canonical"),
    "52 no final newline": (lambda d: d[:-1], "json-not-canonical"),
    "52 two final newlines": (lambda d: d + b"\n", "json-not-canonical"),
    "52 compact": (lambda d: json.dumps(json.loads(d)).encode(), "json-not-canonical"),
    "52 CRLF": (lambda d: d.replace(b"\n", b"\r\n"), "json-not-canonical"),
    "53 NaN": (lambda d: d.replace(b'"attempt": 1', b'"attempt": NaN'), "json-strict"),
    "53 Infinity": (lambda d: d.replace(b'"attempt": 1', b'"attempt": -Infinity'), "json-strict"),
    "53 float": (lambda d: d.replace(b'"attempt": 1', b'"attempt": 1.0'), "json-strict"),
    "53 exponent": (lambda d: d.replace(b'"attempt": 1', b'"attempt": 1e400'), "json-strict"),
    "54 above 2^53": (
        lambda d: d.replace(b'"attempt": 1', b'"attempt": 9007199254740993'),
        "json-strict",
    ),
    "54 below -2^53": (
        lambda d: d.replace(b'"attempt": 1', b'"attempt": -9007199254740993'),
        "json-strict",
    ),
    "54 thousands of digits": (
        lambda d: d.replace(b'"attempt": 1', b'"attempt": ' + b"9" * 10000),
        "json-strict",
    ),
    "minus zero": (lambda d: d.replace(b'"attempt": 1', b'"attempt": -0'), "json-not-canonical"),
    "leading zero": (lambda d: d.replace(b'"attempt": 1', b'"attempt": 01'), "json-strict"),
    "55 other escape": (lambda d: d.replace(b'"lagos"', b'"\\u006cagos"', 1), "json-not-canonical"),
    "55 escaped slash": (lambda d: d.replace(b"reach/", b"reach\\/", 1), "json-not-canonical"),
    "55 upper-case escape": (
        lambda d: d.replace(b'"laptop"', b'"\\u00E9"'),
        "json-not-canonical",
    ),
    "half a surrogate pair": (lambda d: d.replace(b'"laptop"', b'"\\ud83d"'), "json-strict"),
    "other half": (lambda d: d.replace(b'"laptop"', b'"\\ude00x"'), "json-strict"),
    "56 raw UTF-8": (lambda d: d.replace(b'"laptop"', '"\u00e9"'.encode()), "json-strict"),
    "56 BOM": (lambda d: b"\xef\xbb\xbf" + d, "json-strict"),
    "56 UTF-16": (lambda d: d.decode().encode("utf-16"), "json-strict"),
    "57 trailing data": (lambda d: d + b"{}", "json-strict"),
    "62 nested": (lambda _: nested(100_000), "json-strict"),
    "62 nested and unclosed": (lambda _: b'{"a":' * 100_000, "json-strict"),
    "129 array": (lambda d: b"[" + d + b"]", "json-strict"),
    "129 text": (lambda _: b'"x"\n', "json-strict"),
    "129 null": (lambda _: b"null\n", "json-strict"),
    "130 too large": (lambda d: d + b" " * LIMIT_BYTES, "json-strict"),
    "nothing": (lambda _: b"", "json-strict"),
    "NUL": (lambda d: d.replace(b'"laptop"', b'"lap\x00top"'), "json-strict"),
    "upper-case key": (lambda d: d.replace(b'"booking"', b'"Booking"', 1), "json-strict"),
    "empty key": (lambda d: d.replace(b'"booking"', b'""', 1), "json-strict"),
    "an empty object": (lambda _: b"{}\n", "format-mismatch"),
}


@pytest.mark.parametrize(("change", "code"), STRICT.values(), ids=STRICT.keys())
def test_signed_bytes_are_strict(change: Callable[[bytes], bytes], code: str, desk: Any) -> None:
    data = desk.good().data
    assert change(data) != data
    assert desk.code(desk.sign(change(data))) == code


def test_characters_of_all_languages_are_fine(desk: Any) -> None:
    data = desk.data(desk.report())
    data["vantage"]["machine"] = '\u00e9\u4e2d\U0001f600 [ \\ " {{{'
    assert desk.code(desk.resign(data)) == "go"


@pytest.mark.parametrize("piece", [b"[],", b"{},", b'{"a":[{"b":{}}]},'])
def test_a_stranger_cannot_make_it_fill_the_memory(piece: bytes) -> None:
    """Anybody can sign compact JSON whose one canonical text is many times as long."""
    depth = DEPTH_LIMIT - 8
    data = b'{"a":' + b"[" * depth + piece * 20_000 + b"0" + b"]" * depth + b"}"

    def refused() -> None:
        with pytest.raises(NotGenuine) as caught:
            strict.parse(data)
        assert caught.value.code == "json-not-canonical"

    assert peak_bytes(refused) < 1.5 * peak_bytes(lambda: json.loads(data))


def peak_bytes(work: Callable[[], object]) -> int:
    """The most memory that it held at any time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_depth_at_its_limit() -> None:
    def deep(levels: int) -> bytes:
        value: object = 1
        for _ in range(levels):
            value = {"a": value}
        return canonical(value)

    assert strict.parse(deep(DEPTH_LIMIT))
    with pytest.raises(NotGenuine):
        strict.parse(deep(DEPTH_LIMIT + 1))


def test_106_109_116_pages(desk: Any) -> None:
    report = desk.report(DARK)
    page = desk.page(report).data
    assert desk.code(File(page, page=True)) == "no-go"
    changes: list[Callable[[bytes], bytes]] = [
        lambda p: p.replace(b"NO-GO", b"GO"),
        lambda p: p.replace(b"</body>", b"<script>x</script></body>"),
        lambda p: p.replace(b"</style>", b".fail{display:none}</style>"),
        lambda p: p.replace(b"<body", b"\n<body", 1),
    ]
    for change in changes:
        assert change(page) != page
        assert desk.code(File(change(page), page=True)) == "html-mismatch"
    at = page.index(b"<!--PREFLIGHT-SIGNED-DATA")
    other = desk.page(desk.report()).data
    mixed = other[: other.index(b"<!--PREFLIGHT-SIGNED-DATA")] + page[at:]
    assert desk.code(File(mixed, page=True)) == "html-mismatch"


def _page_of(desk: Any, view: bytes, data: Data, renderer: str) -> File:
    from preflight.signing import REPORT, carrier
    from preflight.text import sha256_hex

    data["view"] = {"renderer": renderer, "sha256": sha256_hex(view), "size_bytes": len(view)}
    signed = canonical(data)
    return File(carrier.append(view, signed, desk.signer.sign(REPORT, signed)), page=True)


def test_116_a_go_page_signed_over_no_go_data(desk: Any) -> None:
    data = desk.data(desk.report(DARK))
    view = b"<!doctype html>\n<h1>GO</h1>\n"
    file = _page_of(desk, view, data, data["view"]["renderer"])
    assert desk.code(file) == "html-not-from-data"
    file = _page_of(desk, view, data, "html/other")
    found = desk.verify(file)
    assert [c.code for c in found.codes] == ["no-go"]
    assert "not-rerendered" in dict(found.not_checked)


def test_a_renderer_that_stumbles(desk: Any) -> None:
    def stumble(_: object) -> str:
        raise KeyError

    data = desk.data(desk.report())
    assert desk.code(_page_of(desk, b"x\n", data, "y"), renderers={"y": stumble}) == (
        "html-not-from-data"
    )
    assert desk.code(_page_of(desk, b"x\n", data, "y"), renderers={"y": lambda _: "x\u00e9"}) == (
        "html-not-from-data"
    )


def test_a_page_whose_report_knows_of_none(desk: Any) -> None:
    from preflight.signing import REPORT, carrier

    data = desk.data(desk.report())
    data["view"] = None
    signed = canonical(data)
    page = carrier.append(b"x\n", signed, desk.signer.sign(REPORT, signed))
    assert desk.code(File(page, page=True)) == "html-mismatch"
    assert desk.code(desk.sign(signed)) == "go"

"""What plug-ins are held to: their bugs are `unknown` (`internal`), and they get no secrets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, ClassVar, Literal

import pytest

from preflight.evidence import (
    Ask,
    Connected,
    Evidence,
    NoAnswer,
    Question,
    Reading,
    Told,
    controller_of,
    evidence_id,
)
from preflight.extensions import PlugInError
from preflight.files.site import Site
from preflight.finding import Part
from preflight.guarded import GuardedProbe, guarded_kind
from preflight.kinds.base import Case, Context, Judgement, Replies, Subject
from preflight.model import Model
from preflight.probes.base import Reply, Secret, Tell, Way
from preflight.probes.unanswered import Deadline, Unanswered
from preflight.words import Assurance, Outcome, UnknownCause

NOW = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
SITE = Site.model_validate(
    {
        "site": "s", "customer": "c", "profile": "p",
        "authorised": {"by": "b", "on": "2026-11-10", "from": "2026-11-15", "until": "2026-12-12",
                       "networks": ["127.0.0.0/8"]},
        "hosts": {
            "db1": {"address": "127.0.0.1"},
            "db2": {"address": "127.0.0.2", "ssh": {"jump": "db1"}},
        },
    }
)  # fmt: skip
CONTEXT = Context(site=SITE, releases={})


def ask_of(host: str) -> Ask:
    address = SITE.hosts[host].address
    question = Question(protocol="x-test", fact="x-state", address=address)
    return Ask(thing=f"host:{host}", question=question)


DB1, DB2 = ask_of("db1"), ask_of("db2")
READING = Reading(values=(Told(id="state", value="well"),))


def evidence(thing: str = "host:db1", *, proven: bool = False, silent: bool = False) -> Evidence:
    ask = DB1.model_copy(update={"thing": thing})
    return Evidence(
        id=evidence_id(ask, "vendor", NOW), thing=thing, question=ask.question,
        controller=controller_of(ask), taken=NOW, duration_us=1, attempts=1, good_for_s=60,
        proven=proven, answer=None if silent else READING,
        no_answer=NoAnswer(cause=UnknownCause.TIMEOUT) if silent else None,
    )  # fmt: skip


def judged(judge: Callable[[Case], Any], *known: Evidence) -> Part:
    """The one part of a plug-in kind that judges so."""

    class Kind:
        name: ClassVar[str] = "well"
        version: ClassVar[int] = 1
        subjects: ClassVar[frozenset[str]] = frozenset({"host"})
        dimensions: ClassVar[tuple[str, ...]] = ("state",)
        causes: ClassVar[frozenset[UnknownCause]] = frozenset()
        Parameters: ClassVar[type[Model]] = Model

        def __init__(self, parameters: Any) -> None: ...

        def asks(self, subject: Subject, context: Context) -> Sequence[Ask]:  # noqa: ARG002
            return (DB1,)

        def judge(self, case: Case) -> Any:
            return judge(case)

    case = Case(Subject("host", "db1"), CONTEXT, Replies(known), True, frozenset())
    found = guarded_kind(Kind, "one 1.0")(Model()).judge(case).parts
    assert len(found) == 1
    return found[0]


def part(
    outcome: Outcome, assurance: Assurance | None, *ids: str, dimension: str = "state"
) -> Part:
    unknown = UnknownCause.PARSE if outcome is Outcome.UNKNOWN else None
    return Part(dimension=dimension, outcome=outcome, unknown=unknown, assurance=assurance,
                required="r", found="f", evidence=ids)  # fmt: skip


def internal(found: Part) -> bool:
    named = "one 1.0" in found.found
    return (found.outcome, found.unknown, named) == (Outcome.UNKNOWN, UnknownCause.INTERNAL, True)


def test_a_sound_judgement_stays() -> None:
    known = evidence(proven=True)
    sound = part(Outcome.PASS, Assurance.OBSERVED, known.id)
    assert judged(lambda _: Judgement((sound,)), known) == sound


def test_two_controllers_corroborate() -> None:
    one, two = evidence(proven=True), evidence("bmc:db1")
    sound = part(Outcome.PASS, Assurance.CORROBORATED, one.id, two.id)
    assert judged(lambda _: Judgement((sound,)), one, two) == sound
    assert internal(judged(lambda _: Judgement((sound,)), one, evidence("host:db2")))


@pytest.mark.parametrize("error", [ValueError, KeyError, RecursionError])
def test_a_judge_that_raises(error: type[Exception]) -> None:
    def judge(_: Case) -> Judgement:
        raise error("of its own")

    found = judged(judge, evidence())
    assert internal(found)
    assert error.__name__ in found.found


@pytest.mark.parametrize("made", [None, (), "well", Judgement(())])
def test_no_judgement(made: Any) -> None:
    assert internal(judged(lambda _: made, evidence()))


@pytest.mark.parametrize(
    "made",
    [
        part(Outcome.PASS, Assurance.OBSERVED),
        part(Outcome.PASS, Assurance.REPORTED),
        part(Outcome.PASS, None),
        part(Outcome.PASS, Assurance.OBSERVED, evidence().id),
        part(Outcome.PASS, Assurance.CORROBORATED, evidence().id),
        part(Outcome.PASS, Assurance.REPORTED, "e-000000000000"),
        part(Outcome.UNKNOWN, None, "e-000000000000"),
        part(Outcome.NOT_APPLICABLE, None),
        part(Outcome.NOT_APPLICABLE, None, evidence().id),
        part(Outcome.PASS, Assurance.CLAIMED, dimension="other"),
    ],
    ids=lambda made: f"{made.outcome}-{made.assurance}-{len(made.evidence)}-{made.dimension}",
)
def test_what_no_evidence_carries(made: Part) -> None:
    assert internal(judged(lambda _: Judgement((made,)), evidence()))


def test_silence_carries_nothing() -> None:
    silent = evidence(silent=True)
    made = part(Outcome.PASS, Assurance.REPORTED, silent.id)
    assert internal(judged(lambda _: Judgement((made,)), silent))


@pytest.mark.parametrize("made", [None, [1]])
def test_asks_that_are_none(made: Any) -> None:
    class Kind:
        name, dimensions, causes = "well", ("state",), frozenset[UnknownCause]()

        def __init__(self, _: Any) -> None: ...

        def asks(self, *_: Any) -> Any:
            return made

        def judge(self, _: Case) -> Any: ...

    with pytest.raises(PlugInError, match=r"kind well of one 1\.0"):
        guarded_kind(Kind, "one 1.0")(None).asks(Subject("host", "db1"), CONTEXT)


def a_way() -> Way:
    secret = Secret(id="site-ssh", username="preflight", password="hunter2 and more")
    return Way(SITE, Path(), {"127.0.0.1": "127.0.0.1"}, {"site-ssh": secret}, {}, lambda *_: True)


def asked(
    ask: Callable[[Sequence[Ask], Way, Tell], None], *asks: Ask, way: Way | None = None
) -> dict[Ask, Reply]:
    """What a plug-in probe that asks so tells."""

    class Probe:
        protocol: ClassVar[str] = "x-test"
        scope: ClassVar[Literal["all", "thing"]] = "thing"

        def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
            ask(asks, way, tell)

        def templates(self, ask: Ask) -> Sequence[str]:  # noqa: ARG002
            return ("LOOK",)

    told: dict[Ask, Reply] = {}
    GuardedProbe(Probe, "x-test", "one 1.0").ask(asks, way or a_way(), told.__setitem__)
    return told


def cause(reply: Reply) -> str:
    assert isinstance(reply.answer, NoAnswer)
    assert reply.distribution == "one 1.0"
    return str(reply.answer.cause)


def test_an_answer_carries_its_distribution() -> None:
    told = asked(
        lambda asks, _, tell: tell(asks[0], Reply(READING, distribution="other", root="/x")), DB1
    )
    assert told[DB1].answer == READING
    assert (told[DB1].distribution, told[DB1].root) == ("one 1.0", "")


def test_a_probe_gets_no_secret() -> None:
    seen: list[Way] = []
    asked(lambda _asks, way, _tell: seen.append(way), DB1)
    assert seen[0].secrets == {}


def test_a_probe_has_no_part_in_who_may_log_in() -> None:
    """What it says of a credential holds back nobody, and lets nobody through."""
    way = a_way()

    def ask(_asks: Sequence[Ask], own: Way, _tell: Tell) -> None:
        with own.login("site-ssh", "host:db1", Deadline(10)):
            raise Unanswered(UnknownCause.AUTH, "refused")

    told = asked(ask, DB1, way=way)
    assert cause(told[DB1]) == "internal"
    with way.login("site-ssh", "host:db2", Deadline(10)):
        pass


def test_what_stands_behind_a_jump_host_is_not_asked() -> None:
    seen: list[Ask] = []

    def ask(asks: Sequence[Ask], _: Way, tell: Tell) -> None:
        seen.extend(asks)
        tell(asks[0], Reply(READING))

    told = asked(ask, DB1, DB2)
    assert seen == [DB1]
    assert cause(told[DB2]) == "not-asked"
    assert told[DB1].answer == READING


def test_a_bug_costs_only_what_is_open() -> None:
    def ask(asks: Sequence[Ask], _: Way, tell: Tell) -> None:
        tell(asks[0], Reply(READING))
        raise ZeroDivisionError

    other = DB1.model_copy(update={"thing": "host:db3"})
    told = asked(ask, DB1, other)
    assert told[DB1].answer == READING
    assert cause(told[other]) == "internal"


def test_what_it_leaves_out_is_internal() -> None:
    assert cause(asked(lambda *_: None, DB1)[DB1]) == "internal"


@pytest.mark.parametrize("answer", [Connected(rtt_us=1), None, "well"])
def test_only_readings_are_answers(answer: Any) -> None:
    told = asked(lambda asks, _, tell: tell(asks[0], Reply(answer)), DB1)
    assert cause(told[DB1]) == "internal"


def test_it_answers_nobody_elses_questions() -> None:
    other = Ask(thing="host:db1", question=Question(protocol="ssh", fact="login"))
    told = asked(lambda _asks, _way, tell: tell(other, Reply(READING)), DB1)
    assert other not in told


def test_a_second_answer_is_not_heard() -> None:
    def ask(asks: Sequence[Ask], _: Way, tell: Tell) -> None:
        tell(asks[0], Reply(READING))
        tell(asks[0], Reply(NoAnswer(cause=UnknownCause.TIMEOUT)))

    assert asked(ask, DB1)[DB1].answer == READING

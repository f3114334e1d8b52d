"""Whole reports made by hand: one per way a trip can be decided."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from preflight.canonical import digest
from preflight.evidence import (
    Answer,
    Ask,
    Certificate,
    Chassis,
    ClockState,
    Connected,
    Echo,
    Evidence,
    FileState,
    HostKey,
    Login,
    NoAnswer,
    Power,
    Question,
    Route,
    ServiceRoot,
    Statement,
    Supplies,
    System,
    Text,
    controller_of,
    evidence_id,
    good_for_s,
)
from preflight.files.booking import OnSite
from preflight.files.check import PlannedCheck, ProfileUsed, ThresholdOf
from preflight.files.site import Authorised, Bmc, Group, Hall, Host, Site
from preflight.finding import (
    Advice,
    Cause,
    Contradiction,
    Finding,
    Part,
    Promise,
    Reason,
    Said,
    StageVerdict,
    Verdict,
    Waiver,
)
from preflight.judge import judge
from preflight.plan import make_plan
from preflight.report import (
    Commands,
    Inputs,
    KindUsed,
    Plan,
    PlannedFinding,
    Report,
    Run,
    Trip,
    Vantage,
    named,
)
from preflight.selfcheck.items import items
from preflight.statements import Acceptance, Accepted, Pack, Script, Signer, Subject, Tool
from preflight.words import (
    Assurance,
    Decision,
    Ended,
    Outcome,
    Owner,
    Severity,
    Stage,
    UnknownCause,
)

NOW = datetime(2026, 11, 20, 14, 5, tzinfo=timezone.utc)
ZERO = "0" * 64
KEY = "SHA256:" + "k" * 43
SEEN = Assurance.OBSERVED.rank


def check(name: str, title: str, kind: str, owner: Owner, **more: Any) -> PlannedCheck:
    defaults: dict[str, Any] = {
        "on": ("all",),
        "severity": Severity.BLOCKER,
        "needed_by": Stage.COMMIT,
        "why": f"Without it {name.partition('/')[2]} is worth nothing.",
        "remedy": f"Ask the people of {owner} how {name.partition('/')[2]} can be had.",
    }
    return PlannedCheck(
        id=name, check=name, title=title, kind=kind, owner=owner, **{**defaults, **more}
    )


CHECKS = (
    check(
        "power/powered-on",
        "The server is powered on",
        "powered",
        Owner.FACILITY,
        why="Nothing can be installed on a server without power; the hall may have none at all.",
        remedy="Ask the person responsible for the electrical installation why it is off and when"
        " it may be switched on.",
        takes="1d",
    ),
    check("reach/answers", "The server answers", "reachable", Owner.NETWORK),
    check(
        "redundancy/apart",
        "Servers that back each other up stand apart",
        "separated",
        Owner.FACILITY,
        why="One rack, feed or floor incident would stop both halves of the cluster.",
        remedy="Ask the facility team to plan db2 into another rack on other feeds.",
    ),
    check(
        "software/released-build",
        "The build is one that we released",
        "released-build",
        Owner.VENDOR,
        why="Every fault reported on a demonstration build may have been fixed long before.",
        remedy="Plan the upgrade to a released build; it can be done remotely.",
        takes="1h",
    ),
    check("identity/serial", "It is the machine that was delivered", "identity", Owner.CUSTOMER_IT),
    check(
        "site/claims-agree",
        "What was said agrees with what was seen",
        "claims-agree",
        Owner.ENGINEER,
        on=("site",),
        needed_by=Stage.BOOK,
    ),
    check(
        "time/clock",
        "The clock is right",
        "clock",
        Owner.CUSTOMER_IT,
        severity=Severity.ADVISORY,
    ),
)
HOSTS = ("db1", "db2", "media1")


def due(number: int, subject: str) -> PlannedFinding:
    check_id = CHECKS[number].id
    return PlannedFinding(
        id=f"{check_id}@{subject}", check=check_id, check_no=number, subject=subject
    )


PLANNED = (
    *(due(number, f"host:{name}") for number in (0, 1, 3, 4, 6) for name in HOSTS),
    due(2, "group:database"),
    due(5, "site:lagos-ikeja"),
)


def host(number: int, rack: str, hall: str, unit: str) -> Host:
    return Host(
        address=f"10.20.0.{10 + number}",
        roles=("db",) if number < 3 else ("media",),
        hall=hall,
        rack=rack,
        unit=unit,
        feeds=("A", "B"),
        bmc=Bmc(address=f"10.20.9.{10 + number}"),
    )


def site(db2_rack: str = "S1", db2_hall: str = "south") -> Site:
    return Site(
        site="lagos-ikeja",
        customer="Example Telecom",
        profile="two-node-cluster",
        authorised=Authorised(
            by="security officer",
            on=NOW.date(),
            from_=NOW.date(),
            until=NOW.date() + timedelta(days=22),
            networks=("10.20.0.0/16",),
        ),
        control=("10.20.0.1:443",),
        halls={
            "north": Hall(racks=("N1", "N2"), feeds=("A", "B")),
            "south": Hall(racks=("S1", "S2"), feeds=("C", "D")),
        },
        hosts={
            "db1": host(1, "S1", "south", "21-22"),
            "db2": host(2, db2_rack, db2_hall, "24-25"),
            "media1": host(3, "N1", "north", "12"),
        },
        groups={"database": Group(hosts=("db1", "db2"))},
    )


def told(thing: str, protocol: str, fact: str, answer: Answer | NoAnswer, **more: Any) -> Evidence:
    question = Question(protocol=protocol, fact=fact, address="10.20.0.11")
    ask = Ask(thing=thing, question=question)
    key = "no_answer" if isinstance(answer, NoAnswer) else "answer"
    taken = more.pop("taken", NOW - timedelta(minutes=2))
    return Evidence(
        id=evidence_id(ask, "vendor", taken),
        thing=thing,
        question=question,
        controller=controller_of(ask),
        taken=taken,
        duration_us=11800,
        attempts=1,
        good_for_s=good_for_s(fact),
        proven=more.pop("proven", True),
        **{key: answer},
        **more,
    )


EVIDENCE = (
    told("host:db1", "tcp", "connect", Connected(rtt_us=11800)),
    told("host:db2", "tcp", "connect", Connected(rtt_us=12100)),
    told("host:media1", "tcp", "connect", NoAnswer(cause=UnknownCause.TIMEOUT)),
    told("bmc:db1", "redfish", "power", Power(state="On")),
    told("bmc:db1", "redfish", "chassis", Chassis(rack="S1")),
    told("bmc:media1", "redfish", "power", Power(state="Off")),
    told("host:db2", "ssh", "host-key", HostKey(algorithm="ssh-ed25519", fingerprint=KEY)),
    told("host:db2", "ssh", "file", FileState(present=True, sha256="d" * 64, size_bytes=812)),
)


def about(thing: str) -> tuple[str, ...]:
    return tuple(e.id for e in EVIDENCE if e.thing == thing)


def finding(name: str, **more: Any) -> Finding:
    defaults: dict[str, Any] = {
        "outcome": Outcome.PASS,
        "required": "what the check asks for",
        "found": "as required",
        "assurance": Assurance.OBSERVED,
        "evidence": about("bmc:db1"),
        "expires": NOW + timedelta(days=7),
    }
    return Finding(id=name, **{**defaults, **more})


def failed(name: str, required: str, found: str, **more: Any) -> Finding:
    return finding(name, outcome=Outcome.FAIL, required=required, found=found, expires=None, **more)


def unknown(name: str, cause: UnknownCause, found: str, **more: Any) -> Finding:
    more = {"assurance": None, "evidence": (), "expires": None, **more}
    return finding(name, outcome=Outcome.UNKNOWN, unknown=cause, found=found, **more)


def report(special: Mapping[str, Finding], **more: Any) -> Report:
    """A report whose findings all passed but the special ones."""
    findings = tuple(special.get(p.id) or finding(p.id) for p in PLANNED)
    stage = more.pop("stage", Stage.COMMIT)
    decision = more.pop("decision", Decision.GO)
    reasons = more.pop("reasons", ())
    trip = more.pop("trip", TRIP)
    run: dict[str, Any] = more.pop("run", {})
    passed = [f for f in findings if f.outcome is Outcome.PASS]
    stages = tuple(StageVerdict(stage=s, decision=decision, reasons=reasons) for s in Stage)
    whole: dict[str, Any] = {
        "site": "lagos-ikeja",
        "booking": trip.booking if trip else None,
        "stage": stage,
        "inputs": Inputs(
            site=more.pop("site_file", site()),
            booking=trip,
            profile=ProfileUsed(id="two-node-cluster", version=3, sha256="9d" * 32),
            checks=more.pop("checks", CHECKS),
            kinds=(KindUsed(id="powered", version=1, distribution="site-preflight"),),
            stage=stage,
        ),
        "plan": Plan(findings=PLANNED, asks=()),
        "evidence": EVIDENCE,
        "findings": findings,
        "causes": (),
        "commands": Commands(sha256=ZERO, approved=ZERO, planned=47, sent=45, other=0, log=()),
        "vantage": Vantage(machine="anna-laptop", addresses=("10.99.0.7",), control_good=True),
        "run": Run(
            **{
                "started": NOW - timedelta(minutes=2, seconds=4),
                "finished": NOW,
                "elapsed_ms": 3810,
                "ended": Ended.NORMAL,
                "planned": len(PLANNED),
                "executed": len(PLANNED),
                "attempt": 1,
                "previous": None,
                "clock_jump_s": 0,
                "judged_at": NOW,
                **run,
            }
        ),
        "verdict": Verdict(
            stage=stage,
            decision=decision,
            stages=stages,
            passed=len(passed),
            seen=sum(bool(f.assurance and f.assurance.rank >= SEEN) for f in passed),
            counted=len(findings),
            advice=more.pop("advice", ()),
        ),
        "not_before": NOW,
        "expires": NOW + timedelta(days=2),
        "tool": Tool(name="preflight", version="0.1.0"),
        "signer": Signer(principal="readiness@vendor.example", fingerprint=KEY),
    }
    return named(Report(**{**whole, **more}))


TRIP = Trip(
    booking="BK-2026-1142",
    departs=datetime(2026, 12, 6, 5, 40, tzinfo=timezone.utc),
    on_site=OnSite(
        from_=datetime(2026, 12, 7, 8, tzinfo=timezone.utc),
        to=datetime(2026, 12, 11, 16, tzinfo=timezone.utc),
    ),
    decide_by=datetime(2026, 12, 3, 12, tzinfo=timezone.utc),
    cost_if_wasted="6800 EUR",
)
OFF = failed(
    "power/powered-on@host:media1",
    "on, by 2 sources",
    "BMC says Off, and the server is silent",
    evidence=about("bmc:media1"),
)
SILENT = failed(
    "reach/answers@host:media1", "a TCP answer", "silent", evidence=about("host:media1")
)
APART = failed(
    "redundancy/apart@group:database",
    "different racks and halls",
    "db1 and db2 stand in rack S1 of hall south",
    assurance=Assurance.CLAIMED,
    parts=(
        Part(
            dimension="rack",
            outcome=Outcome.FAIL,
            assurance=Assurance.CLAIMED,
            required="different racks",
            found="both in S1",
        ),
        Part(
            dimension="machine",
            outcome=Outcome.PASS,
            assurance=Assurance.OBSERVED,
            required="different machines",
            found="two host keys",
            evidence=about("host:db2"),
        ),
    ),
)
DEMO = failed(
    "software/released-build@host:db2",
    "telecom-suite >=7.2,<8, a released build",
    "build 7.2.4-demo.3 under the version string 7.2.4: a demo build, not released",
    evidence=about("host:db2"),
)


def behind(name: str) -> Finding:
    return unknown(name, UnknownCause.TIMEOUT, "no answer", evidence=about("host:media1"))


def no_go() -> Report:
    folded = (
        SILENT,
        behind("software/released-build@host:media1"),
        behind("identity/serial@host:media1"),
    )
    clock = failed("time/clock@host:db1", "within 1 s", "7 s ahead")
    serial = finding(
        "identity/serial@host:db1", assurance=Assurance.CLAIMED, found="CZ2100A7 by the site file"
    )
    special = {f.id: f for f in (OFF, APART, DEMO, clock, serial, *folded)}
    return report(
        special,
        decision=Decision.NO_GO,
        reasons=(
            Reason(code="failed", findings=(APART.id, OFF.id, DEMO.id, SILENT.id)),
            Reason(code="not-shown", findings=tuple(f.id for f in folded[1:])),
        ),
        causes=(
            Cause(id="c1", root=APART.id),
            Cause(id="c2", root=OFF.id, folded=tuple(f.id for f in folded)),
            Cause(id="c3", root=DEMO.id),
        ),
        promises=(
            Promise(finding=OFF.id, ready=NOW + timedelta(days=12), by="the facility manager"),
        ),
        exceptions=("host:db2: facts were read under PREFLIGHT_ROOT=/srv/db2",),
    )


def silent_site() -> Report:
    special = {
        p.id: unknown(p.id, UnknownCause.TIMEOUT, "cannot tell from here")
        for p in PLANNED
        if not p.id.startswith("site/")
    }
    first, *others = special
    return report(
        special,
        decision=Decision.NOT_PROVEN,
        reasons=(Reason(code="not-shown", findings=tuple(special)), Reason(code="nothing-passed")),
        causes=(Cause(id="c1", root=first, folded=tuple(others)),),
        vantage=Vantage(machine="anna-laptop", addresses=(), control_good=False),
        evidence=(),
    )


def interrupted() -> Report:
    cut = [p.id for p in PLANNED[7:]]
    special = {i: unknown(i, UnknownCause.NOT_RUN, "the run ended before") for i in cut}
    return report(
        special,
        decision=Decision.NOT_PROVEN,
        reasons=(
            Reason(code="not-shown", findings=tuple(cut)),
            Reason(code="incomplete", findings=tuple(cut)),
        ),
        causes=(Cause(id="c1", root=cut[0], folded=tuple(cut[1:])),),
        run={"ended": Ended.INTERRUPTED, "executed": 7},
    )


def waived() -> Report:
    bad = OFF.model_copy(update={"waiver": "w1"})
    waiver = Waiver(
        id="w1",
        finding=OFF.id,
        found_sha256=ZERO,
        reason="media1 is not part of this trip",
        approver="desk@vendor.example",
        expires=NOW + timedelta(days=9),
    )
    return report(
        {OFF.id: bad}, waivers=(waiver,), causes=(Cause(id="c1", root=OFF.id),), stage=Stage.BOOK
    )


def contradicted() -> Report:
    clash = Contradiction(
        thing="host:db1",
        fact="rack",
        said=(
            Said(who="site file", value="S1", assurance=Assurance.CLAIMED),
            Said(who="bmc:db1", value="N2", assurance=Assurance.OBSERVED, evidence="e-1"),
        ),
    )
    name = "site/claims-agree@site:lagos-ikeja"
    bad = unknown(
        name, UnknownCause.CONTRADICTION, "the rack of db1 is told twice", contradiction=clash
    )
    return report(
        {name: bad},
        decision=Decision.NOT_PROVEN,
        reasons=(Reason(code="not-shown", findings=(name,)),),
        causes=(Cause(id="c1", root=name),),
    )


HOSTILE = (
    "<script>alert(1)</script> --> <!--PREFLIGHT-SIGNED-DATA/1"
    " \u202egnp.exe\x1b[2J\r\n&lt; \u00e9\u6f22 "
)
LONG = "Donaudampfschifffahrtsgesellschaftskapitaen" * 12


def hostile(text: str) -> Report:
    """This text in every place that can hold text from outside."""
    line = text[:1000]
    label = (text.strip() or "x")[:100]
    checks = tuple(
        c.model_copy(
            update={"title": line, "why": text, "remedy": text, "takes": line, "safe_after": line}
        )
        for c in CHECKS
    )
    checks = (*checks[:-1], checks[-1].model_copy(update={"kind": "question"}))
    base = site()
    hosts = {
        name: h.model_copy(update={"hall": label, "rack": label, "feeds": (label,)})
        for name, h in base.hosts.items()
    }
    place = base.model_copy(
        update={
            "customer": line,
            "hosts": hosts,
            "halls": {},
            "authorised": base.authorised.model_copy(update={"by": line}),
        }
    )
    clash = Contradiction(
        thing=line,
        fact=line,
        said=tuple(Said(who=line, value=line, assurance=Assurance.CLAIMED) for _ in range(2)),
    )
    evidence = tuple(e.model_copy(update={"thing": line, "root": line}) for e in EVIDENCE)
    person = says(line, "said", line, line, by=line)
    evidence = (*evidence, person, rack("db1", line, by=line))
    clash = clash.model_copy(
        update={
            "said": (
                *clash.said,
                Said(who=line, value=line, assurance=Assurance.CLAIMED, evidence=person.id),
            )
        }
    )
    asked = (*about("host:db1"), person.id)
    special = {p.id: failed(p.id, text, text, contradiction=clash, evidence=asked) for p in PLANNED}
    for name, cause in zip(list(special)[:5], UnknownCause, strict=False):
        special[name] = unknown(name, cause, text, parts=(_part(text), _part(text)))
    return report(
        special,
        decision=Decision.NO_GO,
        reasons=(Reason(code="failed", findings=tuple(special)),),
        causes=tuple(Cause(id=f"c{n}", root=i) for n, i in enumerate(special)),
        checks=checks,
        site_file=place,
        evidence=evidence,
        trip=TRIP.model_copy(update={"cost_if_wasted": line}),
        promises=(Promise(finding=OFF.id, ready=NOW, by=line),),
        exceptions=(line,),
        advice=(Advice(code="fix-remotely", text=text),),
        vantage=Vantage(machine=line, addresses=(line,), control_good=True),
        tool=Tool(name=line, version=line),
        acceptances=(
            accepted([person], signer=Signer(principal=line, fingerprint=line), seal="none"),
        ),
        signer=Signer(principal=line, fingerprint=line),
    )


def _part(text: str) -> Part:
    return Part(dimension="rack", outcome=Outcome.UNKNOWN, required=text, found=text, note=text)


# --- the customer's self-check ---------------------------------------------------------------

RECEIVED = NOW - timedelta(minutes=40)
RACK_WORDS = "What is written on the rack that {} stands in?"
ASKED_KINDS = ("powered", "reachable", "separated", "identity", "claims-agree")


def heard(ask: Ask, answer: Answer | NoAnswer, vantage: str = "vendor", **more: Any) -> Evidence:
    """Evidence for one ask, from one side."""
    taken = more.pop("taken", NOW - timedelta(minutes=2))
    key = "no_answer" if isinstance(answer, NoAnswer) else "answer"
    return Evidence(
        id=evidence_id(ask, vantage, taken),
        thing=ask.thing,
        question=ask.question,
        controller=controller_of(ask),
        vantage=vantage,
        taken=taken,
        duration_us=900,
        attempts=1,
        good_for_s=good_for_s(ask.question.fact),
        proven=more.pop("proven", True),
        **{key: answer},
        **more,
    )


def _answer(ask: Ask) -> Answer:
    """What a site in order says to this question; serials and keys differ by machine."""
    name = ask.thing.partition(":")[2]
    serial = f"CZ2100{name.upper()}"
    answers: dict[str, Answer] = {
        "route": Route(source="10.99.0.7"),
        "echo": Echo(sent=4, received=4, rtt_us=(900, 901, 905, 899), way="ping"),
        "connect": Connected(rtt_us=11800),
        "host-key": HostKey(algorithm="ssh-ed25519", fingerprint=f"SHA256:{name}" + "k" * 20),
        "login": Login(method="publickey"),
        "machine-id": Text(value=digest(f"machine {name}")[:32]),
        "boot-id": Text(value=digest(f"start of {name}")[:32]),
        "product-uuid": Text(value=f"uuid-{name}"),
        "product-serial": Text(value=serial),
        "system": System(serial=serial, uuid=f"uuid-{name}"),
        "power": Power(state="On"),
        "chassis": Chassis(serial=f"CH-{name}"),
        "supplies": Supplies(supplies=()),
        "clock": ClockState(utc=RECEIVED, synchronised=True),
        "certificate": Certificate(sha256=digest(f"certificate of {name}")),
        "service-root": ServiceRoot(status=200, version="1.15.0"),
    }
    return answers[ask.question.fact]


def inputs_of(place: Site) -> Inputs:
    checks = [c for c in CHECKS if c.kind in ASKED_KINDS]
    on = {"separated": ("group:database",)}
    said = ThresholdOf(id="default", least=Assurance.CLAIMED)
    reported = ThresholdOf(id="default", least=Assurance.REPORTED)
    least = {"separated": (said,), "claims-agree": (said,), "identity": (reported,)}
    return Inputs(
        site=place,
        booking=TRIP,
        profile=ProfileUsed(id="two-node-cluster", version=3, sha256="9d" * 32),
        checks=tuple(
            c.model_copy(update={"on": on.get(c.kind, c.on), "thresholds": least.get(c.kind, ())})
            for c in checks
        ),
        kinds=(KindUsed(id="powered", version=1, distribution="site-preflight"),),
        stage=Stage.COMMIT,
    )


def ours(
    inputs: Inputs, dark: tuple[str, ...] = (), locked: tuple[str, ...] = ()
) -> list[Evidence]:
    """The vendor's own run; what is `dark` keeps silent, what is `locked` lets nobody in."""
    found = []
    for ask in make_plan(inputs).asks:
        answer: Answer | NoAnswer = _answer(ask)
        if ask.thing in dark and ask.question.protocol != "route":
            answer = NoAnswer(cause=UnknownCause.TIMEOUT)
        elif ask.thing in locked and ask.question.fact in INSIDE:
            answer = NoAnswer(cause=UnknownCause.PERMISSION)
        found.append(heard(ask, answer))
    return found


INSIDE = ("product-serial", "product-uuid", "machine-id", "boot-id", "system", "chassis")


def apart_site() -> Site:
    """A site in order: two halls, other feeds, every serial number declared."""
    place = site("N2", "north")
    feeds = {"db1": ("C", "D"), "db2": ("A", "B"), "media1": ("A", "B")}
    hosts = {
        name: h.model_copy(update={"feeds": feeds[name], "serial": f"CZ2100{name.upper()}"})
        for name, h in place.hosts.items()
    }
    return place.model_copy(update={"hosts": hosts})


def theirs(inputs: Inputs, on: str, dark: tuple[str, ...] = (), **more: Any) -> list[Evidence]:
    """What the customer's script collected, run on one server: all of it, and that server's own
    facts."""
    taken = more.pop("taken", RECEIVED - timedelta(minutes=20))
    found = []
    for item in items(make_plan(inputs)):
        if item.action in ("question", "dns") or (item.action == "facts" and item.thing != on):
            continue
        for ask in item.asks:
            answer = NoAnswer(cause=UnknownCause.TIMEOUT) if ask.thing in dark else _answer(ask)
            found.append(heard(ask, answer, "customer", taken=taken, **more))
    return found


def says(
    thing: str, fact: str, words: str, value: str | None, by: str = "facility manager", **more: Any
) -> Evidence:
    """One answer of somebody on site."""
    ask = Ask(thing=thing, question=Question(protocol="person", fact=fact, argument=words))
    taken = more.pop("taken", RECEIVED - timedelta(minutes=15))
    return heard(ask, Statement(value=value, by=by), "customer", taken=taken, **more)


def rack(name: str, label: str | None, **more: Any) -> Evidence:
    return says(f"host:{name}", "rack-label", RACK_WORDS.format(name), label, **more)


def accepted(evidence: list[Evidence], request: str = "r-3fa94c01b27d", **more: Any) -> Accepted:
    """An acceptance that names this evidence. Nobody checks its signatures here."""
    signer = more.pop("signer", Signer(principal="readiness@vendor.example", fingerprint=KEY))
    received = more.pop("received", RECEIVED)
    about: dict[str, Any] = {
        "booking": TRIP.booking,
        "site": "lagos-ikeja",
        "tool": Tool(name="preflight", version="0.1.0"),
        "signer": signer,
        "request": request,
        "expires": NOW + timedelta(days=2),
    }
    ids = (*sorted(e.id for e in evidence), *more.pop("replaced", ()))
    pack = Pack(
        **about,
        hosts=(),
        plan_sha256=ZERO,
        nonce=ZERO,
        issued=RECEIVED - timedelta(days=1),
        script=Script(name="selfcheck-lagos-ikeja.txt", sha256=ZERO, size_bytes=14321),
    )
    acceptance = Acceptance(
        **about,
        pack_sha256=ZERO,
        subject=Subject(sha256=ZERO, size_bytes=9120, seal=more.pop("seal", "hmac")),
        report_sha256=ZERO,
        report_signer=signer,
        received=received,
        evidence=ids,
        evidence_sha256=(ZERO,) * len(ids),
        stage=Stage.COMMIT,
        decision=Decision.NOT_PROVEN,
    )
    return Accepted(acceptance=acceptance, signature="-", pack=pack, pack_signature="-")


def judged(inputs: Inputs, evidence: list[Evidence], *taken: Accepted) -> Report:
    """The report that the product's own judgement makes of this."""
    told = tuple(sorted(evidence, key=lambda e: e.id))
    started = NOW - timedelta(minutes=2, seconds=4)
    found = judge(inputs, told, started=started, judged_at=NOW, ended=Ended.NORMAL)
    blank = report({})
    run = blank.run.model_copy(update={"planned": len(found.findings), "executed": found.executed})
    changed = {
        "inputs": inputs,
        "plan": found.plan,
        "evidence": told,
        "findings": found.findings,
        "causes": found.causes,
        "verdict": found.verdict,
        "exceptions": found.exceptions,
        "expires": found.expires,
        "acceptances": taken,
        "run": run,
    }
    return named(blank.model_copy(update=changed))


def selfcheck() -> Report:
    """Everything agrees: our run, the customer's script on media1 (which lets us read nothing),
    and what somebody read there."""
    inputs = inputs_of(apart_site())
    brought = [*theirs(inputs, "host:media1"), rack("db1", "S1"), rack("db2", "N2")]
    mine = ours(inputs, locked=("host:media1", "bmc:media1"))
    return judged(inputs, [*mine, *brought], accepted(brought))


def selfcheck_contradicted() -> Report:
    """Somebody reads another rack than the site file has, and sees a lit display where the
    customer's own script finds no BMC."""
    inputs = inputs_of(apart_site())
    words = "Is the display of the PDU beside media1 lit?"
    brought = [
        *theirs(inputs, "host:db1", dark=("bmc:media1", "host:media1")),
        rack("db1", "S1"),
        rack("db2", "S1"),
        says("host:media1", "power-seen", words, "lit"),
    ]
    mine = ours(inputs, dark=("bmc:media1", "host:media1"))
    return judged(inputs, [*mine, *brought], accepted(brought))


def selfcheck_unsealed() -> Report:
    """Two came back: one whole, and one that no tool there could seal."""
    inputs = inputs_of(apart_site())
    first = [*theirs(inputs, "host:db1"), rack("db1", "S1"), rack("db2", None)]
    later = RECEIVED + timedelta(minutes=20)
    second = theirs(inputs, "host:media1", taken=later - timedelta(minutes=5), proven=False)
    mine = ours(inputs, dark=("host:media1", "bmc:media1"))
    return judged(
        inputs,
        [*mine, *first, *second],
        accepted(first, replaced=("e-000000000000", "e-111111111111")),
        accepted(second, "r-77c0d1e2f3a4", seal="none", received=later),
    )


def three_say() -> Report:
    """The site file, our look, the customer's script (sealed and not) and a person all disagree,
    about two facts; beside it another cause without a contradiction."""
    collected = heard(
        Ask(thing="bmc:db1", question=Question(protocol="redfish", fact="chassis")),
        Chassis(rack="N1"),
        "customer",
        taken=RECEIVED - timedelta(minutes=20),
    )
    loose = collected.model_copy(update={"id": "e-unsealed", "proven": False})
    read = rack("db1", "N2")
    mine = next(e for e in EVIDENCE if isinstance(e.answer, Chassis))
    lines = (
        (collected, "N1", Assurance.REPORTED),
        (loose, "S2", Assurance.CLAIMED),
        (read, "N2", Assurance.CLAIMED),
        (mine, "S1", Assurance.OBSERVED),
    )
    said = [
        Said(who=e.thing, value=value, assurance=held, evidence=e.id) for e, value, held in lines
    ]
    claim = Said(who="site file", value="S1", assurance=Assurance.CLAIMED)
    places = Contradiction(thing="host:db1", fact="rack", said=(claim, *said))
    power = Contradiction(thing="host:media1", fact="power", said=(said[2], said[3]))
    name = "site/claims-agree@site:lagos-ikeja"
    parts = (_part("rack of db1"), _part("power of media1"))
    parts = (
        parts[0].model_copy(update={"contradiction": places}),
        parts[1].model_copy(update={"contradiction": power}),
    )
    bad = unknown(name, UnknownCause.CONTRADICTION, "told twice", contradiction=places, parts=parts)
    plain = unknown("identity/serial@host:db1", UnknownCause.MISSING_ATTRIBUTE, "not stated")
    brought = [collected, loose, read]
    return report(
        {name: bad, plain.id: plain},
        decision=Decision.NOT_PROVEN,
        reasons=(Reason(code="not-shown", findings=(name, plain.id)),),
        causes=(Cause(id="c1", root=plain.id), Cause(id="c2", root=name)),
        evidence=(*EVIDENCE, *brought),
        acceptances=(accepted(brought),),
    )


def questions() -> Report:
    """Questions answered, not asked yet, answered with `I do not know`, and one that blocks."""
    told = [rack("db1", "S1"), rack("db2", None, by="")]
    waiting = [
        says(f"host:{name}", "said", f"Who has the key of {name}'s cabinet?", None)
        for name in ("db1", "media1")
    ]
    no = NoAnswer(cause=UnknownCause.NOT_ASKED, detail="only somebody on site can tell")
    waiting = [
        e.model_copy(update={"vantage": "vendor", "answer": None, "no_answer": no}) for e in waiting
    ]
    checks = (
        check(
            "place/rack-label",
            "The rack's label was read",
            "question",
            Owner.FACILITY,
            severity=Severity.ADVISORY,
        ),
        check("place/key", "Somebody has the cabinet's key", "question", Owner.FACILITY),
    )
    base = no_go()
    first = len(base.inputs.checks)
    rows = [
        (0, told[0], finding("", found="S1", assurance=Assurance.CLAIMED)),
        (0, told[1], unknown("", UnknownCause.MISSING_ATTRIBUTE, "not known on site")),
        (0, waiting[1], unknown("", UnknownCause.NOT_ASKED, "not asked")),
        (1, waiting[0], unknown("", UnknownCause.NOT_ASKED, "not asked")),
    ]
    planned, found = [], []
    for number, evidence, one in rows:
        name = f"{checks[number].id}@{evidence.thing}"
        planned.append(
            PlannedFinding(
                id=name, check=checks[number].id, check_no=first + number, subject=evidence.thing
            )
        )
        found.append(one.model_copy(update={"id": name, "evidence": (evidence.id,)}))
    verdict = base.verdict.stages[0]
    reasons = (*verdict.reasons, Reason(code="not-shown", findings=(planned[-1].id,)))
    stages = tuple(s.model_copy(update={"reasons": reasons}) for s in base.verdict.stages)
    changed = {
        "inputs": base.inputs.model_copy(update={"checks": (*base.inputs.checks, *checks)}),
        "plan": base.plan.model_copy(update={"findings": (*base.plan.findings, *planned)}),
        "findings": (*base.findings, *found),
        "evidence": (*base.evidence, *told, *waiting),
        "causes": (*base.causes, Cause(id="c4", root=planned[-1].id)),
        "verdict": base.verdict.model_copy(update={"stages": stages}),
        "acceptances": (accepted(told),),
    }
    return named(base.model_copy(update=changed))


def remote() -> Report:
    """All complaints are already fixed in a build that can be installed from afar."""
    text = "all 3 reported faults are fixed in 7.2.4: no trip needed"
    return report({}, advice=(Advice(code="fix-remotely", text=text),))


def _stories() -> dict[str, Report]:
    moved = site("N2", "north")
    said = finding(
        "redundancy/apart@group:database", assurance=Assurance.CLAIMED, found="S1 and N2"
    )
    return {
        "go": report({said.id: said}, site_file=moved),
        "go-remote": remote(),
        "go-waived": waived(),
        "no-go": no_go(),
        "no-go-unsigned": no_go().model_copy(update={"signer": None}),
        "no-go-without-booking": no_go().model_copy(
            update={
                "booking": None,
                "inputs": no_go().inputs.model_copy(update={"booking": None}),
            }
        ),
        "silent": silent_site(),
        "interrupted": interrupted(),
        "contradicted": contradicted(),
        "selfcheck": selfcheck(),
        "selfcheck-contradicted": selfcheck_contradicted(),
        "selfcheck-unsealed": selfcheck_unsealed(),
        "three-say": three_say(),
        "questions": questions(),
        "hostile": hostile(HOSTILE),
        "long": hostile(LONG),
        "empty": report({}).model_copy(
            update={"findings": (), "evidence": (), "causes": (), "signer": None}
        ),
    }


STORIES = _stories()


@pytest.fixture(params=STORIES)
def story(request: pytest.FixtureRequest) -> Report:
    """Every hand-made report, one after the other."""
    return STORIES[request.param]


@pytest.fixture(scope="session")
def stories() -> Mapping[str, Report]:
    """All hand-made reports by name."""
    return STORIES


def _described(site_file: Mapping[str, Any], told: Mapping[tuple[str, str], Answer]) -> Report:
    """A report about this site, judged by the product itself: its groups, in all that they must
    differ in. What is not told was not to be had."""
    data = {**site().model_dump(mode="json", by_alias=True, include=_FRAME), **site_file}
    place = Site.model_validate(data)
    inputs = inputs_of(place)
    checks = tuple(
        c.model_copy(update={"on": tuple(f"group:{g}" for g in place.groups), "with_": {}})
        for c in inputs.checks
        if c.kind == "separated"
    )
    inputs = inputs.model_copy(update={"checks": checks})
    silence = NoAnswer(cause=UnknownCause.TOOL_MISSING)
    asks = make_plan(inputs).asks
    return judged(inputs, [heard(a, told.get((a.thing, a.question.fact), silence)) for a in asks])


_FRAME = {"site", "customer", "profile", "authorised"}


@pytest.fixture(scope="session")
def described() -> Callable[..., Report]:
    """Makes a report about a described site: its data without the frame, and thing and fact ->
    what was answered."""
    return _described


@pytest.fixture(scope="session")
def hostile_report() -> Callable[[str], Report]:
    """Makes a report that holds a text wherever text from outside can be."""
    return hostile

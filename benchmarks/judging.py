"""What a plan, a judgement and a report of many hosts cost, from evidence that is already there.

python -m benchmarks.judging [HOSTS]

Nothing is contacted. Processor time of one thread per step, best of three, and the most memory that
the process took.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zlib import crc32

import yaml

from preflight.evidence import Ask, Evidence, controller_of, evidence_id, good_for_s
from preflight.garbage import collect_seldom
from preflight.judge import judge, with_judgement
from preflight.plan import make_plan
from preflight.report import Commands, Plan, Report, Run, Vantage, report_bytes
from preflight.runner import Given, gather
from preflight.statements import Tool
from preflight.words import Ended

START = datetime(2026, 11, 20, 14, 0, tzinfo=timezone.utc)
KEY = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
LIMIT_S, LIMIT_MB = 2.0, 300
"""What the project promises for 1,000 hosts."""


def site(hosts: int) -> dict[str, Any]:
    """Pairs of servers with everything declared, each half in a hall of its own."""
    names = [f"h{n}" for n in range(hosts)]
    return {
        "site": "large", "customer": "Example Telecom", "profile": "base-servers",
        "authorised": {"by": "C. Eze, security", "on": "2026-11-10", "from": "2026-11-15",
                       "until": "2026-12-12", "networks": ["127.0.0.0/8"]},
        "halls": {"north": {"racks": ["N1"], "feeds": ["A"]},
                  "south": {"racks": ["S1"], "feeds": ["B"]}},
        "hosts": {name: _host(n) for n, name in enumerate(names)},
        "groups": {f"g{n}": {"hosts": names[n : n + 2]} for n in range(0, hosts - 1, 2)},
    }  # fmt: skip


def _host(number: int) -> dict[str, Any]:
    south = number % 2
    place = f"{number // 250}.{number % 250 + 1}"
    return {
        "address": f"127.1.{place}", "roles": ["db"], "serial": f"SN-{number}",
        "hall": "south" if south else "north", "rack": "S1" if south else "N1",
        "feeds": ["B" if south else "A"],
        "ssh": {"user": "u", "credential": "c", "host_key": KEY},
        "bmc": {"address": f"127.2.{place}", "credential": "b", "tls": {"sha256": "0" * 64}},
    }  # fmt: skip


def answer(ask: Ask, serial: str) -> Any:
    """What a sound machine says."""
    fact, number = ask.question.fact, crc32(ask.thing.encode())
    return {
        "route": {"type": "route", "source": "127.0.0.1"},
        "connect": {"type": "connected", "rtt_us": 420},
        "host-key": {"type": "host-key", "algorithm": "ssh-ed25519", "fingerprint": KEY},
        "login": {"type": "login", "method": "publickey"},
        "machine-id": {"type": "text", "value": f"{number:032d}"},
        "boot-id": {"type": "text", "value": f"boot-{number}"},
        "product-uuid": {"type": "text", "value": f"uuid-{number}"},
        "product-serial": {"type": "text", "value": serial},
        "system": {"type": "system", "serial": serial, "uuid": f"uuid-{number}"},
        "power": {"type": "power", "state": "On"},
        "chassis": {"type": "chassis", "serial": f"C-{number}"},
        "supplies": {"type": "supplies", "supplies": []},
    }[fact]


def evidence(given: Given) -> list[Evidence]:
    """An answer to every question of the plan that a run can put."""
    found = []
    for ask in (a for a in make_plan(given.inputs).asks if a.question.protocol != "person"):
        host = given.inputs.site.hosts[ask.thing.partition(":")[2]]
        found.append(
            Evidence(
                id=evidence_id(ask, "vendor", START), thing=ask.thing, question=ask.question,
                controller=controller_of(ask), taken=START, duration_us=900, attempts=1,
                good_for_s=good_for_s(ask.question.fact), proven=True,
                answer=answer(ask, host.serial or ""),
            )
        )  # fmt: skip
    return found


def best(step: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the fastest of three, and what it returned."""
    times, result = [], None
    for _ in range(3):
        begun = time.process_time()
        result = step()
        times.append(time.process_time() - begun)
    return min(times), result


def report(given: Given, plan: Plan, answers: list[Evidence]) -> Report:
    """As a run makes it, unsigned."""
    judged = judge(
        given.inputs, answers, started=START, judged_at=START, ended=Ended.NORMAL, plan=plan
    )
    run = Run(
        started=START, finished=START, elapsed_ms=9000, ended=Ended.NORMAL, planned=0, executed=0,
        attempt=1, previous=None, judged_at=START, clock_jump_s=0,
    )  # fmt: skip
    raw = Report(
        site="large", booking=None, stage=given.inputs.stage, inputs=given.inputs,
        plan=judged.plan, evidence=tuple(sorted(answers, key=lambda e: e.id)),
        findings=judged.findings, causes=judged.causes, verdict=judged.verdict, run=run,
        commands=Commands(sha256="0" * 64, approved=None, planned=0, sent=0, other=0, log=()),
        vantage=Vantage(machine="bench", addresses=(), control_good=True),
        not_before=START, expires=judged.expires, tool=Tool(name="preflight", version="0"),
    )  # fmt: skip
    return with_judgement(raw, judged)


def main(hosts: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "site.yaml"
        path.write_text(yaml.safe_dump(site(hosts)))
        files_s, given = best(lambda: gather(path))
    plan_s, plan = best(lambda: make_plan(given.inputs))
    answers = evidence(given)
    judge_s, made = best(lambda: report(given, plan, answers))
    bytes_s, data = best(lambda: report_bytes(made))
    whole, mb = plan_s + judge_s + bytes_s, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"{hosts} hosts, {len(plan.findings)} findings, {len(plan.asks)} questions, {len(data)} B"
    )
    print(f"read and check the files   {files_s:6.2f} s")
    print(f"plan                       {plan_s:6.2f} s")
    print(f"judge and build the report {judge_s:6.2f} s")
    print(f"canonical JSON             {bytes_s:6.2f} s")
    print(f"plan, judge and report     {whole:6.2f} s   promised: {LIMIT_S} s for 1,000 hosts")
    print(f"most memory                {mb:6.0f} MB  promised: {LIMIT_MB} MB")


if __name__ == "__main__":
    collect_seldom()  # as the command does
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)

"""A pass_persist handler of snmpd (snmpd.conf(5)): serves a recording, with values put over it.

    recorded.py SNMPREC OVER

SNMPREC is a file of snmpsim, or `-` for none. OVER holds lines `OID TYPE VALUE`, and is read again
at every change: a test switches an outlet by writing one line. The type `-` takes a row away, and
`octet` wants hex.
"""

from __future__ import annotations

import bisect
import sys
from pathlib import Path

TYPES = {"2": "integer", "4": "string", "6": "objectid", "64": "ipaddress", "65": "counter",
         "66": "gauge", "67": "timeticks", "70": "counter64", "4x": "octet"}  # fmt: skip
Oid = tuple[int, ...]
Rows = dict[Oid, tuple[str, str]]


def arcs(text: str) -> Oid:
    return tuple(map(int, text.strip().strip(".").split(".")))


def recorded(path: str) -> Rows:
    rows: Rows = {}
    for line in Path(path).read_text("latin-1").splitlines() if path != "-" else ():
        oid, kind, value = line.split("|", 2)
        base, _, moving = kind.partition(":")
        if moving:  # a value that snmpsim would change as time goes by: as it began
            parts = dict(p.split("=", 1) for p in value.split(",") if "=" in p)
            value = parts.get("initial", "0")
        if base == "4x":
            value = bytes.fromhex(value).hex(" ")
        if base in TYPES:
            rows[arcs(oid)] = (TYPES[base], value)
    return rows


def over(path: str) -> Rows:
    lines = (line.split(None, 2) for line in Path(path).read_text("utf-8").splitlines() if line)
    return {arcs(oid): (kind, rest[0] if rest else "") for oid, kind, *rest in lines}


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def main() -> None:
    fixed = recorded(sys.argv[1])
    keys, rows, seen = sorted(fixed), fixed, 0
    while command := sys.stdin.readline().strip():
        if command == "PING":
            say("PONG")
            continue
        oid = arcs(sys.stdin.readline())
        if seen != (seen := Path(sys.argv[2]).stat().st_mtime_ns):
            rows = {**fixed, **over(sys.argv[2])}
            keys = sorted(key for key, (kind, _) in rows.items() if kind != "-")
        find = bisect.bisect_right if command == "getnext" else bisect.bisect_left
        at = find(keys, oid)
        hit = keys[at] if at < len(keys) else None
        if hit is None or (command == "get" and hit != oid):
            say("NONE")
            continue
        say("." + ".".join(map(str, hit)), *rows[hit])


if __name__ == "__main__":
    main()

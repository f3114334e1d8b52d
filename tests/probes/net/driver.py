"""One batch of echoes in a process of its own, for rights that only a process can lose.

Reads nothing; arguments are addresses. Writes a JSON list of [cause or way, detail].
"""

from __future__ import annotations

import json
import sys

from preflight.probes.base import Limits
from tests.probes.net.conftest import talk

if __name__ == "__main__":
    told = talk("icmp", sys.argv[1:], limits=Limits(connect_s=2))
    rows = [
        [getattr(reply.answer, "way", cause), detail]
        for reply, cause, detail in zip(told.replies, told.causes, told.details, strict=True)
    ]
    sys.stdout.write(json.dumps(rows))

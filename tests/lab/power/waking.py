"""`python -m tests.lab.power.waking AGENTS BMCS`: ends when every agent has told an object of its
own, and every BMC its presence by IPMI. Both are addresses with commas between."""

from __future__ import annotations

import socket
import sys
import time

from preflight.probes.ipmi_presence import request as presence
from preflight.probes.snmp_ber import arcs
from preflight.probes.snmp_pdu import GET_BULK, community_message, request
from tests.probes.snmp.conftest import COMMUNITY

PATIENCE_S = 30
_FIRST = arcs("1.3.6.1.2.1.33"), arcs("1.3.6.1.4.1.318")


def main() -> None:
    """Asks again until it is told."""
    agents, simulated = (list(filter(None, words.split(","))) for words in sys.argv[1:3])
    wanted = request(GET_BULK, 1, 1, _FIRST)
    asked = {(a, 161): community_message(COMMUNITY.encode(), wanted) for a in agents}
    asked |= {(a, 623): presence(7) for a in simulated}
    until = time.monotonic() + PATIENCE_S
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(0.3)
        while asked:
            if time.monotonic() > until:
                sys.exit(f"silent: {sorted(asked)}")
            for peer, message in asked.items():
                sock.sendto(message, peer)
            try:
                while True:
                    asked.pop(sock.recvfrom(65535)[1], None)
            except TimeoutError:
                continue


if __name__ == "__main__":
    main()

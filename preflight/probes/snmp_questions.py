"""Values and tables of an agent: every object announced, every walk bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from preflight.probes import snmp_pdu as protocol
from preflight.probes.base import Send
from preflight.probes.snmp_ber import Missing, Oid, Value, dotted
from preflight.probes.snmp_speaker import Speaker
from preflight.probes.unanswered import Unanswered
from preflight.words import UnknownCause

MOST_ROWS = 1024
"""Of one column. The largest PDU has fewer outlets, and a switch's parts are more than is asked."""
_REPEAT = 20
"""max-repetitions: some 20 rows of a column fit into one packet."""
Objects = dict[Oid, Value]


def get_request(oid: Oid) -> str:
    """How a value is announced and logged."""
    return f"SNMP GET {dotted(oid)}"


def walk_request(oid: Oid) -> str:
    """How a column is announced and logged: GetBulk below this object, and nothing beyond it."""
    return f"SNMP WALK {dotted(oid)}"


class Questions:
    """Asks one agent, one request at a time. What it said is kept: nothing is asked twice."""

    def __init__(self, thing: str, speaker: Speaker, send: Send, within_s: float) -> None:
        self._thing, self._speaker, self._send = thing, speaker, send
        self._within_s = within_s
        self._known: Objects = {}
        self.said: list[tuple[Oid, Value]] = []
        """Everything that came back, in order."""

    @property
    def proven(self) -> bool:
        return self._speaker.proven

    def get(self, oids: Sequence[Oid]) -> Objects:
        """The values that are there. Raises Unanswered."""
        wanted = [oid for oid in oids if oid not in self._known]
        for oid in wanted:
            self._announce(get_request(oid))
        self._known |= dict.fromkeys(wanted, Missing.NO_SUCH_OBJECT)
        try:
            self._ask(wanted)
        except Unanswered:
            for oid in wanted:  # it may be asked again: nobody has said that it is not there
                self._known.pop(oid, None)
            raise
        found = ((oid, self._known[oid]) for oid in oids)
        return {oid: value for oid, value in found if not isinstance(value, Missing)}

    def _ask(self, oids: Sequence[Oid]) -> None:
        """All in one request; one by one where the agent takes that amiss."""
        if not oids:
            return
        pdu = self._speaker.ask(protocol.GET, 0, oids, self._within_s)
        if pdu.error in {protocol.TOO_BIG, protocol.NO_SUCH_NAME, protocol.GENERAL}:
            if len(oids) > 1:
                for oid in oids:
                    self._ask([oid])
                return
            if pdu.error == protocol.NO_SUCH_NAME:
                return
        self._refuse(pdu)
        wanted = set(oids)
        self._keep([(oid, value) for oid, value in pdu.rows if oid in wanted])

    def walk(self, column: Oid, most: int = MOST_ROWS) -> Iterator[tuple[Oid, Value]]:
        """The rows of a column: the rest of each object's name, and its value.

        Raises:
            Unanswered: `parse` when the names do not go up, or there are more rows than `most`.
        """
        self._announce(walk_request(column))
        at, count = column, 0
        while True:
            pdu = self._speaker.ask(protocol.GET_BULK, _REPEAT, (at,), self._within_s)
            if pdu.error == protocol.NO_SUCH_NAME or not pdu.rows:
                self._refuse(pdu, but=protocol.NO_SUCH_NAME)
                return
            self._refuse(pdu)
            for oid, value in pdu.rows:
                if oid[: len(column)] != column or isinstance(value, Missing):
                    return
                count += 1
                _vet(at, oid)
                if count > most:
                    detail = f"more than {most} rows below {dotted(column)}"
                    raise Unanswered(UnknownCause.PARSE, detail)
                at = oid
                self.said.append((oid, value))
                yield oid[len(column) :], value

    def _keep(self, rows: Sequence[tuple[Oid, Value]]) -> None:
        self._known |= dict(rows)
        self.said += rows

    def _refuse(self, pdu: protocol.Pdu, but: int = protocol.NO_ERROR) -> None:
        if pdu.error in {protocol.NO_ERROR, but}:
            return
        if pdu.error in protocol.REFUSED:
            detail = "this login's view does not hold what was asked (error-status "
            raise Unanswered(UnknownCause.PERMISSION, f"{detail}{pdu.error})")
        raise Unanswered(UnknownCause.PARSE, f"the agent answers with error-status {pdu.error}")

    def _announce(self, request: str) -> None:
        if not self._send(self._thing, request):
            detail = f"{request} is not part of the approved plan; it was not sent"
            raise Unanswered(UnknownCause.NOT_ASKED, detail)


def _vet(before: Oid, oid: Oid) -> None:
    if oid <= before:
        detail = f"{dotted(oid)} comes after {dotted(before)}: the walk goes in circles"
        raise Unanswered(UnknownCause.PARSE, detail)

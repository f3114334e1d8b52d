"""vSphere: which virtual machines a vCenter runs, and on which physical ones. Beta: proven by
recorded answers of vCenter 7 and 8, on none yet.

Its REST API lists the virtual machines of a host, not the host of a virtual machine, and knows no
DRS rules: `rules` is null. A session of our own is opened and ended (decision 0017); all else is
GET.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import httpx

from preflight.evidence import Ask, Login
from preflight.files.site import Site
from preflight.probes import manager_paths as paths
from preflight.probes import vsphere_read as reading
from preflight.probes.base import Secret, Tell, Way
from preflight.probes.foreign_json import value_of
from preflight.probes.https import BUSY, Answered, login_refused
from preflight.probes.manager_guests import Machine, guests_of, likely_first, uuids_of
from preflight.probes.manager_http import ManagerService, Said
from preflight.probes.unanswered import Unanswered, not_asked
from preflight.probes.visit import Line, Told, visit
from preflight.words import UnknownCause

_TOKEN_HEADER = "vmware-api-session-id"  # noqa: S105 - a header's name


class VsphereProbe:
    """Facts `login` and `guests`."""

    protocol: ClassVar[str] = "vsphere"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One login, then a reply for each ask, then the logout."""
        visit(asks, way, tell, lambda line, own: _Talk(line, own, way.site), "vSphere")

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; discovered parts as `{name}`."""
        return paths.REQUESTS[self.protocol][ask.question.fact]


class _Service(ManagerService):
    """One request of it bears the password."""

    def open_session(self, secret: Secret) -> Answered:
        """In one try: a second may lock the account. Raises Unanswered."""
        self._credentials = httpx.BasicAuth(secret.username, secret.password)
        try:
            return self.request("POST", paths.SESSION)
        finally:
            self._credentials = None


class _Talk:
    """With one vCenter."""

    def __init__(self, line: Line, secret: Secret, site: Site) -> None:
        """Raises Unanswered(not-asked): what the engineer has is no account with a password."""
        if not (secret.username and secret.password):
            raise not_asked(f"{secret.id} of your credentials file has no username and password")
        self._secret, self._site = secret, site
        self.service = _Service(line)
        self._in_session = False

    def meet(self) -> None:
        """Asks for a session that there is not: 401 is what speaks the API."""
        status = self.service.patient("GET", paths.SESSION).status
        it = self.service.target.what
        if status in {404, 405, 501}:
            detail = (
                f"{it} has no vSphere Automation API at {paths.SESSION} (HTTP {status}): vCenter "
                "has one since 7.0 Update 2, and a single ESXi has none"
            )
            raise Unanswered(UnknownCause.UNSUPPORTED, detail)
        if status in BUSY:
            raise Unanswered(UnknownCause.TIMEOUT, f"{it} is too busy: HTTP {status}")
        if status != 401:
            detail = f"no answer of vCenter at {paths.SESSION}: HTTP {status}"
            raise Unanswered(UnknownCause.PARSE, detail)

    def enter(self) -> None:
        """Opens a session."""
        answered = self.service.open_session(self._secret)
        if answered.status not in {200, 201}:
            raise login_refused(self.service.target, self._secret.id, answered.status)
        token = reading.token_of(Said(value_of(answered.body, paths.SESSION), b""))
        if token is None:
            detail = f"{self.service.target.what} opened a session without a token"
            raise Unanswered(UnknownCause.PARSE, detail)
        self.service.show(_TOKEN_HEADER, token)
        self.service.let_in = self._in_session = True

    def tell(self, ask: Ask) -> Told:
        """One fact."""
        return (Login(method="session"), None) if ask.question.fact == "login" else self._guests()

    def leave(self) -> None:
        """Ends the session."""
        if self._in_session:
            with contextlib.suppress(Unanswered):
                self.service.patient("DELETE", paths.SESSION)

    def _guests(self) -> Told:
        hosts = reading.hosts_of(reading.rows_of(self.service.get(paths.HOSTS), paths.HOSTS))
        said = self.service.get(paths.MACHINES)
        machines = reading.machines_of(reading.rows_of(said, paths.MACHINES))
        if not machines or not hosts:
            self._shown_nothing(bool(machines))
        placed = self._placed(machines, hosts)
        return guests_of(placed, self._uuids(placed)), said.body

    def _shown_nothing(self, machines: bool) -> None:  # noqa: FBT001 - one fact
        """An account without rights is shown empty lists. Raises Unanswered(permission)."""
        what = "physical machine" if machines else "virtual machine"
        detail = (
            f"the account is shown no {what}, as one without rights is: ask for the role Read-only "
            "at the vCenter, propagated to its children"
        )
        raise Unanswered(UnknownCause.PERMISSION, detail)

    def _placed(self, machines: Mapping[str, Machine], hosts: Mapping[str, str]) -> list[Machine]:
        """One that moves while we look may be listed at two hosts or at none: nobody knows where
        it runs then."""
        at: dict[str, set[str]] = defaultdict(set)
        for key, name in hosts.items():
            path = paths.OF_HOST.format(host=key)
            for found in reading.machines_of(reading.rows_of(self.service.get(path), path)):
                at[found].add(name)
        return [
            replace(machine, node=next(iter(at[key])) if len(at[key]) == 1 else None)
            for key, machine in machines.items()
        ]

    def _uuids(self, machines: Sequence[Machine]) -> dict[str, str | None]:
        """Of those that bear a name of the site first."""
        likely = likely_first(machines, self._site)
        where = ((m.id, paths.MACHINE.format(vm=m.id)) for m in likely)
        return uuids_of(where, lambda path: reading.bios_uuid(self.service.get(path).value))

"""Proxmox VE: which guests its cluster runs, where, and kept apart by which rules. Beta: proven by
recorded answers of 7, 8 and 9, on no cluster yet.

An API token is shown with every request; GET is all that is sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import ClassVar, Literal

from preflight.evidence import ApartRule, Ask, Login
from preflight.files.site import Site
from preflight.probes import manager_paths as paths
from preflight.probes import proxmox_read as reading
from preflight.probes.base import Secret, Tell, Way
from preflight.probes.manager_guests import (
    MOST_RULES,
    guests_of,
    likely_first,
    names_of,
    uuids_of,
)
from preflight.probes.manager_http import ManagerService
from preflight.probes.unanswered import Unanswered, not_asked
from preflight.probes.visit import Line, Told, visit
from preflight.words import DECLINED, UnknownCause

_WITH_RULES = 9
"""The version in which rules took the place of groups."""
_PRINTABLE = re.compile(r"[\x21-\x7e]+")


class ProxmoxProbe:
    """Facts `login` and `guests`."""

    protocol: ClassVar[str] = "proxmox"
    scope: ClassVar[Literal["all", "thing"]] = "thing"

    def ask(self, asks: Sequence[Ask], way: Way, tell: Tell) -> None:
        """One login, then a reply for each ask."""
        visit(asks, way, tell, lambda line, own: _Talk(line, own, way.site), "Proxmox VE")

    def templates(self, ask: Ask) -> Sequence[str]:
        """Every request it may cause; discovered segments as `{name}`."""
        return paths.REQUESTS[self.protocol][ask.question.fact]


class _Talk:
    """With one node of a cluster, which speaks for all."""

    def __init__(self, line: Line, secret: Secret, site: Site) -> None:
        """Raises Unanswered(not-asked): what the engineer has is no token."""
        self._token, self._site = _token(secret), site
        self.service = ManagerService(line)
        self._major: int | None = None

    def meet(self) -> None:
        """Reads the realms of the login page."""
        try:
            reading.rows_of(self.service.get(paths.DOMAINS), paths.DOMAINS)
        except Unanswered as why:
            if why.no_answer.cause is UnknownCause.AUTH:  # nobody was asked to let us in
                raise Unanswered(UnknownCause.PARSE, why.no_answer.detail) from why
            raise

    def enter(self) -> None:
        """Shows the token, once; every later request shows it too."""
        self.service.show("Authorization", self._token)
        said = self.service.get_once(paths.VERSION)
        self._major = reading.major_of(reading.data_of(said, paths.VERSION))
        self.service.let_in = True

    def tell(self, ask: Ask) -> Told:
        """One fact."""
        return (Login(method="token"), None) if ask.question.fact == "login" else self._guests()

    def leave(self) -> None:
        """A token has no session."""

    def _guests(self) -> Told:
        said = self.service.get(paths.RESOURCES)
        listed = reading.listed(reading.rows_of(said, paths.RESOURCES))
        if not listed:
            self._none()
        rules = self._rules(listed)
        answer = guests_of([g.machine for g in listed], self._uuids(listed))
        return answer.model_copy(update={"rules": rules}), said.body

    def _none(self) -> None:
        """A token without rights is shown an empty list. Raises Unanswered(permission)."""
        said = self.service.get(paths.PERMISSIONS)
        if not reading.may_audit_all(reading.data_of(said, paths.PERMISSIONS)):
            detail = (
                "the token is shown no virtual machine and has no VM.Audit at /vms: ask for the "
                "role PVEAuditor at /, with propagation, for the token and for its user"
            )
            raise Unanswered(UnknownCause.PERMISSION, detail)

    def _uuids(self, listed: Sequence[reading.Listed]) -> dict[str, str | None]:
        """Of those that bear a name of the site first."""
        likely = likely_first((g.machine for g in listed), self._site)
        where = ((m.id, path) for m in likely if (path := reading.config_path(m)) is not None)
        return uuids_of(where, self._uuid)

    def _uuid(self, path: str) -> str | None:
        return reading.smbios_uuid(reading.data_of(self.service.get(path), path))

    def _rules(self, listed: Sequence[reading.Listed]) -> tuple[ApartRule, ...] | None:
        """None where the token may not read them."""
        names = names_of(g.machine for g in listed)
        managed = {g.sid: names[g.machine.id] for g in listed if g.managed}
        try:
            rules, bound = self._ha(managed)
        except Unanswered as why:
            if why.no_answer.cause not in DECLINED:
                raise
            return None
        rules += islice(reading.apart_by_nodes(bound, managed), MOST_RULES + 1)
        return tuple(rules) if len(rules) <= MOST_RULES else None

    def _ha(self, managed: Mapping[str, str]) -> tuple[list[ApartRule], dict[str, reading.Bound]]:
        if self._major is None or self._major >= _WITH_RULES:
            rows = reading.rows_of(self.service.get(paths.HA_RULES), paths.HA_RULES)
            return reading.negative_rules(rows, managed), reading.bound_by_rules(rows)
        groups = reading.rows_of(self.service.get(paths.HA_GROUPS), paths.HA_GROUPS)
        resources = reading.rows_of(self.service.get(paths.HA_RESOURCES), paths.HA_RESOURCES)
        return [], reading.bound_by_groups(groups, resources)


def _token(secret: Secret) -> str:
    """The value of the header (`PVEAPIToken=USER@REALM!ID=SECRET`)."""
    if not (paths.TOKEN_ID.fullmatch(secret.username) and _PRINTABLE.fullmatch(secret.password)):
        raise not_asked(
            f"{secret.id} of your credentials file is no API token: its username is "
            "USER@REALM!TOKENID, its password the token's secret"
        )
    return f"PVEAPIToken={secret.username}={secret.password}"

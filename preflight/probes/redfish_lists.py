"""Collections (DSP0266): what a service lists, over its pages, and each member as a resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from preflight.evidence import NoAnswer
from preflight.probes import redfish_paths as paths
from preflight.probes import redfish_read as reading
from preflight.probes.redfish_http import Service
from preflight.probes.redfish_json import Resource
from preflight.probes.unanswered import Unanswered
from preflight.words import SILENCE, UnknownCause

_PAGES = 16
MEMBERS = 64
"""More of anything than one server's BMC has."""
_NEXT = ("Members@odata.nextLink", "@odata.nextLink")
"""The second is how some services write it."""


class Lists:
    """Reads collections of one service, and follows their references."""

    def __init__(self, service: Service, root: Resource) -> None:
        self._service = service
        expand = reading.member(root.fields, "ProtocolFeaturesSupported", "ExpandQuery")
        self._expands = isinstance(expand, Mapping) and expand.get("NoLinks") is True

    def follow(self, reference: object, template: str) -> Resource:
        """What a reference points to. Raises Unanswered."""
        path = self._service.vetted(reading.link(reference), template)
        return self._service.get(path, template)

    def references(self, collection: object, template: str, most: int = MEMBERS) -> list[Any]:
        """All references of the collection that is referred to. Raises Unanswered."""
        path = self._service.vetted(reading.link(collection), template)
        return list(self._members(path, template, template, most))

    def resources(
        self, collection: object, template: str, member: str, most: int = MEMBERS
    ) -> list[Resource]:
        """All members; by one request where the service says that it writes them out."""
        path = self._service.vetted(reading.link(collection), template)
        if self._expands:
            found = self._expanded(path, template, most)
            if found is not None:
                return found
        listed = list(self._members(path, template, template, most))
        return [self.follow(reference, member) for reference in listed]

    def leads(self, reference: object, template: str) -> bool:
        """Whether a reference points to a place of this template."""
        try:
            self._service.vetted(reading.link(reference), template)
        except Unanswered:
            return False
        return True

    def _expanded(self, path: str, template: str, most: int) -> list[Resource] | None:
        """None when it does not do as it says: then each member is asked for itself."""
        whole = paths.expanded(template)
        try:
            found = list(
                self._members(paths.expanded(paths.canonical(path)), whole, template, most)
            )
        except Unanswered as why:
            if _is_final(why.no_answer):
                raise
            return None
        written_out = all(isinstance(m, dict) and len(m) > 1 for m in found)
        return [Resource(m, reading.as_bytes(m)) for m in found] if written_out else None

    def _members(self, path: str, first: str, template: str, most: int) -> Iterator[Any]:
        """Over all pages (DSP0266, pagination). Raises past the bounds, and where the service says
        that there are more than it lists: one that is not seen may be the dark one."""
        following, seen, said = first, 0, 0
        for _ in range(_PAGES):
            page = self._service.get(path, following).fields
            if not isinstance(page.get("Members"), list):
                raise _parse(f"{template} is no list of members")
            said = max(said, reading.count(page.get("Members@odata.count")))
            if said > most:
                raise _parse(f"{template} is said to have {said} members; {most} are read at most")
            for reference in reading.members(page, "Members"):
                seen += 1
                if seen > most:
                    raise _parse(f"{template} goes on beyond {most} members")
                yield reference
            further = next((page[name] for name in _NEXT if page.get(name) is not None), None)
            if further is None:
                break
            following = paths.page_of(template)
            path = self._service.vetted(further, following)
        else:
            raise _parse(f"{template} goes on beyond {_PAGES} pages")
        if said > seen:
            raise _parse(f"{template} is said to have {said} members, and lists {seen}")


def _is_final(answer: NoAnswer) -> bool:
    """A second way to ask would end in the same."""
    return answer.cause in SILENCE or answer.cause is UnknownCause.AUTH


def _parse(detail: str) -> Unanswered:
    return Unanswered(UnknownCause.PARSE, detail)

"""The booking file: one trip."""

from __future__ import annotations

from pydantic import Field, model_validator

from preflight.model import Id, Line, Model, UtcTime, misplaced


class Person(Model):
    """Someone to reach. Never enters a report."""

    name: Line
    phone: Line | None = None
    email: Line | None = None


class OnSite(Model):
    """The window on site."""

    from_: UtcTime = Field(alias="from")
    to: UtcTime

    @model_validator(mode="after")
    def _order(self) -> OnSite:
        if self.to <= self.from_:
            raise misplaced("to", "to does not lie after from")
        return self


class Booking(Model):
    """The trip: who goes, when, and the last moment to cancel free of charge."""

    booking: Id
    engineer: Line | None = None
    contact: Person | None = None
    departs: UtcTime
    on_site: OnSite
    decide_by: UtcTime | None = None
    cost_if_wasted: Line | None = None

    @model_validator(mode="after")
    def _order(self) -> Booking:
        if self.decide_by and self.decide_by > self.departs:
            raise misplaced(
                "decide_by", "decide_by lies after departs: there would be nothing left to decide"
            )
        if self.departs > self.on_site.to:
            raise misplaced("departs", "departs lies after on_site.to: the trip would be over")
        return self

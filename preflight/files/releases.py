"""The release list. It is positive: what is not on it, the vendor did not release."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from preflight.model import Day, Flag, Hex64, Id, Line, Model
from preflight.words import BuildClass


class ReleasedFile(Model):
    """A file that identifies a build by its content."""

    path: Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._+/@:~-]{1,255}$")]
    """Absolute, without blanks or shell characters: it travels inside the facts script."""
    sha256: Hex64


class ReleasedPackage(Model):
    """A package version that goes with a build. Never identifies a build alone."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]{1,63}$")]
    version: Line


class Build(Model):
    """One build, by the digests of its files."""

    id: Id
    version: Line
    class_: BuildClass = Field(alias="class")
    released: Day | None = None
    withdrawn: Flag = False
    sites: tuple[Id, ...] = ()
    """For `custom` builds: the sites it was made for."""
    files: tuple[ReleasedFile, ...] = Field(min_length=1)
    packages: tuple[ReleasedPackage, ...] = ()
    fixes: tuple[Line, ...] = ()
    capabilities: tuple[Line, ...] = ()


class ReleaseList(Model):
    """All builds of one product."""

    releases: Id
    builds: tuple[Build, ...] = Field(min_length=1)

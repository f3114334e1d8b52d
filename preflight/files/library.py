"""Every check and shipped profile that there is to be explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from preflight.errors import PreflightError
from preflight.explaining import Library
from preflight.extensions import foreign_kinds
from preflight.files.catalogue import catalogue
from preflight.files.check import Check, Profile
from preflight.files.load import load_check, load_profile
from preflight.kinds import KINDS, distribution_of, kind_named
from preflight.shipped import shipped


def library(checks_dir: Path | None = None) -> Library:
    """The shipped checks and profiles, and the checks of a folder, which win.

    Raises:
        InputError: the folder is not there, or one of its checks is wrong.
    """
    folders = catalogue(checks_dir, []).folders
    checks = {name: found for folder in reversed(folders) for name, found in _checks(folder)}
    kinds, distributions, broken = dict(KINDS), {}, {}
    for name in foreign_kinds():
        if why := _why_not(name):
            broken[name] = why  # the others are explained all the same
        else:
            kinds[name], distributions[name] = kind_named(name), distribution_of(name)
    return Library(checks, _profiles(), kinds, distributions, broken)


def _why_not(name: str) -> str:
    try:
        kind_named(name)
    except PreflightError as error:
        return f"{error}; {error.help}"
    return ""


def _checks(folder: Path) -> Iterator[tuple[str, Check]]:
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        yield name, load_check(path).value


def _profiles() -> Mapping[str, Profile]:
    paths = sorted(shipped("profiles").glob("*.yaml"))
    return {path.stem: load_profile(path).value for path in paths}

"""Every check and shipped profile that there is to be explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from preflight.explaining import Library
from preflight.files.catalogue import catalogue
from preflight.files.check import Check, Profile
from preflight.files.load import load_check, load_profile
from preflight.files.resolve import all_kinds
from preflight.shipped import shipped


def library(checks_dir: Path | None = None) -> Library:
    """The shipped checks and profiles, and the checks of a folder, which win.

    Raises:
        InputError: the folder is not there, or one of its checks is wrong.
    """
    folders = catalogue(checks_dir, []).folders
    checks = {name: found for folder in reversed(folders) for name, found in _checks(folder)}
    return Library(checks, _profiles(), all_kinds())


def _checks(folder: Path) -> Iterator[tuple[str, Check]]:
    for path in sorted(folder.rglob("*.yaml")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        yield name, load_check(path).value


def _profiles() -> Mapping[str, Profile]:
    paths = sorted(shipped("profiles").glob("*.yaml"))
    return {path.stem: load_profile(path).value for path in paths}

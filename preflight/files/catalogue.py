"""Where checks and profiles are found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from preflight.errors import InputError
from preflight.files.check import Check, Profile
from preflight.files.document import Loc
from preflight.files.load import Loaded, load_check, load_profile
from preflight.files.problems import Problem
from preflight.files.source import Source
from preflight.files.suggest import one_of
from preflight.shipped import shipped

ALWAYS = ("site/needs", "site/claims-agree")
"""Planned in every run, as shipped: no profile can drop or weaken them (contract 9.3, 9.4)."""


@dataclass
class Catalogue:
    """Checks by id: `--checks`, then `checks/` beside the profiles (child first), then shipped."""

    folders: Sequence[Path]
    problems: list[Problem] = field(default_factory=list)
    _read: dict[str, Loaded[Check] | None] = field(default_factory=dict)

    def find(self, name: str, where: Loaded[Profile], loc: Loc) -> Loaded[Check] | None:
        """The check; None after noting why there is none."""
        if name not in self._read:
            self._read[name] = self._look(name, where, loc)
        return self._read[name]

    def _look(self, name: str, where: Loaded[Profile], loc: Loc) -> Loaded[Check] | None:
        folders = [shipped("checks")] if name in ALWAYS else self.folders
        found = [path for folder in folders if (path := folder / f"{name}.yaml").is_file()]
        if not found:
            message = f'there is no check "{name}"'
            self.problems.append(
                where.problem("unknown-check", loc, message, one_of(name, self.ids()))
            )
            return None
        try:
            return load_check(found[0])
        except InputError as e:
            self.problems += e.problems
            return None

    def ids(self) -> list[str]:
        """Every check that could be named."""
        paths = [
            path.relative_to(folder).with_suffix("")
            for folder in self.folders
            for path in folder.rglob("*.yaml")
        ]
        return sorted({path.as_posix() for path in paths})


def catalogue(checks_dir: Path | None, chain: Sequence[Loaded[Profile]]) -> Catalogue:
    """The catalogue of a chain of profiles, base first.

    Raises:
        InputError: `checks_dir` is not a directory.
    """
    if checks_dir is not None and not checks_dir.is_dir():
        source = Source(str(checks_dir), "")
        raise InputError([source.problem("missing-file", "there is no such directory of checks")])
    beside = [file.folder / "checks" for file in reversed(chain)]
    first = [checks_dir] if checks_dir else []
    return Catalogue(list(dict.fromkeys([*first, *beside, shipped("checks")])))


def profile_chain(child: Path) -> list[Loaded[Profile]]:
    """A profile and all it extends, base first.

    Raises:
        InputError: one of them is wrong or missing, or they extend each other in a circle.
    """
    chain = [load_profile(child)]
    while chain[0].value.extends is not None:
        chain.insert(0, _base(chain))
    return chain


def _base(chain: Sequence[Loaded[Profile]]) -> Loaded[Profile]:
    child = chain[0]
    path = profile_path(child, str(child.value.extends), ("extends",))
    if path.resolve() in {file.path.resolve() for file in chain}:
        message = f"{child.value.profile} extends itself, directly or by way of others"
        raise InputError([child.problem("profile-circle", ("extends",), message)])
    return load_profile(path)


def profile_path(where: Loaded[Any], name: str, loc: Loc) -> Path:
    """The file of a profile: a path relative to the file that names it, or a shipped name.

    Raises:
        InputError: there is none, told at the place that names it.
    """
    by_path = "/" in name or "\\" in name or name.endswith((".yaml", ".yml"))
    path = where.folder / name if by_path else shipped("profiles") / f"{name}.yaml"
    if path.is_file():
        return path
    message = f'there is no {"profile" if by_path else "shipped profile"} "{name}"'
    help_ = f"looked for {path}" if by_path else one_of(name, _profiles())
    raise InputError([where.problem("unknown-profile", loc, message, help_)])


def _profiles() -> Iterator[str]:
    return (path.stem for path in shipped("profiles").glob("*.yaml"))

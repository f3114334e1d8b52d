"""The release lists of a run: one per product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from preflight.errors import InputError
from preflight.files.load import Loaded, load_releases
from preflight.files.merge import Origin
from preflight.files.problems import Problem
from preflight.files.releases import ReleaseList


@dataclass
class Shelf:
    """Lists given on the command line win for their product; others come from `with.releases`."""

    given: dict[str, Loaded[ReleaseList]] = field(default_factory=dict)
    named: dict[str, Loaded[ReleaseList]] = field(default_factory=dict)
    used: dict[str, ReleaseList] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Shelf:
        """A shelf with the lists of the command line."""
        shelf = cls()
        for path in paths:
            shelf._give(path)
        return shelf

    def _give(self, path: Path) -> None:
        found = self._load(path)
        if found is None:
            return
        product = found.value.releases
        if product in self.given:
            message = f"{self.given[product].path} lists {product} too"
            self.problems.append(found.problem("same-product", ("releases",), message, "name one"))
        self.given.setdefault(product, found)

    def take(self, product: str, at: Origin, named: tuple[str, Origin] | None) -> None:
        """Notes the list for a product that a check asks for, or why there is none."""
        found = self.given.get(product) or (self._named(product, *named) if named else None)
        if found is not None:
            self.used[product] = found.value
        elif named is None:
            message = f'there is no release list for product "{product}"'
            help_ = "name its file in with.releases, or give it by --releases"
            self.problems.append(at.problem("missing-release-list", message, help_))

    def unused(self) -> Iterator[Problem]:
        """Warnings: a list for a product that no check asks for."""
        for product, found in self.given.items():
            if product not in self.used:
                message = f'no check of the profile asks for product "{product}"'
                yield found.problem("not-used", ("releases",), message, severity="warning")

    def _named(self, product: str, name: str, origin: Origin) -> Loaded[ReleaseList] | None:
        path = origin.file.folder / name
        before = self.named.get(product)
        if before is not None and before.path.resolve() == path.resolve():
            return before
        if before is not None:
            message = f"product {product} has another release list already: {before.path}"
            self.problems.append(origin.problem("same-product", message, "name one"))
            return None
        if not path.is_file():
            message, help_ = f'there is no file "{name}"', f"looked for {path}"
            self.problems.append(origin.problem("missing-file", message, help_))
            return None
        return self._keep(product, path, origin)

    def _keep(self, product: str, path: Path, origin: Origin) -> Loaded[ReleaseList] | None:
        found = self._load(path)
        if found is None:
            return None
        if found.value.releases != product:
            message = f'{path} lists product "{found.value.releases}", not "{product}"'
            self.problems.append(origin.problem("other-product", message))
            return None
        self.named[product] = found
        return found

    def _load(self, path: Path) -> Loaded[ReleaseList] | None:
        try:
            return load_releases(path)
        except InputError as e:
            self.problems += e.problems
            return None

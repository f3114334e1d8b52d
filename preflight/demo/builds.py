"""The demo vendor's product: its builds with their real files, and the release list about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRODUCT = "telecom-suite"
HOME = f"/opt/{PRODUCT}"


@dataclass(frozen=True)
class Build:
    """One build of the product. Files follow from what the build can do."""

    id: str
    version: str
    word: str
    """Its class in the release list."""
    number: int
    age_days: int
    """Released this many days before the demo runs."""
    max_calls: int
    fixes: tuple[str, ...]

    @property
    def package_version(self) -> str:
        """What dpkg says. The demo build says the release's."""
        return f"{self.version}-1"

    def files(self) -> dict[str, bytes]:
        """Absolute path to content."""
        return {
            f"{HOME}/bin/callserver": _PROGRAM.format(build=self).encode(),
            f"{HOME}/lib/limits.conf": _LIMITS.format(build=self).encode(),
        }


_PROGRAM = """#!/bin/sh
# The call server of telecom-suite, build {build.number}.
limits="$PREFLIGHT_ROOT/opt/telecom-suite/lib/limits.conf"
case "$1" in
  --version) echo "telecom-suite {build.version}" ;;
  --limits) cat "$limits" ;;
  *) echo "usage: callserver --version | --limits" >&2; exit 64 ;;
esac
"""

_LIMITS = """# telecom-suite, build {build.number}
calls.simultaneous = {build.max_calls}
calls.per_second = {build.max_calls}
"""

_OLD_FIXES = ("VND-1107", "VND-1129")
_NEW_FIXES = (*_OLD_FIXES, "VND-1182", "VND-1240", "VND-1251")

BUILDS: Mapping[str, Build] = {
    build.id: build
    for build in (
        Build("7.1.9", "7.1.9", "release", 4102, 260, 30000, _OLD_FIXES),
        Build("7.2.4", "7.2.4", "release", 4417, 45, 60000, _NEW_FIXES),
        Build("7.2.4-demo", "7.2.4", "demo", 4380, 70, 20, _OLD_FIXES),
    )
}
"""Everything that the demo vendor ever built, by id."""

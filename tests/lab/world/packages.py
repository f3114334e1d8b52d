"""Real Debian packages of the vendor's builds."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.lab.world.truth import PRODUCT, ProductBuild


def package(build: ProductBuild, folder: Path) -> Path:
    """Builds `ID.deb` with dpkg-deb. Two builds may carry the same version."""
    tree = folder / build.id
    for path, data in build.files.items():
        file = tree / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        file.chmod(0o755 if "/bin/" in path else 0o644)
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(_control(build))
    deb = folder / f"{build.id}.deb"
    words = ["dpkg-deb", "-Znone", "--root-owner-group", "--build", str(tree), str(deb)]
    subprocess.run(words, check=True, capture_output=True)
    return deb


def package_version(build: ProductBuild) -> str:
    """The version that dpkg shows."""
    return f"{build.version}-1"


def _control(build: ProductBuild) -> str:
    fields = {
        "Package": PRODUCT,
        "Version": package_version(build),
        "Architecture": "all",
        "Maintainer": "Lab <lab@example.invalid>",
        "Description": "the product under test",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items())

"""Runs the portable tests from an installed wheel under every other Python that is present.

Each supported version is named: tested, or absent. The wheel, not the checkout, is what is
imported, so a file that is missing from it fails here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14")
PORTABLE = ("tests/test_portable.py",)
ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "pythons"


def main() -> int:
    """The number of versions that failed."""
    own = "{}.{}".format(*sys.version_info)
    wheel = build_wheel()
    failed = 0
    for version in SUPPORTED:
        python = find(version)
        if python is None:
            print(f"Python {version}: absent, not tested")
        else:
            ok = tested(version, python, wheel)
            failed += not ok
            print(f"Python {version}: {'tested' if ok else 'FAILED'}{' (own)' * (version == own)}")
    return failed


def find(version: str) -> str | None:
    """An interpreter of this version that really starts: on the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = os.environ.get("PATH", "").split(os.pathsep)
    for folder in (*on_path, *sorted(pyenv.glob(f"{version}.*/bin"), reverse=True)):
        python = shutil.which(f"python{version}", path=str(folder))
        if python and says_version(python, version):
            return python
    return None


def says_version(python: str, version: str) -> bool:
    code = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def build_wheel() -> Path:
    """The wheel, built once."""
    out = CACHE / "dist"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(out), str(ROOT)],
        check=True,
    )
    return next(out.glob("*.whl"))


def tested(version: str, python: str, wheel: Path) -> bool:
    """Installs the wheel into a virtual environment of its own and runs the portable tests."""
    venv = CACHE / version
    own_python = venv / "bin" / "python"
    if not own_python.exists():
        subprocess.run([python, "-m", "venv", str(venv)], check=True)
    pip = [str(own_python), "-m", "pip", "install", "-q"]
    subprocess.run([*pip, str(wheel), "pytest>=8", "hypothesis>=6.100"], check=True)
    subprocess.run([*pip, "--no-deps", "--force-reinstall", str(wheel)], check=True)
    tests = [str(ROOT / path) for path in PORTABLE]
    command = [str(own_python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, check=False, cwd=CACHE).returncode == 0


if __name__ == "__main__":
    sys.exit(main())

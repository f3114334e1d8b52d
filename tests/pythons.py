"""Runs the portable tests from an installed wheel under every other Python that is present.

Each supported version is named: tested, or absent. The wheel, not the checkout, is what is
imported, so a file that is missing from it fails here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

SUPPORTED = ("3.10", "3.11", "3.12", "3.13", "3.14")
OWN = "{}.{}".format(*sys.version_info)
PORTABLE = ("tests/test_portable.py",)
AT_ONCE = 2
"""Each waits a good while for a network and for what is silent."""
ROOT = Path(__file__).parent.parent
CACHE = ROOT / ".cache" / "pythons"


def main() -> int:
    """The number of versions that failed."""
    wheel = build_wheel()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda version: tested(version, wheel), SUPPORTED))
    print("".join(said for _, said in results), end="")
    return sum(not ok for ok, _ in results)


def find(version: str) -> str | None:
    """An interpreter of this version that really starts: the own, one on the path, or one of
    pyenv's."""
    if version == OWN:
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    on_path = os.environ.get("PATH", "").split(os.pathsep)
    for folder in (*on_path, *sorted(pyenv.glob(f"{version}.*/bin"), reverse=True)):
        python = shutil.which(f"python{version}", path=str(folder))
        if python and says_version(python, version):
            return python
    return None


def says_version(python: str, version: str) -> bool:
    code = "import sys, venv; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() == version


def build_wheel() -> Path:
    """The wheel, built once."""
    out = CACHE / "dist"
    shutil.rmtree(out, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "-w", str(out), str(ROOT)], check=True)
    return next(out.glob("*.whl"))


def tested(version: str, wheel: Path) -> tuple[bool, str]:
    """Whether the portable tests pass from the wheel, in a virtual environment of its own, or
    there is no such Python; and what to say of it."""
    python = find(version)
    if python is None:
        return True, f"Python {version}: absent, not tested\n"
    try:
        said = run_tests(version, python, wheel)
    except subprocess.CalledProcessError as error:
        return False, f"{error.stdout}{error.stderr}Python {version}: FAILED\n"
    last = said.strip().splitlines()[-1]
    return True, f"Python {version}: tested{' (own)' * (version == OWN)}, {last}\n"


def run_tests(version: str, python: str, wheel: Path) -> str:
    """What the tests say. Raises CalledProcessError."""
    venv = CACHE / version
    own_python = str(venv / "bin" / "python")
    # One pip serves all; and what is never imported need not be compiled.
    pip = [sys.executable, "-m", "pip", "--python", own_python, "install", "-q", "--no-compile"]
    if not venv.exists():
        called(python, "-m", "venv", "--without-pip", str(venv))
    else:
        called(*pip, "--no-deps", "--force-reinstall", str(wheel))
    called(*pip, str(wheel), "pytest>=8", "hypothesis>=6.100")
    tests = [str(ROOT / path) for path in PORTABLE]
    return called(own_python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


def called(*command: str) -> str:
    """What it says. Raises CalledProcessError."""
    done = subprocess.run(command, check=True, cwd=CACHE, capture_output=True, text=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())

"""Who may open sockets, start processes, read the clock, files or the environment (contract 8)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "preflight"

OUTSIDE = {"socket", "subprocess", "ssl", "paramiko", "httpx", "httpcore", "icmplib", "selectors",
           "asyncio", "http", "urllib", "multiprocessing", "socketserver"}  # fmt: skip
MAY_GO_OUTSIDE = ("probes", "signing", "demo", "gateway")

PURE = ("kinds", "render", "plan.py", "verdict.py", "judge.py", "causes.py", "report.py",
        "finding.py", "evidence.py", "canonical.py", "commands.py", "permission.py")  # fmt: skip
IMPURE_MODULES = OUTSIDE | {"time", "os", "random", "secrets", "tempfile", "shutil", "threading"}
IMPURE_CALLS = {"now", "today", "utcnow", "open", "read_text", "read_bytes", "write_text",
                "write_bytes", "getenv", "gethostname", "node"}  # fmt: skip
ALLOWED = {("commands.py", "threading")}
"""The request log is called from the survey's threads; it holds a lock and nothing else."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """Top-level names of every import, wherever it stands."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names


def called(tree: ast.AST) -> set[str]:
    """Names of everything that is called."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            func = node.func
            names.add(func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", ""))
    return names


def in_layer(path: Path, layers: tuple[str, ...]) -> bool:
    return path.relative_to(PACKAGE).parts[0] in layers


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_probes_signing_and_demo_go_outside(path: Path) -> None:
    if in_layer(path, MAY_GO_OUTSIDE):
        return
    found = imported(ast.parse(path.read_text("utf-8"))) & OUTSIDE
    assert not found, f"{path.relative_to(PACKAGE)} imports {sorted(found)}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if in_layer(p, PURE)], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_judging_and_rendering_are_pure(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = {m for m in imported(tree) & IMPURE_MODULES if (path.name, m) not in ALLOWED}
    found |= called(tree) & IMPURE_CALLS
    assert not found, f"{path.relative_to(PACKAGE)} uses {sorted(found)}"


def test_the_guard_sees_what_it_must() -> None:
    tree = ast.parse(
        "def f():\n    import socket\n    from datetime import datetime\n    datetime.now()"
    )
    assert imported(tree) & OUTSIDE == {"socket"}
    assert called(tree) & IMPURE_CALLS == {"now"}


def test_every_kind_file_is_listed() -> None:
    from preflight.kinds import KINDS

    modules = {kind.__module__.rsplit(".", 1)[-1] for kind in KINDS.values()}
    files = {
        p.stem
        for p in (PACKAGE / "kinds").glob("*.py")
        if "name: ClassVar" in p.read_text("utf-8") and p.stem != "base"
    }
    assert files <= modules, f"kind files without a name in the tuple: {sorted(files - modules)}"

"""The project's own files, as the house tests read them: which there are, and what a Python module names."""

import ast
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked() -> tuple[str, ...]:
    """Every file that git knows or would take, as a path from the root; without git, every file of the project."""
    # A checkout that belongs to somebody else is read as well as our own.
    listing = ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (ROOT / ".git").exists() and shutil.which("git"):
        named = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    else:
        named = [path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if not _is_scratch(path)]
    return tuple(sorted(name for name in named if name and (ROOT / name).is_file()))


def python_files(*folders: str) -> list[str]:
    """The Python modules beneath the folders, each as a path from the root."""
    return [
        name for name in tracked() if name.endswith(".py") and name.startswith(tuple(f"{each}/" for each in folders))
    ]


@cache
def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def tree(name: str) -> ast.Module:
    return ast.parse(text(name), filename=name)


@cache
def imported(name: str) -> tuple[tuple[int, str], ...]:
    """Every absolute import of a module, those within functions too: the line, and the dotted name."""
    return tuple(_imported(name))


@cache
def mentioned(name: str) -> tuple[tuple[int, str], ...]:
    """Every dotted name a module mentions, written out as imported: `datetime.now` is `datetime.datetime.now`."""
    return tuple(_mentioned(name))


@cache
def functions(name: str) -> tuple[ast.FunctionDef | ast.AsyncFunctionDef, ...]:
    return tuple(node for node in ast.walk(tree(name)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _imported(name: str) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _mentioned(name: str) -> Iterator[tuple[int, str]]:
    origin = _origins(name)
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Name | ast.Attribute) and (parts := _parts(node)):
            yield node.lineno, ".".join([origin.get(parts[0], parts[0]), *parts[1:]])
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def _origins(name: str) -> dict[str, str]:
    origin: dict[str, str] = {}
    for node in ast.walk(tree(name)):
        if isinstance(node, ast.Import):
            origin |= {alias.asname: alias.name for alias in node.names if alias.asname}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            origin |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return origin


def _parts(node: ast.expr) -> list[str] | None:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Attribute) and (before := _parts(node.value)):
        return [*before, node.attr]
    return None


def _is_scratch(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return parts[0] in {".venv", "var", "build", "dist"} or "__pycache__" in parts or "_cache" in parts[0]

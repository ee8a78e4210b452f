"""The tests' own promises: each asserts something, each name is a sentence, none is passed over in silence."""

import ast
import re
from collections.abc import Iterator

from tests.house.source import functions, mentioned, python_files

ASSERTING = re.compile(
    r"(^|\.)(raises|warns|fail|_?(assert|expect|check|must|verify|refuses|agrees)\w*|call_and_validate)$"
)


def test_every_test_asserts_something() -> None:
    silent = [
        f"{file}:{node.lineno} {node.name}"
        for file in python_files("tests")
        for node in functions(file)
        if node.name.startswith("test_") and not any(_asserts(inner) for inner in ast.walk(node))
    ]

    assert silent == []


def test_every_test_name_is_a_sentence() -> None:
    short = [
        f"{file}:{node.lineno} {node.name}"
        for file in python_files("tests")
        for node in functions(file)
        if node.name.startswith("test_") and node.name.count("_") < 3
    ]

    assert short == []


def test_only_the_lack_of_a_server_or_peer_skips_a_test() -> None:
    skipping = re.compile(r"pytest\.(skip|importorskip|mark\.skip|mark\.skipif|mark\.xfail|xfail)$")
    skips = [
        f"{file}:{line}"
        for file in python_files("tests")
        for line, said in mentioned(file)
        if skipping.match(said) and file not in ("tests/conftest.py", "tests/peers.py")
    ]

    assert skips == []


def test_no_test_sleeps_for_luck() -> None:
    """A peer made up within a test may be slow; the test itself waits for what it awaits, or yields once."""
    sleeping = [
        f"{file}:{node.lineno} {node.name}"
        for file in python_files("tests")
        for node in functions(file)
        if node.name.startswith("test_") and any(_sleeps(inner) for inner in _own(node))
    ]

    assert sleeping == []


def _sleeps(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or ast.unparse(node.func).split(".")[-1] != "sleep":
        return False
    return [ast.unparse(argument) for argument in node.args] != ["0"]


def _own(function: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(function):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield node
            yield from _own(node)


def _asserts(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.Call) and bool(ASSERTING.search(ast.unparse(node.func)))
    )

"""The tests' own promises: each asserts something, each name is a sentence, none is passed over in silence."""

import ast
import re

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


def test_only_the_lack_of_any_postgresql_skips_a_test() -> None:
    skipping = re.compile(r"pytest\.(skip|importorskip|mark\.skip|mark\.skipif|mark\.xfail|xfail)$")
    skips = [
        f"{file}:{line}"
        for file in python_files("tests")
        for line, said in mentioned(file)
        if skipping.match(said) and file != "tests/conftest.py"
    ]

    assert skips == []


def test_no_test_sleeps_for_luck() -> None:
    waits = re.compile(r"(time|asyncio)\.sleep$")
    sleeping = [
        f"{file}:{node.lineno}"
        for file in python_files("tests")
        for node in functions(file)
        if node.name.startswith("test_")
        for line, said in mentioned(file)
        if waits.match(said) and node.lineno <= line <= (node.end_lineno or 0)
    ]

    assert sleeping == []


def _asserts(node: ast.AST) -> bool:
    return isinstance(node, ast.Assert) or (
        isinstance(node, ast.Call) and bool(ASSERTING.search(ast.unparse(node.func)))
    )

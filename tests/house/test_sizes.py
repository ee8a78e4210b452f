"""A module is one idea, a function fits a screen."""

import ast
import warnings
from collections.abc import Iterator

from tests.house.source import functions, python_files, text, tree

MODULE_LINES_ASKED = 300
MODULE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70


def test_no_module_outgrows_one_idea() -> None:
    lines = {file: len(text(file).splitlines()) for file in _written()}
    if long := {file: count for file, count in lines.items() if count > MODULE_LINES_ASKED}:
        warnings.warn(f"over 300 lines: {long}", UserWarning, stacklevel=1)

    assert {file: count for file, count in lines.items() if count > MODULE_LINES_MAX} == {}


def test_every_function_fits_a_screen() -> None:
    tall = [
        f"{file}:{node.lineno} {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for file in _written()
        for node in functions(file)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert tall == []


def test_packages_begin_without_code() -> None:
    """The outermost says its version besides; the others say at most what they are for."""
    inner = [file for file in python_files("service") if file.endswith("/__init__.py") and file.count("/") > 1]

    assert [file for file in inner if len(tree(file).body) > bool(ast.get_docstring(tree(file)))] == []


def _written() -> Iterator[str]:
    """What people write: a migration is a list of tables, put down by Alembic and never touched again."""
    return (file for file in python_files("service", "tests") if "/migrations/versions/" not in file)

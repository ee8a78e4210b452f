"""The README of each language names every setting, verb, problem and state, and none that does not exist."""

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest
import typer.main

from service.core.lifecycle import MOVES
from service.core.model import State
from service.settings import settings_table
from service.web.problems import PROBLEMS
from tests.house.source import text, tracked

READMES = [name for name in tracked() if re.fullmatch(r"README[\w.-]*\.md", name)]


@pytest.fixture(params=READMES or ["none yet"])
def readme(request: pytest.FixtureRequest) -> str:
    """The words of one README; before there is any, words that name everything."""
    if READMES:
        return text(request.param)
    moves = [f"{here} --> {there}" for here in MOVES for there in MOVES[here]]
    settings = [name for name, _, _ in settings_table()]
    verbs = [f"python -m service {verb}" for verb in _verbs()]
    return "\n".join([*settings, *verbs, *PROBLEMS, *State, "```mermaid\nstateDiagram-v2", *moves, "```"])


def test_the_readme_names_every_setting_and_no_other(readme: str) -> None:
    assert {name for name, _, _ in settings_table()} == set(re.findall(r"\bGATEWAY_[A-Z0-9_]+\b", readme))


def test_the_readme_names_every_verb_and_no_other(readme: str) -> None:
    verbs = _verbs()
    told = {verb for verb in verbs if re.search(rf"(?<![\w-]){re.escape(verb)}(?![\w-])", readme)}
    first = {verb.split()[0] for verb in verbs}
    asked = set(re.findall(r"python3? -m service ([a-z][a-z-]*)", readme))

    assert (verbs, set()) == (told, asked - first if verbs else set())


def test_the_readme_names_every_kind_of_problem(readme: str) -> None:
    missing = {code for code in PROBLEMS if not re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", readme)}

    assert missing == set()


def test_the_readme_names_every_state(readme: str) -> None:
    assert {state for state in State if not re.search(rf"\b{state}\b", readme)} == set()


def test_the_state_diagram_of_the_readme_shows_the_legal_moves(readme: str) -> None:
    diagram = re.search(r"^stateDiagram(?:-v2)?$(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert diagram, "a mermaid stateDiagram is wanted"
    drawn = set(re.findall(r"^\s*(\w+) --> (\w+)", diagram.group(1), re.MULTILINE))

    assert {(here.value, there.value) for here in MOVES for there in MOVES[here]} == drawn


def _verbs() -> set[str]:
    """Every verb of `python -m service`, those of its groups in full: `policy lint`."""
    if find_spec("service.__main__") is None:
        return set()
    return set(_leaves(typer.main.get_command(import_module("service.__main__").app), ""))


def _leaves(command: Any, path: str) -> Iterator[str]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield path.strip()
    else:
        for name, each in inner.items():
            if not each.hidden:
                yield from _leaves(each, f"{path} {name}")

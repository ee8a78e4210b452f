"""The tables of each README say what the code says, and its links lead somewhere."""

import re
from enum import EnumMeta

import pytest

from service.core.explain import _OWN
from service.core.model import ActorRole, Channel, HoldKind, Outcome, PartyRole, Purpose, State
from service.settings import settings_table
from service.simulator.magic import MAGIC
from service.web.problems import PROBLEMS
from service.web.scopes import ALL_SCOPES, SCOPES, any_of
from tests.house.source import ROOT, text

READMES = ("README.md", "README.zh-CN.md")


@pytest.mark.parametrize("readme", READMES)
def test_the_settings_stand_in_their_order_with_their_defaults(readme: str) -> None:
    rows = [(name.strip("`"), default, meaning) for name, default, meaning in _table(readme, "settings")]

    assert [name for name, _, _ in settings_table()] == [name for name, _, _ in rows]
    if readme == "README.md":
        assert settings_table() == rows
    # What stands there literally is the same in any language.
    literal = {name: default for name, default, _ in settings_table() if re.fullmatch(r"[\w./-]+", default)}
    assert literal == {name: default for name, default, _ in rows if name in literal}


@pytest.mark.parametrize("readme", READMES)
def test_every_magic_recipient_stands_with_its_number(readme: str) -> None:
    rows = _table(readme, "magic")

    assert [(each.number, f"`{word}`") for word, each in MAGIC.items()] == [(number, word) for number, word, _ in rows]
    if readme == "README.md":
        assert [each.meaning for each in MAGIC.values()] == [meaning for _, _, meaning in rows]
    assert all(meaning for _, _, meaning in rows)


@pytest.mark.parametrize("readme", READMES)
def test_every_route_stands_with_its_scope(readme: str) -> None:
    rows = {route.strip("`"): set(re.findall(r"`([a-z:]+)`", scope)) for route, scope, _ in _table(readme, "routes")}

    assert {f"{method} {path}": set(any_of(scopes)) for (method, path), scopes in SCOPES.items()} == rows


@pytest.mark.parametrize("readme", READMES)
def test_every_scope_and_every_problem_has_its_row(readme: str) -> None:
    assert sorted(ALL_SCOPES) == sorted(row[0].strip("`") for row in _table(readme, "scopes"))
    assert {code: str(each.status) for code, each in PROBLEMS.items()} == {
        code.strip("`"): status for code, status, _ in _table(readme, "problems")
    }


@pytest.mark.parametrize("readme", READMES)
@pytest.mark.parametrize("words", [ActorRole, Channel, HoldKind, Outcome, PartyRole, Purpose, State])
def test_every_word_of_a_closed_set_is_explained(readme: str, words: EnumMeta) -> None:
    assert {word for word in words if f"`{word}`" not in text(readme)} == set()


@pytest.mark.parametrize("readme", READMES)
def test_every_refusal_of_the_gateways_own_is_in_the_table_of_what_fails_closed(readme: str) -> None:
    assert {reason for reason in _OWN if f"`{reason}`" not in text(readme)} == set()


@pytest.mark.parametrize("readme", READMES)
def test_every_link_leads_somewhere(readme: str) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", text(readme))
    headings = {_anchor(each) for each in re.findall(r"^#+ (.+)$", text(readme), re.MULTILINE)}
    lost = {link for link in links if not (link[1:] in headings if link[0] == "#" else (ROOT / link).exists())}

    assert links and lost == set()


def _table(readme: str, name: str) -> list[tuple[str, ...]]:
    """The rows of a table between its markers, without the head."""
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", text(readme), re.DOTALL)
    assert found, f"{readme} has no table {name}"
    lines = found.group(1).strip().splitlines()[2:]
    return [tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]) for line in lines]


def _anchor(heading: str) -> str:
    """What a heading is called in a link."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

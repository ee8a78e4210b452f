import ast

import pytest

from service.core import errors
from service.web.problems import PROBLEMS
from tests.house.source import python_files, tree

from .front import Web


@pytest.mark.parametrize("code", PROBLEMS)
async def test_every_kind_of_problem_has_a_page_in_two_languages(web: Web, code: str) -> None:
    kind = PROBLEMS[code]

    english = await web.http.get(f"/problems/{code}", headers={"Accept-Language": "en"})
    chinese = await web.http.get(f"/problems/{code}", headers={"Accept-Language": "zh-Hans-CN"})

    assert (200, "en", 200, "zh-CN") == (
        english.status_code,
        english.headers["Content-Language"],
        chinese.status_code,
        chinese.headers["Content-Language"],
    )
    assert kind.title in english.text and str(kind.status) in english.text
    assert kind.title_zh in chinese.text


async def test_an_unknown_kind_of_problem_has_no_page(web: Web) -> None:
    assert 404 == (await web.http.get("/problems/nonsense")).status_code


def test_every_code_that_is_raised_is_a_kind_of_problem() -> None:
    """A code of `Invalid` is not: it stands beside its field, and the problem is `invalid`."""
    raised = {cls.code for cls in vars(errors).values() if isinstance(cls, type) and hasattr(cls, "code")}
    for file in python_files("service"):
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Conflict", "Gone", "NotFound", "Unavailable"):
                raised |= {ast.literal_eval(word.value) for word in node.keywords if word.arg == "code"}

    assert set() == raised - PROBLEMS.keys()


async def test_what_nobody_foresaw_is_an_incident_that_shows_no_value(
    web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    class Broken:
        async def read(self, body: object) -> None:
            raise RuntimeError("row of +8613800138000")

    object.__setattr__(web.app.state.door.gateway, "store", Broken())
    web.app.state.door.keys._look = _nobody  # the guard asks the store as well

    answer = await web.get("/v1/contact-requests")

    said = answer.json()
    assert (500, "application/problem+json") == (answer.status_code, answer.headers["content-type"])
    assert "/problems/internal" == said["type"]
    logged = capsys.readouterr()
    assert said["incident"] in logged.out + logged.err
    assert "8613800138000" not in logged.out + logged.err + answer.text


async def _nobody(sha256: str) -> None:
    raise RuntimeError("row of +8613800138000")

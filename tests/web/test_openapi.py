"""The OpenAPI document says what the door does: checked against answers, and by throwing generated requests at it."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from service.web.openapi import openapi_document
from service.web.scopes import SCOPES
from service.wiring import Shelf

from .conftest import opened
from .front import Web

EXAMPLES = 15
"""For each route; a longer search is `schemathesis run` against a gateway that serves."""


async def test_the_document_names_every_route_of_the_table_that_is_served(web: Web) -> None:
    document = (await web.http.get("/openapi.json")).json()

    described = {(method.upper(), path) for path, routes in document["paths"].items() for method in routes}
    assert set(web.app.state.guarded) == described
    assert described <= SCOPES.keys()


async def test_every_reference_within_the_document_leads_somewhere(web: Web) -> None:
    document = openapi_document(web.app)
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    assert set() == set(_references(document)) - known


async def test_every_route_tells_its_scopes_and_its_problems(web: Web) -> None:
    document = openapi_document(web.app)

    for path, routes in document["paths"].items():
        for method, route in routes.items():
            guarded = SCOPES[method.upper(), path] is not None
            assert guarded == ("security" in route), (method, path)
            assert {"422", "500"} <= route["responses"].keys(), (method, path)
            assert guarded == ("401" in route["responses"]), (method, path)


class Door:
    """One door in one event loop, and the way of a generated request to it."""

    def __init__(self, runner: asyncio.Runner, web: Web) -> None:
        self._runner = runner
        self.web = web

    def call(self, case: Case) -> httpx.Response:
        request = requests.Request(
            **case.as_transport_kwargs(base_url="http://gateway", headers=self.web.bank)
        ).prepare()
        sent = self.web.http.request(
            str(request.method), str(request.url), headers=dict(request.headers), content=_bytes_of(request.body)
        )
        return self._runner.run(sent)


def check_answer(case: Case, answer: httpx.Response, checks: list[Any]) -> None:
    case.validate_response(answer, checks=checks)


def _bytes_of(body: Any) -> bytes | None:
    return body.encode() if isinstance(body, str) else body


@pytest.fixture(scope="session")
def door(tmp_path_factory: pytest.TempPathFactory, furnished: Path, shelf: Shelf) -> Iterator[Door]:
    """One door for the whole search; what earlier requests stored, later ones meet."""
    folder = tmp_path_factory.mktemp("searched") / "var"
    shutil.copytree(furnished, folder)
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        yield Door(runner, runner.run(stack.enter_async_context(opened(folder, shelf, serving=False))))
        runner.run(stack.aclose())


@pytest.fixture(scope="session")
def api_schema(door: Door) -> Any:
    return schemathesis.openapi.from_dict(openapi_document(door.web.app))


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
"""Not asked: that whatever fits the schema is taken, for a template, a zone or a number may still be none."""


FITTING, UNFITTING = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
TAKES_NOTHING = {"/healthz", "/readyz", "/metrics", "/openapi.json"}
SIGNED = ("/v1/receipts/", "/v1/inbound/")
"""What a provider signs has tests of its own."""

SEARCHES = [
    pytest.param(method, path, mode, id=f"{method} {path} {mode.value}")
    for method, path in sorted(SCOPES)
    for mode in (FITTING, UNFITTING)
    if not path.startswith(SIGNED) and not (mode is UNFITTING and path in TAKES_NOTHING)
]


@pytest.mark.parametrize(("method", "path", "mode"), SEARCHES)
def test_generated_requests_find_nothing(
    api_schema: Any, door: Door, method: str, path: str, mode: GenerationMode
) -> None:
    # A batch is taken though items of it are not: each is answered by itself.
    checks = [each for each in CHECKS if not (path.endswith("/batch") and each is negative_data_rejection)]

    @given(case=api_schema[path][method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def search(case: Case) -> None:
        check_answer(case, door.call(case), checks)

    search()


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)

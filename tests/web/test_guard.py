import pytest
from fastapi import APIRouter

from service.core.errors import Misconfigured
from service.flows.clients import create_key, revoke_key
from service.web.app import create_app

from .front import Web, request_body

PATH = "/v1/contact-requests"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer gw_bank_wrong",
        "Basic Z3c6Z3c=",
        "gw_bank_bankxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "Bearer " + "x" * 10_000,
        "Bearer ünbekannt".encode(),
    ],
)
async def test_without_a_valid_key_nothing_is_shown_and_nothing_read(web: Web, header: str | bytes | None) -> None:
    headers = [] if header is None else [(b"Authorization", header if isinstance(header, bytes) else header.encode())]

    answer = await web.http.request("POST", PATH, content=b"{", headers=headers)

    assert (401, "/problems/unauthenticated") == (answer.status_code, answer.json()["type"])
    assert "Bearer" == answer.headers["WWW-Authenticate"]


async def test_the_word_bearer_has_no_case(web: Web) -> None:
    key = {"Authorization": web.bank["Authorization"].replace("Bearer", "bearer")}

    assert 200 == (await web.get(PATH, key=key)).status_code


async def test_a_key_without_the_scope_is_told_which_one_it_lacks(web: Web) -> None:
    reader = await web.key("reader", "contact:read")

    answer = await web.post(PATH, request_body(), key=reader)

    assert (403, "/problems/missing-scope") == (answer.status_code, answer.json()["type"])
    assert "contact:write" in answer.json()["detail"]
    assert [] == await web.rows("requests")


async def test_a_revoked_key_is_refused_and_a_new_one_serves_the_same_client(web: Web) -> None:
    kit, store = web.house.gateway.kit, web.house.gateway.store
    agency = await web.key("agency", "contact:write", "contact:read")
    posted = (await web.post(PATH, request_body(), key=agency)).json()

    await store.write(lambda tx: revoke_key(kit, tx, "test", "agency"))
    refused = await web.get(PATH, key=agency)
    renewed = await store.write(
        lambda tx: create_key(
            kit, tx, "test", client="agency", actor_role="agency", scopes=["contact:read"], secret="y" * 43
        )
    )

    assert 401 == refused.status_code
    read = await web.get(f"{PATH}/{posted['id']}", key={"Authorization": f"Bearer {renewed}"})
    assert 200 == read.status_code
    kinds = [entry["kind"] for entry in await web.rows("entries", client="agency") if entry["kind"].startswith("key.")]
    assert ["key.created", "key.revoked", "key.created"] == kinds


async def test_a_key_is_stored_as_its_digest_alone(web: Web) -> None:
    secret = web.bank["Authorization"].removeprefix("Bearer ")

    [row] = await web.rows("clients", id="bank")
    entries = await web.rows("entries", kind="key.created")

    assert secret not in str(row) and all(secret.encode() not in entry["body"] for entry in entries)


async def test_an_unknown_query_parameter_is_refused_on_every_route(web: Web) -> None:
    answers = [await web.http.get(f"{path}?colour=red") for path in ("/healthz", "/readyz", "/metrics")]
    answers.append(await web.http.post(f"{PATH}?colour=red", headers=web.bank))

    assert [422] * 4 == [answer.status_code for answer in answers]


async def test_a_query_parameter_is_given_once_unless_it_is_a_list(web: Web) -> None:
    """Of two values one would be passed over in silence."""
    twice = await web.get(f"{PATH}?limit=1&limit=2")
    cursor = await web.get("/v1/audit/entries?after=5&after=0")
    states = await web.get(f"{PATH}?state=queued&state=sent")

    assert [422, 422, 200] == [twice.status_code, cursor.status_code, states.status_code]
    assert ("limit", "repeated") == (twice.json()["errors"][0]["field"], twice.json()["errors"][0]["code"])


async def test_a_route_that_the_table_does_not_name_keeps_the_door_shut(web: Web) -> None:
    router = APIRouter()

    @router.get("/v1/forgotten")
    async def forgotten() -> None:
        return None

    with pytest.raises(Misconfigured, match="GET /v1/forgotten"):
        create_app(web.app.state.door, routers=(router,))


async def test_an_address_that_is_not_served_is_a_problem_too(web: Web) -> None:
    missing, method = await web.get("/v1/nothing"), await web.send("PATCH", PATH)

    assert (404, "/problems/not-found") == (missing.status_code, missing.json()["type"])
    assert (405, "/problems/method-not-allowed") == (method.status_code, method.json()["type"])
    assert {"GET", "POST"} == set(method.headers["Allow"].split(", "))

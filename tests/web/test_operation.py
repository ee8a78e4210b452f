import json

import pytest

from service.channels.answers import not_taken, unmapped
from service.core.errors import Unavailable
from service.core.model import Fate

from .front import Web, request_body


async def test_a_process_that_serves_is_alive(web: Web) -> None:
    answer = await web.http.get("/healthz")

    assert (200, {"status": "ok"}) == (answer.status_code, answer.json())


async def test_a_gateway_that_can_work_is_ready_and_says_what_it_is(web: Web) -> None:
    answer = await web.http.get("/readyz")

    said = answer.json()
    assert (200, True, True) == (answer.status_code, said["ready"], said["simulated"])
    assert {"ok"} == set(said["checks"].values())


async def test_a_calendar_that_is_soon_over_is_a_note_and_a_figure_and_no_failure(web: Web) -> None:
    said = (await web.http.get("/readyz")).json()
    figures = (await web.http.get("/metrics")).text

    assert said["ready"]
    assert "the calendar th is confirmed only until 2026-12-31" in said["notes"]
    assert not [note for note in said["notes"] if "calendar ca-qc " in note]
    assert 'gateway_calendar_confirmed_days{calendar="th"} 38.0' in figures


async def test_a_store_in_trouble_is_not_ready(web: Web) -> None:
    class Shut:
        async def ready(self) -> None:
            raise Unavailable("the store is shut")

        async def read(self, body: object) -> None:
            raise Unavailable("the store is shut")

    object.__setattr__(web.app.state.door.gateway, "store", Shut())

    answer = await web.http.get("/readyz")

    assert (503, False, "the store is shut") == (
        answer.status_code,
        answer.json()["ready"],
        answer.json()["checks"]["store"],
    )
    assert 200 == (await web.http.get("/healthz")).status_code


async def test_without_a_book_in_force_nothing_is_ready_and_nothing_decided(web: Web) -> None:
    web.clock.set("2026-10-01T00:00:00Z")

    ready, posted = await web.http.get("/readyz"), await web.post("/v1/contact-requests", request_body())

    assert (503, 503, "/problems/no-book") == (ready.status_code, posted.status_code, posted.json()["type"])
    assert "Retry-After" in posted.headers


async def test_figures_name_routes_and_never_ids(web: Web) -> None:
    posted = (await web.post("/v1/contact-requests", request_body())).json()
    await web.get(f"/v1/contact-requests/{posted['id']}")
    await web.get("/v1/+8613800138000")

    figures = (await web.http.get("/metrics")).text

    assert 'route="/v1/contact-requests/{id}"' in figures
    assert 'gateway_contact_requests_total{channel="sms",state="queued"} 1.0' in figures
    assert posted["id"] not in figures and "8613800138000" not in figures and "P-10086" not in figures


async def test_each_request_leaves_one_line_with_ids_and_no_values(
    web: Web, capsys: pytest.CaptureFixture[str]
) -> None:
    posted = await web.post("/v1/contact-requests", request_body())
    await web.get("/v1/contact-requests", party_id="P-10086")
    await web.get("/v1/+8613800138000")

    logged = capsys.readouterr()
    lines = [line for line in (logged.out + logged.err).splitlines() if "request.served" in line]
    assert 3 == len(lines)
    assert posted.headers["X-Request-Id"] in lines[0] and posted.json()["id"] in lines[0]
    assert not any(value in json.dumps(lines) for value in ("8613800138000", "张三", "P-10086", "1234.56"))


async def test_with_the_simulator_every_answer_says_so(web: Web) -> None:
    answers = [await web.http.get("/healthz"), await web.get("/v1/nothing"), await web.get("/v1/contact-requests")]

    assert ["true"] * 3 == [answer.headers["Gateway-Simulated"] for answer in answers]


async def test_an_open_breaker_shows_and_stops_no_readiness(web: Web) -> None:
    routes = web.house.routes
    routes.told("simulator", not_taken("http_401", Fate.provider_unavailable), web.clock())

    ready = await web.http.get("/readyz")
    figures = (await web.http.get("/metrics")).text

    assert (200, {"simulator": "open"}) == (ready.status_code, ready.json()["providers"])
    assert 'gateway_provider_breaker{provider="simulator",state="open"} 1.0' in figures


async def test_what_comes_of_hand_overs_is_counted_and_an_unknown_code_alarms(web: Web) -> None:
    web.house.metrics.handed_over("simulator", unmapped("new_code"))

    figures = (await web.http.get("/metrics")).text

    assert 'gateway_provider_results_total{fate="permanent",provider="simulator"} 1.0' in figures
    assert 'gateway_provider_unmapped_codes_total{provider="simulator"} 1.0' in figures

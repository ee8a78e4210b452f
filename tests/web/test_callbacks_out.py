"""Callbacks out: what clients are told at their own addresses, over real HTTP, believed by the official verifier."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from service.beats import Beats
from service.core.model import DAY, HOUR, MINUTE, SECOND
from service.flows.callbacks import OLD_SECRETS_MAX
from service.flows.callouts import PAUSE, Callouts
from service.web.callbacks_shown import CallbackMadeShown, CallbackReplayedShown, CallbacksShown, DeliveriesShown
from service.wiring import Shelf
from tests.loopback import Heard, Receiver, receiving

from .conftest import opened
from .front import Web, request_body

HOOKS = "/v1/callbacks"
POST = "/v1/contact-requests"


@pytest.fixture
async def inside(data_dir: Path, shelf: Shelf) -> AsyncIterator[Web]:
    """A door that may call receivers on this machine."""
    async with opened(data_dir, shelf, serving=False, GATEWAY_CALLBACKS_PRIVATE="yes") as front:
        yield front


def callouts_of(web: Web, owner: str = "one") -> Callouts:
    gateway = web.house.gateway
    return Callouts(gateway.kit, gateway.store, gateway.callout, owner)


async def hooked(web: Web, receiver: Receiver, **more: Any) -> dict[str, Any]:
    made = await web.post(HOOKS, {"url": f"{receiver.url}/hook", **more})
    assert 201 == made.status_code, made.text
    CallbackMadeShown.model_validate(made.json())
    return made.json()


async def told(web: Web, callouts: Callouts) -> None:
    """One beat, to its end."""
    await web.number()
    assert [] == await callouts.beat()
    await callouts.settle()


async def posted(web: Web, reference: str, **changes: Any) -> dict[str, Any]:
    return (await web.post(POST, request_body(reference=reference, **changes))).json()


def verified(heard: Heard, secret: str) -> dict[str, Any]:
    """What the official verifier makes of a call; its clock is real and ours is not, so the second is checked apart."""
    hook = Webhook(secret)
    hook._Webhook__verify_timestamp = stated_at  # type: ignore[attr-defined]
    return hook.verify(heard.body, heard.headers)


def stated_at(header: str) -> Any:
    return datetime.fromtimestamp(int(header), UTC)


async def test_a_client_is_told_what_becomes_of_its_requests(inside: Web) -> None:
    async with receiving(200, 200) as receiver:
        await posted(inside, "before")
        hook = await hooked(inside, receiver)
        callouts = callouts_of(inside)
        await told(inside, callouts)
        receiver.heard.clear()

        made = await posted(inside, "r-1")
        await inside.post(f"{POST}/{made['id']}/cancel")
        await told(inside, callouts)

        said = [verified(heard, hook["secret"]) for heard in receiver.heard]
        assert {"request.accepted", "request.cancelled"} == {each["type"] for each in said}
        events = (await inside.get("/v1/events", after=said[0]["data"]["index"] - 1)).json()["items"]
        assert events[-1] in [each["data"] for each in said]
        assert {"r-1"} == {each["data"]["reference"] for each in said}
        assert 2 == len({heard.headers["webhook-id"] for heard in receiver.heard})
        assert {inside.clock() // SECOND} == {int(heard.headers["webhook-timestamp"]) for heard in receiver.heard}


async def test_only_the_wanted_kinds_are_told_and_only_ones_own(inside: Web) -> None:
    async with receiving() as receiver:
        other = await inside.key("agency-a")
        await hooked(inside, receiver, kinds=["request.cancelled"])
        made = await posted(inside, "mine")
        await inside.post(POST, request_body(reference="theirs"), key=other)
        await inside.post(f"{POST}/{made['id']}/cancel")

        await told(inside, callouts_of(inside))

        assert ["request.cancelled"] == [json.loads(heard.body)["type"] for heard in receiver.heard]


async def test_what_failed_is_told_again_with_the_same_id_and_bytes(inside: Web) -> None:
    async with receiving(503, 500, 200) as receiver:
        hook = await hooked(inside, receiver)
        await posted(inside, "r-1")
        callouts = callouts_of(inside)

        await told(inside, callouts)
        await told(inside, callouts)  # paused
        inside.clock.forward(PAUSE)
        await told(inside, callouts)
        inside.clock.forward(10 * MINUTE)
        await told(inside, callouts)

        first, second, third = receiver.heard
        assert first.body == second.body == third.body
        assert 1 == len({heard.headers["webhook-id"] for heard in receiver.heard})
        verified(third, hook["secret"])
        (delivery,) = (await inside.get(f"{HOOKS}/{hook['id']}/deliveries")).json()["items"]
        assert ("delivered", 3, "200", None) == tuple(delivery[name] for name in ("state", "tries", "said", "next_at"))


async def test_what_is_never_taken_dies_and_can_be_told_again(inside: Web) -> None:
    async with receiving(*[500] * 10) as receiver:
        hook = await hooked(inside, receiver)
        await posted(inside, "r-1")
        callouts = callouts_of(inside)
        for _ in range(10):
            await told(inside, callouts)
            inside.clock.forward(2 * DAY)

        listed = (await inside.get(HOOKS)).json()
        CallbacksShown.model_validate(listed)
        assert [(0, 1)] == [(each["waiting"], each["dead"]) for each in listed["items"]]
        dead = (await inside.get(f"{HOOKS}/{hook['id']}/deliveries", state="dead")).json()
        DeliveriesShown.model_validate(dead)
        assert [10] == [each["tries"] for each in dead["items"]]

        again = await inside.post(f"{HOOKS}/{hook['id']}/replay", {})
        CallbackReplayedShown.model_validate(again.json())
        await told(inside, callouts)

        assert 1 == again.json()["replayed"]
        assert 11 == len(receiver.heard)
        assert 1 == len({heard.headers["webhook-id"] for heard in receiver.heard})
        assert (1, 9, 1) == (callouts.told.delivered, callouts.told.failed, callouts.told.dead)


async def test_everything_after_an_index_can_be_told_again(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        for number in range(3):
            await posted(inside, f"r-{number}")
        callouts = callouts_of(inside)
        await told(inside, callouts)
        indexes = sorted(json.loads(heard.body)["data"]["index"] for heard in receiver.heard)
        receiver.heard.clear()

        again = await inside.post(f"{HOOKS}/{hook['id']}/replay", {"after": indexes[0]})
        await told(inside, callouts)

        assert 2 == again.json()["replayed"]
        assert indexes[1:] == sorted(json.loads(heard.body)["data"]["index"] for heard in receiver.heard)


async def test_a_receiver_that_is_gone_is_called_no_more_until_a_replay(inside: Web) -> None:
    async with receiving(410) as receiver:
        hook = await hooked(inside, receiver)
        await posted(inside, "r-1")
        callouts = callouts_of(inside)
        await told(inside, callouts)
        inside.clock.forward(HOUR)
        await told(inside, callouts)

        assert 1 == len(receiver.heard)
        assert (await inside.get(HOOKS)).json()["items"][0]["disabled_at"] is not None
        assert ["system"] == [row["actor"] for row in await inside.rows("entries", kind="callback.disabled")]

        await inside.post(f"{HOOKS}/{hook['id']}/replay", {})
        await told(inside, callouts)

        assert 2 == len(receiver.heard)


async def test_after_a_rotation_both_secrets_sign_for_a_day(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        callouts = callouts_of(inside)

        rotated = (await inside.post(f"{HOOKS}/{hook['id']}/rotate")).json()
        await posted(inside, "r-1")
        await told(inside, callouts)
        inside.clock.forward(DAY)
        await posted(inside, "r-2")
        await told(inside, callouts)

        both, newest = receiver.heard
        assert rotated["secret"] != hook["secret"]
        verified(both, hook["secret"])
        verified(both, rotated["secret"])
        verified(newest, rotated["secret"])
        with pytest.raises(WebhookVerificationError):
            verified(newest, hook["secret"])


async def test_after_several_rotations_within_a_day_each_secret_signs_for_its_day(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        callouts = callouts_of(inside)
        secrets = [hook["secret"]]
        for _ in range(2):
            secrets.append((await inside.post(f"{HOOKS}/{hook['id']}/rotate")).json()["secret"])
            inside.clock.forward(DAY // 2)
        await posted(inside, "r-1")
        await told(inside, callouts)

        # The first was exchanged a day ago, the second half a day.
        (heard,) = receiver.heard
        for secret in secrets[1:]:
            verified(heard, secret)
        with pytest.raises(WebhookVerificationError):
            verified(heard, secrets[0])


async def test_nobody_is_silenced_by_an_exchange_though_it_comes_twice_at_once(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        answers = [await inside.post(f"{HOOKS}/{hook['id']}/rotate") for _ in range(OLD_SECRETS_MAX + 1)]
        await posted(inside, "r-1")
        await told(inside, callouts_of(inside))

        assert [*[200] * OLD_SECRETS_MAX, 409] == [answer.status_code for answer in answers]
        for secret in (hook["secret"], *(answer.json()["secret"] for answer in answers[:-1])):
            verified(receiver.heard[0], secret)


async def test_a_receiver_that_hangs_holds_up_nobody_else(inside: Web) -> None:
    async with receiving() as receiver, receiving() as slow:
        slow.hold()
        await hooked(inside, slow)
        await hooked(inside, receiver)
        await posted(inside, "r-1")
        await inside.number()
        callouts = callouts_of(inside)

        await callouts.beat()
        await receiver.wait_for(1)
        await posted(inside, "r-2")
        await inside.number()
        while len(receiver.heard) < 2:
            await callouts.beat()
            await receiver.wait_for(1)

        slow.go_on()
        await callouts.settle()
        assert {"r-1", "r-2"} == {json.loads(heard.body)["data"]["reference"] for heard in receiver.heard}


async def test_of_two_processes_one_tells(inside: Web) -> None:
    async with receiving() as receiver:
        await hooked(inside, receiver)
        await posted(inside, "r-1")
        one, two = callouts_of(inside, "one"), callouts_of(inside, "two")

        await told(inside, one)
        await posted(inside, "r-2")
        await told(inside, two)
        assert 1 == len(receiver.heard)

        inside.clock.forward(2 * MINUTE)  # the first has died
        await told(inside, two)
        assert 2 == len(receiver.heard)


async def test_the_beats_tell_and_count(inside: Web) -> None:
    counted = asyncio.Event()

    def figure(name: str, value: float) -> None:
        if (name, value) == ("callbacks_delivered", 1):
            counted.set()

    async with receiving() as receiver:
        await hooked(inside, receiver)
        await posted(inside, "r-1")
        house = inside.house
        beats = Beats(
            house.gateway,
            house.deciding,
            owner="test",
            batch=2,
            dispatching=True,
            observe=lambda name, well, seconds: None,
            figure=figure,
        )
        beats.start()
        async with asyncio.timeout(30):
            await counted.wait()
        await beats.stop()

        assert "r-1" in {json.loads(heard.body)["data"]["reference"] for heard in receiver.heard}


async def test_a_deleted_callback_is_called_no_more(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        await posted(inside, "r-1")
        await inside.number()
        assert 204 == (await inside.send("DELETE", f"{HOOKS}/{hook['id']}")).status_code

        await told(inside, callouts_of(inside))

        assert [] == receiver.heard
        assert [] == (await inside.get(HOOKS)).json()["items"]
        assert 404 == (await inside.send("DELETE", f"{HOOKS}/{hook['id']}")).status_code


async def test_another_client_sees_and_changes_nothing(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        other = await inside.key("agency-a")

        assert [] == (await inside.get(HOOKS, key=other)).json()["items"]
        for method, path in (("DELETE", ""), ("POST", "/rotate"), ("POST", "/replay"), ("GET", "/deliveries")):
            body = {} if path == "/replay" else None
            answer = await inside.send(method, f"{HOOKS}/{hook['id']}{path}", body, key=other)
            assert 404 == answer.status_code, path


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "url"),
        ({"url": "http://collections.example/"}, "url"),
        ({"url": "https://10.0.0.1/"}, "url"),
        ({"url": "https://collections.example/ü"}, "url"),
        ({"url": "https://collections.example/", "kinds": []}, "kinds"),
        ({"url": "https://collections.example/", "kinds": ["request.refused", "nonsense.kind"]}, "kinds.1"),
        ({"url": "https://collections.example/", "kinds": ["key.created"]}, "kinds.0"),
        ({"url": "https://collections.example/", "secret": "mine"}, "secret"),
    ],
)
async def test_a_bad_callback_is_refused_by_its_field(web: Web, body: dict[str, Any], field: str) -> None:
    answer = await web.post(HOOKS, body)

    assert 422 == answer.status_code
    assert [field] == [each["field"] for each in answer.json()["errors"]]


async def test_a_client_has_ten_callbacks_at_most(web: Web) -> None:
    statuses = [(await web.post(HOOKS, {"url": f"https://h{n}.example/"})).status_code for n in range(11)]

    assert [*[201] * 10, 409] == statuses


async def test_no_secret_and_no_address_stands_in_the_evidence(inside: Web) -> None:
    async with receiving() as receiver:
        hook = await hooked(inside, receiver)
        await inside.post(f"{HOOKS}/{hook['id']}/rotate")

        bodies = b"".join(row["body"] for row in await inside.rows("entries"))
        assert b"callback.created" in bodies
        assert b"callback.rotated" in bodies
        assert hook["secret"].encode() not in bodies
        assert receiver.url.encode() not in bodies

"""Delivery against the simulator over real HTTP: each magic recipient, both ends' word of what happened."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, nullcontext
from ipaddress import ip_network
from pathlib import Path

import orjson
import pytest

from service.channels import print_house
from service.channels.answers import accepted, not_taken, refused, unsure
from service.channels.delivery import Delivery
from service.channels.routes import Routes, simulator_account
from service.channels.signature import sign
from service.core.errors import NotFound, Unauthenticated
from service.core.model import SECOND, Channel, Fate, Instant, NoRoute, Outcome, Purpose
from service.core.rendering import Message
from service.flows.ports import Asked, Left, Recipient, SendResult
from service.flows.providers import Callback, Door, ProviderAccount, Secret, Wanted
from service.simulator.magic import MAGIC, Manner, magic_number
from service.simulator.provider import Provider
from service.simulator.server import RunningSimulator, start_simulator
from tests.channels.dispatches import AT, a_dispatch

SECRET = b"simulator and us"
EVENTS = b'{"events":[{"event":"e1","id":"a1","status":"delivered","at_us":1}]}'

MOBILE = {"kind": "mobile", "value": "+8613800138000"}

ASKED = Asked("a1", Channel.sms, AT)
SENT = accepted("ref")
NEVER_TAKEN = not_taken("never_taken")
REFUSED = refused("refused_by_operator", Fate.rejected_content)
WITHOUT_ANSWER = {
    "hang": "timeout",
    "hang-lost": "timeout",
    "hang-untaken": "timeout",
    "error-after": "http_500",
    "error-before": "http_500",
    "drop": "cut",
    "half-answer": "cut",
    "slow-drip": "timeout",
    "wrong-type": "unreadable",
    "huge": "oversized",
}
REFUSALS = {
    "refuse": REFUSED,
    "lie-refused": REFUSED,
    "opted-out": refused("opted_out", Fate.opted_out),
    "throttled": not_taken("throttled", Fate.throttled_account),
    "token-expired": not_taken("token_expired"),
    "clock-skew": not_taken("clock_skew"),
    "fail-once": NEVER_TAKEN._replace(detail="not_accepted"),
}
SLOW = {Manner.hang, Manner.drip}


def no_letter(message: Message, recipient: Recipient, at: Instant) -> bytes:
    raise AssertionError("nothing here is a letter")


def delivery(routes: Routes, timeout_s: float = 30, at: int = AT, fresh_s: int | None = 300) -> Delivery:
    return Delivery(
        routes,
        typeset=no_letter,
        spool_dir=Path("unused"),
        send_timeout_s=timeout_s,
        clock=lambda: Instant(at),
        fresh_s=fresh_s,
    )


@asynccontextmanager
async def simulating(timeout_s: float = 30) -> AsyncIterator[tuple[Delivery, RunningSimulator]]:
    async with await start_simulator(Provider(longest_s=None), secret=SECRET) as simulator:
        channels = delivery(Routes([simulator_account(simulator.url, SECRET)]), timeout_s)
        yield channels, simulator
        await channels.close()


def plain(result: SendResult | None) -> SendResult | None:
    """The provider's reference is its own affair."""
    return result._replace(provider_ref="ref") if result and result.provider_ref else result


def expected(word: str) -> Iterator[object]:
    """What is told of the send, whether the contact was made, and what the provider says when asked."""
    taken = MAGIC[word].taken and word not in REFUSALS
    yield REFUSALS.get(word) or (unsure(WITHOUT_ANSWER[word]) if word in WITHOUT_ANSWER else SENT)
    yield taken
    yield SENT if taken else NEVER_TAKEN


@pytest.mark.parametrize("word", [word for word, behaviour in MAGIC.items()])
async def test_both_ends_agree_on_what_became_of_a_message_to(word: str) -> None:
    async with simulating(2.0 if MAGIC[word].manner in SLOW else 30) as (channels, simulator):
        sent = await channels.send("simulator", a_dispatch(to=magic_number(word)))
        contacted = [contact.attempt for contact in simulator.provider.contacts] == ["a1"]
        asked = await channels.ask("simulator", ASKED)

    assert [plain(sent), contacted, plain(asked)] == list(expected(word))


@pytest.mark.parametrize("channel", [Channel.call, Channel.sms, Channel.wechat, Channel.email])
async def test_each_channel_is_sent_and_its_attempt_is_one_contact_however_often_it_is_tried(channel: Channel) -> None:
    async with simulating() as (channels, simulator):
        results = [plain(await channels.send("simulator", a_dispatch(channel))) for _ in range(3)]
        contacts = [contact.attempt for contact in simulator.provider.contacts]

    assert (results, contacts) == ([SENT] * 3, ["a1"])


async def test_a_request_whose_first_try_failed_for_sure_is_sent_by_its_second() -> None:
    async with simulating() as (channels, simulator):
        to = magic_number("fail-once")
        results = [await channels.send("simulator", a_dispatch(attempt=attempt, to=to)) for attempt in ("a1", "a2")]
        contacts = [contact.attempt for contact in simulator.provider.contacts]

    assert [result.outcome for result in results] == [Outcome.failed, Outcome.sent]
    assert contacts == ["a2"]


async def test_an_account_that_is_gone_sends_nothing() -> None:
    result = await delivery(Routes()).send("simulator", a_dispatch())

    assert not_taken("no_route") == result


async def test_a_provider_that_is_away_cannot_be_asked() -> None:
    async with simulating() as (_, simulator):
        url = simulator.url
    channels = delivery(Routes([simulator_account(url, SECRET)]))

    assert await channels.send("simulator", a_dispatch()) == NEVER_TAKEN._replace(detail="unreachable")
    assert await channels.ask("simulator", ASKED) is None
    assert await channels.ask("elsewhere", ASKED) is None
    await channels.close()


async def test_a_signed_callback_is_read() -> None:
    channels = delivery(Routes([simulator_account("http://provider.example", SECRET)]))

    callback = Callback(EVENTS, headers=dict(sign(SECRET, AT, EVENTS)))
    channels.check("simulator", None, None, callback)
    (receipt,) = channels.read("simulator", callback).receipts
    await channels.close()

    assert (receipt.provider, receipt.attempt, receipt.outcome) == ("simulator", "a1", Outcome.delivered)


async def test_a_callback_of_anybody_else_is_not() -> None:
    channels = delivery(Routes([simulator_account("http://provider.example", SECRET)]), at=AT + 301 * SECOND)
    headers = dict(sign(SECRET, AT, EVENTS))

    with pytest.raises(Unauthenticated):
        channels.check("simulator", None, None, Callback(EVENTS, headers=headers))
    with pytest.raises(Unauthenticated):
        channels.check("simulator", None, None, Callback(EVENTS, door=Door.inbound))
    with pytest.raises(NotFound):
        channels.check("elsewhere", None, None, Callback(EVENTS, headers=headers))
    with pytest.raises(NotFound):
        channels.check("simulator", "a-segment-that-was-not-agreed", None, Callback(EVENTS, headers=headers))
    await channels.close()


@pytest.mark.parametrize(
    ("segment", "source", "refusal"),
    [
        ("unguessable segment", "203.0.113.7", None),
        ("unguessable segment", "198.51.100.7", Unauthenticated),
        ("unguessable segment", None, Unauthenticated),
        ("another segment", "203.0.113.7", NotFound),
        ("", "203.0.113.7", NotFound),
        (None, "203.0.113.7", NotFound),
    ],
)
async def test_a_callback_must_know_the_segment_and_come_from_where_the_provider_is(
    segment: str | None, source: str | None, refusal: type[Exception] | None
) -> None:
    account = simulator_account("http://provider.example", SECRET)._replace(
        callback_secret=Secret(b"unguessable segment"), callbacks_from=(ip_network("203.0.113.0/24"),)
    )
    channels = delivery(Routes([account]))
    callback = Callback(EVENTS, headers=dict(sign(SECRET, AT, EVENTS)))

    with pytest.raises(refusal) if refusal else nullcontext():
        channels.check("simulator", segment, source, callback)
    await channels.close()


async def test_what_comes_of_a_hand_over_is_told_to_the_breaker_and_to_whoever_watches() -> None:
    async with simulating() as (_, simulator):
        url = simulator.url
    routes = Routes([simulator_account(url, SECRET)])
    seen: list[tuple[str, Fate]] = []
    channels = Delivery(
        routes,
        typeset=no_letter,
        spool_dir=Path("unused"),
        send_timeout_s=30,
        clock=lambda: AT,
        observe=lambda provider, result: seen.append((provider, result.fate)),
    )

    for _ in range(5):
        await channels.send("simulator", a_dispatch())
    await channels.close()

    assert seen == [("simulator", Fate.retryable)] * 5
    assert routes.states(AT) == {"simulator": "open"}


async def test_an_account_speaks_for_its_own_channels_alone() -> None:
    """A print house that signs the receipts of its letters must not put an end to somebody's text messages."""
    params = print_house.Params(secret=Secret(SECRET))
    press = ProviderAccount("press", print_house.KIND, params, frozenset({Channel.letter}))
    trunk = simulator_account("http://provider.example", SECRET, name="trunk")._replace(channels={Channel.call})
    said = [{"event": f"e{n}", "channel": n, "from": MOBILE, "text": "STOP", "at_us": 1} for n in ("sms", "call")]
    told = Callback(orjson.dumps({"events": said}), door=Door.inbound)

    channels = delivery(Routes([press, trunk]))
    by_press, by_trunk = channels.read("press", told), channels.read("trunk", told)

    assert ([], Left(2, told.body, "channel")) == (by_press.inbound, by_press.left)
    assert (["ecall"], Left(1, told.body, "channel")) == ([item.event for item in by_trunk.inbound], by_trunk.left)


def test_the_simulator_carries_every_channel_but_visits() -> None:
    routes = Routes([simulator_account("http://provider.example", SECRET)])

    assert {channel: routes.refusal(Wanted(channel, Purpose.collection)) for channel in Channel} == {
        channel: NoRoute.no_route if channel is Channel.visit else None for channel in Channel
    }
    assert (routes.simulated, routes.records(Channel.call)) == (True, True)


def test_without_accounts_there_is_no_route_and_nothing_simulated() -> None:
    routes = Routes()

    assert {routes.refusal(Wanted(channel, Purpose.collection)) for channel in Channel} == {NoRoute.no_route}
    assert (routes.simulated, routes.records(Channel.call)) == (False, False)

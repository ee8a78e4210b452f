"""Clouds that misbehave: whatever they do, nobody is contacted twice, and what may have happened is never denied."""

import pytest

from service.core.model import HOUR, Channel, Fate, Instant
from service.core.rendering import Reveals
from service.flows.ports import Dispatch
from service.flows.providers import ProviderKind
from tests.channels.clouds.accounts import ADAPTERS, dispatch, send
from tests.channels.clouds.fakes import LANGUAGES, Mood, cloud
from tests.channels.dispatches import AT

KINDS = sorted(ADAPTERS, key=lambda kind: kind.name)
MAY_HAVE_HAPPENED = {
    Mood.takes_and_hangs: "timeout",
    Mood.takes_and_drips: "timeout",
    Mood.takes_and_floods: "oversized",
    Mood.takes_and_breaks: "http_500",
    Mood.takes_and_says_html: "unreadable",
    Mood.takes_and_says_half: "cut",
    Mood.takes_and_hangs_up: "cut",
}
SIGNED_WITH_THEIR_TIME = [kind for kind in KINDS if LANGUAGES[kind].said_at is not None]

kinds = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)


def a_message(kind: ProviderKind) -> Dispatch:
    (channel,) = kind.channels
    return dispatch(channel, reveals=Reveals.debt if channel is Channel.sms else Reveals.institution)


@kinds
async def test_a_message_is_believed_for_its_signature_and_taken_once(kind: ProviderKind) -> None:
    async with cloud(kind) as there:
        result = await send(kind, there.url, a_message(kind))

    assert Fate.accepted is result.fate and result.awaits
    assert [1] == list(there.taken.values())
    assert 0 == there.strangers


@kinds
async def test_a_refusal_is_certain(kind: ProviderKind) -> None:
    async with cloud(kind, Mood.refuses) as there:
        result = await send(kind, there.url, a_message(kind))

    assert Fate.invalid_recipient is result.fate
    assert {} == there.taken


@kinds
@pytest.mark.parametrize(("mood", "detail"), MAY_HAVE_HAPPENED.items())
async def test_what_may_have_happened_is_neither_denied_nor_tried_again(
    kind: ProviderKind, mood: Mood, detail: str
) -> None:
    async with cloud(kind, mood) as there:
        result = await send(kind, there.url, a_message(kind), timeout_s=0.4)

    assert (Fate.ambiguous, False, detail) == (result.fate, result.certain, result.detail)
    assert [1] == list(there.taken.values())


@kinds
async def test_a_key_that_is_good_no_more_says_nothing_against_the_message(kind: ProviderKind) -> None:
    async with cloud(kind, Mood.key_expired) as there:
        result = await send(kind, there.url, a_message(kind))

        assert (Fate.provider_unavailable, True, True) == (result.fate, result.certain, result.transient)
        assert result.detail and not result.unmapped
        assert {} == there.taken


@pytest.mark.parametrize("kind", SIGNED_WITH_THEIR_TIME, ids=lambda kind: kind.name)
@pytest.mark.parametrize("by", [-HOUR, HOUR])
async def test_a_clock_that_is_an_hour_off_is_told_and_nothing_was_taken(kind: ProviderKind, by: int) -> None:
    async with cloud(kind, clock=lambda: Instant(AT + by)) as there:
        result = await send(kind, there.url, a_message(kind))

        assert (Fate.retryable, True) == (result.fate, result.certain)
        assert result.detail.startswith(("InvalidTimeStamp", "AuthFailure"))
        assert {} == there.taken

        there.clock = lambda: AT
        assert Fate.accepted is (await send(kind, there.url, a_message(kind))).fate


def test_every_mood_is_tried() -> None:
    assert set(Mood) == {*MAY_HAVE_HAPPENED, Mood.takes, Mood.refuses, Mood.key_expired}


@kinds
async def test_a_provider_that_is_not_there_was_certainly_not_told(kind: ProviderKind) -> None:
    result = await send(kind, "http://127.0.0.1:1", a_message(kind))

    assert Fate.retryable is result.fate


@kinds
async def test_a_message_under_another_secret_is_no_message(kind: ProviderKind) -> None:
    other = {"auth_token": b"another token of it"} if kind.name.startswith("twilio") else {}
    other = {"access_key_secret": b"another secret of it"} if kind.name.startswith("aliyun") else other
    other = other or {"secret_key": b"another secret of it"}
    async with cloud(kind) as there:
        result = await send(kind, there.url, a_message(kind), **other)

    assert Fate.provider_unavailable is result.fate
    assert ({}, 1) == (there.taken, there.strangers)

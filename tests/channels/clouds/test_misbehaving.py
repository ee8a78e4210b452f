"""Clouds that misbehave: whatever they do, nobody is contacted twice, and what may have happened is never denied."""

import pytest

from service.core.model import Channel, Fate
from service.core.rendering import Reveals
from service.flows.ports import Dispatch
from service.flows.providers import ProviderKind
from tests.channels.clouds.accounts import ADAPTERS, dispatch, send
from tests.channels.clouds.fakes import Mood, cloud

KINDS = sorted(ADAPTERS, key=lambda kind: kind.name)
MAY_HAVE_HAPPENED = sorted(set(Mood) - {Mood.takes, Mood.refuses})

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
@pytest.mark.parametrize("mood", MAY_HAVE_HAPPENED)
async def test_what_may_have_happened_is_neither_denied_nor_tried_again(kind: ProviderKind, mood: Mood) -> None:
    async with cloud(kind, mood) as there:
        result = await send(kind, there.url, a_message(kind), timeout_s=0.4)

    assert (Fate.ambiguous, False) == (result.fate, result.certain)
    assert [1] == list(there.taken.values())


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

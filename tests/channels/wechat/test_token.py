"""The access token: shared by processes and by those who wait, and never so late that a decision no longer holds."""

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from service.channels.answers import accepted, not_taken, refused
from service.channels.wechat import official, token
from service.channels.wechat.token import LATE, AccessToken, Granted, with_token
from service.core.model import HOUR, Fate
from service.flows.ports import SendResult
from tests.channels.dispatches import AT
from tests.loopback import http, read_request, speaking

from .accounts import adapter, dispatch

AGES_S = 30


class Desk:
    """Gives tokens once it is `open`, in order; the last one is given again."""

    def __init__(self, *answers: str | SendResult) -> None:
        self.answers = list(answers)
        self.open = asyncio.Event()
        self.asked: list[bool] = []

    async def __call__(self, force: bool) -> Granted | SendResult:
        self.asked.append(force)
        await self.open.wait()
        told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return Granted(told, 2 * HOUR) if isinstance(told, str) else told


def holder(desk: Desk) -> AccessToken:
    return AccessToken(desk, lambda: AT)


async def begun(*tasks: asyncio.Task) -> None:
    """Let the tasks come as far as they can by themselves."""
    for _ in range(5 * len(tasks)):
        await asyncio.sleep(0)


@pytest.mark.parametrize("told", ["t1", not_taken("http_500")])
async def test_what_comes_of_a_fetch_is_shared_by_all_who_waited_for_it(told: str | SendResult) -> None:
    desk = Desk(told)
    tokens = holder(desk)
    waiting = [asyncio.create_task(tokens.get(AGES_S)) for _ in range(10)]
    await begun(*waiting)
    desk.open.set()

    assert [told] * 10 == await asyncio.gather(*waiting)
    assert [False] == desk.asked


async def test_after_a_failure_the_next_one_asks_anew() -> None:
    desk = Desk(not_taken("http_500"), "t1")
    desk.open.set()
    tokens = holder(desk)

    assert not_taken("http_500") == await tokens.get(AGES_S)
    assert "t1" == await tokens.get(AGES_S)


async def test_nobody_waits_longer_than_his_message_may_and_the_token_is_there_for_the_next_one() -> None:
    desk = Desk("t1")
    tokens = holder(desk)

    assert not_taken(LATE) == await tokens.get(0.01)
    desk.open.set()
    assert "t1" == await tokens.get(AGES_S)
    assert [False] == desk.asked


async def test_who_is_given_the_very_token_that_was_refused_him_asks_for_his_own() -> None:
    desk = Desk("t1", "t1", "t2")
    tokens = holder(desk)
    first = asyncio.create_task(tokens.get(AGES_S))
    await begun(first)
    second = asyncio.create_task(tokens.get(AGES_S, refused="t1"))
    await begun(first, second)
    desk.open.set()

    assert ["t1", "t2"] == await asyncio.gather(first, second)
    assert [False, False, True] == desk.asked


async def test_what_is_being_fetched_is_given_up_at_the_end() -> None:
    desk = Desk("t1")
    tokens = holder(desk)
    await tokens.get(0)
    await tokens.close()

    assert [] == [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


class Watch:
    """A clock that goes as it is told."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


STALE = refused("42001", Fate.provider_unavailable)


@pytest.mark.parametrize(
    ("steps", "left", "result"),
    [
        ([(0.5, accepted("1"))], [4.0], accepted("1")),
        ([(1.5, STALE), (0.5, accepted("1"))], [4.0, 2.5], accepted("1")),
        ([(3.5, STALE)], [4.0], not_taken(LATE)),
    ],
    ids=["in time", "once more", "too late for once more"],
)
async def test_a_message_has_what_is_left_of_the_time_of_one_send(
    steps: list[tuple[float, SendResult]], left: list[float], result: SendResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, watch, had = Desk("t1", "t2"), Watch(), []
    desk.open.set()
    monkeypatch.setattr(token, "monotonic", watch)

    async def hand_over(token: str, within_s: float) -> SendResult:
        takes_s, told = steps[len(had)]
        had.append(within_s)
        watch.now += takes_s
        return told

    assert result == await with_token(holder(desk), hand_over, 4.0)
    assert left == had


class Provider:
    """WeChat's side: one token for all who ask, until somebody renews it by force or it is no longer taken."""

    def __init__(self) -> None:
        self.number = 1
        self.taken: list[str] = []
        self.refused: set[str] = set()
        self.asked: list[bool] = []

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            heard = await read_request(reader)
            writer.write(http(200, orjson.dumps(self._answer(heard.path, heard.body))))
            await writer.drain()

    def _answer(self, path: str, body: bytes) -> dict[str, object]:
        if "stable_token" in path:
            force = orjson.loads(body)["force_refresh"]
            self.asked.append(force)
            self.number += force
            return {"access_token": f"token-{self.number}", "expires_in": 7200}
        (token,) = parse_qs(urlsplit(path).query)["access_token"]
        if token != f"token-{self.number}" or token in self.refused:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        self.taken.append(token)
        return {"errcode": 0, "errmsg": "ok", "msgid": len(self.taken)}


def nothing(provider: Provider) -> None:
    return


def renewed_by_another_program(provider: Provider) -> None:
    provider.number += 1


def no_longer_taken(provider: Provider) -> None:
    provider.refused.add(f"token-{provider.number}")


@pytest.mark.parametrize(
    ("happens", "tokens", "asked"),
    [
        (nothing, ["token-1"] * 4, [False] * 2),
        (renewed_by_another_program, ["token-1"] * 2 + ["token-2"] * 2, [False] * 4),
        (no_longer_taken, ["token-1"] * 2 + ["token-2"] * 2, [False, False, False, True, False]),
    ],
)
async def test_two_processes_share_one_token_and_do_not_take_it_from_each_other(
    happens: Callable[[Provider], None], tokens: list[str], asked: list[bool]
) -> None:
    provider = Provider()
    async with (
        speaking(provider.talk) as url,
        adapter(official.KIND, url) as one,
        adapter(official.KIND, url) as other,
    ):
        first = [await each.send(dispatch()) for each in (one, other)]
        happens(provider)
        second = [await each.send(dispatch()) for each in (one, other)]

    assert [Fate.accepted] * 4 == [each.fate for each in first + second]
    assert tokens == provider.taken
    assert asked == provider.asked


async def test_a_desk_that_hangs_is_asked_once_for_all_and_no_message_leaves_late() -> None:
    asked = 0

    async def hangs(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        heard = await read_request(reader)
        asked += "stable_token" in heard.path
        await asyncio.Event().wait()

    async with speaking(hangs) as url, adapter(official.KIND, url, timeout_s=2.0) as chat:
        results = await asyncio.gather(*(chat.send(dispatch()) for _ in range(12)))

    assert asked <= 1
    assert {(Fate.retryable, True)} == {(each.fate, each.certain) for each in results}

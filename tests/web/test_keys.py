import asyncio

import pytest

from service.core.errors import Unavailable
from service.core.model import ActorRole
from service.core.request import Client
from service.web import keys as home
from service.web.keys import REMEMBERED_MAX, Keys

BANK = Client(id="bank", actor_role=ActorRole.first_party, scopes=frozenset())
HEADER = "Bearer gw_bank_secret"


class Store:
    """Counts how often it was asked; `shut` makes it fail."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.found: Client | None = BANK
        self.shut = False

    async def look(self, sha256: str) -> Client | None:
        self.asked.append(sha256)
        await asyncio.sleep(0)
        if self.shut:
            raise Unavailable("the store is shut")
        return self.found


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    at = [100.0]
    monkeypatch.setattr(home, "monotonic", lambda: at[0])
    return at


async def test_a_key_is_looked_up_once_while_it_is_remembered(now: list[float]) -> None:
    store = Store()
    keys = Keys(store.look)

    assert [BANK, BANK] == [await keys.bearer(HEADER), await keys.bearer(HEADER)]
    assert 1 == len(store.asked)


async def test_a_revoked_key_is_refused_once_it_is_asked_for_again(now: list[float]) -> None:
    store = Store()
    keys = Keys(store.look, kept_s=3)
    await keys.bearer(HEADER)
    store.found = None

    now[0] += 2
    still = await keys.bearer(HEADER)
    now[0] += 2
    then = await keys.bearer(HEADER)

    assert (BANK, None) == (still, then)


async def test_when_a_key_is_asked_for_again_one_caller_asks(now: list[float]) -> None:
    store = Store()
    keys = Keys(store.look, kept_s=3)
    await keys.bearer(HEADER)
    now[0] += 4

    found = await asyncio.gather(*(keys.bearer(HEADER) for _ in range(20)))

    assert [BANK] * 20 == found
    assert 2 == len(store.asked)


async def test_a_store_in_trouble_lets_nobody_in_on_what_was_known(now: list[float]) -> None:
    store = Store()
    keys = Keys(store.look, kept_s=3)
    await keys.bearer(HEADER)
    now[0] += 4
    store.shut = True

    for _ in range(2):
        with pytest.raises(Unavailable):
            await keys.bearer(HEADER)


async def test_guesses_are_remembered_but_never_without_bound() -> None:
    store = Store()
    store.found = None
    keys = Keys(store.look)

    for number in range(REMEMBERED_MAX + 10):
        await keys.bearer(f"Bearer guess-{number}")

    assert len(keys._known) <= REMEMBERED_MAX
    asked = len(store.asked)
    assert await keys.bearer(f"Bearer guess-{REMEMBERED_MAX + 9}") is None
    assert asked == len(store.asked)

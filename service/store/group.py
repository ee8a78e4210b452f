"""
Many callers, one transaction: the accept path's group commit.

A group is whatever has gathered while the one before it was being committed; nothing waits for a clock.
Callers take turns, so that a single request does not queue behind ten thousand of a batch. A group that
fails is run again with each item under a savepoint of its own: the one that fails alone answers with its
exception, and the others are stored.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, TypeVar

from service.core.errors import Unavailable
from service.flows.ports import Store, Tx

Item = TypeVar("Item")
Result = TypeVar("Result")

# How many items of one caller go in before the next caller has a turn.
_TURN = 32


class Grouped(Generic[Item, Result]):
    """
    Runs `body` over the items of all callers, at most `limit` a transaction and one transaction at a time.

    `body` gives one result for each item, in their order, and may be run again.
    """

    def __init__(
        self, store: Store, body: Callable[[Tx, Sequence[Item]], Sequence[Result]], *, limit: int = 256
    ) -> None:
        self._store = store
        self._body = body
        self._limit = limit
        self._waiting: deque[_Call[Item, Result]] = deque()
        self._runner: asyncio.Task[None] | None = None
        self._closed = False

    async def submit(self, items: Sequence[Item]) -> list[Result | Exception]:
        """
        Store the items, in their order but not atomically; give each its result, or the exception that it alone raised.

        If the caller is cancelled, what no group has taken yet is not stored.
        """
        if self._closed:
            raise Unavailable("the gateway is shutting down")
        if not items:
            return []
        call = _Call[Item, Result](items)
        self._waiting.append(call)
        if self._runner is None or self._runner.done():
            self._runner = asyncio.create_task(self._run())
        return await call.answered

    async def close(self) -> None:
        """Take nothing more, and finish what was taken."""
        self._closed = True
        if self._runner is not None:
            await asyncio.wait([self._runner])

    async def _run(self) -> None:
        group: list[tuple[_Call[Item, Result], int]] = []
        try:
            while group := self._gather():
                results = await self._store_group([call.items[place] for call, place in group])
                for (call, place), result in zip(group, results, strict=True):
                    call.answer(place, result)
        except BaseException:
            # Cancelled at shutdown; a caller must not wait for ever.
            for call in {id(call): call for call in (*self._waiting, *(call for call, _ in group))}.values():
                call.give_up(Unavailable("the gateway is shutting down"))
            raise

    def _gather(self) -> list["tuple[_Call[Item, Result], int]"]:
        """The next group: each waiting caller in turn, as often as there is room."""
        group: list[tuple[_Call[Item, Result], int]] = []
        while self._waiting and (room := self._limit - len(group)):
            call = self._waiting.popleft()
            group += ((call, place) for place in call.take(min(room, _TURN)))
            if call.has_more():
                self._waiting.append(call)
        return group

    async def _store_group(self, items: list[Item]) -> Sequence[Result | Exception]:
        try:
            return await self._store.write(lambda tx: self._together(tx, items))
        except Unavailable as failure:
            return [failure] * len(items)
        except Exception:
            return await self._store_one_by_one(items)

    async def _store_one_by_one(self, items: list[Item]) -> Sequence[Result | Exception]:
        def one_by_one(tx: Tx) -> list[Result | Exception]:
            return [tx.apart(partial(self._alone, tx, item)) for item in items]

        try:
            return await self._store.write(one_by_one)
        except Exception as failure:
            return [failure] * len(items)

    def _alone(self, tx: Tx, item: Item) -> Result:
        return self._together(tx, [item])[0]

    def _together(self, tx: Tx, items: list[Item]) -> Sequence[Result]:
        results = self._body(tx, items)
        if len(results) != len(items):
            raise ValueError(f"{len(items)} items have {len(results)} results")
        return results


class _Call(Generic[Item, Result]):
    """One caller: the items, how many of them a group has taken, and the answers so far."""

    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.answered: asyncio.Future[list[Result | Exception]] = asyncio.get_running_loop().create_future()
        self._results: dict[int, Result | Exception] = {}
        self._taken = 0

    def take(self, count: int) -> range:
        """The places of the next `count` items; none for a caller that has gone away."""
        start = self._taken
        self._taken = len(self.items) if self.answered.done() else min(start + count, len(self.items))
        return range(start, start if self.answered.done() else self._taken)

    def has_more(self) -> bool:
        return self._taken < len(self.items)

    def answer(self, place: int, result: Result | Exception) -> None:
        self._results[place] = result
        if len(self._results) == len(self.items) and not self.answered.done():
            self.answered.set_result([self._results[place] for place in range(len(self.items))])

    def give_up(self, failure: Exception) -> None:
        if not self.answered.done():
            self.answered.set_exception(failure)

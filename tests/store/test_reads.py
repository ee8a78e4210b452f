"""What an officer can look for, on either store."""

from typing import Any

import pytest

from service.core.model import HOUR, Instant
from service.flows.ports import EntryFilter, Store

from .rows import an_entry

AT = 1_795_399_200_000_000


def entry_at(number: int, at: int = AT, **given: Any) -> dict[str, Any]:
    return an_entry(f"e_{at:014x}{number:04x}", at=at, **{"rules": "", **given})


ROWS = [
    entry_at(0, kind="party.set", request=None, client="a", actor="a"),
    entry_at(1, client="a", party="p-2", account="acc-1", address="mark-1", channel="sms", effect="allow"),
    entry_at(2, client="b", request="r-2", state="refused", effect="deny", rules="|house/a_b|cn/c|"),
    entry_at(3, client="b", request="r-2", state="sent", kind="attempt.settled"),
    entry_at(4, AT + HOUR, client="b", kind="audit.read", request=None, rules="|house/axb|"),
]


@pytest.fixture
async def filled(store: Store) -> Store:
    await store.write(lambda tx: tx.add("entries", ROWS))
    await store.write(lambda tx: tx.number_entries(4))
    await store.write(lambda tx: tx.number_entries(4))
    return store


async def test_a_store_without_entries_has_no_head(store: Store) -> None:
    await store.write(lambda tx: tx.add("entries", ROWS))

    assert -1 == await store.read(lambda tx: tx.entries_head())
    assert [] == await store.read(lambda tx: tx.entries(EntryFilter(), -1, 9))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (EntryFilter(), [0, 1, 2, 3, 4]),
        (EntryFilter(kind="party.set"), [0]),
        (EntryFilter(actor="a"), [0]),
        (EntryFilter(client="b"), [2, 3, 4]),
        (EntryFilter(request="r-2"), [2, 3]),
        (EntryFilter(party="p-2"), [1]),
        (EntryFilter(account="acc-1"), [1]),
        (EntryFilter(address="mark-1"), [1]),
        (EntryFilter(channel="sms"), [1]),
        (EntryFilter(effect="deny"), [2]),
        (EntryFilter(state="sent"), [3]),
        (EntryFilter(rule="house/a_b"), [2]),
        (EntryFilter(rule="cn/c"), [2]),
        (EntryFilter(rule="house/a"), []),
        (EntryFilter(moved=True), [2, 3]),
        (EntryFilter(client="a", moved=True), []),
        (EntryFilter(since=Instant(AT + 1)), [4]),
        (EntryFilter(until=Instant(AT + HOUR)), [0, 1, 2, 3]),
        (EntryFilter(client="b", since=Instant(AT), until=Instant(AT + 1)), [2, 3]),
    ],
)
async def test_what_is_given_must_hold(filled: Store, wanted: EntryFilter, expected: list[int]) -> None:
    rows = await filled.read(lambda tx: tx.entries(wanted, -1, 9))

    assert expected == [row["index"] for row in rows]


async def test_entries_are_read_between_two_indexes_and_by_number(filled: Store) -> None:
    def indexes(after: int, limit: int, until: int | None) -> Any:
        return lambda tx: [row["index"] for row in tx.entries(EntryFilter(), after, limit, until)]

    assert [1, 2] == await filled.read(indexes(0, 2, None))
    assert [1, 2, 3] == await filled.read(indexes(0, 9, 3))
    assert [] == await filled.read(indexes(4, 9, None))
    assert [] == await filled.read(indexes(2**63 - 1, 9, None))
    assert 4 == await filled.read(lambda tx: tx.entries_head())


async def test_a_stretch_of_time_has_its_indexes(store: Store) -> None:
    rows = [entry_at(hour, AT + hour * HOUR) for hour in range(6)]
    await store.write(lambda tx: tx.add("entries", rows[:5]))
    await store.write(lambda tx: tx.number_entries(9))
    await store.write(lambda tx: tx.add("entries", rows[5:]))

    async def bounds(since: int | None, until: int | None) -> tuple[int, int | None]:
        return await store.read(lambda tx: tx.entry_bounds(since and Instant(since), until and Instant(until)))

    assert (-1, None) == await bounds(None, None)
    assert (-1, None) == await bounds(AT, AT + 6 * HOUR)
    assert (1, 4) == await bounds(AT + 3 * HOUR, AT + 3 * HOUR)
    assert (4, None) == await bounds(AT + 9 * HOUR, AT + 99 * HOUR)
    assert (-1, 0) == await bounds(-AT, -AT)

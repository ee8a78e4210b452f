import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from service.beats import Beats
from service.flows.dispatch import Going

from .front import Web, request_body

PATIENCE_S = 30


class Told:
    """What the beats told of themselves; `came` waits until a beat was told of again."""

    def __init__(self) -> None:
        self.beats: list[tuple[str, bool]] = []
        self._more = asyncio.Event()

    def __call__(self, name: str, well: bool, seconds: float) -> None:
        self.beats.append((name, well))
        self._more.set()

    async def came(self, name: str, well: bool = True) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while (name, well) not in self.beats:
                self._more.clear()
                await self._more.wait()


@pytest.fixture
def told() -> Told:
    return Told()


def beats_of(front: Web, told: Told, *, dispatching: bool = True, deciding: Any = None) -> Beats:
    return Beats(
        front.house.gateway,
        deciding or front.house.deciding,
        owner="test",
        batch=2,
        dispatching=dispatching,
        observe=told,
    )


async def test_queued_work_goes_out_when_the_beats_are_woken(wired: Web, told: Told) -> None:
    beats = beats_of(wired, told)
    beats.start()
    posted = [await wired.post("/v1/contact-requests", body(number)) for number in range(5)]
    beats.wake.set()

    async with asyncio.timeout(PATIENCE_S):
        while {row["state"] for row in await wired.rows("requests")} & {"queued", "dispatching"}:
            told.beats.clear()
            await told.came("round")
    await beats.stop()

    assert [202] * 5 == [answer.status_code for answer in posted]
    assert {"sent"} == {row["state"] for row in await wired.rows("requests")}
    assert wired.house.simulator is not None
    assert 5 == wired.house.simulator.provider.contacts_made


async def test_entries_are_numbered_densely_by_themselves(web: Web, told: Told) -> None:
    for number in range(3):
        await web.post("/v1/contact-requests", body(number))
    beats = beats_of(web, told, dispatching=False)
    beats.start()

    await told.came("number")
    await beats.stop()

    indexes = sorted(row["index"] for row in await web.rows("entries"))
    assert list(range(indexes[0], indexes[0] + len(indexes))) == indexes


async def test_a_beat_that_fails_is_told_and_comes_again(web: Web, told: Told) -> None:
    class Failing:
        async def submit(self, items: Sequence[str]) -> Sequence[Going | BaseException | None]:
            raise RuntimeError("row of +8613800138000")

    await web.post("/v1/contact-requests", body(0))
    beats = beats_of(web, told, deciding=Failing())
    beats.start()

    await told.came("round", well=False)
    told.beats.clear()
    await told.came("round")
    await beats.stop()

    assert ("round", True) in told.beats


async def test_a_process_that_does_not_dispatch_leaves_the_work_to_a_worker(web: Web, told: Told) -> None:
    await web.post("/v1/contact-requests", body(0))
    beats = beats_of(web, told, dispatching=False)
    beats.start()
    beats.wake.set()

    await told.came("number")
    await beats.stop()

    assert ["queued"] == [row["state"] for row in await web.rows("requests")]
    assert {"number"} == {name for name, _ in told.beats}


def body(number: int) -> dict[str, Any]:
    said = request_body(reference=f"r-{number}")
    said["party"] = {**said["party"], "id": f"P-{number}"}
    said["account"] = {**said["account"], "id": f"LN-{number}"}
    said["address"] = {**said["address"], "value": f"+86138{number:08}"}
    return said


async def test_a_beat_that_the_end_cuts_short_is_no_error(
    wired: Web, told: Told, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun = asyncio.Event()

    async def endless() -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("service.beats.NUMBER_S", 0.01)
    beats = beats_of(wired, told, dispatching=False)
    monkeypatch.setattr(beats, "_number", endless)
    before = asyncio.all_tasks()
    beats.start()
    async with asyncio.timeout(PATIENCE_S):
        await begun.wait()
    running = asyncio.all_tasks() - before

    await beats.stop()
    await asyncio.wait(running)

    assert [record.msg for record in caplog.records if record.levelname == "ERROR"] == []

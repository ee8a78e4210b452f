"""Permits that are reported late, again, otherwise, by several at once, or never."""

from typing import Any

from service.core.civil import format_instant
from service.core.model import HOUR, MINUTE, SECOND, State

from .bodies import call_to
from .front_door import PATH, Door, all_at_once


def report(outcome: str, started_at: str = "2026-11-23T10:01:00+08:00", **more: Any) -> dict[str, Any]:
    return {"outcome": outcome, "started_at": started_at, **more}


async def permitted(door: Door, reference: str = "c-1", **changes: Any) -> str:
    answer = await door.posted(call_to(1, reference, **changes))
    assert answer["state"] == State.dispatching
    name: str = answer["id"]
    return name


async def test_a_permit_that_nobody_reports_is_unknown_an_hour_after_its_end(door: Door) -> None:
    name = await permitted(door)

    door.clock.forward(15 * MINUTE + HOUR - SECOND)
    await door.sweep()
    assert "dispatching" == (await door.shown(name))["state"]
    door.clock.forward(SECOND)
    await door.sweep()

    shown = await door.shown(name)
    assert ("unknown", "unknown") == (shown["state"], shown["attempts"][0]["outcome"])


async def test_a_permit_that_nobody_reported_counts_until_a_late_report_says_otherwise(door: Door) -> None:
    """Three calls a day: the unknown one counts as a conversation does, a call that rang out does not."""
    names = [await permitted(door, f"c-{n}") for n in range(3)]
    door.clock.forward(2 * HOUR)
    await door.sweep()
    fourth = await door.post(PATH, call_to(1, "c-4", if_blocked="refuse"))

    reported = await door.post(f"{PATH}/{names[0]}/outcome", report("ring_no_answer"))
    fifth = await door.post(PATH, call_to(1, "c-5", if_blocked="refuse"))

    assert (403, 200, 202) == (fourth.status_code, reported.status_code, fifth.status_code)
    assert "completed" == reported.json()["state"]


async def test_one_report_posted_by_many_at_once_is_filed_once(door_over_either: Door) -> None:
    door = door_over_either
    name = await permitted(door)

    said = report("conversation_right_party", duration_s=60)
    answers = await all_at_once(*(door.post(f"{PATH}/{name}/outcome", said) for _ in range(20)))

    assert {200} == {answer.status_code for answer in answers}
    assert 1 == len((await door.shown(name))["receipts"])
    assert 1 == len(await door.rows("entries", request=name, kind="outcome.reported"))


async def test_a_correction_counts_from_then_on_and_stands_beside_what_it_corrects(door: Door) -> None:
    """Reported as rung out, corrected to a conversation: the third place of the day is taken after all."""
    names = [await permitted(door, f"c-{n}") for n in range(3)]
    for name in names:
        await door.post(f"{PATH}/{name}/outcome", report("ring_no_answer"))
    fourth = await permitted(door, "c-4")
    await door.post(f"{PATH}/{fourth}/outcome", report("ring_no_answer"))

    correction = report("conversation_right_party", duration_s=90)
    told = [await door.post(f"{PATH}/{name}/outcome", correction) for name in (*names, names[0])]
    fifth = await door.post(PATH, call_to(1, "c-5", if_blocked="refuse"))

    assert [True, True, True, False] == [answer.json()["corrected"] for answer in told]
    assert 403 == fifth.status_code
    shown = await door.shown(names[0])
    assert ["ring_no_answer", "conversation_right_party"] == [each["outcome"] for each in shown["receipts"]]
    assert "conversation_right_party" == shown["attempts"][0]["outcome"]


async def test_a_permit_ends_with_the_window_and_a_contact_after_it_is_flagged(door: Door) -> None:
    door.clock.set("2026-11-23T20:50:00+08:00")
    answer = await door.posted(call_to(1, "c-1"))

    late = report("conversation_right_party", "2026-11-23T21:00:00+08:00", duration_s=30)
    door.clock.set("2026-11-23T21:05:00+08:00")
    reported = await door.post(f"{PATH}/{answer['id']}/outcome", late)

    assert "2026-11-23T21:00:00+08:00" == answer["permit"]["valid_until"]
    assert (200, True) == (reported.status_code, reported.json()["outside_permit"])


async def test_a_planned_permit_is_issued_once_when_it_falls_due(door_over_either: Door) -> None:
    door = door_over_either
    answer = await door.posted(call_to(1, "c-1", send_after="2026-11-23T11:00:00+08:00"))
    assert ("scheduled", True) == (answer["state"], "permit" not in answer)

    door.clock.set("2026-11-23T11:00:00+08:00")
    await all_at_once(*(door.dispatch() for _ in range(4)))

    shown = await door.shown(answer["id"])
    assert ("dispatching", "2026-11-23T11:15:00+08:00") == (shown["state"], shown["permit"]["valid_until"])
    assert 1 == len(shown["attempts"])
    (entry,) = await door.rows("entries", request=answer["id"], kind="request.permitted")
    assert "2026-11-23T11:00:00+08:00" == format_instant(entry["at"], "Asia/Shanghai")

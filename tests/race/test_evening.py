"""The window closes between accepting and sending: both decisions stand, and the second binds."""

from service.core.model import HOUR

from .bodies import text_to
from .front_door import Door


async def test_accepted_at_2059_and_dispatched_at_2101_shows_both_decisions(door_over_either: Door) -> None:
    door = door_over_either
    door.clock.set("2026-11-23T20:59:00+08:00")
    accepted = await door.posted(text_to(1, "t-1"))
    door.clock.set("2026-11-23T21:01:00+08:00")

    await door.dispatch()

    shown = await door.shown(accepted["id"])
    morning = "2026-11-24T08:00:00+08:00"
    assert ("queued", "scheduled", morning) == (accepted["state"], shown["state"], shown["send_at"])
    assert [
        ("2026-11-23T20:59:00+08:00", "allow", None),
        ("2026-11-23T21:01:00+08:00", "defer", morning),
    ] == [(each["at"], each["effect"], each["not_before"]) for each in shown["decisions"]]
    (verdict,) = [each for each in shown["decisions"][1]["verdicts"] if each["rule"] == "house/quiet-hours"]
    assert ("defer", morning, "quiet_hours") == (verdict["effect"], verdict["until"], verdict["reason"])
    assert 0 == await door.contacts(accepted["id"])

    door.clock.forward(11 * HOUR)
    await door.dispatch()
    assert ["allow", "defer", "allow"] == [each["effect"] for each in (await door.shown(accepted["id"]))["decisions"]]
    assert 1 == await door.contacts(accepted["id"])


async def test_who_asked_to_be_refused_rather_than_put_off_is_refused_at_the_wire_too(door: Door) -> None:
    door.clock.set("2026-11-23T20:59:00+08:00")
    accepted = await door.posted(text_to(1, "t-1", if_blocked="refuse"))
    door.clock.set("2026-11-23T21:01:00+08:00")

    await door.dispatch()

    shown = await door.shown(accepted["id"])
    assert ("queued", "refused") == (accepted["state"], shown["state"])
    assert ["allow", "defer"] == [each["effect"] for each in shown["decisions"]]
    assert "2026-11-24T08:00:00+08:00" == shown["decisions"][1]["not_before"]

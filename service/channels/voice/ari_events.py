"""ARI's events as far as a call needs them (Asterisk 16 and later). Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from .ari import TAPE
from .causes import Gone
from .phrases import Sound
from .steps import Answered, Detected, Event, Finished, Pressed, Rang, Taping

DETECTED = "detected"
"""What the dial plan gives back first after it has listened for a machine; then comes its AMDSTATUS."""


class Heard(NamedTuple):
    """What happened on a channel; `playback` is the sound's name where it is about one."""

    channel: str
    event: Event | Gone | None
    tape_starts: bool = False
    playback: str = ""


def hear(raw: str | bytes) -> Heard | None:
    """Read an event; None for what no call needs, and for what is not an event at all."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, dict):
        return None
    kind, channel = told.get("type"), _channel(told)
    if channel is None:
        return None
    if channel.endswith(TAPE):
        runs = {"RecordingStarted": True, "RecordingFailed": False}.get(str(kind))
        event = None if runs is None else Taping(runs)
        return Heard(channel.removesuffix(TAPE), event, kind == "StasisStart")
    return Heard(channel, _event(str(kind), told), playback=_inside(told, "playback", "id"))


def _event(kind: str, told: Mapping[str, Any]) -> Event | Gone | None:
    match kind:
        case "ChannelStateChange" if _inside(told, "channel", "state") == "Ringing":
            return Rang()
        case "StasisStart":
            args = told.get("args")
            if isinstance(args, list) and args[:1] == [DETECTED]:
                # HUMAN, NOTSURE and HANGUP are treated as a person is: by asking.
                return Detected(args[1:2] == ["MACHINE"])
            return Answered()
        case "ChannelDtmfReceived":
            return Pressed(str(told.get("digit")))
        case "PlaybackFinished":
            sound = _inside(told, "playback", "id").rpartition(":")[2]
            return (
                Finished(Sound(sound), _inside(told, "playback", "state") == "done")
                if sound in Sound.__members__
                else None
            )
        case "ChannelDestroyed":
            return Gone(_number(told.get("cause")), _number(told.get("tech_cause")))
    return None


def _channel(told: Mapping[str, Any]) -> str | None:
    target = _inside(told, "playback", "target_uri") or _inside(told, "recording", "target_uri")
    return _inside(told, "channel", "id") or target.removeprefix("channel:") or None


def _inside(told: Mapping[str, Any], outer: str, inner: str) -> str:
    found = told.get(outer)
    word = found.get(inner) if isinstance(found, dict) else None
    return word if isinstance(word, str) else ""


def _number(word: Any) -> int | None:
    return word if isinstance(word, int) and not isinstance(word, bool) else None

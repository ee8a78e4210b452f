"""
ARI's words: our requests as they go out, and its events as far as a call needs them (Asterisk 16 and later). Pure.

Parameters travel in the body, for a number has no place in a path or a query. A channel has the id that we gave it:
`<app>.<attempt>`; the one that listens for the recording is `<app>.<attempt>.tape`.
"""

import base64
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from service.channels.wire import WireRequest
from service.flows.providers import Secret

from .causes import Gone
from .phrases import Sound
from .steps import Answered, Detected, Event, Finished, Pressed, Rang, Taping

TAPE = ".tape"
DETECTED = "detected"
"""What the dial plan gives back first after it has listened for a machine; then comes its AMDSTATUS."""


class Access(NamedTuple):
    """Who we are to Asterisk, and as which application."""

    app: str
    user: str
    password: Secret

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(self.user.encode() + b":" + self.password).decode()

    def channel(self, attempt: str) -> str:
        return f"{self.app}.{attempt}"

    def attempt(self, channel: str) -> str | None:
        """The attempt that a channel of ours was made for."""
        app, _, attempt = channel.rpartition(".")
        return attempt if app == self.app else None

    def request(self, method: str, path: str, **said: Any) -> WireRequest:
        headers = [("authorization", self.authorization)]
        if said:
            headers.append(("content-type", "application/json"))
        return WireRequest(method, path, orjson.dumps(said) if said else b"", tuple(headers))


class Order(NamedTuple):
    """A call to be made. Its repr shows no number."""

    channel: str
    endpoint: str
    caller_id: str
    ring_s: int

    def __repr__(self) -> str:
        return f"<Order {self.channel}>"


def originate(access: Access, order: Order) -> WireRequest:
    """Call; a channel that has this id already is not made again."""
    said = {"endpoint": order.endpoint, "app": access.app, "appArgs": "call", "timeout": order.ring_s}
    return access.request("POST", "channels", **said, channelId=order.channel, callerId=order.caller_id)


def play(access: Access, channel: str, playback: str, path: str) -> WireRequest:
    """Play a file, named without its extension."""
    return access.request("POST", f"channels/{channel}/play/{playback}", media=f"sound:{path}")


def be_silent(access: Access, playback: str) -> WireRequest:
    return access.request("DELETE", f"playbacks/{playback}")


def listen_in(access: Access, channel: str) -> WireRequest:
    """Have a second channel hear both sides, so that recording does not wait for what is being said."""
    said = {"spy": "both", "app": access.app, "appArgs": "tape", "snoopId": channel + TAPE}
    return access.request("POST", f"channels/{channel}/snoop", **said)


def record(access: Access, tape: str) -> WireRequest:
    name = tape.removesuffix(TAPE)
    return access.request("POST", f"channels/{tape}/record", name=name, format="wav", ifExists="fail")


def detect(access: Access, channel: str, context: str) -> WireRequest:
    """Send the call through the dial plan, which listens and gives it back."""
    return access.request("POST", f"channels/{channel}/continue", context=context, extension="s", priority=1)


def hang_up(access: Access, channel: str) -> WireRequest:
    return access.request("DELETE", f"channels/{channel}")


def look_up(access: Access, channel: str) -> WireRequest:
    return access.request("GET", f"channels/{channel}")


def list_all(access: Access) -> WireRequest:
    return access.request("GET", "channels")


def listed(raw: bytes) -> list[tuple[str, str]] | None:
    """Read all channels there are, with their states; None for what is no list of them."""
    try:
        told = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(told, list):
        return None
    found = [(each.get("id"), each.get("state")) for each in told if isinstance(each, dict)]
    return [(name, state) for name, state in found if isinstance(name, str) and isinstance(state, str)]


class Heard(NamedTuple):
    """What happened on a channel; `playback` is the sound's name where it is about one."""

    channel: str
    event: Event | Gone | None
    tape_starts: bool = False
    playback: str = ""


def playback(channel: str, number: int, sound: Sound) -> str:
    """Name a sound on a channel, so that its end tells which it was."""
    return f"{channel}:{number}:{sound}"


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

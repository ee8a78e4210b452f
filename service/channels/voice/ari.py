"""
ARI's words: our requests as they go out, and what there is to read of channels (Asterisk 16 and later). Pure.

Parameters travel in the body, for a number has no place in a path or a query. A channel has the id that we gave it:
`<app>.<attempt>`; the one that listens for the recording is `<app>.<attempt>.tape`.
"""

import base64
from typing import Any, NamedTuple

import orjson

from service.channels.wire import WireRequest
from service.flows.providers import Secret

from .phrases import Sound

TAPE = ".tape"


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


def playback(channel: str, number: int, sound: Sound) -> str:
    """Name a sound on a channel, so that its end tells which it was."""
    return f"{channel}:{number}:{sound}"

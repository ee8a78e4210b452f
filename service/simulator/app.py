"""
The simulator's HTTP: the provider's own interface, and the levers for tests.

    POST /messages            hand a message over; its id is the key: the same one twice is one contact
    GET  /messages/{id}       what became of it; 404 `unknown_message`: it was never taken
    GET  /contacts            who was reached for, by the simulator's own count; ?request= or ?to= narrow it
    POST /behaviour           {"next": [word…], "default": word, "seed": n, "odds": {word: share}}; DELETE resets
    POST /advance             {"seconds": n}: move time and tell what falls due; without seconds, tell everything
    POST /inbound             {"channel", "from": {"kind", "value"}, "text"}: a person writes of their own accord
    POST /callback            {"url": gateway}: where receipts and replies go
    GET  /healthz             counts
"""

import secrets
from collections import Counter
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from service.simulator.manners import answer_in
from service.simulator.message import CHANNELS
from service.simulator.provider import Provider
from service.simulator.teller import Teller


class Simulator:
    """The provider and its teller behind HTTP."""

    def __init__(self, provider: Provider, teller: Teller) -> None:
        self.provider = provider
        self.teller = teller

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/messages", self.take, methods=["POST"]),
                Route("/messages/{id}", self.look_up),
                Route("/contacts", self.contacts),
                Route("/behaviour", self.behave, methods=["POST", "DELETE"]),
                Route("/advance", self.advance, methods=["POST"]),
                Route("/inbound", self.inbound, methods=["POST"]),
                Route("/callback", self.callback, methods=["POST"]),
                Route("/healthz", self.health),
            ]
        )

    async def take(self, request: Request) -> Response:
        reply = self.provider.take(await request.body())
        self.teller.wake()
        return await answer_in(reply.manner, request, reply.status, reply.body)

    async def look_up(self, request: Request) -> Response:
        reply = self.provider.look_up(request.path_params["id"])
        return _json(reply.body, reply.status)

    async def contacts(self, request: Request) -> Response:
        wanted = {name: request.query_params[name] for name in ("request", "to") if name in request.query_params}
        listed = [
            contact._asdict()
            for contact in self.provider.contacts
            if all(getattr(contact, name) == value for name, value in wanted.items())
        ]
        return _json(
            {
                "total": len(listed) if wanted else self.provider.contacts_made,
                "by_recipient": Counter(contact["to"] for contact in listed),
                "by_request": Counter(contact["request"] for contact in listed),
                "contacts": listed,
            }
        )

    async def behave(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.provider.moods.reset()
            return _json({})
        try:
            self.provider.moods.set(await _object(request))
        except (ValueError, TypeError) as error:
            return _json({"error": str(error)}, 422)
        return _json({})

    async def advance(self, request: Request) -> Response:
        told = await _object(request)
        seconds = told.get("seconds")
        if seconds is not None and not (isinstance(seconds, int | float) and seconds >= 0):
            return _json({"error": "seconds are a number, not negative"}, 422)
        if seconds is not None:
            self.provider.schedule.advance(seconds)
        taken = await self.teller.tell_due(all_of_them=seconds is None)
        return _json({"told": taken, "waiting": len(self.provider.schedule)})

    async def inbound(self, request: Request) -> Response:
        told = await _object(request)
        sender = told.get("from")
        if told.get("channel") not in CHANNELS - {"letter"} or not isinstance(sender, dict):
            return _json({"error": "a channel and a sender are wanted"}, 422)
        event = {"event": f"sim-in-{secrets.token_hex(8)}", "at_us": self.provider.now_us(), **told}
        if not isinstance(event["at_us"], int):
            return _json({"error": "at_us is microseconds since the epoch"}, 422)
        self.provider.say(event)
        self.teller.wake()
        return _json({"event": event["event"]}, 202)

    async def callback(self, request: Request) -> Response:
        url = (await _object(request)).get("url")
        await self.teller.aim(url if isinstance(url, str) else None)
        return _json({})

    async def health(self, request: Request) -> Response:
        return _json({"contacts": self.provider.contacts_made, "waiting": len(self.provider.schedule)})


async def _object(request: Request) -> dict[str, Any]:
    """Read a lever's argument; what is no object is as good as none."""
    try:
        told = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _json(told: dict[str, Any], status: int = 200) -> Response:
    return Response(orjson.dumps(told), status, media_type="application/json")

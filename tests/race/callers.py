"""Clients that post without pause until the gateway dies under them, and remember what they were told."""

import asyncio
import random
from collections.abc import Iterable
from typing import Any

import httpx

from .bodies import text_to
from .fleet import PATH, Fleet

CALLERS = 8
BATCH = 10
TOLD = {200, 202, 403}

SHARED_PEOPLE = 40
"""Several callers write to these, so that some are refused by the cap."""


class Callers:
    """`told` is by reference what the gateway answered, `untold` what was posted and got no answer."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._people = SHARED_PEOPLE
        self._going = False
        self.told: dict[str, tuple[int, str]] = {}
        self.untold: dict[str, dict[str, Any]] = {}

    async def post_until_stopped(self, seed: str, gateways: Iterable[int]) -> None:
        """Every caller keeps to one gateway, and stops when that is gone."""
        self._going = True
        reached = list(gateways)
        await asyncio.gather(*(self._call(seed, n, reached[n % len(reached)]) for n in range(CALLERS)))

    def stop(self) -> None:
        self._going = False

    async def post_untold_again(self, gateway: int) -> None:
        """Under the same references: whether they had arrived or not, each is one request."""
        for reference, body in list(self.untold.items()):
            answer = await self._fleet.post(gateway, body)
            self._note(reference, answer.status_code, answer.json())

    async def _call(self, seed: str, caller: int, gateway: int) -> None:
        chance = random.Random(f"{seed}-{caller}")
        count = 0
        while self._going:
            size = chance.choice((1, 1, 1, BATCH))
            bodies = [self._body(chance, f"{seed}-{caller}-{count + n}") for n in range(size)]
            count += size
            if not await self._posted(gateway, bodies):
                return

    def _body(self, chance: random.Random, reference: str) -> dict[str, Any]:
        if chance.random() < 0.3:
            body = text_to(chance.randrange(SHARED_PEOPLE), reference, if_blocked="refuse")
        else:
            self._people += 1
            body = text_to(self._people, reference)
        self.untold[reference] = body
        return body

    async def _posted(self, gateway: int, bodies: list[dict[str, Any]]) -> bool:
        """Post one by itself or several as a batch; False if there was no answer."""
        try:
            if len(bodies) == 1:
                answer = await self._fleet.post(gateway, bodies[0])
                self._note(bodies[0]["reference"], answer.status_code, answer.json())
            else:
                url = f"{self._fleet.gateways[gateway].url}{PATH}/batch"
                answer = await self._fleet.http.post(url, json={"requests": bodies})
                for body, result in zip(bodies, answer.json()["results"], strict=True):
                    self._note(body["reference"], result["status"], result)
        except httpx.TransportError:
            return False
        return True

    def _note(self, reference: str, status: int, answer: dict[str, Any]) -> None:
        assert status in TOLD, f"{reference} was answered {status}: {answer}"
        self.told[reference] = (status, answer["id"])
        del self.untold[reference]

"""The port by which clients are called."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Called(NamedTuple):
    """What came of one try: the status, or a word of ours where there was no answer."""

    status: int | None
    word: str = ""

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Callout(Protocol):
    """The way out to clients: never raises for what a receiver does, and refuses addresses it must not call."""

    def check(self, url: str) -> None:
        """Raise Invalid for an address that would never be called."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Called: ...

"""What every flow is handed: the ports, the settings that flows read, and the source of ids."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from service.core.model import DAY, HOUR, SECOND, Channel, Instant
from service.core.rendering import Institution, Message

from .ports import Books, Clock, Numbers, Recipient, Routes, Templates, Vault

CheckLetter = Callable[[Message, Recipient], None]
"""Raises `RenderingError` where a letter could not be set for an envelope that is in use."""

RECEIPT_DEADLINES: Mapping[Channel, int] = {
    Channel.call: 2 * HOUR,
    Channel.sms: 72 * HOUR,
    Channel.wechat: 72 * HOUR,
    Channel.email: 72 * HOUR,
    Channel.letter: 30 * DAY,
    Channel.visit: DAY,
}
"""How long a receipt is awaited before the request is taken as completed as far as it is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Times in microseconds. `send_timeout + send_margin` is how long an allow must stay true at the wire."""

    send_timeout: int = 10 * SECOND
    send_margin: int = 5 * SECOND
    lease: int = 60 * SECOND
    receipt_deadlines: Mapping[Channel, int] = field(default_factory=lambda: RECEIPT_DEADLINES)
    tries_max: int = 4
    backoff: int = 60 * SECOND

    @property
    def hold(self) -> int:
        return self.send_timeout + self.send_margin


class Ids:
    """
    Ids that sort by the time they were made, and within one process by the order.

    `prefix_` + 14 hex digits of microseconds + 4 of a counter + 12 random: unique across replicas.
    """

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._counter = count()

    def new(self, prefix: str, now: Instant) -> str:
        return f"{prefix}_{now:014x}{next(self._counter) & 0xFFFF:04x}{self._random(6).hex()}"

    def secret(self) -> str:
        """128 bits that say nothing: a party's pseudonym."""
        return self._random(16).hex()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    clock: Clock
    ids: Ids
    vault: Vault
    numbers: Numbers
    templates: Templates
    books: Books
    routes: Routes
    limits: Limits
    institution: Institution
    default_locale: str = "zh-CN"
    bank_zone: str = "Asia/Shanghai"
    check_letter: CheckLetter = lambda message, recipient: None

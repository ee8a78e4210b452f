"""What the verb `policy activate` does: name a book and a date, as one of two principals."""

import asyncio

from service.core.civil import parse_instant
from service.core.errors import Invalid
from service.core.model import Instant
from service.flows.activate import Activation, activate
from service.wiring import House


async def activate_book(house: House, actor: str, sha256: str | None, effective_at: str) -> Activation:
    """Name the book of a digest, or the one that lies in the policies folder, from an instant on."""
    kit = house.gateway.kit
    book = sha256 or (await asyncio.to_thread(kit.books.shipped)).sha256
    return await activate(kit, house.gateway.store, actor, book, _instant(effective_at))


def _instant(text: str) -> Instant:
    try:
        return parse_instant(text)
    except ValueError as wrong:
        raise Invalid("effective_at", f"the date {wrong}") from None

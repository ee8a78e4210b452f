"""How long the calendars of the book in force still hold; whoever looks after the packs is told in good time."""

from datetime import date
from typing import NamedTuple

from service.core.calendars import WARNING_DAYS
from service.core.civil import local_date
from service.core.errors import GatewayError

from .accept import book_in_force
from .kit import Kit
from .ports import Store


class Confirmed(NamedTuple):
    """Up to when a calendar is confirmed, and how many days are left; fewer than none once it is over."""

    calendar: str
    until: date
    days_left: int

    @property
    def soon_over(self) -> bool:
        return self.days_left < WARNING_DAYS


async def calendars_confirmed(kit: Kit, store: Store) -> list[Confirmed]:
    """One for each calendar that rules in force read; none where no book can be read, which a check says itself."""
    now = kit.clock()
    today = local_date(kit.bank_zone, now)
    try:
        book = await store.read(lambda tx: book_in_force(kit, tx, now))
    except GatewayError:
        return []
    return [Confirmed(each.id, each.confirmed_until, each.days_left(today)) for each in book.calendars]

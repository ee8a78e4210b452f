"""Instants as CMPP writes them: in the gateways' civil time, Beijing's. Pure."""

from datetime import UTC, datetime, timedelta

from service.core.model import Instant

_BEIJING = timedelta(hours=8)
"""The gateways' civil time: UTC+8 without summer time."""


def stamp(now: Instant) -> str:
    """Write an instant as the login wants it: month, day, hour, minute and second in Beijing."""
    return (datetime.fromtimestamp(now / 1_000_000, UTC) + _BEIJING).strftime("%m%d%H%M%S")


def instant(done: str) -> Instant | None:
    """Read a receipt's time; None if it is none."""
    try:
        civil = datetime.strptime(done, "%y%m%d%H%M").replace(tzinfo=UTC) - _BEIJING
    except ValueError:
        return None
    return Instant(int(civil.timestamp()) * 1_000_000)

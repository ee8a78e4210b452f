"""CMPP's query: how many messages a day had, and what became of them. Pure."""

import struct

from .cmpp import QUERY, frame
from .speech import Garbled


def query(sequence: int, day: str, service_id: str = "") -> bytes:
    """
    Ask for the counts of a day (`YYYYMMDD`), of one service or of all.

    The protocol tells counts alone: it has no way to ask what became of one message.
    """
    return frame(QUERY, sequence, struct.pack("!8sB10s8x", day.encode(), bool(service_id), service_id.encode()))


def read_query_resp(body: bytes) -> tuple[int, ...]:
    """Give messages, numbers, delivered, waiting and failed of what we sent; then the last three of what came in."""
    if len(body) != 51:
        raise Garbled("no answer to a query")
    return struct.unpack_from("!8I", body, 19)

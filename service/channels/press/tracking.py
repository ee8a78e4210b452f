"""
What became of letters, in the words of whoever prints and posts them: one line a step, JSON or CSV (decision 0024).

    {"letter": "a_0642…", "status": "posted", "at": "2026-11-24T18:00:00+08:00", "tracking": "XA12345678933"}

`letter` is our attempt; a line that has only the `tracking` number finds the letter that was posted under it. The
same line twice is one receipt. `refused` comes back as a letter does; that it was refused stays in its text.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from service.channels.signed import TEXT_MAX, Event
from service.core.civil import parse_instant
from service.core.errors import Invalid
from service.core.model import Instant, Outcome
from service.flows.ports import Receipt
from service.flows.providers import Callback

OUTCOMES: Mapping[str, Outcome] = {
    "printed": Outcome.sent,
    "posted": Outcome.sent,
    "in_transit": Outcome.sent,
    "delivered": Outcome.delivered,
    "refused": Outcome.returned,
    "returned": Outcome.returned,
    "failed": Outcome.failed,
}
"""Every status there is. Another one cannot be read, and is kept aside."""

PATH = "tracking"
"""The path of a callback that holds lines of a file, which no HTTP call has."""

TAKEN = ".taken"
"""What is put behind the name of a file that was taken in."""

LINES_MAX = 500
FILE_BYTES_MAX = 16 * 1024 * 1024


def is_tracking(name: str) -> bool:
    """Whether a file of this name tells of letters, and nobody took it in yet."""
    return name.startswith("tracking") and name.endswith((".jsonl", ".csv"))


def finished(content: bytes) -> bytes:
    """Give the content if its last line has its end; nothing else, for then it is still being written."""
    return content if content.endswith(b"\n") else b""


def pieces(content: bytes, *, is_csv: bool) -> Iterator[Callback]:
    """Take a file apart into what is stored at a time; a line that cannot be read is stored by itself."""
    good: list[bytes] = []
    for line in _csv_lines(content) if is_csv else content.splitlines():
        if not line.strip():
            continue
        try:
            _receipt("", line)
        except Invalid:
            yield Callback(line, path=PATH)
            continue
        good.append(line)
        if len(good) == LINES_MAX:
            yield Callback(b"\n".join(good), path=PATH)
            good = []
    if good:
        yield Callback(b"\n".join(good), path=PATH)


def read_tracking(provider: str, lines: bytes) -> list[Receipt]:
    """Read the lines; `Invalid` names the field of the first that cannot be."""
    return [_receipt(provider, line) for line in lines.splitlines()]


def receipt_of(provider: str, told: Event, outcomes: Mapping[str, Outcome] = OUTCOMES) -> Receipt:
    """Read one step from its fields, which a file's line and a signed callback share."""
    status, at = told.text("status"), told.text("at")
    letter, tracking = told.text_or_none("letter"), told.text_or_none("tracking")
    if letter is None and tracking is None:
        raise Invalid(told.field("letter"), "neither a letter nor a tracking number is named")
    if status not in outcomes:
        raise Invalid(told.field("status"), f"one of {', '.join(outcomes)} is wanted")
    event = told.text_or_none("event") or _event(letter or tracking or "", status, at)
    text = status if tracking is None else f"{status} {tracking}"
    return Receipt(
        provider,
        event,
        outcomes[status],
        _instant(told, at),
        attempt=letter,
        provider_ref=tracking,
        text=text,
    )


def _receipt(provider: str, line: bytes) -> Receipt:
    try:
        told: Any = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Invalid("line", "not JSON") from None
    return receipt_of(provider, Event("line", told))


def _csv_lines(content: bytes) -> Iterator[bytes]:
    """Give a CSV with a head as lines of JSON; an empty field is none."""
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace"), newline=""))
    for row in rows:
        yield orjson.dumps({name: value for name, value in row.items() if name and isinstance(value, str) and value})


def _instant(told: Event, at: str) -> Instant:
    try:
        return parse_instant(at[:TEXT_MAX])
    except ValueError as error:
        raise Invalid(told.field("at"), str(error)) from None


def _event(letter: str, status: str, at: str) -> str:
    return hashlib.sha256(f"{letter}\n{status}\n{at}".encode()).hexdigest()[:32]

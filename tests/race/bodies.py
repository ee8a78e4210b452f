"""What is posted in races."""

from typing import Any

from tests.web.front import request_body


def text_to(person: int, reference: str, **changes: Any) -> dict[str, Any]:
    """A reminder by SMS to a debtor of one's own."""
    return request_body(reference=reference, **_whose(person), **{"expires_at": "2026-12-31T00:00:00+08:00", **changes})


def call_to(person: int, reference: str, **changes: Any) -> dict[str, Any]:
    """A recorded call that an agent makes under a permit."""
    return text_to(person, reference, channel="call", execution="permit", recording_available=True, **changes)


def _whose(person: int) -> dict[str, Any]:
    example = request_body()
    return {
        "party": {**example["party"], "id": f"P-{person}"},
        "address": {**example["address"], "value": f"+861390013{person:04}"},
        "account": {**example["account"], "id": f"LN-{person}"},
    }

"""What the bench posts: reminders to distinct debtors, and the contacts they have already had."""

from collections.abc import Iterator
from typing import Any

import orjson

HISTORY_ITEMS = 10


def reminder(number: int, run: str) -> dict[str, Any]:
    """The example of the contract, to a debtor of its own."""
    return {
        "reference": f"{run}-{number}",
        "channel": "sms",
        "purpose": "collection",
        "party": {
            "id": f"P-{number}",
            "role": "debtor",
            "name": "张三",
            "locale": "zh-CN",
            "jurisdictions": ["CN"],
            "time_zones": ["Asia/Shanghai"],
        },
        "address": {"value": phone(number), "kind": "mobile", "provenance": "contract"},
        "account": {
            "id": f"LN-{number}",
            "product": "credit_card",
            "days_past_due": 12,
            "creditor": "Example Rural Commercial Bank",
        },
        "template": "overdue-reminder",
        "variables": {"amount_due": "1234.56", "currency": "CNY", "due_on": "2026-11-11"},
        "execution": "gateway",
        "expires_at": "2026-11-25T00:00:00+08:00",
    }


def reminders(count: int, run: str, *, first: int = 0) -> list[bytes]:
    return [orjson.dumps(reminder(number, run)) for number in range(first, first + count)]


def contacts(count: int) -> Iterator[bytes]:
    """Lines of calls that another system made on the days before: unanswered, one a day."""
    for number in range(count):
        for day in range(HISTORY_ITEMS):
            yield orjson.dumps(
                {
                    "reference": f"h-{number}-{day}",
                    "at": f"2026-11-{22 - day:02d}T10:00:00+08:00",
                    "channel": "call",
                    "direction": "outbound",
                    "outcome": "ring_no_answer",
                    "party_id": f"P-{number}",
                    "party_role": "debtor",
                    "account_id": f"LN-{number}",
                    "address": phone(number),
                    "address_kind": "mobile",
                    "purpose": "collection",
                }
            )


def phone(number: int) -> str:
    return f"+86138{number:08d}"

"""Rows that are complete as the tables demand, with what a test cares for given by name."""

from typing import Any

Rows = dict[str, Any]


def a_request(id_: str, **given: Any) -> Rows:
    return {
        "id": id_,
        "client": "client-1",
        "actor_role": "first_party",
        "reference": f"reference-{id_}",
        "body_mark": "mark",
        "state": "scheduled",
        "channel": "sms",
        "purpose": "collection",
        "execution": "gateway",
        "priority": "normal",
        "if_blocked": "defer",
        "party": "party-1",
        "party_role": "debtor",
        "account": "account-1",
        "template": "overdue-notice",
        "template_version": "d" * 64,
        "zones": '["Asia/Shanghai"]',
        "jurisdictions": '["CN"]',
        "details": "{}",
        "sealed": b"sealed" * 40,
        "created_at": 1,
        "asked_at": 1,
        "expires_at": 1_000,
        "send_at": 10,
        "tries": 0,
        **given,
    }


def a_reservation(request: str, **given: Any) -> Rows:
    return {"request": request, "state": "held", "at": 10, "channel": "sms", "party": "party-1", **given}


def an_attempt(id_: str, **given: Any) -> Rows:
    return {
        "id": id_,
        "at": 10,
        "channel": "sms",
        "direction": "outbound",
        "outcome": "delivered",
        "party": "party-1",
        "source": "gateway",
        "recorded_at": 10,
        **given,
    }


def an_entry(id_: str, **given: Any) -> Rows:
    return {
        "id": id_,
        "kind": "request.accepted",
        "at": 10,
        "actor": "client-1",
        "request": "request-1",
        "party": "party-1",
        "rules": "[]",
        "body": b'{"evidence":true}' * 20,
        **given,
    }


def a_receipt(id_: str, **given: Any) -> Rows:
    return {"id": id_, "provider": "p", "event": id_, "at": 1, "received_at": 2, "applied": 0, **given}

"""The answer to a contact request: accepted, refused, as it stands, or the problem that it is."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from service.core.civil import format_instant
from service.core.decide import Decision
from service.core.errors import GatewayError
from service.core.model import State
from service.core.policy import Book
from service.flows.accept import Answer
from service.flows.gateway import Gateway
from service.flows.permit import Permit
from service.incidents import incident

from .decisions_json import decision_json, instant_json, refusal
from .door import Door
from .negotiate import Language
from .problems import RETRY_AFTER_S, document, document_of


class Said(NamedTuple):
    """Status, JSON and headers of one answer; in a batch the headers have no place."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str]


REPLAYED = {"Idempotency-Replayed": "true"}


async def say(gateway: Gateway, answer: Answer | BaseException, language: Language) -> Said:
    """Put an answer of the accept flow into words."""
    if isinstance(answer, BaseException):
        return failed(answer)
    if answer.error is not None:
        return failed(answer.error)
    if answer.request is None or answer.decision is None:
        raise TypeError("an answer without an error has a request and its decision")
    book = await book_of(gateway, answer.decision.book)
    headers = REPLAYED if answer.replayed else {}
    stands = _as_it_stands(answer, answer.decision, book, language)
    if gateway.kit.routes.simulated:
        stands["simulated"] = True
    if answer.request["state"] != State.refused:
        return Said(200 if answer.replayed else 202, stands, headers)
    del stands["state"], stands["send_at"]
    status, body = document("refused-by-policy", refusal(answer.decision, book, language), **stands)
    return Said(status, body, headers)


def note(door: Door, answers: Iterable[Answer | BaseException]) -> None:
    """Count what was newly taken in, and wake the dispatch beat where some of it can go out at once."""
    queued = False
    for answer in answers:
        if isinstance(answer, Answer) and answer.request is not None and not answer.replayed:
            channel, state = answer.request["channel"], answer.request["state"]
            door.metrics.asked.labels(channel, state).inc()
            queued = queued or state == State.queued
    if queued:
        door.wake()


async def book_of(gateway: Gateway, sha256: str) -> Book:
    """The book of a digest: kept parsed, read from the store the first time only."""
    books = gateway.kit.books
    try:
        return books.get(sha256, _not_kept)
    except LookupError:
        return await gateway.store.read(lambda tx: books.get(sha256, tx.book_text))


def permit_json(permit: Permit, zone: str) -> dict[str, Any]:
    return {
        "id": permit.id,
        "valid_from": format_instant(permit.valid_from, zone),
        "valid_until": format_instant(permit.valid_until, zone),
    }


def _as_it_stands(answer: Answer, decision: Decision, book: Book, language: Language) -> dict[str, Any]:
    row = answer.request
    assert row is not None
    zone = decision.zones[0] if decision.zones else "UTC"
    stands: dict[str, Any] = {
        "id": row["id"],
        "reference": row["reference"],
        "state": row["state"],
        "send_at": instant_json(row["send_at"], zone),
    }
    if answer.permit is not None:
        stands["permit"] = permit_json(answer.permit, zone)
    stands["decision"] = decision_json(decision, book, language)
    return stands


def failed(error: BaseException) -> Said:
    if not isinstance(error, GatewayError):
        return Said(
            *document("internal", "this item failed and nothing of it was stored", incident=incident(error)), {}
        )
    status, body = document_of(error)
    headers = {"Retry-After": str(error.retry_after_s or RETRY_AFTER_S)} if status == 503 else {}
    return Said(status, body, headers)


def _not_kept(sha256: str) -> bytes:
    raise LookupError(sha256)

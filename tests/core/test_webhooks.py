"""Signatures that the official verifier believes, and pauses that grow and end."""

import time
from base64 import b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from service.core.model import SECOND, Instant
from service.core.webhooks import JITTER, RETRIES, next_try, secret_text, signed_headers

SECRET = bytes(range(32))
OTHER = bytes(range(1, 33))
BODY = '{"type":"request.refused","data":{"reference":"催收-1"}}'.encode()


def now() -> Instant:
    return Instant(int(time.time()) * SECOND)


def test_the_official_verifier_takes_what_we_sign() -> None:
    headers = dict(signed_headers([SECRET], "msg_1", now(), BODY))

    assert "催收-1" == Webhook(secret_text(SECRET)).verify(BODY, headers)["data"]["reference"]


def test_while_a_secret_is_exchanged_either_one_verifies() -> None:
    headers = dict(signed_headers([OTHER, SECRET], "msg_1", now(), BODY))

    for secret in (SECRET, OTHER):
        assert "催收-1" == Webhook(secret_text(secret)).verify(BODY, headers)["data"]["reference"]


@pytest.mark.parametrize("change", ["body", "id", "time", "secret"])
def test_the_official_verifier_refuses_what_was_changed(change: str) -> None:
    headers = dict(signed_headers([SECRET], "msg_1", now(), BODY))
    body = BODY + b" " if change == "body" else BODY
    if change == "id":
        headers["webhook-id"] = "msg_2"
    if change == "time":
        headers["webhook-timestamp"] = str(int(headers["webhook-timestamp"]) - 1)

    with pytest.raises(WebhookVerificationError):
        Webhook(secret_text(OTHER if change == "secret" else SECRET)).verify(body, headers)


def test_a_published_example_is_signed_alike() -> None:
    """From the Standard Webhooks specification's own libraries: one secret, id, time and body, and their signature."""
    secret = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = signed_headers(
        [secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", Instant(1614265330 * SECOND), b'{"test": 2432232314}'
    )

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == headers["webhook-signature"]


@given(st.text(min_size=1), st.integers(1, len(RETRIES)), st.integers(0, 2**50))
def test_a_pause_is_the_planned_one_give_or_take_a_tenth(message: str, tries: int, at: int) -> None:
    again = next_try(message, tries, Instant(at))

    assert again is not None
    assert abs(again - at - RETRIES[tries - 1]) <= RETRIES[tries - 1] // JITTER
    assert again == next_try(message, tries, Instant(at))


def test_after_the_last_pause_nothing_is_tried_again() -> None:
    assert next_try("msg_1", len(RETRIES) + 1, Instant(0)) is None

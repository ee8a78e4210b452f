import pytest

from service.channels.signature import FRESH_S, SIGNATURE, TIMESTAMP, check, sign
from service.core.errors import Unauthenticated
from service.core.model import SECOND, Instant
from tests.channels.dispatches import AT

SECRET = b"a secret of two ends"
BODY = b'{"events":[]}'


def signed(at: Instant = AT) -> dict[str, str]:
    return dict(sign(SECRET, at, BODY))


@pytest.mark.parametrize("late_s", [-FRESH_S, 0, FRESH_S])
def test_a_body_signed_lately_is_believed(late_s: int) -> None:
    expected = {TIMESTAMP: str(AT // SECOND), SIGNATURE: signed()[SIGNATURE]}

    check(SECRET, signed(), BODY, Instant(AT + late_s * SECOND))

    assert expected == signed()


def test_the_signature_is_the_plain_construction_that_others_can_make() -> None:
    """By openssl: printf '1763949600.{"events":[]}' | openssl dgst -sha256 -hmac 'a secret of two ends'."""
    assert signed()[SIGNATURE] == "v1=4181f90576572e04e7357187f5e3aebeb9c93d73a47f6e2e238e125e6a268088"


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        ({}, BODY, AT),
        ({TIMESTAMP: signed()[TIMESTAMP]}, BODY, AT),
        ({SIGNATURE: signed()[SIGNATURE]}, BODY, AT),
        (signed() | {SIGNATURE: "v1=" + "0" * 64}, BODY, AT),
        (signed() | {SIGNATURE: "é"}, BODY, AT),
        (signed() | {TIMESTAMP: str(AT // SECOND + 1)}, BODY, AT),
        (signed() | {SIGNATURE: signed()[SIGNATURE].upper()}, BODY, AT),
        (signed(), BODY + b" ", AT),
        (signed(), b"", AT),
        (dict(sign(b"another secret", AT, BODY)), BODY, AT),
        (signed(), BODY, AT + (FRESH_S + 1) * SECOND),
        (signed(), BODY, AT - (FRESH_S + 1) * SECOND),
    ],
)
def test_anything_else_is_not_the_providers(headers: dict[str, str], body: bytes, now: int) -> None:
    with pytest.raises(Unauthenticated):
        check(SECRET, headers, body, Instant(now))


def test_with_a_clock_that_was_handed_in_age_is_not_compared() -> None:
    later = Instant(AT + 365 * 86_400 * SECOND)

    check(SECRET, signed(), BODY, later, fresh_s=None)

    with pytest.raises(Unauthenticated):
        check(SECRET, signed(), b"", later, fresh_s=None)

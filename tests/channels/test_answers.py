"""What each answer means for the contact: happened, surely not, or nobody knows."""

import pytest

from service.channels.answers import judge
from service.channels.simulated import reader
from service.channels.wire import Answer, Fault
from service.core.model import Outcome
from service.flows.ports import SendResult

UNKNOWN, FAILED, REFUSED = Outcome.unknown, Outcome.failed, Outcome.refused_by_provider


def json(status: int, body: bytes) -> Answer:
    return Answer(status, "application/json", body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json(202, b'{"id":"a1","ref":"s1","status":"accepted"}'), SendResult(Outcome.sent, True, "s1", awaits=True)),
        (json(200, b'{"id":"a1","ref":"s1","status":"delivered"}'), SendResult(Outcome.delivered, True, "s1")),
        # Refused, whatever the status says.
        (json(200, b'{"status":"refused","code":"opted_out"}'), SendResult(REFUSED, True, detail="opted_out")),
        (
            json(422, b'{"status":"refused","code":"refused_by_operator"}'),
            SendResult(REFUSED, True, detail="refused_by_operator"),
        ),
        (
            json(503, b'{"status":"refused","code":"not_accepted"}'),
            SendResult(FAILED, True, transient=True, detail="not_accepted"),
        ),
        (
            json(429, b'{"status":"refused","code":"throttled"}'),
            SendResult(FAILED, True, transient=True, detail="throttled"),
        ),
        # A code nobody knows is for good, and its text goes no further.
        (json(422, b'{"status":"refused","code":"new_code"}'), SendResult(REFUSED, True, detail="new_code")),
        (
            json(422, b'{"status":"refused","code":"+8613800138000 is bad"}'),
            SendResult(REFUSED, True, detail="unmapped_code"),
        ),
        (json(422, b'{"status":"refused"}'), SendResult(REFUSED, True, detail="unmapped_code")),
        # A client error was not carried out; some of them say nothing against the message.
        (json(400, b"{}"), SendResult(REFUSED, True, detail="http_400")),
        (Answer(413, "text/html", b"<html>"), SendResult(REFUSED, True, detail="http_413")),
        (Answer(401, "text/html", b""), SendResult(FAILED, True, transient=True, detail="http_401")),
        (Answer(404, "text/html", b""), SendResult(FAILED, True, transient=True, detail="http_404")),
        (json(429, b"{}"), SendResult(FAILED, True, transient=True, detail="http_429")),
        # It may have happened.
        (json(408, b"{}"), SendResult(UNKNOWN, False, detail="http_408")),
        (json(500, b'{"error":"internal"}'), SendResult(UNKNOWN, False, detail="http_500")),
        (json(503, b"{}"), SendResult(UNKNOWN, False, detail="http_503")),
        (Answer(502, "text/html", b"<html>"), SendResult(UNKNOWN, False, detail="http_502")),
        (Answer(307, "text/plain", b""), SendResult(UNKNOWN, False, detail="http_307")),
        (Answer(200, "text/html", b'{"id":"a1","status":"accepted"}'), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(200, b'{"id":"a1","status":"acc'), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(200, b'["accepted"]'), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(200, b"\xff\xfe"), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(204, b""), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(202, b'{"id":"a2","status":"accepted"}'), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(202, b'{"id":"a1","status":"perhaps"}'), SendResult(UNKNOWN, False, detail="unreadable")),
        (json(500, b'{"id":"a1","status":"accepted"}'), SendResult(UNKNOWN, False, detail="http_500")),
        (Fault.timeout, SendResult(UNKNOWN, False, detail="timeout")),
        (Fault.cut, SendResult(UNKNOWN, False, detail="cut")),
        (Fault.malformed, SendResult(UNKNOWN, False, detail="malformed")),
        (Fault.oversized, SendResult(UNKNOWN, False, detail="oversized")),
        # It surely did not.
        (Fault.unreachable, SendResult(FAILED, True, transient=True, detail="unreachable")),
    ],
    ids=str,
)
def test_an_answer_means(answer: Answer | Fault, expected: SendResult) -> None:
    assert expected == judge(answer, reader("a1"))


@pytest.mark.parametrize("fault", Fault)
def test_every_fault_is_either_unknown_or_surely_not_sent(fault: Fault) -> None:
    result = judge(fault, reader("a1"))

    assert result.certain is (fault is Fault.unreachable)
    assert result.certain or result.outcome is Outcome.unknown

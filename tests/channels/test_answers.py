"""What each answer means for the contact: happened, surely not, or nobody knows."""

import pytest

from service.channels.answers import accepted, judge, not_taken, refused, unmapped, unsure
from service.channels.simulated import reader
from service.channels.wire import Answer, Fault
from service.core.model import Fate, Outcome
from service.flows.ports import SendResult


def json(status: int, body: bytes) -> Answer:
    return Answer(status, "application/json", body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (json(202, b'{"id":"a1","ref":"s1","status":"accepted"}'), accepted("s1")),
        (
            json(200, b'{"id":"a1","ref":"s1","status":"delivered"}'),
            accepted("s1", outcome=Outcome.delivered, awaits=False),
        ),
        # Refused, whatever the status says.
        (json(200, b'{"status":"refused","code":"opted_out"}'), refused("opted_out", Fate.opted_out)),
        (
            json(422, b'{"status":"refused","code":"refused_by_operator"}'),
            refused("refused_by_operator", Fate.rejected_content),
        ),
        (
            json(503, b'{"status":"refused","code":"not_accepted"}'),
            not_taken("not_accepted"),
        ),
        (
            json(429, b'{"status":"refused","code":"throttled"}'),
            not_taken("throttled", Fate.throttled_account),
        ),
        # A code nobody knows is for good, and its text goes no further.
        (json(422, b'{"status":"refused","code":"new_code"}'), unmapped("new_code")),
        (
            json(422, b'{"status":"refused","code":"+8613800138000 is bad"}'),
            unmapped("unmapped_code"),
        ),
        (json(422, b'{"status":"refused"}'), unmapped("unmapped_code")),
        # A client error was not carried out; some of them say nothing against the message.
        (json(400, b"{}"), refused("http_400")),
        (Answer(413, "text/html", b"<html>"), refused("http_413")),
        (Answer(401, "text/html", b""), not_taken("http_401", Fate.provider_unavailable)),
        (Answer(404, "text/html", b""), not_taken("http_404", Fate.provider_unavailable)),
        (json(429, b"{}"), not_taken("http_429", Fate.throttled_account)),
        # It may have happened.
        (json(408, b"{}"), unsure("http_408")),
        (json(500, b'{"error":"internal"}'), unsure("http_500")),
        (json(503, b"{}"), unsure("http_503")),
        (Answer(502, "text/html", b"<html>"), unsure("http_502")),
        (Answer(307, "text/plain", b""), unsure("http_307")),
        (Answer(200, "text/html", b'{"id":"a1","status":"accepted"}'), unsure("unreadable")),
        (json(200, b'{"id":"a1","status":"acc'), unsure("unreadable")),
        (json(200, b'["accepted"]'), unsure("unreadable")),
        (json(200, b"\xff\xfe"), unsure("unreadable")),
        (json(204, b""), unsure("unreadable")),
        (json(202, b'{"id":"a2","status":"accepted"}'), unsure("unreadable")),
        (json(202, b'{"id":"a1","status":"perhaps"}'), unsure("unreadable")),
        (json(500, b'{"id":"a1","status":"accepted"}'), unsure("http_500")),
        (Fault.timeout, unsure("timeout")),
        (Fault.cut, unsure("cut")),
        (Fault.malformed, unsure("malformed")),
        (Fault.oversized, unsure("oversized")),
        # It surely did not.
        (Fault.unreachable, not_taken("unreachable")),
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

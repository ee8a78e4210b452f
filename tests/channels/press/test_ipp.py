"""IPP in bytes: what is written can be read, and what cannot be read is told from an answer."""

from struct import pack
from typing import Any

import pytest

from service.channels.adapter import Site
from service.channels.answers import accepted, not_taken, refused, unmapped, unsure
from service.channels.press.ipp import Attribute, Operation, Reply, Tag, read, write
from service.channels.press.ipp_codes import FATES
from service.channels.press.jobs import read_answer
from service.channels.press.printer import KIND, Printer
from service.channels.press.printer_account import Params
from service.core.errors import Invalid
from service.core.model import Channel, Fate
from service.flows.ports import SendResult
from service.flows.providers import ProviderAccount, Url
from tests.channels.clouds.recorder import recording
from tests.channels.dispatches import AT, a_dispatch


def answer(status: int, *attributes: Attribute) -> bytes:
    """An answer is a request with a status in place of the operation, and its jobs behind."""
    written = bytearray(write(Operation.print_job, "ipp://x/y", (), job=attributes))
    written[2:4] = pack(">H", status)
    return bytes(written)


JOB = (
    Attribute(Tag.integer, "job-id", (7,)),
    Attribute(Tag.enum, "job-state", (5,)),
    Attribute(Tag.plain_name, "job-name", ("a1",)),
    Attribute(Tag.keyword, "job-state-reasons", ("none", "job-printing")),
    Attribute(Tag.boolean, "job-preserved", (True,)),
)


def test_a_job_is_read_as_it_was_written() -> None:
    reply = read(answer(0, *JOB))

    assert reply.ok
    assert ({"job-id": 7, "job-state": 5, "job-name": "a1", "job-state-reasons": "none", "job-preserved": True},) == (
        reply.jobs
    )


def test_a_request_begins_as_the_protocol_says() -> None:
    written = write(Operation.get_jobs, "ipp://x/y", [Attribute(Tag.integer, "limit", (2,))])

    assert b"\x01\x01\x00\x0a\x00\x00\x00\x01\x01\x47\x00\x12attributes-charset\x00\x05utf-8" == written[:37]
    assert written.endswith(b"\x21\x00\x05limit\x00\x04\x00\x00\x00\x02\x03")


def test_half_an_answer_is_none() -> None:
    whole = answer(0, *JOB)

    for length in range(len(whole)):
        with pytest.raises(Invalid):
            read(whole[:length])


def test_every_error_of_the_protocol_means_something_and_any_other_raises_an_alarm() -> None:
    assert set(range(0x0400, 0x0413)) | set(range(0x0500, 0x050A)) == set(FATES)
    assert unmapped("ipp_04ff") == read_answer(Reply(0x04FF, ()))
    assert not_taken("busy", Fate.throttled_account) == read_answer(Reply(0x0507, ()))
    assert refused("format_error") == read_answer(Reply(0x0411, ()))
    assert unsure("device_error") == read_answer(Reply(0x0504, ()))
    assert unsure("no_job") == read_answer(Reply(0, ()))


@pytest.mark.parametrize(
    ("said", "result"),
    [
        ((200, answer(0, *JOB)), accepted("7")),
        ((200, answer(0, *JOB)[:-9]), unsure("unreadable")),
        ((200, b"<html>"), unsure("unreadable")),
        ((401, b""), not_taken("http_401", Fate.provider_unavailable)),
        ((500, b""), unsure("http_500")),
    ],
)
async def test_a_printer_that_misbehaves_is_not_believed(said: Any, result: SendResult, tmp_path: Any) -> None:
    with recording(said, content_type="application/ipp") as printing:
        account = ProviderAccount("press", KIND, Params(url=Url(f"{printing.url}/p")), frozenset({Channel.letter}))
        printer = Printer(Site(account, lambda: AT, 5, lambda *_: b"%PDF", tmp_path))

        assert result == await printer.send(a_dispatch(Channel.letter))
        await printer.close()

"""What became of letters, told in files: each step a receipt, once, and what cannot be read keeps nothing else back."""

from pathlib import Path

import orjson
import pytest

from service.channels import print_house
from service.channels.adapter import Site
from service.channels.press.tracking import LINES_MAX, pieces, read_tracking
from service.channels.signature import sign
from service.core.errors import Invalid, Unavailable
from service.core.model import Channel, Outcome
from service.flows.ports import Receipt
from service.flows.providers import Callback, ProviderAccount, Secret
from tests.channels.dispatches import AT, a_dispatch

AT_SIX = "2025-11-24T18:00:00+08:00"


def line(status: str, letter: str | None = "a1", tracking: str | None = None, at: str = AT_SIX) -> bytes:
    told = {"letter": letter, "status": status, "at": at, "tracking": tracking}
    return orjson.dumps({name: value for name, value in told.items() if value})


def told(content: bytes, *, is_csv: bool = False) -> list[Receipt]:
    return [receipt for piece in pieces(content, is_csv=is_csv) for receipt in read_tracking("press", piece.body)]


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("printed", Outcome.sent),
        ("posted", Outcome.sent),
        ("in_transit", Outcome.sent),
        ("delivered", Outcome.delivered),
        ("refused", Outcome.returned),
        ("returned", Outcome.returned),
        ("failed", Outcome.failed),
    ],
)
def test_each_step_of_a_letter_has_its_outcome(status: str, outcome: Outcome) -> None:
    [receipt] = told(line(status, tracking="XA12345678933"))

    assert ("a1", "XA12345678933", outcome) == (receipt.attempt, receipt.provider_ref, receipt.outcome)
    assert f"{status} XA12345678933" == receipt.text
    assert 1_763_978_400_000_000 == receipt.at


def test_a_csv_says_the_same_as_json() -> None:
    table = f"\ufeffletter,status,at,tracking\r\na1,posted,{AT_SIX},XA1\r\n,delivered,{AT_SIX},XA1\r\n".encode()

    assert told(line("posted", tracking="XA1") + b"\n" + line("delivered", None, "XA1")) == told(table, is_csv=True)


def test_the_same_step_is_the_same_event_and_another_is_another() -> None:
    events = [each.event for each in told(b"\n".join([line("posted"), line("posted"), line("delivered")]))]

    assert events[0] == events[1] != events[2]


@pytest.mark.parametrize(
    "spoilt",
    [
        b"nonsense",
        b"[]",
        line("lost_at_sea"),
        line("posted", None),
        line("posted", at="2025-11-24 18:00"),
        b'{"status":"posted","letter":7,"at":"2025-11-24T18:00:00Z"}',
    ],
)
def test_a_line_that_cannot_be_read_is_kept_apart_from_the_others(spoilt: bytes) -> None:
    found = list(pieces(b"\n".join([line("posted"), spoilt, line("delivered")]), is_csv=False))

    assert [1, 2] == [len(piece.body.splitlines()) for piece in found]
    with pytest.raises(Invalid):
        read_tracking("press", found[0].body)
    assert 2 == len(read_tracking("press", found[1].body))


def test_a_long_file_is_stored_in_pieces() -> None:
    content = b"\n".join(line("posted", f"a{n}") for n in range(LINES_MAX + 1))

    assert [LINES_MAX, 1] == [len(piece.body.splitlines()) for piece in pieces(content, is_csv=False)]


class Listening:
    def __init__(self) -> None:
        self.heard: list[Callback] = []
        self.deaf = False

    async def hear(self, callback: Callback) -> None:
        if self.deaf:
            raise Unavailable("the store is in trouble")
        self.heard.append(callback)


def house(spool: Path, listening: Listening, **params: object) -> print_house.PrintHouse:
    account = ProviderAccount("press", print_house.KIND, print_house.Params(**params), frozenset({Channel.letter}))
    return print_house.PrintHouse(Site(account, lambda: AT, 5, lambda *_: b"%PDF", spool, hear=listening.hear))


async def test_a_file_beside_the_manifest_is_taken_in_once(tmp_path: Path) -> None:
    listening = Listening()
    press = house(tmp_path, listening, look_every_s=60)
    result = await press.send(a_dispatch(Channel.letter))
    [day] = tmp_path.iterdir()
    (day / "tracking-1.jsonl").write_bytes(line("posted", tracking="XA1") + b"\n")
    for _ in range(2):
        await press.look()

    assert (True, None) == (result.awaits, result.provider_ref)
    [callback] = listening.heard
    assert ["a1"] == [receipt.attempt for receipt in press.read(callback).receipts]
    assert ["tracking-1.jsonl.taken"] == [file.name for file in day.glob("tracking*")]


async def test_a_file_that_is_still_written_waits(tmp_path: Path) -> None:
    listening = Listening()
    press = house(tmp_path, listening, look_every_s=60)
    (tmp_path / "2025-11-24").mkdir()
    (tmp_path / "2025-11-24/tracking.csv").write_text("letter,status,at\na1,post")
    await press.look()

    assert [] == listening.heard


async def test_a_file_that_could_not_be_stored_is_taken_in_later(tmp_path: Path) -> None:
    listening = Listening()
    press = house(tmp_path, listening, look_every_s=60)
    (tmp_path / "2025-11-24").mkdir()
    (tmp_path / "2025-11-24/tracking.jsonl").write_bytes(line("posted") + b"\n")
    listening.deaf = True
    with pytest.raises(Unavailable):
        await press.look()
    listening.deaf = False
    await press.look()

    assert 1 == len(listening.heard)


async def test_rounds_look_again_whatever_went_wrong(tmp_path: Path) -> None:
    listening = Listening()
    listening.deaf = True
    press = house(tmp_path, listening, look_every_s=60)
    (tmp_path / "2025-11-24").mkdir()
    (tmp_path / "2025-11-24/tracking.jsonl").write_bytes(line("posted") + b"\n")
    await press._rounds.once()
    listening.deaf = False
    await press._rounds.once()
    await press.start()
    await press.close()

    assert 1 == len(listening.heard)


async def test_a_print_house_may_call_and_put_down_files_too(tmp_path: Path) -> None:
    press = house(tmp_path, Listening(), look_every_s=60, secret=Secret(b"print house and us"))
    body = orjson.dumps({"events": [{"event": "e1", "status": "posted", "at_us": AT, "id": "a1"}]})
    called = Callback(body, headers=dict(sign(b"print house and us", AT, body)), path="/v1/receipts/press")
    press.check(called)

    assert ["e1"] == [receipt.event for receipt in press.read(called).receipts]

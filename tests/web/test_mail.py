"""E-mail at the real door: sent to a real server, and whatever comes back binds the next decision."""

import asyncio
import email
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.policy import default
from pathlib import Path

import pytest

from service.channels.mail.smtp import Mail
from service.channels.marks import Use, mark
from service.flows.hearing import READ_AT_ONCE_BYTES
from service.flows.ports import Told
from service.flows.providers import Callback
from service.web import unsubscribe
from service.wiring import Shelf
from tests.channels.mail.relay import Sink, listening
from tests.channels.mail.test_reports import answer, bounce, complaint

from .front import Web, request_body
from .routed import routed

KEY = b"the key of the marks"
SEGMENT = "nobody-guesses-this-one"
GENEROUS_S = 60
PUBLIC = "https://gateway.example"
DOOR = f"/v1/receipts/mail/{SEGMENT}"

ROUTES = f"""
providers:
  mail:
    kind: smtp
    host: 127.0.0.1
    port: PORT
    security: none
    sender: service@bank.example
    sender_name: 某某农商银行
    bounces_to: bounces@mail.bank.example
    mark_key_file: marks.key
    public_url: {PUBLIC}
    callback_secret_file: segment.secret
routes:
  email: mail
"""


def an_email(**more):
    address = {"value": "Zhang.San@example.com", "kind": "email", "provenance": "contract"}
    return request_body(channel="email", address=address, **more)


@asynccontextmanager
async def served(data_dir: Path, shelf: Shelf, folder: Path, sink: Sink) -> AsyncIterator[Web]:
    async with listening(sink) as port, sending_by(port, data_dir, shelf, folder) as front:
        yield front


@asynccontextmanager
async def sending_by(port: int, data_dir: Path, shelf: Shelf, folder: Path) -> AsyncIterator[Web]:
    """A gateway whose relay listens on this port; on a busy machine it is slow, and no test here is about that."""
    secrets = {"marks.key": KEY, "segment.secret": SEGMENT}
    patient = {"GATEWAY_SEND_TIMEOUT_S": "100", "GATEWAY_LEASE_S": "200"}
    async with routed(ROUTES.replace("PORT", str(port)), secrets, data_dir, shelf, folder, **patient) as front:
        yield front


async def sent(web: Web) -> str:
    posted = await web.post("/v1/contact-requests", an_email())
    assert posted.status_code == 202, posted.text
    await web.dispatch()
    return str((await web.rows("attempts"))[0]["id"])


async def refused(web: Web) -> list[str]:
    """The rules against the next one."""
    told = (await web.post("/v1/contact-requests", an_email(reference="coll-20261123-000002"))).json()
    return [each["rule"] for each in told["decision"]["verdicts"] if each["effect"] == "deny"]


async def test_a_bounce_for_good_bars_the_address_at_the_next_decision(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    sink = Sink()
    async with served(data_dir, shelf, tmp_path, sink) as web:
        attempt = await sent(web)
        path = sink.taken[0].mail_from
        told = [await web.http.post(DOOR, content=bounce("failed", "5.1.1", to=path)) for _ in range(2)]
        guessed = await web.http.post("/v1/receipts/mail/guessed", content=b"x")

        assert [200, 200, 404] == [each.status_code for each in (*told, guessed)]
        assert [("email", "invalid_address")] == [
            (row["channel"], row["reason"]) for row in await web.rows("suppressions")
        ]
        assert ["undelivered"] == [row["outcome"] for row in await web.rows("attempts")]
        assert "house/suppression" in await refused(web)
    assert attempt in (path or "")


async def test_a_complaint_bars_the_channel_at_the_next_decision(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    sink = Sink()
    async with served(data_dir, shelf, tmp_path, sink) as web:
        await sent(web)
        headers = bytes(sink.taken[0].content).split(b"\r\n\r\n")[0].decode()
        told = await web.http.post(DOOR, content=complaint("abuse", headers))

        assert 200 == told.status_code
        assert "house/suppression" in await refused(web)


async def test_one_click_unsubscribes_and_to_look_does_not(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    sink = Sink()
    async with served(data_dir, shelf, tmp_path, sink) as web:
        await sent(web)
        message = email.message_from_bytes(bytes(sink.taken[0].content), policy=default)
        found = re.fullmatch(rf"<{PUBLIC}(/v1/unsubscribe/mail/\S+)>", message["List-Unsubscribe"])
        assert found is not None
        looked = [await web.http.get(found[1], headers={"accept-language": language}) for language in ("zh", "en")]
        assert [] == await web.rows("suppressions")
        form = {"content-type": "application/x-www-form-urlencoded"}
        clicked = [await web.http.post(found[1], content=b"List-Unsubscribe=One-Click", headers=form) for _ in range(2)]
        forged = await web.http.post(found[1][:-1] + "x", content=b"List-Unsubscribe=One-Click", headers=form)

        assert [200, 200, 200, 200, 404] == [each.status_code for each in (*looked, *clicked, forged)]
        assert [True, True] == ["退订" in looked[0].text, "Unsubscribe" in looked[1].text]
        assert [("email", "opt_out")] == [(row["channel"], row["reason"]) for row in await web.rows("suppressions")]
        assert "house/suppression" in await refused(web)


@pytest.mark.parametrize("word", ["退订", "STOP"])
async def test_a_stop_written_back_from_any_address_bars_the_one_that_was_written_to(
    data_dir: Path, shelf: Shelf, tmp_path: Path, word: str
) -> None:
    async with served(data_dir, shelf, tmp_path, Sink()) as web:
        attempt = await sent(web)
        reply = answer(word, headers=f"In-Reply-To: <{mark(KEY, attempt)}@bank.example>\n")
        told = await web.http.post(f"/v1/inbound/mail/{SEGMENT}", content=reply.replace(b"Zhang.San", b"another"))

        assert 200 == told.status_code
        assert "house/suppression" in await refused(web)


async def test_while_a_long_e_mail_is_read_others_are_served(
    data_dir: Path, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, begun, others_served = asyncio.get_running_loop(), asyncio.Event(), threading.Event()
    meanwhile: list[bool] = []

    def read(self: Mail, callback: Callback) -> Told:
        loop.call_soon_threadsafe(begun.set)
        meanwhile.append(others_served.wait(GENEROUS_S))
        return Told()

    async with served(data_dir, shelf, tmp_path, Sink()) as web:
        monkeypatch.setattr(Mail, "read", read)
        long = answer("x" * (READ_AT_ONCE_BYTES + 1))
        async with asyncio.TaskGroup() as both:
            posted = both.create_task(web.http.post(f"/v1/inbound/mail/{SEGMENT}", content=long))
            await asyncio.wait_for(begun.wait(), GENEROUS_S)
            ready = await web.http.get("/readyz")
            others_served.set()

    assert [True] == meanwhile
    assert [200, 200] == [ready.status_code, posted.result().status_code]


async def test_a_bounce_that_no_program_can_read_is_kept_aside(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    sink = Sink()
    async with served(data_dir, shelf, tmp_path, sink) as web:
        await sent(web)
        raw = f"From: MAILER-DAEMON@mx.example\nTo: {sink.taken[0].mail_from}\n\nHi. This is the qmail-send program."
        told = await web.http.post(DOOR, content=raw.encode())

        assert 200 == told.status_code
        assert ["aside"] == [row["state"] for row in await web.rows("heard")]
        assert 1 == len(await web.rows("entries", kind="receipt.kept_aside"))


async def test_nobody_sends_us_much_at_the_link_nor_anything_without_it(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 1024

    async with served(data_dir, shelf, tmp_path, Sink()) as web:
        link = mark(KEY, await sent(web), Use.unsubscribe)
        forged = await web.http.post(f"/v1/unsubscribe/mail/{link[:-1]}x", content=endless())
        long = await web.http.post(f"/v1/unsubscribe/mail/{link}", content=endless())

        assert [404, 413] == [forged.status_code, long.status_code]
        assert [] == await web.rows("suppressions")


async def test_who_takes_his_time_at_the_link_is_not_waited_for(
    data_dir: Path, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow() -> AsyncIterator[bytes]:
        yield b"List-"
        await asyncio.Event().wait()

    monkeypatch.setattr(unsubscribe, "CALLBACK_WITHIN_S", 0.01)
    async with served(data_dir, shelf, tmp_path, Sink()) as web:
        link = mark(KEY, await sent(web), Use.unsubscribe)
        told = await asyncio.wait_for(web.http.post(f"/v1/unsubscribe/mail/{link}", content=slow()), GENEROUS_S)

        assert 400 == told.status_code
        assert [] == await web.rows("suppressions")

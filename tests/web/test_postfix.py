"""E-mail by a real Postfix at the real door: the notices that it writes end attempts, and bar addresses."""

from pathlib import Path

from service.wiring import Shelf
from tests.channels.mail.postfix import postfix, table, unpacked
from tests.channels.mail.relay import Sink, listening

from .test_mail import DOOR, refused, sending_by, sent


async def test_what_the_next_server_says_to_postfix_binds_the_next_decision(
    data_dir: Path, shelf: Shelf, tmp_path: Path
) -> None:
    root, notices, gone = unpacked(), Sink(), Sink(answers={"RCPT": "550 5.1.1 no such user"})
    async with listening(gone) as next_hop, listening(notices) as port:
        with postfix(root, {"example.com": next_hop, "mail.bank.example": port}) as relay:
            async with sending_by(relay.port, data_dir, shelf, tmp_path) as web:
                attempt = await sent(web)
                (notice,) = await notices.wait_for(1)
                before = [row["outcome"] for row in await web.rows("attempts")]
                told = [await web.http.post(DOOR, content=bytes(notice.content)) for _ in range(2)]

                assert [200, 200] == [each.status_code for each in told]
                assert (["sent"], [(attempt, "undelivered")]) == (
                    before,
                    [(row["id"], row["outcome"]) for row in await web.rows("attempts")],
                )
                assert [("email", "invalid_address")] == [
                    (row["channel"], row["reason"]) for row in await web.rows("suppressions")
                ]
                assert "house/suppression" in await refused(web)


async def test_a_notice_of_delivery_makes_the_attempt_delivered(data_dir: Path, shelf: Shelf, tmp_path: Path) -> None:
    root, notices = unpacked(), Sink()
    boxes = {
        "virtual_mailbox_domains": "example.com",
        "virtual_mailbox_maps": table({"zhang.san@example.com": "zhang/"}),
    }
    async with listening(notices) as port:
        with postfix(root, {"mail.bank.example": port}, **boxes) as relay:
            async with sending_by(relay.port, data_dir, shelf, tmp_path) as web:
                attempt = await sent(web)
                (notice,) = await notices.wait_for(1)
                await web.http.post(DOOR, content=bytes(notice.content))

                assert [(attempt, "delivered")] == [(row["id"], row["outcome"]) for row in await web.rows("attempts")]

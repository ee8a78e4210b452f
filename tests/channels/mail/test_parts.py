"""E-mails taken apart: what an honest program wrote is read as the library reads it."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.mail.parts import blocks, opened, walk

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=200)


def written(text: str, **how: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "a@example.com"
    message.set_content(text, **how)
    return message


@given(TEXT, st.sampled_from(["base64", "quoted-printable", "8bit"]), TEXT, st.booleans())
def test_text_is_what_was_written_whatever_carried_it(text: str, cte: str, html: str, attached: bool) -> None:
    message = written(text, cte=cte)
    message.add_alternative(html, subtype="html", cte="base64")
    if attached:
        message.add_attachment(b"\x00" * 99, maintype="image", subtype="png")

    plain, styled, *more = [each for each in walk(opened(message.as_bytes())) if not each.kind.startswith("multipart")]

    assert (text.strip("\n"), html.strip("\n")) == (plain.text.strip("\n"), styled.text.strip("\n"))
    assert [True] * attached == [each.attached for each in more]


@pytest.mark.parametrize("charset", ["gb2312", "gbk", "GB18030", "utf-8", "big5", "utf-16"])
def test_a_charset_of_old_programs_is_known(charset: str) -> None:
    body = "退订" if charset != "big5" else "退訂"
    raw = f"Content-Type: text/plain; charset={charset}\n\n".encode() + body.encode(charset)

    assert body == opened(raw).text


@pytest.mark.parametrize("charset", ["punycode", "idna", "unicode_escape", "hex", "nonsense", ""])
def test_what_is_no_charset_is_read_as_utf_8(charset: str) -> None:
    assert "退订" == opened(f"Content-Type: text/plain; charset={charset}\n\n退订".encode()).text


@pytest.mark.parametrize("ending", [b"\r\n", b"\n", b"\r"])
def test_lines_may_end_in_any_way(ending: bytes) -> None:
    raw = b"From: a@b.c\nX-Folded: one\n two\nFrom: second@b.c\n\nbody".replace(b"\n", ending)

    assert {"from": "a@b.c", "x-folded": "one two"} == opened(raw).fields


def test_the_line_that_a_local_delivery_puts_first_is_no_field() -> None:
    raw = b"From a@b.c Mon Nov 30 10:00:00 2026\nReturn-Path: <>\nFrom: a@b.c\n\nx"

    assert {"return-path": "<>", "from": "a@b.c"} == opened(raw).fields


def test_base64_that_lost_its_padding_loses_no_letter() -> None:
    raw = b"Content-Transfer-Encoding: Base64\n\nU1RP\nUA"

    assert "STOP" == opened(raw).text


def test_a_boundary_that_begins_another_is_not_that_one() -> None:
    raw = b"Content-Type: multipart/mixed; boundary=b\n\n--bb\n\nno\n--b\n\nyes\n--b--\n\n--b\n\nafter the end\n"

    assert ["yes"] == [each.text.strip() for each in opened(raw).inside()]


def test_an_e_mail_within_an_e_mail_is_not_opened() -> None:
    raw = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: x@y\n\nSTOP\n--b--\n"
    )

    assert ["multipart/mixed", "message/rfc822"] == [each.kind for each in walk(opened(raw))]


def test_blocks_of_fields_are_apart_by_empty_lines() -> None:
    assert [{"a": "1", "b": "2 3"}, {"c": "4"}] == blocks("\nA: 1\nB: 2\n 3\n\n \nC: 4\n\n")

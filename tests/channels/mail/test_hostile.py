"""Anybody may write to us: whatever comes, it is read or refused, and in time that grows with its length alone."""

import contextlib
import subprocess
import sys
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.mail import parts
from service.channels.mail.parts import opened, walk
from service.channels.mail.reports import read_reply, read_report
from service.core.errors import Invalid
from tests.channels.dispatches import AT

KEY = b"k" * 32
GENEROUS_S = 120
MEGABYTE = 1_000_000

SHAPES = {
    "a sender of commas": (b"From: ", b"a,", b""),
    "a sender of dots": (b"From: ", b"a.", b"@x"),
    "a sender of quotes, folded": (b"From: ", b'"\n ', b""),
    "a sender of a hundred kilobytes": (b"From: " + b"a@" * 50_000 + b"\n\n", b"x", b""),
    "a type of parameters": (b"Content-Type: text/plain; ", b"a=b; ", b""),
    "a type of quotes": (b"Content-Type: text/plain; " + b'a="' * 30_000 + b"\n\n", b"x", b""),
    "a subject of encoded words": (b"Subject: " + b"=?utf-8?b?" * 10_000 + b"\n\n", b"", b""),
    "fields and nothing else": (b"", b"a:b\n", b""),
    "empty lines": (b"", b"\n", b""),
    "parts beside parts": (b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n\nx\n", b""),
    "parts in parts": (b"", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n", b""),
    "parts with long types": (
        b"Content-Type: multipart/mixed; boundary=b\n\n",
        b"--b\nContent-Type: text/html; " + b"a=b; " * 200 + b"\n\n\n",
        b"",
    ),
    "boundaries with blanks": (
        b"Content-Type: multipart/mixed; boundary=b\n\n",
        b"--b" + b" " * 1000 + b"x\n",
        b"",
    ),
    "quoted lines": (b"\n", b">\n", b""),
    "lines that seem to introduce": (b"\n", b"wrote" * 79 + b":\n", b""),
    "lines of dashes": (b"\n", b"-" * 398 + b"x\n", b""),
    "tags": (b"Content-Type: text/html\n\n", b"<p>", b""),
    "tags that never end": (b"Content-Type: text/html\n\n", b"<", b""),
    "comments that never end": (b"Content-Type: text/html\n\n", b"<!--", b""),
    "styles that never end": (b"Content-Type: text/html\n\n", b"<style>", b""),
    "entities": (b"Content-Type: text/html\n\n", b"&amp", b""),
    "a codec that is no charset": (b"Content-Type: text/plain; charset=punycode\n\n", b"a", b""),
    "marks that are none of ours": (b"\n", b"a_0.0123456789abcdef ", b""),
    "a report on everybody": (
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n",
        b"Action: failed\n\n",
        b"",
    ),
}


def megabyte(shape: str) -> bytes:
    first, again, last = SHAPES[shape]
    body = first + again * (MEGABYTE // len(again) if again else 1) + last
    return b"Message-ID: <1@x>\n" + (b"" if first.startswith(b"From") else b"From: a@example.com\n") + body


def read_or_refused(raw: bytes) -> bool:
    """At both doors; whatever else is raised fails the test."""
    for read in (read_reply, read_report):
        with contextlib.suppress(Invalid):
            read("mail", KEY, raw, AT)
    return True


def read_all() -> None:
    """Called in a process of its own, which can be given up."""
    for shape in SHAPES:
        read_or_refused(megabyte(shape))


def test_a_megabyte_of_any_shape_is_read_or_refused() -> None:
    code = f"from {__name__} import read_all; read_all()"

    done = subprocess.run([sys.executable, "-c", code], check=False, timeout=GENEROUS_S)

    assert done.returncode == 0


@pytest.mark.parametrize("shape", SHAPES)
def test_the_library_is_given_little_of_it(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given_to_it: list[int] = []

    class Counted(Message):
        def __setitem__(self, name: str, value: str) -> None:
            given_to_it.append(len(value))
            super().__setitem__(name, value)

    monkeypatch.setattr(parts, "Message", Counted)
    for read in (read_reply, read_report):
        given_to_it.clear()
        with contextlib.suppress(Invalid):
            read("mail", KEY, megabyte(shape), AT)

        assert all(length <= parts.TYPE_MAX for length in given_to_it)
        assert len(given_to_it) <= 20 * parts.PARTS_MAX


@given(
    st.binary(max_size=300), st.sampled_from(["", "multipart/report; boundary=b", "text/html", "text/plain; charset=x"])
)
def test_any_bytes_are_read_or_refused(raw: bytes, kind: str) -> None:
    for whole in (raw, b"From: a@b.c\nContent-Type: " + kind.encode() + b"\n\n--b\n" + raw):
        assert read_or_refused(whole)


FIELDS = st.text("aé:;=\"'<>@,()?*\\ \n\t", max_size=60)


@given(FIELDS, FIELDS, FIELDS)
def test_any_fields_are_read_or_refused(sender: str, kind: str, subject: str) -> None:
    assert read_or_refused(f"From: {sender}\nSubject: {subject}\nContent-Type: text/plain; {kind}\n\nx".encode())


def test_as_many_parts_are_looked_at_as_an_honest_e_mail_has() -> None:
    for shape in ("parts beside parts", "parts in parts"):
        assert len(list(walk(opened(megabyte(shape))))) <= parts.PARTS_MAX

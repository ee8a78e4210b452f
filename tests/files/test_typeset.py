"""Letters as PDF: the text can be read out, the same letter is the same bytes, and what cannot be set is refused."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import pypdf
import pytest

from service.core.model import AddressKind, Channel, Instant
from service.core.rendering import Message
from service.core.variables import RenderingError
from service.files.typeset import LetterSetter, address_lines
from service.flows.ports import Envelope, Recipient
from tests.files.catalogue import EVERY, context, render

AT = Instant(1_795_500_000_000_000)  # 2026-11-24 14:00 in Shanghai
PLACE = {
    "lines": ["婺城区人民东路1号", "阳光小区3幢2单元501室"],
    "city": "金华市",
    "region": "浙江省",
    "postcode": "321000",
    "country": "CN",
}
LETTERS = [(name, locale) for name, channel, locale in EVERY if channel is Channel.letter]


@cache
def setter() -> LetterSetter:
    return LetterSetter("Asia/Shanghai")


def recipient(name: str | None = "张三", **changed: Any) -> Recipient:
    return Recipient(name, AddressKind.postal, json.dumps({**PLACE, **changed}, ensure_ascii=False))


def read(pdf: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf))


def words(pdf: bytes) -> str:
    """All text without its blanks: the typesetter puts air between Chinese and Latin."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in read(pdf).pages))


def letter(name: str = "overdue-notice", locale: str = "zh-CN", **values: object) -> Message:
    return render(name, Channel.letter, locale, **values)


def from_a_sender(sender: str, name: str = "overdue-notice", locale: str = "zh-CN") -> Message:
    """A letter that somebody else signs and seals, such as a law firm of any name."""
    message = letter(name, locale)
    sealed = f"{sender}\n（盖章）"
    return message._replace(parts=tuple(p._replace(text=sealed) if p.name == "seal" else p for p in message.parts))


@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_every_word_of_a_letter_is_in_its_pdf(name: str, locale: str) -> None:
    message = letter(name, locale)
    said = words(setter()(message, recipient(), AT))

    for part in message.parts:
        for line in (part.heading, *part.text.splitlines()):
            assert re.sub(r"\s+", "", line) in said
    assert re.sub(r"\s+", "", "2026年11月24日" if locale == "zh-CN" else "24 November 2026") in said


def test_the_same_letter_is_the_same_bytes_even_from_another_typesetter() -> None:
    message, to = letter(), recipient()

    first = setter()(message, to, AT)
    assert first == setter()(message, to, AT)
    assert first == LetterSetter("Asia/Shanghai")(message, to, AT)
    assert first != setter()(letter(amount_due="1.00"), to, AT)


def test_letters_are_set_one_at_a_time_however_many_ask() -> None:
    message, to = letter(), recipient()

    with ThreadPoolExecutor(4) as pool:
        pdfs = set(pool.map(lambda _: setter()(message, to, AT), range(12)))
    assert 1 == len(pdfs)


@pytest.mark.parametrize(
    "hostile", ['#import "x" $a$ *b*', "#panic()", "\\u{41} _a_ `b` @c <d>", "= 一 #eval(1)", "//x /*y*/"]
)
def test_markup_in_a_name_or_value_is_printed_literally(hostile: str) -> None:
    message = render("overdue-notice", Channel.letter, facts=context(name=hostile), product_name=hostile)
    said = words(setter()(message, recipient(hostile, lines=[hostile]), AT))

    assert 4 <= said.count(re.sub(r"\s+", "", hostile))


def test_the_same_letter_is_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.files.test_typeset import *; "
        "print(hashlib.sha256(setter()(letter(), recipient(), AT)).hexdigest())"
    )
    environment = {"PATH": os.defpath, "PYTHONHASHSEED": "7", "TZ": "America/New_York", "LC_ALL": "C"}
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment, timeout=60
    )

    assert hashlib.sha256(setter()(letter(), recipient(), AT)).hexdigest() == said.stdout.strip()


def test_an_address_that_does_not_fit_is_refused_and_not_repeated() -> None:
    with pytest.raises(RenderingError) as caught:
        setter()(letter(), recipient(lines=["秘密街道" * 25] * 6), AT)

    assert ("address.value", "too_long") == (caught.value.field, caught.value.reason)
    assert "秘密" not in str(caught.value)


@pytest.mark.parametrize("character", ["😀", "\U00020bb7", "ع", "\u0e01"])
def test_a_character_that_the_typeface_lacks_is_refused_rather_than_left_out(character: str) -> None:
    with pytest.raises(RenderingError) as caught:
        setter()(letter(product_name=f"甲{character}"), recipient(), AT)

    assert "character" == caught.value.reason
    assert character not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_letter_is_seen_to_be_fit_without_being_set() -> None:
    class Unused(LetterSetter):
        def _compile(self, inputs: dict[str, str], timestamp: int) -> bytes:
            raise AssertionError("set")

    for name, locale in LETTERS:
        Unused("Asia/Shanghai").check(letter(name, locale), recipient(), Envelope)


@pytest.mark.parametrize(
    ("message", "to", "field"),
    [
        (letter(), recipient("\U00020bb7野"), "party.name"),
        (letter(), recipient(lines=["\U00020bb7野路1号"]), "address.value"),
        (letter(product_name="甲😀"), recipient(), "variables"),
        (letter(), recipient(lines=["秘密街道" * 25] * 6), "address.value"),
        (letter(), recipient(lines=["A" * 60], country="GB"), "address.value"),
        (from_a_sender("示例银行" * 40), recipient(), "variables"),
        (from_a_sender("A" * 200), recipient(), "variables"),
    ],
)
def test_a_letter_that_could_not_be_set_is_refused_before(message: Message, to: Recipient, field: str) -> None:
    with pytest.raises(RenderingError) as caught:
        setter().check(message, to, [Envelope.din_b])

    assert field == caught.value.field


def test_an_address_may_fit_one_window_and_not_another() -> None:
    to = recipient(lines=["很长的街道名称" * 8, "很长的小区名称" * 8])

    setter().check(letter(), to, [Envelope.din_b])
    with pytest.raises(RenderingError):
        setter().check(letter(), to, [Envelope.din_b, Envelope.gb_c5])


def test_the_seal_is_drawn_where_one_is_given() -> None:
    ring = '<circle cx="5" cy="5" r="4" fill="none" stroke="#d00"/>'
    seal = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{ring}</svg>'
    sealed = LetterSetter("Asia/Shanghai", seal_svg=seal)

    assert sealed(letter(), recipient(), AT) != setter()(letter(), recipient(), AT)
    assert words(sealed(letter(), recipient(), AT)) == words(setter()(letter(), recipient(), AT))


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (PLACE, ["321000", "浙江省金华市婺城区人民东路1号", "阳光小区3幢2单元501室", "张三（收）"]),
        (
            {"lines": ["长安街1号"], "city": "北京市", "region": "北京市", "postcode": "100000", "country": "CN"},
            ["100000", "北京市长安街1号", "张三（收）"],
        ),
        ({"lines": ["村口1号"]}, ["村口1号", "张三（收）"]),
        (
            {"lines": ["1 High Street"], "city": "London", "postcode": "SW1A 1AA", "country": "GB"},
            ["张三", "1 High Street", "London SW1A 1AA", "UNITED KINGDOM"],
        ),
        ({"lines": ["1 Main St"], "city": "Springfield"}, ["张三", "1 Main St", "Springfield"]),
    ],
)
def test_an_address_is_written_as_its_post_reads_it(place: dict[str, Any], expected: list[str]) -> None:
    assert expected == address_lines(Recipient("张三", AddressKind.postal, json.dumps(place)))


def test_the_typesetter_is_loaded_with_the_first_letter_and_not_before() -> None:
    code = "import sys, service.files.typeset, service.files.templates; sys.exit('typst' in sys.modules)"

    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode

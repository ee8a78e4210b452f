"""Letters as PDF: the type is embedded, the text can be read out, and the window shows the address alone."""

import io
import json
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
from service.files.typeset import LetterSetter, Window, address_lines
from service.flows.ports import Recipient
from tests.files.catalogue import EVERY, context, render

AT = Instant(1_795_500_000_000_000)  # 2026-11-24 14:00 in Shanghai
PLACE = {
    "lines": ["婺城区人民东路1号", "阳光小区3幢2单元501室"],
    "city": "金华市",
    "region": "浙江省",
    "postcode": "321000",
    "country": "CN",
}
MM = 72 / 25.4
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


def runs(page: pypdf.PageObject) -> list[tuple[float, float, str]]:
    """Each run of text with its place in millimetres from the upper left."""
    found: list[tuple[float, float, str]] = []
    height = float(page.mediabox.height)

    def visit(text: str, cm: list[float], tm: list[float], *_: object) -> None:
        if text.strip():
            x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
            found.append((x / MM, (height - y) / MM, text.strip()))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_every_word_of_a_letter_is_in_its_pdf(name: str, locale: str) -> None:
    message = letter(name, locale)
    said = words(setter()(message, recipient(), AT))

    for part in message.parts:
        for line in (part.heading, *part.text.splitlines()):
            assert re.sub(r"\s+", "", line) in said
    assert re.sub(r"\s+", "", "2026年11月24日" if locale == "zh-CN" else "24 November 2026") in said


@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_the_only_typeface_is_the_embedded_one(name: str, locale: str) -> None:
    fonts = []
    for page in read(setter()(letter(name, locale), recipient(), AT)).pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            fonts.append((descendant["/BaseFont"], descendant["/FontDescriptor"].get_object()))

    assert fonts
    assert all(re.fullmatch(r"/[A-Z]{6}\+NotoSerifSC-Regular(-Identity-H)?", name) for name, _ in fonts)
    assert all("/FontFile3" in descriptor for _, descriptor in fonts)


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


@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_nothing_but_the_address_is_in_the_window_or_near_it(name: str, locale: str) -> None:
    page = read(setter()(letter(name, locale), recipient(), AT)).pages[0]
    within = [text for x, y, text in runs(page) if x < 20 + 85 + 5 and 45 - 5 < y < 45 + 45 + 5]

    assert re.sub(r"\s+", "", "".join(address_lines(recipient()))) == re.sub(r"\s+", "", "".join(within))


def test_a_long_address_is_set_smaller_and_stays_in_the_window() -> None:
    lines = ["很长的街道名称" * 6, "很长的小区名称" * 6]
    page = read(setter()(letter(), recipient(lines=lines), AT)).pages[0]
    placed = [(x, y) for x, y, text in runs(page) if "很长" in text]

    assert len(placed) >= 4
    assert all(20 <= x <= 105 and 45 <= y <= 90 for x, y in placed)


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


def test_the_window_lies_where_the_print_house_says() -> None:
    low = LetterSetter("Asia/Shanghai", window=Window(top=60, height=30))
    page = read(low(letter(), recipient(), AT)).pages[0]
    address = [y for _, y, text in runs(page) if "阳光" in text]
    heading = [y for _, y, text in runs(page) if "关于账户" in text]

    assert all(60 < y < 90 for y in address)
    assert all(y > 95 for y in heading)


def test_the_seal_is_drawn_where_one_is_given() -> None:
    ring = '<circle cx="5" cy="5" r="4" fill="none" stroke="#d00"/>'
    seal = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{ring}</svg>'
    sealed = LetterSetter("Asia/Shanghai", seal_svg=seal)

    assert sealed(letter(), recipient(), AT) != setter()(letter(), recipient(), AT)
    assert words(sealed(letter(), recipient(), AT)) == words(setter()(letter(), recipient(), AT))


def test_the_pdf_names_its_standard_its_sender_and_nobody_else() -> None:
    pdf = setter()(letter(), recipient(), AT)

    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in pdf
    info = read(pdf).metadata
    assert info is not None
    assert "关于账户逾期欠款的通知" == info.title
    assert "张三" not in str(dict(info))


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

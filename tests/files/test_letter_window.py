"""
What a window envelope shows of a letter: the address, whole, and nothing that tells of a debt.

The measures are those of the standards, written here once more, and not those that the letter is laid out by.
"""

import re
from itertools import product
from typing import NamedTuple

import pypdfium2
import pytest

from service.core.rendering import Message
from service.files.typeset import address_lines
from service.flows.ports import Envelope, Recipient
from tests.files.test_typeset import AT, LETTERS, from_a_sender, letter, recipient, setter

MM = 72 / 25.4

DIN = {Envelope.din_b: (20, 45, 85, 45), Envelope.din_a: (20, 27, 85, 45)}
"""DIN 5008: left, top, width and height of the window, in millimetres of the sheet, which lies close."""

DIN_SURELY, DIN_PERHAPS = 3, 5
"""By how much the sheet may lie off: so far the whole address must be seen, and so far nothing else may be."""

GB = {Envelope.gb_dl: ((220, 110), (210, 99), 30), Envelope.gb_c5: ((229, 162), (210, 148.5), 40)}
"""GB/T 22585-2008: the envelope, the folded sheet that slides in it, and the window's distance from the top."""

GB_WINDOW, GB_LEFT, GB_LEFT_OFF, GB_TOP_OFF = (100, 40), 25, 2, 1.5

LONG_SENDERS = {
    "zh-CN": "示例省农村信用社联合社示例市农村商业银行股份有限公司信用卡中心贷后资产管理部",
    "en": "The Example Provincial Rural Commercial Bank Joint Stock Company Limited, Credit Card Centre, "
    "Post-Lending Collections",
}
LONG_NAME = "阿卜杜热合曼·穆罕默德伊敏·买买提艾力"


class Shown(NamedTuple):
    """What the window shows of the sheet in one of its positions, in millimetres from the sheet's upper left."""

    left: float
    top: float
    right: float
    bottom: float


def positions(envelope: Envelope, off: float) -> list[Shown]:
    """Every outermost position of the window over the sheet; `off` counts for the DIN windows alone."""
    if envelope in DIN:
        left, top, width, height = DIN[envelope]
        lefts, tops = [left - off, left + off], [top - off, top + off]
    else:
        (wide, high), (folded_width, folded_height), from_top = GB[envelope]
        width, height = GB_WINDOW
        slides_x, slides_y = (0, wide - folded_width), (0, high - folded_height)
        lefts = [GB_LEFT + d - x for d, x in product((-GB_LEFT_OFF, GB_LEFT_OFF), slides_x)]
        tops = [from_top + d - y for d, y in product((-GB_TOP_OFF, GB_TOP_OFF), slides_y)]
    return [
        Shown(max(x, 0), max(y, 0), x + width, y + height)
        for x, y in product((min(lefts), max(lefts)), (min(tops), max(tops)))
    ]


def surely(envelope: Envelope) -> Shown:
    """What is seen in every position."""
    shown = positions(envelope, DIN_SURELY)
    return Shown(
        max(s.left for s in shown), max(s.top for s in shown), min(s.right for s in shown), min(s.bottom for s in shown)
    )


def perhaps(envelope: Envelope) -> Shown:
    """All that is seen in one position or another."""
    shown = positions(envelope, DIN_PERHAPS)
    return Shown(
        min(s.left for s in shown), min(s.top for s in shown), max(s.right for s in shown), max(s.bottom for s in shown)
    )


def text_in(pdf: bytes, shown: Shown) -> str:
    """All text of the first page that stands within, without blanks."""
    page = pypdfium2.PdfDocument(pdf)[0]
    height = page.get_height()
    left, top, right, bottom = (side * MM for side in shown)
    return re.sub(r"\s+", "", page.get_textpage().get_text_bounded(left, height - bottom, right, height - top))


def ink_in(pdf: bytes, shown: Shown) -> Shown | None:
    """Where there is any ink within, of letters, lines or seals; None: it is blank."""
    page = pypdfium2.PdfDocument(pdf)[0]
    width, height = page.get_width(), page.get_height()
    left, top, right, bottom = (side * MM for side in shown)
    picture = page.render(scale=4 / MM, crop=(left, height - bottom, width - right, top), grayscale=True)
    rows = [bytes(picture.buffer)[y * picture.stride :][: picture.width] for y in range(picture.height)]
    inked = [(x, y) for y, row in enumerate(rows) for x, value in enumerate(row) if value < 250]
    if not inked:
        return None
    xs, ys = [x / 4 + shown.left for x, _ in inked], [y / 4 + shown.top for _, y in inked]
    return Shown(min(xs), min(ys), max(xs) + 0.25, max(ys) + 0.25)


def assert_only_the_address_is_shown(message: Message, to: Recipient, envelope: Envelope) -> None:
    pdf = setter()(message, to, AT, envelope)
    address = re.sub(r"\s+", "", "".join(address_lines(to)))
    least, found = surely(envelope), ink_in(pdf, perhaps(envelope))

    assert address == text_in(pdf, least)
    assert address == text_in(pdf, perhaps(envelope))
    assert found is not None
    assert least.left <= found.left and found.right <= least.right
    assert least.top <= found.top and found.bottom <= least.bottom


@pytest.mark.parametrize("envelope", Envelope)
@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_the_window_shows_the_address_and_nothing_else(name: str, locale: str, envelope: Envelope) -> None:
    assert_only_the_address_is_shown(letter(name, locale), recipient(), envelope)


@pytest.mark.parametrize("envelope", Envelope)
@pytest.mark.parametrize(("name", "locale"), LETTERS)
def test_names_of_any_length_show_nothing_more(name: str, locale: str, envelope: Envelope) -> None:
    message = from_a_sender(LONG_SENDERS[locale], name, locale)

    assert_only_the_address_is_shown(message, recipient(LONG_NAME), envelope)


@pytest.mark.parametrize("envelope", Envelope)
@pytest.mark.parametrize(
    "lines",
    [
        ["1号"],
        ["很长的街道名称" * 2, "很长的小区名称" * 2],
        ["很长的街道名称" * 5, "很长的小区名称" * 2],
        ["Donaudampfschifffahrtsgesellschaftskapitaensstrasse 7", "Floor 3"],
    ],
    ids=["short", "long", "longer", "a word that is not broken"],
)
def test_an_address_of_any_length_is_shown_whole(lines: list[str], envelope: Envelope) -> None:
    assert_only_the_address_is_shown(letter(), recipient(lines=lines), envelope)


@pytest.mark.parametrize("locale", LONG_SENDERS)
def test_a_long_sender_is_set_smaller_and_whole(locale: str) -> None:
    pdf = setter()(from_a_sender(LONG_SENDERS[locale], locale=locale), recipient(), AT, Envelope.din_a)
    above = text_in(pdf, Shown(0, 0, 210, perhaps(Envelope.din_a).top))

    assert re.sub(r"\s+", "", LONG_SENDERS[locale]) == above

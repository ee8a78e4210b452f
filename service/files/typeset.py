"""
Letters as PDF: one page design, one embedded typeface, the same bytes for the same letter.

What varies reaches the typesetter as JSON and is printed as it stands; nothing in a name or a variable is
ever read as markup. PDF/A-2b refuses a character that the typeface lacks, so no letter leaves with a blank
where a name should be. The library is heavy: it is imported with the first letter.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
from babel import Locale

from service.core.civil import local_datetime
from service.core.errors import Misconfigured
from service.core.model import Instant
from service.core.rendering import Message
from service.core.variables import Fault, RenderingError
from service.flows.ports import Envelope, Recipient

from .envelopes import WINDOWS, Window
from .template_style import Style
from .typeface import Typeface

if TYPE_CHECKING:
    import typst

_HAN = re.compile(r"[\u3400-\u9fff]")
_SOURCE = Path(__file__).with_name("letter.typ")
_ANY_DAY = Instant(0)
_CHARACTER = "character"

_EM = 8 / 72 * 25.4
"""The smallest size, 8 points, in millimetres."""

_TEXT_WIDTH = 165


class LetterSetter:
    """
    Sets letters; keeps the compiler with its fonts once it is made. Blocks: call it in a thread.

    `zone` gives the letter its date. `seal_svg` is the business seal as a drawing; without it the letter
    leaves a circle where it is to be stamped.
    """

    def __init__(self, zone: str, *, seal_svg: str | None = None) -> None:
        self._zone = zone
        self._seal_svg = seal_svg
        self._typeface: Typeface | None = None
        self._good = {"\n"}
        self._compiler: typst.Compiler | None = None
        self._one_at_a_time = threading.Lock()

    def __call__(
        self, message: Message, recipient: Recipient, at: Instant, envelope: Envelope = Envelope.din_b
    ) -> bytes:
        """
        Set one letter; the same arguments give the same bytes.

        `RenderingError` names `address.value` if the address does not fit the window, `variables` if the sender's name
        does not fit above it, and where a character is that the typeface lacks.
        """
        letter = self._letter(message, recipient, at) | {"window": WINDOWS[envelope]._asdict()}
        inputs = {"letter": orjson.dumps(letter).decode()}
        with self._one_at_a_time:
            try:
                return self._compile(inputs, at // 1_000_000)
            except RenderingError as refused:
                if refused.reason != _CHARACTER:
                    raise
                raise _lacks_a_character(self._where(recipient)) from None

    def check(self, message: Message, recipient: Recipient, envelopes: Iterable[Envelope]) -> None:
        """
        Raise what setting the letter would raise, for any of the envelopes.

        Nearly every letter is seen to be fit without being set: each character is in the typeface, and each line
        of the address and the sender fits in the smallest size as if every character were as wide as a Chinese one.
        """
        letter = self._letter(message, recipient, _ANY_DAY)
        doubtful = not self._has_all(_texts(letter)) or len(letter["sender"]) * _EM > _TEXT_WIDTH
        for envelope in envelopes:
            if doubtful or not _surely_fits(letter["address"], WINDOWS[envelope]):
                self(message, recipient, _ANY_DAY, envelope)

    def _where(self, recipient: Recipient) -> str:
        """Name the field that has a character that the typeface lacks."""
        if not self._has_all([recipient.name or ""]):
            return "party.name"
        return "variables" if self._has_all(address_lines(recipient)) else "address.value"

    def _has_all(self, texts: Iterable[str]) -> bool:
        if self._typeface is None:
            from pylopdf_fonts_zh_cn import serif_path

            self._typeface = Typeface(serif_path())
        asked = set().union(*texts) - self._good
        found = set(filter(self._typeface.has, asked))
        self._good |= found
        return found == asked

    def _compile(self, inputs: dict[str, str], timestamp: int) -> bytes:
        import typst
        from pylopdf_fonts_zh_cn import serif_path

        if self._compiler is None:
            fonts = [str(serif_path().parent)]
            self._compiler = typst.Compiler(str(_SOURCE), ignore_system_fonts=True, font_paths=fonts)
        try:
            pdf = self._compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=timestamp)
        except typst.TypstError as error:
            raise _refusal(str(error)) from None
        if not isinstance(pdf, bytes):
            raise Misconfigured("the typesetter gave no document")
        return pdf

    def _letter(self, message: Message, recipient: Recipient, at: Instant) -> dict[str, Any]:
        signed = message.part("seal").split("\n")
        return {
            "lang": message.locale.split("-")[0],
            # Whoever signs and seals is the sender: the lender, or the law firm that writes for it.
            "sender": signed[0],
            "address": address_lines(recipient),
            "subject": message.subject or "",
            "parts": [part._asdict() for part in message.parts if part.name not in ("subject", "seal")],
            "signed": signed,
            "date": _style(message.locale).day(local_datetime(self._zone, at).date()),
            "seal": self._seal_svg,
        }


@cache
def _style(locale: str) -> Style:
    return Style(locale)


def _texts(letter: dict[str, Any]) -> Iterator[str]:
    yield from letter["address"]
    yield from letter["signed"]
    yield from (letter["subject"], letter["date"])
    for part in letter["parts"]:
        yield from (part["heading"], part["text"])


def _surely_fits(address: list[str], window: Window) -> bool:
    """A line and the space behind it take 1.5 em."""
    return all(len(line) * _EM <= window.width for line in address) and len(address) * 1.5 * _EM <= window.height


def address_lines(recipient: Recipient) -> list[str]:
    """Write an address as its country's post reads it: in China from the postcode down to the person."""
    place = orjson.loads(recipient.address)
    country = place.get("country") or ("CN" if _HAN.search("".join(place["lines"])) else "")
    region, city, postcode = place.get("region") or "", place.get("city") or "", place.get("postcode") or ""
    if country == "CN":
        area = city if region in city else region + city
        first, *others = place["lines"]
        lines = [postcode, area + first, *others, f"{recipient.name}（收）" if recipient.name else ""]
    else:
        town = " ".join(filter(None, (city, region, postcode)))
        lines = [recipient.name or "", *place["lines"], town, country and _country_name(country)]
    return [line for line in lines if line]


def _country_name(code: str) -> str:
    return str(Locale("en").territories.get(code, code)).upper()


def _refusal(said: str) -> Exception:
    # The typesetter quotes what it trips over: its words go no further than this.
    if "address-too-long" in said:
        return RenderingError(Fault("address.value", "too_long", "the address does not fit the window of the envelope"))
    if "sender-too-long" in said:
        return RenderingError(Fault("variables", "too_long", "the sender's name does not fit above the window"))
    if "could not be displayed" in said:
        return _lacks_a_character("variables")
    return Misconfigured("the letter cannot be set")


def _lacks_a_character(field: str) -> RenderingError:
    return RenderingError(Fault(field, _CHARACTER, "the letter's typeface lacks a character"))

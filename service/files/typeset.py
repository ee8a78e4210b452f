"""
Letters as PDF: one page design, one embedded typeface, the same bytes for the same letter.

What varies reaches the typesetter as JSON and is printed as it stands; nothing in a name or a variable is
ever read as markup. PDF/A-2b refuses a character that the typeface lacks, so no letter leaves with a blank
where a name should be. The library is heavy: it is imported with the first letter.
"""

import re
import threading
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from babel import Locale

from service.core.civil import local_datetime
from service.core.errors import Misconfigured
from service.core.model import Instant
from service.core.rendering import Message
from service.core.variables import Fault, RenderingError
from service.flows.ports import Recipient

from .template_style import Style

if TYPE_CHECKING:
    import typst

_HAN = re.compile(r"[\u3400-\u9fff]")
_SOURCE = Path(__file__).with_name("letter.typ")


class Window(NamedTuple):
    """Where the envelope's window lies on the sheet, in millimetres from its upper left: DIN 5008, form B."""

    left: int = 20
    top: int = 45
    width: int = 85
    height: int = 45


class LetterSetter:
    """
    Sets letters; keeps the compiler with its fonts once it is made. Blocks: call it in a thread.

    `zone` gives the letter its date. `seal_svg` is the business seal as a drawing; without it the letter
    leaves a circle where it is to be stamped.
    """

    def __init__(self, zone: str, *, seal_svg: str | None = None, window: Window | None = None) -> None:
        self._zone = zone
        self._seal_svg = seal_svg
        self._window = window or Window()
        self._compiler: typst.Compiler | None = None
        self._one_at_a_time = threading.Lock()

    def __call__(self, message: Message, recipient: Recipient, at: Instant) -> bytes:
        """
        Set one letter; the same arguments give the same bytes.

        `RenderingError` names `address.value` if the address does not fit the window, `variables` if a
        character is not in the typeface.
        """
        letter = self._letter(message, recipient, local_datetime(self._zone, at).date())
        inputs = {"letter": orjson.dumps(letter).decode()}
        with self._one_at_a_time:
            return self._compile(inputs, at // 1_000_000)

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

    def _letter(self, message: Message, recipient: Recipient, day: date) -> dict[str, Any]:
        signed = message.part("seal").split("\n")
        return {
            "lang": message.locale.split("-")[0],
            "window": self._window._asdict(),
            # Whoever signs and seals is the sender: the lender, or the law firm that writes for it.
            "sender": signed[0],
            "address": address_lines(recipient),
            "subject": message.subject or "",
            "parts": [part._asdict() for part in message.parts if part.name not in ("subject", "seal")],
            "signed": signed,
            "date": Style(message.locale).day(day),
            "seal": self._seal_svg,
        }


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
    if "could not be displayed" in said:
        return RenderingError(Fault("variables", "character", "the letter's typeface lacks a character"))
    return Misconfigured("the letter cannot be set")

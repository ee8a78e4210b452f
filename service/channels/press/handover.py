"""What hands a letter over to a print house's folder: the line of our own manifest, in a file by itself. Pure."""

import hashlib

import orjson

from service.channels.spool import Spooled, pages
from service.core.model import LetterService
from service.flows.ports import Dispatch


def build(dispatch: Dispatch, pdf: bytes) -> bytes:
    """Write what hands the letter over: the line of our own manifest, by itself."""
    service = dispatch.letter_service or LetterService.ordinary
    line = Spooled(
        dispatch.attempt,
        dispatch.request,
        service,
        pages(pdf),
        hashlib.sha256(pdf).hexdigest(),
        f"{dispatch.attempt}.pdf",
        simulated=False,
    )
    return orjson.dumps(line._asdict()) + b"\n"

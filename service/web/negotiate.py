"""Content negotiation: the language of sentences, and the media types that a body may have."""

from functools import lru_cache
from typing import Literal

from starlette.requests import Request

Language = Literal["en", "zh"]

DEFAULT: Language = "en"


def language_of(request: Request) -> Language:
    """Choose English or Chinese by Accept-Language; English where it asks for neither."""
    header = request.headers.get("accept-language")
    return preferred(header) if header else DEFAULT


@lru_cache(maxsize=256)
def preferred(header: str) -> Language:
    """The wanted language of highest weight; among equals the first named."""
    best, weight = DEFAULT, 0.0
    for item in header[:512].split(","):
        tag, _, parameters = item.strip().partition(";")
        language = tag.partition("-")[0].lower()
        quality = _quality(parameters)
        if language in ("en", "zh") and quality > weight:
            best, weight = ("zh" if language == "zh" else "en"), quality
    return best


def media_type(request: Request) -> str:
    """The body's media type without its parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def wants(request: Request, *offered: str) -> str:
    """Choose the media type of the answer by Accept; among equals, or where none is wanted, the first offered."""
    accepted = {}
    for item in request.headers.get("accept", "*/*")[:512].split(","):
        name, _, parameters = item.strip().partition(";")
        accepted[name.strip().lower()] = _quality(parameters)

    def weight(media: str) -> float:
        by_name = (accepted.get(name) for name in (media, f"{media.partition('/')[0]}/*", "*/*"))
        return next((quality for quality in by_name if quality is not None), 0.0)

    return max(offered, key=weight)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0

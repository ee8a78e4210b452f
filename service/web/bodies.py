"""
Bodies: read up to a limit, checked for what they claim to be, parsed from bytes to a model at once.

`Json[PartyBody]` as a parameter's type does all of it, and the OpenAPI document is told. FastAPI's own
body parsing is not used: it would make Python values first, which strict models must then doubt.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from fastapi import Depends
from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request

from service.core.errors import GatewayError, Invalid
from service.core.variables import Fault

from .complaints import faults_of
from .negotiate import media_type

T = TypeVar("T")

JSON = "application/json"
NDJSON = "application/x-ndjson"


class Unreadable(GatewayError):
    """The body is not what it claims to be."""

    code = "malformed"


class TooLarge(GatewayError):
    code = "too-large"


class Unsupported(GatewayError):
    code = "unsupported-media-type"


class Faulty(Invalid):
    """Input of the wrong shape; holds every fault, of which the first speaks for all."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(*faults[0][::2], code=faults[0].reason)
        self.faults = faults


class JsonBody:
    """The dependency behind `Json`: reads the body and gives the model."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.adapter: TypeAdapter[Any] = TypeAdapter(model)

    async def __call__(self, request: Request) -> Any:
        expect_media_type(request, JSON)
        return parse(self.adapter, await read_body(request, request.app.state.door.max_body_bytes))


if TYPE_CHECKING:
    Json = Annotated[T, "from the body"]
else:

    class Json:
        """`Json[Model]`: this parameter is the body."""

        def __class_getitem__(cls, model: Any) -> Any:
            return Annotated[model, Depends(JsonBody(model))]


def expect_media_type(request: Request, *taken: str) -> str:
    """Refuse a body of another media type, or one that is compressed; return the type it has."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise Unsupported("the body must not be compressed")
    given = media_type(request)
    if given not in taken:
        raise Unsupported(f"the body must be {' or '.join(taken)}")
    return given


async def read_body(request: Request, limit: int, within_s: float | None = None) -> bytes:
    """Read the body whole; stop where it grows beyond `limit` bytes, or takes longer than `within_s`."""
    try:
        async with asyncio.timeout(within_s):
            return await _read_body(request, limit)
    except TimeoutError:
        raise Unreadable("the body took too long") from None


async def _read_body(request: Request, limit: int) -> bytes:
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit:
        raise TooLarge(f"the body may have at most {limit} bytes")
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] != "http.request":
            raise Unreadable("the body ended early")
        chunk, more = message.get("body", b""), message.get("more_body", False)
        size += len(chunk)
        if size > limit:
            raise TooLarge(f"the body may have at most {limit} bytes")
        chunks.append(chunk)
    return b"".join(chunks) if len(chunks) != 1 else chunks[0]


def parse(adapter: TypeAdapter[T], body: bytes) -> T:
    """Parse one JSON value; says whether the fault is in the JSON or in its shape."""
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        # Which of the two it is matters only now that something is wrong.
        malformed = why_malformed(body)
        wrong = Unreadable(malformed) if malformed else Faulty(faults_of(error))
    # Raised here and not above, or it would keep pydantic's errors, and with them the values, alive as its context.
    raise wrong


def why_malformed(body: bytes) -> str | None:
    """Say why bytes are no JSON, without quoting them; None if they are."""
    if not body.strip():
        return "the body is empty"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "the body is not UTF-8"
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return f"the body is not JSON: line {error.lineno}, column {error.colno}"
    return None

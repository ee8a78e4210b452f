"""`/v1/audit`: the officer's reading of the evidence: list, search, one entry, and export as a file."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query
from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from service.core.errors import Invalid
from service.core.model import AddressKind, Channel, State
from service.core.request import Client
from service.flows.audit import START, Question, read_entries, read_entry
from service.flows.export import Format, export
from service.flows.gateway import Gateway
from service.flows.ports import Numbers
from service.flows.spelling import canonical_address

from .accepted import book_of
from .answers import answer, documented, listing
from .auth import ClientDep
from .bodies import NDJSON, Json
from .contact_body import AddressValue
from .door import GatewayDep
from .entries_shown import EntryPageShown, EntryShown
from .entry_views import decision_of, entry_full, entry_line
from .negotiate import language_of
from .schemas import Id, InstantText, Limit, Model, Word

router = APIRouter(prefix="/v1/audit", tags=["audit"])

INDEX_MAX = 2**63 - 1

Index = Annotated[int, Path(ge=0, le=INDEX_MAX, description="The entry's place.")]
After = Annotated[int | None, Query(ge=0, le=INDEX_MAX, description="Only what stands after this index.")]
RuleId = Annotated[str, Field(max_length=128, pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", examples=["house/quiet-hours"])]
Kind = Annotated[str, Field(max_length=64, pattern=r"^[a-z_]+\.[a-z_]+$", examples=["request.refused"])]
CSV = "text/csv; charset=utf-8"


def _cursor(value: Any) -> int:
    """`next` of the page before is text; an index is a number; either will do."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 19:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= INDEX_MAX:
        raise PydanticCustomError("cursor", "must be an index, or what `next` of a page gave")
    return value


_CURSOR_SCHEMA: dict[str, Any] = {
    "anyOf": [{"type": "integer", "minimum": 0, "maximum": INDEX_MAX}, {"type": "string", "pattern": "^[0-9]{1,18}$"}]
}
Cursor = Annotated[int, PlainValidator(_cursor), WithJsonSchema(_CURSOR_SCHEMA)]


class AddressAsked(Model):
    """An address, which is looked up by its keyed mark; it is kept nowhere."""

    kind: AddressKind | None = None
    value: AddressValue


class SearchBody(Model):
    """What is looked for; all that is given must hold."""

    party_id: Id | None = None
    account_id: Id | None = None
    address: AddressAsked | None = None
    client: Word | None = None
    actor: Id | None = None
    request: Word | None = None
    channel: Channel | None = None
    kind: Kind | None = None
    effect: Literal["allow", "advise", "defer", "deny"] | None = None
    state: State | None = None
    rule: RuleId | None = Field(None, description="A rule that did not simply allow.")
    since: InstantText | None = None
    until: InstantText | None = Field(None, description="Not included.")
    after: Cursor | None = Field(None, description="Only what stands after this index.")
    limit: Limit | None = None


@router.get("/entries", responses=documented(EntryPageShown))
async def list_entries(gateway: GatewayDep, client: ClientDep, after: After = None, limit: Limit = 50) -> Response:
    """List the entries, oldest first. A page once read never changes. Leaves an entry."""
    return await _page(gateway, client, Question(), START if after is None else after, limit)


@router.post("/entries/search", responses=documented(EntryPageShown))
async def search_entries(gateway: GatewayDep, client: ClientDep, body: Json[SearchBody]) -> Response:
    """Find entries, oldest first; an address is given here, never in a URL. Leaves an entry."""
    question = question_of(body, gateway.kit.numbers)
    return await _page(gateway, client, question, START if body.after is None else body.after, body.limit or 50)


@router.get("/entries/{index}", responses=documented(EntryShown))
async def read_one_entry(request: Request, gateway: GatewayDep, client: ClientDep, index: Index) -> Response:
    """Tell one entry with its decision in sentences and the exact body that its digest covers. Leaves an entry."""
    kit = gateway.kit
    told = await read_entry(kit, gateway.store, client, index)
    book = await book_of(gateway, decision_of(told.said).book) if "decision" in told.said else None
    headers = {"Vary": "Accept-Language"}
    return answer(entry_full(told, book, language_of(request), kit.bank_zone), headers=headers)


_LINES: dict[str, Any] = {
    "description": "A JSON object a line: `index, sha256, party_id, body`; last of all `head` and `entries`. Or CSV.",
    "headers": {"Audit-Head": {"description": "The highest index in the file.", "schema": {"type": "integer"}}},
    "content": {NDJSON: {"schema": {"type": "string"}}, "text/csv": {"schema": {"type": "string"}}},
}


@router.get("/export", response_class=StreamingResponse, responses={200: _LINES})
async def export_entries(
    gateway: GatewayDep,
    client: ClientDep,
    form: Annotated[Format, Query(alias="format")] = Format.ndjson,
    after: After = None,
) -> Response:
    """Give all entries up to this moment's head as a file; NDJSON ends with a line that says so. Leaves an entry."""
    begun = await export(gateway.kit, gateway.store, client, form, START if after is None else after)
    headers = {"Content-Disposition": f'attachment; filename="entries.{form}"', "Cache-Control": "no-store"}
    if begun.head > START:
        headers["Audit-Head"] = str(begun.head)
    return StreamingResponse(begun.pieces, headers=headers, media_type=NDJSON if form is Format.ndjson else CSV)


def question_of(body: SearchBody, numbers: Numbers) -> Question:
    """The question in the words of the flow; raises Invalid for an address that is none."""
    if body.since is not None and body.until is not None and body.until <= body.since:
        raise Invalid("until", "must be later than since")
    given = {name: getattr(body, name) for name in Question._fields if name != "address"}
    if body.address is not None:
        given["address"] = canonical_address(numbers, "address.value", body.address.value, kind=body.address.kind)
    return Question(**given)


async def _page(gateway: Gateway, client: Client, question: Question, after: int, limit: int) -> Response:
    page = await read_entries(gateway.kit, gateway.store, client, question, after, limit)
    items = [entry_line(each, gateway.kit.bank_zone) for each in page.items]
    head = page.head if page.head > START else None
    return listing(items, None if page.next is None else str(page.next), head=head)

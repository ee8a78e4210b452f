"""`/v1/policies`: the book in force, what lies ready, each rule with its source, and activation by two principals."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import Field
from starlette.responses import Response

from service.core.errors import NotFound
from service.core.policy import Book, Pack
from service.flows.activate import activate
from service.flows.books import Named, find_book, show_books
from service.flows.gateway import Gateway

from .answers import answer, documented, refused
from .auth import ClientDep
from .bodies import Json
from .door import GatewayDep
from .policies_shown import ActivationShown, BooksShown, PackShown
from .policy_views import activation_json, books_json, pack_json
from .schemas import InstantText, Model

router = APIRouter(prefix="/v1/policies", tags=["policies"])

PackId = Annotated[str, InPath(max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", examples=["cn-collection"])]
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ActivationBody(Model):
    """Two different principals post the same body."""

    sha256: Digest = Field(description="The book: stored, or lying in the policies folder.")
    effective_at: InstantText = Field(description="When it takes effect; not in the past.")


@router.get("", responses=documented(BooksShown))
async def list_policies(gateway: GatewayDep) -> Response:
    """Tell which book is in force, which are to come, and what the policies folder has that is not active."""
    shown = await show_books(gateway.kit, gateway.store)
    return answer(books_json(shown, gateway.kit.bank_zone))


@router.get("/{pack}", responses=documented(PackShown))
async def read_pack(
    gateway: GatewayDep,
    pack: PackId,
    book: Annotated[Digest | None, Query(description="The pack as it stands in this book.")] = None,
) -> Response:
    """Tell every rule of a pack: of the book in force, else of the folder; or of the book that is named."""
    found, source, in_force = await _find(gateway, pack, book)
    return answer(pack_json(found, source, in_force=in_force))


@router.post(
    "/activate", responses=documented(ActivationShown, status=202, s200=ActivationShown) | refused(404, "No such book.")
)
async def activate_book(gateway: GatewayDep, client: ClientDep, body: Json[ActivationBody]) -> Response:
    """Name a book and a date: 202 for the first principal, 200 once a second one has named the same."""
    kit = gateway.kit
    activation = await activate(kit, gateway.store, client.id, body.sha256, body.effective_at)
    book = await find_book(kit, gateway.store, activation.sha256)
    shown = activation_json(Named(activation, book.label), kit.bank_zone)
    return answer(shown, 202 if activation.second_by is None else 200)


async def _find(gateway: Gateway, pack: str, sha256: str | None) -> tuple[Pack, Book | None, bool]:
    """The pack, the book it was found in, and whether that is in force."""
    shown = await show_books(gateway.kit, gateway.store)
    places: list[tuple[tuple[Pack, ...], Book | None]]
    if sha256 is not None:
        named = await find_book(gateway.kit, gateway.store, sha256)
        places = [(named.packs, named)]
    else:
        books = [book for book in (shown.book, shown.lying.book) if book]
        places = [*((book.packs, book) for book in books), (tuple(shown.lying.drafts), None)]
    active = shown.in_force.activation.sha256 if shown.in_force else None
    for packs, book in places:
        for each in packs:
            if each.id == pack:
                return each, book, book is not None and book.sha256 == active
    raise NotFound("no such pack in this book" if sha256 else "no such pack")

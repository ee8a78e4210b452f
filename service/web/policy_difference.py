"""`GET /v1/policies/diff`: what one book would change of another; by default the folder of the book in force."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.core.difference import Difference, PackChanged, Parameter, difference
from service.core.policy import Book, Rule
from service.flows.books import FOLDER, IN_FORCE, named_book

from .answers import answer, documented, refused
from .door import GatewayDep
from .policies_shown import DifferenceShown
from .policy_views import pack_line

router = APIRouter(prefix="/v1/policies", tags=["policies"])

BookName = Annotated[str, Query(pattern=rf"^([0-9a-f]{{64}}|{IN_FORCE}|{FOLDER})$")]


_OTHERWISE = refused(404, "No such book.") | refused(409, "The policies folder cannot be read.")


@router.get("/diff", responses=documented(DifferenceShown) | _OTHERWISE)
async def compare_books(gateway: GatewayDep, old: BookName = IN_FORCE, new: BookName = FOLDER) -> Response:
    """Tell what one book has otherwise than another; each is a digest, `in-force` or `folder`."""
    kit, store = gateway.kit, gateway.store
    return answer(difference_json(difference(await named_book(kit, store, old), await named_book(kit, store, new))))


def difference_json(found: Difference) -> dict[str, Any]:
    """The whole difference; empty lists where there is none."""
    return {
        "old": _book(found.old),
        "new": _book(found.new),
        "parameters": _parameters(found.parameters),
        "packs": {
            "added": [pack_line(pack) for pack in found.added],
            "removed": [pack_line(pack) for pack in found.removed],
            "changed": [_pack(pack) for pack in found.changed],
        },
    }


def _pack(changed: PackChanged) -> dict[str, Any]:
    return {
        "id": changed.id,
        "parameters": _parameters(changed.parameters),
        "rules": {
            "added": [_rule(rule) for rule in changed.added],
            "removed": [_rule(rule) for rule in changed.removed],
            "changed": [
                {"id": each.id, "kind": each.kind, "parameters": _parameters(each.parameters)}
                for each in changed.changed
            ],
        },
    }


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "kind": rule.kind,
        "effective_from": rule.effective_from and rule.effective_from.isoformat(),
        "effective_to": rule.effective_to and rule.effective_to.isoformat(),
    }


def _book(book: Book) -> dict[str, str]:
    return {"label": book.label, "sha256": book.sha256}


def _parameters(parameters: tuple[Parameter, ...]) -> list[dict[str, Any]]:
    return [each._asdict() for each in parameters]

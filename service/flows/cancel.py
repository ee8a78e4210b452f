"""Cancel a waiting request: a definite answer, cancelled or too late."""

from service.core.errors import Conflict, NotFound
from service.core.lifecycle import WAITING
from service.core.model import State
from service.core.request import Client

from .dispatch import close
from .kit import Kit
from .ports import Row, Tx


def cancel(kit: Kit, tx: Tx, client: Client, request_id: str) -> Row:
    """
    Cancel before the intent is written; a claim does not hinder it.

    Cancelling again is harmless. Raises NotFound for another client's request, and Conflict with the
    state when it is too late.
    """
    tx.gate([f"request:{request_id}"])
    row = own_request(tx, client, request_id)
    state = State(row["state"])
    if state is State.cancelled:
        return row
    if state not in WAITING:
        raise Conflict("too late to cancel", code="too-late", state=state)
    close(kit, tx, kit.clock(), row, State.cancelled, "request.cancelled", client.id)
    return tx.rows("requests", {"id": request_id})[0]


def own_request(tx: Tx, client: Client, request_id: str, *, others_by: str = "admin") -> Row:
    """
    The client's own request; another's is not found, unless the client has the scope `others_by`.

    Acting on another's request takes `admin`; `audit:read` widens reading and nothing else.
    """
    found = tx.rows("requests", {"id": request_id})
    if not found or (found[0]["client"] != client.id and others_by not in client.scopes):
        raise NotFound("no such contact request")
    return found[0]

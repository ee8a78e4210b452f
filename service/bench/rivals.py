"""
What the gateway is measured against, each as plain as can be.

`bare` validates the same body and returns. `obvious` is what one writes first: a handler with a session,
one insert and one commit a request, in the same SQLite at the same durability.
"""

from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import Depends, FastAPI
from pydantic import TypeAdapter
from sqlalchemy import MetaData, event
from sqlmodel import Field, Session, SQLModel, create_engine
from starlette.requests import Request

from service.web.contact_body import ContactRequestBody


class Wish(SQLModel, table=True):
    """The one row that the obvious handler writes; beside the gateway's own tables, not among them."""

    metadata = MetaData()
    __tablename__ = "wishes"
    id: int | None = Field(default=None, primary_key=True)
    reference: str
    channel: str
    party: str
    body: str


_BODY = TypeAdapter(ContactRequestBody)


async def parsed(request: Request) -> ContactRequestBody:
    """Strict models are read from bytes; FastAPI's own way would make Python values first."""
    return _BODY.validate_json(await request.body())


Body = Annotated[ContactRequestBody, Depends(parsed)]


def bare() -> FastAPI:
    app = FastAPI(openapi_url=None)

    @app.post("/v1/contact-requests", status_code=202)
    async def take(body: Body) -> dict[str, str]:
        return {"id": "1", "reference": body.reference or "", "state": "queued"}

    return app


def obvious(database: Path) -> FastAPI:
    app = FastAPI(openapi_url=None)
    engine = create_engine(f"sqlite:///{database}", connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def durable(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    Wish.metadata.create_all(engine)

    @app.post("/v1/contact-requests", status_code=202)
    def take(body: Body) -> dict[str, str]:
        with Session(engine) as session:
            wish = Wish(
                reference=body.reference or "", channel=body.channel, party=body.party.id, body=body.model_dump_json()
            )
            session.add(wish)
            session.commit()
            return {"id": str(wish.id), "reference": wish.reference, "state": "queued"}

    return app


def serve(app: FastAPI, port: int) -> None:
    uvicorn.run(app, host="127.0.0.1", port=port, http="httptools", ws="none", access_log=False, log_level="error")

"""`/v1/templates`: which templates there are and what they ask; and how one would read, a letter also as a PDF."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from service.core.model import Channel, Dialing, PartyRole
from service.core.rendering import Message, Template
from service.core.variables import VariableSpec, VariableType
from service.flows.preview import Preview, Wish, preview

from .answers import JSON, answer, documented, listing
from .bodies import Json
from .contact_body import VariableName, VariableValue
from .door import GatewayDep
from .negotiate import wants
from .schemas import Locale, Model
from .templates_shown import PreviewShown, TemplatesShown

router = APIRouter(prefix="/v1/templates", tags=["templates"])

PDF = "application/pdf"

TemplateName = Annotated[str, InPath(max_length=64, pattern=r"^[a-z][a-z0-9-]*$", examples=["overdue-reminder"])]


class PreviewBody(Model):
    """What to render. Without variables the template's own examples stand in."""

    channel: Channel
    locale: Locale | None = None
    variables: Annotated[dict[VariableName, VariableValue], Field(max_length=64)] | None = None
    party_role: PartyRole | None = Field(None, description="Absent: the first that the template is meant for.")
    dialing: Dialing | None = Field(None, description="A synthetic voice says that it is one.")


@router.get("", responses=documented(TemplatesShown))
async def list_templates(gateway: GatewayDep) -> Response:
    """List the templates in use, with what they are for, what they reveal, and which variables they take."""
    return listing([template_json(template) for template in gateway.kit.templates.list()], None)


_SET: dict[int | str, dict[str, Any]] = {
    200: {"model": PreviewShown, "description": "As asked.", "content": {PDF: {"schema": {"type": "string"}}}}
}


@router.post("/{name}/preview", responses=_SET)
async def preview_template(
    request: Request, gateway: GatewayDep, name: TemplateName, body: Json[PreviewBody]
) -> Response:
    """Render a template for nobody. A letter comes as a PDF where `Accept` prefers that. Nothing is stored."""
    wish = Wish(body.channel, body.locale, body.variables, body.party_role, body.dialing)
    made = preview(gateway.kit, name, wish)
    if body.channel is Channel.letter and wants(request, JSON, PDF) == PDF:
        # Setting takes a while, and does not let go of the thread.
        pdf = await asyncio.to_thread(gateway.typeset, made.message, made.recipient, made.at)
        return Response(pdf, media_type=PDF, headers={"Content-Disposition": f'inline; filename="{name}.pdf"'})
    return answer(preview_json(made))


def template_json(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "version": template.version,
        "title": dict(template.title),
        "purposes": sorted(template.purposes),
        "party_roles": sorted(template.party_roles),
        "reveals": template.reveals,
        "offer": template.offer,
        "approval": template.approval,
        "locales": template.locales,
        "channels": {channel.value: list(locales) for channel, locales in template.sources.items()},
        "variables": [variable_json(spec) for spec in template.variables.values()],
    }


def variable_json(spec: VariableSpec) -> dict[str, Any]:
    """`least` and `most` bound a whole number, `most` the length of a text; `currency` names an amount's."""
    bounded = spec.type is VariableType.integer
    return {
        "name": spec.name,
        "type": spec.type,
        "required": spec.required,
        "example": spec.example,
        "currency": spec.currency or None,
        "least": spec.least if bounded else None,
        "most": spec.most if bounded or spec.type is VariableType.text else None,
    }


def preview_json(made: Preview) -> dict[str, Any]:
    message: Message = made.message
    return {
        "name": message.template,
        "version": message.version,
        "channel": message.channel,
        "locale": message.locale,
        "reveals": message.reveals,
        "states": sorted(message.states),
        "subject": message.subject,
        "body": message.body,
        "parts": [part._asdict() for part in message.parts],
        "segments": message.segments,
    }

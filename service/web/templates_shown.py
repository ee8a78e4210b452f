"""What templates and previews look like, for the OpenAPI document; tests hold the answers to it."""

from pydantic import Field

from service.core.model import Channel, PartyRole, Purpose
from service.core.rendering import Reveals, Statement
from service.core.variables import VariableType

from .schemas import Answered


class VariableShown(Answered):
    """A variable that a request gives. `most` bounds a text's length; `least` and `most` a whole number."""

    name: str
    type: VariableType
    required: bool
    example: str
    currency: str | None = Field(description="The variable that holds the currency of this amount.")
    least: int | None
    most: int | None


class TemplateShown(Answered):
    """A template in the version that new requests are pinned to."""

    name: str
    version: str = Field(description="SHA-256 over its sources.")
    title: dict[str, str]
    purposes: list[Purpose]
    party_roles: list[PartyRole]
    reveals: Reveals = Field(description="The most that a reader learns.")
    offer: bool
    approval: str | None
    locales: list[str] = Field(description="In order of preference.")
    channels: dict[Channel, list[str]] = Field(description="The locales that each channel has.")
    variables: list[VariableShown]


class TemplatesShown(Answered):
    items: list[TemplateShown]
    next: None


class PartShown(Answered):
    name: str
    heading: str
    text: str


class PreviewShown(Answered):
    """A message as it would be sent. `segments` counts the units of an SMS, its signature included."""

    name: str
    version: str
    channel: Channel
    locale: str
    reveals: Reveals
    states: list[Statement] = Field(description="What the message is sure to state.")
    subject: str | None
    body: str
    parts: list[PartShown]
    segments: int | None

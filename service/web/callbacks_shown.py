"""What answers about callbacks look like, for the OpenAPI document; `callbacks_out` writes them."""

from typing import Any

from pydantic import ConfigDict, Field

from service.core.model import DeliveryState

from .schemas import Answered
from .shown import At

_CALLBACK: dict[str, Any] = {
    "id": "cb_0642b8e2c5f4000000000000000001",
    "url": "https://collections.example/hooks/gateway",
    "kinds": ["request.refused"],
    "created_at": "2026-11-23T10:00:00+08:00",
    "disabled_at": None,
    "old_secret_until": None,
    "waiting": 0,
    "dead": 0,
}


class CallbackShown(Answered):
    """One's own callback."""

    model_config = Answered.model_config | ConfigDict(json_schema_extra={"examples": [_CALLBACK]})

    id: str
    url: str
    kinds: list[str] = Field(description="Empty: every kind of event.")
    created_at: At
    disabled_at: At | None = Field(description="Since when the receiver, which answered 410, is called no more.")
    old_secret_until: At | None = Field(description="Until when the secret before this one signs too.")
    waiting: int = Field(description="Events that are still to be told.")
    dead: int = Field(description="Events that could not be delivered; `replay` tells them again.")


class CallbackMadeShown(CallbackShown):
    """A callback with its secret, shown this once."""

    model_config = Answered.model_config | ConfigDict(
        json_schema_extra={"examples": [{**_CALLBACK, "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwxkG3n7kZVqE="}]}
    )

    secret: str = Field(description="`whsec_` and base64: the key of the HMAC-SHA256 that signs each call.")


class CallbackReplayedShown(CallbackShown):
    replayed: int = Field(description="How many events are told again; at most a thousand at a time.")


class CallbacksShown(Answered):
    items: list[CallbackShown]
    next: str | None


class DeliveryShown(Answered):
    """One event on its way to one callback."""

    id: str = Field(description="`webhook-id` of the call, the same at every try.")
    index: int
    state: DeliveryState
    tries: int
    next_at: At | None
    tried_at: At | None
    said: str | None = Field(description="The status of the latest answer, or what was in the way of one.")


class DeliveriesShown(Answered):
    items: list[DeliveryShown]
    next: str | None

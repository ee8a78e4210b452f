"""What the routes file says of a printer; what cannot be is refused there."""

from dataclasses import dataclass

from service.core.policy import Flawed
from service.flows.ports import Envelope
from service.flows.providers import Secret, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """`url` is the queue's, as http or https; `user` owns the jobs. Its end is looked for every `look_every_s`."""

    url: Url
    user: str = "contact-gateway"
    password: Secret | None = None
    two_sided: bool = False
    look_every_s: int = 60
    envelope: Envelope = Envelope.din_b

    def __post_init__(self) -> None:
        if self.look_every_s < 1:
            raise Flawed([("look_every_s", "must be at least 1")])

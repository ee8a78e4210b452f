"""What the routes file says of an account that calls by Twilio; what cannot be is refused there."""

from dataclasses import dataclass

from service.channels.agreed import e164, within
from service.core.rule import Flawed
from service.flows.providers import Secret, Url

from .twilio_messages import HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    The account, the number that calls, and under which address the provider reaches us; it rings `ring_s`.

    `leave_message`: whether a machine hears who called and that we ask to be called back, or nothing.
    """

    account_sid: str
    auth_token: Secret
    public_url: Url
    from_number: str
    ring_s: int = 30
    detect_machines: bool = True
    leave_message: bool = False
    url: Url = HOME

    def __post_init__(self) -> None:
        flaws = [*e164("from_number", self.from_number), *within("ring_s", self.ring_s, 5, 120)]
        if self.leave_message and not self.detect_machines:
            flaws.append(("leave_message", "needs detect_machines: else a machine is asked like a person"))
        if flaws:
            raise Flawed(flaws)

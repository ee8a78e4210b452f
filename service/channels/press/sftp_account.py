"""What the routes file says of a print house's folder; what cannot be is refused there."""

from dataclasses import dataclass

from service.channels.agreed import peer
from service.core.policy import Flawed
from service.flows.ports import Envelope
from service.flows.providers import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """`host_key` is the server's public key, `ssh-ed25519 AAAA…`; `folder` is where the folders of the days lie."""

    host: str
    host_key: str
    user: str
    port: int = 22
    key: Secret | None = None
    password: Secret | None = None
    folder: str = "letters"
    look_every_s: int = 0
    envelope: Envelope = Envelope.din_b

    def __post_init__(self) -> None:
        flaws = peer(self.host, self.port)
        if (self.key is None) == (self.password is None):
            flaws.append(("key_file", "either this or password_file is wanted"))
        if self.look_every_s < 0:
            flaws.append(("look_every_s", "must be 0 or more"))
        if len(self.host_key.split()) < 2:
            flaws.append(("host_key", "must be a public key such as ssh-ed25519 AAAA…"))
        if flaws:
            raise Flawed(flaws)

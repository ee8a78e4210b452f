"""What the routes file says of an account at an Asterisk; what cannot be is refused there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from service.channels.agreed import within
from service.core.policy import Flawed
from service.flows.providers import CHOSEN_BY_PROVIDER, Secret, Url

ESPEAK = ("espeak-ng", "-v", "{voice}", "--stdin", "--stdout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    Asterisk's HTTP server, and the user and application there; `dial` is the way out, with the callee's `{number}`.

    `sounds` is a folder that Asterisk reads under the same path. `speak` is a command that reads text and writes
    16-bit mono WAV; `{voice}` is `voices` by locale. `prompts` may hold recorded `<locale>/<sound>.wav` instead.
    `detect` is the context of the dial plan that listens for a machine; `leave_message`: say the limited message to it.
    """

    url: Url
    app: str
    user: str
    password: Secret = field(metadata=CHOSEN_BY_PROVIDER)
    dial: str
    caller_id: str
    sounds: str
    numbers: Literal["e164", "mainland"] = "e164"
    speak: tuple[str, ...] = ESPEAK
    voices: Mapping[str, str] = field(default_factory=lambda: {"zh": "cmn"})
    prompts: str | None = None
    detect: str | None = None
    leave_message: bool = False
    ring_s: int = 30

    def __post_init__(self) -> None:
        flaws = []
        if not self.app.isascii() or not self.app.replace("-", "").replace("_", "").isalnum():
            flaws.append(("app", "must be letters, digits, - and _"))
        if "{number}" not in self.dial:
            flaws.append(("dial", "must have {number} in it"))
        if not Path(self.sounds).is_absolute():
            flaws.append(("sounds", "must be an absolute path, the same for Asterisk"))
        if not self.speak:
            flaws.append(("speak", "must name a command"))
        if self.leave_message and self.detect is None:
            flaws.append(("leave_message", "needs detect, for a machine must be recognised first"))
        flaws += within("ring_s", self.ring_s, 5, 120)
        if flaws:
            raise Flawed(flaws)

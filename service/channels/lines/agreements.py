"""What an account's agreement with an operator fixes, as the routes file has it; what cannot be is refused there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.channels.agreed import authorities, peer, texts, within
from service.core.model import Fate
from service.core.policy import Flawed
from service.flows.providers import CHOSEN_BY_PROVIDER, Secret

WINDOW_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class CmppParams:
    """
    An account on a CMPP gateway.

    `source_address` is the enterprise code that logs in, `number` the access number that handsets see. `codes` gives
    the meaning of the operator's own results and receipt codes, as a fate: `{"MK:0001": invalid_recipient}`.
    """

    host: str
    port: int = 7890
    source_address: str
    password: Secret = field(metadata=CHOSEN_BY_PROVIDER)
    number: str
    service_id: str = ""
    version: Literal[2, 3] = 2
    window: int = 16
    charset: Literal["ucs2", "gbk"] = "ucs2"
    tls: bool = False
    ca: Secret | None = None
    codes: Mapping[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        said = [
            ("source_address", self.source_address, 1, 6),
            ("service_id", self.service_id, 0, 10),
            ("number", self.number, 1, 21),
        ]
        flaws = peer(self.host, self.port) + authorities(self.ca) + within("window", self.window, 1, WINDOW_MAX)
        flaws += texts(said)
        if not self.number.isdigit():
            flaws.append(("number", "must be digits alone"))
        if flaws:
            raise Flawed(flaws)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmppParams:
    """
    An account on an SMPP message centre.

    `number` is the sender that handsets see: digits, or a name. `home` is the country code of numbers that the
    centre writes without theirs. `receipt_ids` says how a receipt spells the id that the answer gave: the `same`, in
    `hex` where the answer was decimal, or `decimal` where it was hex. `charset` gsm7 falls back to UCS-2.
    """

    host: str
    port: int = 2775
    system_id: str
    password: Secret = field(metadata=CHOSEN_BY_PROVIDER)
    number: str
    system_type: str = ""
    service_type: str = ""
    home: str = ""
    receipt_ids: Literal["same", "hex", "decimal"] = "same"
    window: int = 10
    charset: Literal["gsm7", "ucs2"] = "gsm7"
    tls: bool = False
    ca: Secret | None = None
    codes: Mapping[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        said = [
            ("system_id", self.system_id, 1, 15),
            ("system_type", self.system_type, 0, 12),
            ("service_type", self.service_type, 0, 5),
            ("number", self.number, 1, 20),
        ]
        flaws = peer(self.host, self.port) + authorities(self.ca) + within("window", self.window, 1, WINDOW_MAX)
        flaws += texts(said)
        if len(self.password) > 8:
            flaws.append(("password_file", "must hold at most 8 bytes"))
        if self.home and not self.home.isdigit():
            flaws.append(("home", "must be a country code in digits"))
        if flaws:
            raise Flawed(flaws)

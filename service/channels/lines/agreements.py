"""What an account's agreement with an operator fixes, as the routes file has it; what cannot be is refused there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.core.model import Fate
from service.flows.providers import Secret

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
    password: Secret
    number: str
    service_id: str = ""
    version: Literal["2.0", "3.0"] = "2.0"
    window: int = 16
    charset: Literal["ucs2", "gbk"] = "ucs2"
    tls: bool = False
    ca: Secret | None = None
    codes: Mapping[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _check_peer(self.host, self.port, self.window)
        _check_text("source_address", self.source_address, 1, 6)
        _check_text("service_id", self.service_id, 0, 10)
        _check_text("number", self.number, 1, 21)
        if not self.number.isdigit():
            raise ValueError("number must be digits alone")


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
    password: Secret
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
        _check_peer(self.host, self.port, self.window)
        _check_text("system_id", self.system_id, 1, 15)
        _check_text("system_type", self.system_type, 0, 12)
        _check_text("service_type", self.service_type, 0, 5)
        _check_text("number", self.number, 1, 20)
        if len(self.password) > 8:
            raise ValueError("password must have at most 8 bytes")
        if self.home and not self.home.isdigit():
            raise ValueError("home must be a country code in digits")


def _check_peer(host: str, port: int, window: int) -> None:
    if not host or any(c.isspace() or c in "/@" for c in host):
        raise ValueError("host must be a host name or address")
    if not 1 <= port <= 65535:
        raise ValueError("port must be from 1 to 65535")
    if not 1 <= window <= WINDOW_MAX:
        raise ValueError(f"window must be from 1 to {WINDOW_MAX}")


def _check_text(name: str, text: str, least: int, most: int) -> None:
    if not least <= len(text) <= most or not text.isascii() or not (text.isprintable() or not text):
        raise ValueError(f"{name} must have {least} to {most} printable ASCII characters")

"""What the routes file says of an account at a Kannel; what cannot be is refused there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.core.model import Fate
from service.core.rule import Flawed
from service.flows.providers import CHOSEN_BY_PROVIDER, Secret, Url


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """
    Kannel's `sendsms-user`, the sender that handsets see, and where Kannel reaches us.

    `max_messages` repeats the setting of that user. `valid_minutes` is how long Kannel and the operator may try. `smsc`
    names one of Kannel's lines. `home` is the country code of numbers that a line writes without theirs.
    """

    url: Url
    path: str = "/cgi-bin/sendsms"
    user: str
    password: Secret = field(metadata=CHOSEN_BY_PROVIDER)
    number: str
    public_url: Url
    mark_key: Secret
    max_messages: int = 1
    valid_minutes: int = 60
    smsc: str | None = None
    home: str = ""
    charset: Literal["gsm7", "ucs2"] = "gsm7"
    codes: Mapping[str, Fate] = field(default_factory=dict)

    def __post_init__(self) -> None:
        words = {"user": self.user, "number": self.number, "smsc": self.smsc or "-"}
        flaws = [(name, "must be printable ASCII") for name, word in words.items() if not _fits_header(word)]
        if not _fits_header(self.password.decode("latin-1")):
            flaws.append(("password_file", "must hold printable ASCII"))
        if "%" in self.public_url:
            flaws.append(("public_url", "must have no %, which Kannel would fill in"))
        for name, most in (("max_messages", 255), ("valid_minutes", 7 * 24 * 60)):
            if not 1 <= getattr(self, name) <= most:
                flaws.append((name, f"must be from 1 to {most}"))
        if self.home and not self.home.isdigit():
            flaws.append(("home", "must be a country code in digits"))
        if flaws:
            raise Flawed(flaws)


def _fits_header(word: str) -> bool:
    return bool(word) and word.isascii() and word.isprintable() and word == word.strip()

"""What the routes file says of a WeCom application; what cannot be is refused there."""

import re
from dataclasses import dataclass

from service.core.rule import Flawed
from service.flows.providers import Secret, Url

from .pushed import aes_key

HOME = Url("https://qyapi.weixin.qq.com")

DESK_MAX = 1000

_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
"""A member's id; `@all`, which is everybody, is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The company, the application that speaks, what proves and opens its pushes, and who gets orders for visits."""

    corp_id: str
    corp_secret: Secret
    agent_id: int
    push_token: Secret
    encoding_aes_key: Secret
    desk: tuple[str, ...] = ()
    url: Url = HOME

    def __post_init__(self) -> None:
        aes_key(self.encoding_aes_key)
        if self.agent_id < 1:
            raise Flawed([("agent_id", "must be at least 1")])
        if not all(map(_USER.fullmatch, self.desk)) or len(self.desk) > DESK_MAX:
            raise Flawed([("desk", f"must list at most {DESK_MAX} ids of members, as in the address book")])
        if len({user.lower() for user in self.desk}) < len(self.desk):
            raise Flawed([("desk", "names a member twice")])

"""
Messages of a WeCom application (企业微信) to the lender's own people: to one of them, or a visit's order to the desk.

A WeCom user is a colleague, never a debtor. The same message within the time given is dropped by the provider
(`enable_duplicate_check`), by its content; so it carries our attempt, and a repeat of one attempt is one message. It
tells nothing of what becomes of a message, and drops what is over its limits in silence: 30 a minute and 1000 an hour
for a member, which the pace of the orders in `beats` keeps.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.answers import judge, refused
from service.channels.wire import Wire, WireRequest
from service.core.model import AddressKind, Channel, Fate
from service.core.rendering import read_part
from service.flows.ports import Dispatch, SendResult, Told
from service.flows.providers import Callback, ProviderKind, Reply

from .codes import WECOM, reader
from .pushed import Seal, aes_key, check, echoed, sealed_in, unseal
from .token import AccessToken, Granted, granted, with_token
from .wecom_account import Params
from .wecom_told import read_push

log = structlog.get_logger()

JSON = (("content-type", "application/json"),)
SAME_WITHIN_S = 14_400
"""As long as the provider looks back at most."""

TEXT_BYTES_MAX = 2048

KIND = ProviderKind(
    "wecom", frozenset({Channel.wechat, Channel.visit}), Params, addresses=frozenset({AddressKind.wecom_user})
)
"""A visit's order goes to the desk, wherever the visit is; no address is asked of for it."""


class Wecom(Adapter):
    """One application."""

    reply = Reply(content_type="text/plain", body=b"success")

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._seal = Seal(self._params.push_token, aes_key(self._params.encoding_aes_key), self._params.corp_id)
        self._wire = Wire(self._params.url, site.send_timeout_s)
        self._at_token = Wire(self._params.url, site.send_timeout_s / 4)
        self._token = AccessToken(self._granted, site.clock)

    async def send(self, dispatch: Dispatch) -> SendResult:
        if not users_of(dispatch, self._params):
            return refused("not_a_colleague")
        if len(text_of(dispatch).encode()) > TEXT_BYTES_MAX:
            return refused("too_long", Fate.rejected_content)
        result = await with_token(self._token, partial(self._hand_over, dispatch), self._site.send_timeout_s)
        if result.fate is Fate.accepted and result.detail:
            # The others have it, so it is done; but somebody should set the desk right.
            log.error("wecom.desk_partly_reached", provider=self._site.account.name, attempt=dispatch.attempt)
        return result

    def check(self, callback: Callback) -> None:
        echo = dict(callback.query).get("echostr", "")
        sealed = echo if callback.method == "GET" else sealed_in(callback.body)
        check(self._seal, callback, sealed, self._site.clock(), self._site.fresh_s)

    def read(self, callback: Callback) -> Told:
        if callback.method == "GET":
            return Told(reply=echoed(unseal(self._seal, dict(callback.query).get("echostr", ""))))
        document = unseal(self._seal, sealed_in(callback.body))
        return read_push(self._site.account.name, self._params.push_token, document)

    async def close(self) -> None:
        await self._token.close()
        await self._wire.close()
        await self._at_token.close()

    async def _hand_over(self, dispatch: Dispatch, token: str, within_s: float) -> SendResult:
        users = users_of(dispatch, self._params)
        request = build(dispatch, self._params, token)
        return judge(await self._wire.call(request, within_s), partial(read_answer, users))

    async def _granted(self, force: bool) -> Granted | SendResult:
        # There is no renewal by force: the provider renews a token only once it is over.
        return await granted(self._at_token, build_token(self._params), WECOM)


def build(dispatch: Dispatch, params: Params, token: str) -> WireRequest:
    """Write the message in the provider's form."""
    said = {
        "touser": "|".join(users_of(dispatch, params)),
        "msgtype": "text",
        "agentid": params.agent_id,
        "text": {"content": text_of(dispatch)},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": SAME_WITHIN_S,
    }
    return WireRequest("POST", "/cgi-bin/message/send", orjson.dumps(said), JSON, urlencode({"access_token": token}))


def users_of(dispatch: Dispatch, params: Params) -> Sequence[str]:
    """Whom the message goes to: the desk with a visit's order, else the one colleague; nobody if it is none."""
    if dispatch.channel is Channel.visit:
        return params.desk
    return (dispatch.to.address,) if dispatch.to.kind is AddressKind.wecom_user else ()


def text_of(dispatch: Dispatch) -> str:
    """
    Give the text with our mark under it: what the provider compares must not be equal for two attempts.

    Of an order, as much as the provider takes: its parts in their order, the first in any case.
    """
    mark = f"\n({dispatch.attempt})"
    if dispatch.channel is not Channel.visit:
        return f"{dispatch.message.body}{mark}"
    parts = [read_part(part) for part in dispatch.message.parts]
    while len(parts) > 1 and len(("\n".join(parts) + mark).encode()) > TEXT_BYTES_MAX:
        parts.pop()
    return "\n".join(parts) + mark


def build_token(params: Params) -> WireRequest:
    """Ask for the token that all processes share."""
    query = urlencode({"corpid": params.corp_id, "corpsecret": params.corp_secret.decode()})
    return WireRequest("GET", "/cgi-bin/gettoken", query=query)


def read_answer(users: Sequence[str], status: int, told: Mapping[str, Any]) -> SendResult | None:
    """The table of answers; a success that reached none of them is none, and one that reached some says so."""
    result = reader(WECOM)(status, told)
    if result is None or result.fate is not Fate.accepted:
        return result
    unreached = {user for name in _UNREACHED for user in str(told.get(name) or "").lower().split("|") if user}
    if len(unreached) >= len(users):
        return refused("invaliduser", Fate.invalid_recipient)
    return result._replace(detail="invaliduser") if unreached else result


_UNREACHED = ("invaliduser", "unlicenseduser")
"""What an answer names those by who got nothing: unknown or out of the application's sight, or without a licence."""

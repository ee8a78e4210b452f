"""
Calls by Aliyun (Dyvmsapi, 2017-05-25): a filed text is read out, and nobody is asked who they are.

So no word of a debt goes this way, whatever is filed: whoever picks up hears it. The provider echoes 15 bytes of ours
(`OutId`), too few for an attempt's id; a short form of it is kept as the reference where the answer was lost.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.channels.adapter import Adapter, Site
from service.channels.agreed import within
from service.channels.answers import Reader, accepted, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import MINUTE, Channel, Fate, Instant
from service.core.rendering import Reveals
from service.core.rule import Flawed
from service.flows.ports import Asked, Dispatch, SendResult, Told
from service.flows.providers import Callback, FiledTemplate, ProviderKind, Reply, Secret, Trust, Url

from .aliyun import Signer, rpc
from .aliyun_codes import OK, VOICE, cap_end
from .aliyun_receipts import CALLS
from .aliyun_sms import variables
from .aliyun_voice_told import read_detail, read_receipt
from .codes import harmless
from .pushed import mainland

log = structlog.get_logger()

HOME = Url("https://dyvmsapi.aliyuncs.com")
VERSION = "2017-05-25"
PRODUCT = "11010000138001"
"""The product under which calls of filed texts are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """The key of the account, where the service is, and the number that is shown; without one, the provider's pool."""

    access_key_id: str
    access_key_secret: Secret
    show_number: str | None = None
    play_times: int = 2
    url: Url = HOME

    def __post_init__(self) -> None:
        if flaws := within("play_times", self.play_times, 1, 3):
            raise Flawed(flaws)


KIND = ProviderKind("aliyun_voice", frozenset({Channel.call}), Params, Trust.segment, templated=True)


class AliyunVoice(Adapter):
    """One account."""

    reply = Reply(body=b'{"code":0,"msg":"OK"}')

    def __init__(self, site: Site) -> None:
        self._site = site
        self._params: Params = site.account.params
        self._wire = Wire(self._params.url, site.send_timeout_s)

    async def send(self, dispatch: Dispatch) -> SendResult:
        message = dispatch.message
        if message.reveals is Reveals.debt:
            return refused("nobody_is_identified", Fate.rejected_content)
        filing = self._site.account.filed(message.template, message.locale)
        if filing is None:
            return refused("template_not_filed", Fate.rejected_content)
        request = build(dispatch, filing, self._params, self._signer())
        result = judge(await self._wire.call(request), reader(dispatch.at))
        return result if result.certain else result._replace(provider_ref=short(dispatch.attempt))

    async def ask(self, asked: Asked) -> SendResult | None:
        """Ask for the call by the provider's reference; without one it cannot be found."""
        if asked.provider_ref is None or asked.provider_ref == short(asked.attempt):
            return None
        answer = await self._wire.call(question(asked, self._params, self._signer()))
        return read_detail(answer, asked.provider_ref) if isinstance(answer, Answer) else None

    def read(self, callback: Callback) -> Told:
        name = self._site.account.name
        told = read_receipt(name, self._params.access_key_secret, callback.body, self._site.clock())
        for receipt in told.receipts:
            if receipt.text is not None and receipt.text not in CALLS:
                log.error("receipt.unmapped_code", provider=name, code=harmless(receipt.text))
        return told

    async def close(self) -> None:
        await self._wire.close()

    def _signer(self) -> Signer:
        params = self._params
        return Signer(params.access_key_id, params.access_key_secret, self._site.clock(), secrets.token_hex(16))


def build(dispatch: Dispatch, filing: FiledTemplate, params: Params, signer: Signer) -> WireRequest:
    """Write the call in the provider's form."""
    said = {
        "CalledNumber": mainland(dispatch.to.address),
        "TtsCode": filing.code,
        "PlayTimes": str(params.play_times),
        "OutId": short(dispatch.attempt),
    }
    if params.show_number is not None:
        said["CalledShowNumber"] = params.show_number
    if filing.variables:
        said["TtsParam"] = variables(dispatch, filing)
    return rpc(params.url, VERSION, "SingleCallByTts", said, signer)


def short(attempt: str) -> str:
    """Name an attempt in 15 characters."""
    return hashlib.sha256(attempt.encode()).hexdigest()[:15]


def question(asked: Asked, params: Params, signer: Signer) -> WireRequest:
    """Ask for a call, among those of the day that begins a minute before it."""
    day = str((asked.at - MINUTE) // 1000)
    said = {"CallId": asked.provider_ref or "", "ProdId": PRODUCT, "QueryDate": day}
    return rpc(params.url, VERSION, "QueryCallDetailByCallId", said, signer)


def reader(at: Instant) -> Reader:
    """Give the table of answers to a call made at that instant."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        code = told.get("Code")
        if not isinstance(code, str):
            return None
        if code == OK:
            ref = told.get("CallId")
            return accepted(ref) if status == 200 and isinstance(ref, str) and ref else None
        result = VOICE.result(code, cap_end(at, told.get("Message")))
        return None if result.unmapped and status >= 500 else result

    return read

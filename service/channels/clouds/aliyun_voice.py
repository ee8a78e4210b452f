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

import orjson
import structlog

from service.channels.adapter import Adapter, Site
from service.channels.agreed import within
from service.channels.answers import Reader, accepted, json_object, judge, refused
from service.channels.wire import Answer, Wire, WireRequest
from service.core.model import MINUTE, Channel, Fate, Instant, Outcome
from service.core.rendering import Reveals
from service.core.rule import Flawed
from service.flows.ports import Asked, Dispatch, Receipt, SendResult, Told
from service.flows.providers import Callback, FiledTemplate, ProviderKind, Reply, Secret, Trust, Url

from .aliyun import Signer, rpc
from .aliyun_codes import CALLS, OK, UNDER_WAY, VOICE
from .aliyun_sms import cap_end, variables
from .codes import Ending, harmless
from .pushed import Pushed, mainland, mark, read_items, shortened

log = structlog.get_logger()

HOME = Url("https://dyvmsapi.aliyuncs.com")
VERSION = "2017-05-25"
PRODUCT = "11010000138001"
"""The product under which calls of filed texts are asked for."""

_UNKNOWN = Ending(Outcome.unknown)


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


def read_detail(answer: Answer, ref: str) -> SendResult | None:
    """Read the state of a call; its details come as JSON inside the JSON."""
    told = json_object(answer) or {}
    if told.get("Code") != OK or not isinstance(told.get("Data"), str):
        return None
    try:
        detail = orjson.loads(told["Data"])
    except orjson.JSONDecodeError:
        return None
    state = str(detail.get("state", "")) if isinstance(detail, dict) else ""
    ending = CALLS.get(state)
    return ending.result(ref) if ending else None


def read_receipt(provider: str, key: bytes, raw: bytes, now: Instant) -> Told:
    """Read what became of calls; the steps of one that is not over say nothing yet."""
    read = read_items(raw, lambda item: _receipt(provider, key, item, now))
    return Told(read.good, left=read.left)


def _receipt(provider: str, key: bytes, item: Pushed, now: Instant) -> Receipt | None:
    ref, code = item.word("call_id"), shortened(item.word("status_code"))
    if code in UNDER_WAY:
        return None
    ending = CALLS.get(code, _UNKNOWN)
    at = item.beijing("end_time", "status_time", "start_time", "originate_time", otherwise=now)
    seconds = item.word_or_none("duration") or ""
    duration = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) <= 5 else None
    echoed = item.word_or_none("out_id")
    return Receipt(
        provider, mark(key, ref, code), ending.outcome, at, echoed, ref, duration, text=code, fate=ending.fate
    )

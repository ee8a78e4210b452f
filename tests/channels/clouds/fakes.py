"""
Stand-ins for the clouds on loopback: each believes only a request that the provider's own library would have signed.

`taken` counts how often each message was handed over, whatever was answered: the provider's own count.
"""

import asyncio
import contextlib
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

import orjson
from alibabacloud_tea_openapi.utils import Utils
from darabonba.request import DaraRequest
from tencentcloud.common.sign import Sign

from service.channels.clouds import aliyun_sms, aliyun_voice, tencent_sms, twilio_calls, twilio_messages
from service.channels.clouds.twilio import basic
from service.core.model import SECOND, Instant
from service.flows.providers import ProviderKind
from tests.channels.clouds.accounts import SECRET, TWILIO
from tests.loopback import Heard, http, read_request, speaking

TOKEN = bytes(SECRET)


class Mood(StrEnum):
    """What the provider does with the next message."""

    takes = "takes"
    refuses = "refuses"
    key_expired = "key_expired"
    takes_and_hangs = "takes_and_hangs"
    takes_and_breaks = "takes_and_breaks"
    takes_and_says_html = "takes_and_says_html"
    takes_and_says_half = "takes_and_says_half"
    takes_and_hangs_up = "takes_and_hangs_up"
    takes_and_drips = "takes_and_drips"
    takes_and_floods = "takes_and_floods"


Answer = tuple[int, Any]
FLOOD = {"more": "x" * 1_000_000}


class Words(NamedTuple):
    """
    One provider's language: is it signed, which message is it, how is it taken, how refused, what is asked.

    `expired` is the answer to a key that is good no more. `said_at` reads when a request was signed, where it says so;
    one that is more than `skew_s` off is answered by `skewed`.
    """

    signed: Callable[[Heard], bool]
    reference: Callable[[Heard], str]
    taken: Callable[[str], Answer]
    refusal: Answer
    expired: Answer
    found: Callable[[Heard, list[str]], Any] = lambda heard, taken: None
    said_at: Callable[[Heard], int] | None = None
    skew_s: int = 0
    skewed: Answer = (500, {})


class Fake:
    """One provider; `moods` are those to come, then it takes. With a `clock` it holds requests to its time."""

    def __init__(self, words: Words, moods: list[Mood], clock: Callable[[], Instant] | None = None) -> None:
        self.words = words
        self.moods = moods
        self.clock = clock
        self.taken: Counter[str] = Counter()
        self.heard: list[Heard] = []
        self.strangers = 0
        self.url = ""

    @property
    def queries(self) -> list[dict[str, str]]:
        return [_query(heard) for heard in self.heard]

    @property
    def forms(self) -> list[dict[str, str]]:
        return [_form(heard) for heard in self.heard]

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                if not await self._answer(await read_request(reader), writer):
                    return

    async def _answer(self, heard: Heard, writer: asyncio.StreamWriter) -> bool:
        if not self.words.signed(heard):
            self.strangers += 1
            writer.write(http(403, b"{}"))
            await writer.drain()
            return True
        if (found := self.words.found(heard, list(self.taken))) is not None:
            writer.write(http(200, orjson.dumps(found)))
            await writer.drain()
            return True
        mood = self.moods.pop(0) if self.moods else Mood.takes
        if self._is_skewed(heard):
            status, said = self.words.skewed
        elif mood in (Mood.refuses, Mood.key_expired):
            status, said = self.words.refusal if mood is Mood.refuses else self.words.expired
        else:
            reference = self.words.reference(heard)
            self.heard.append(heard)
            self.taken[reference] += 1
            status, said = self.words.taken(reference)
        if mood is Mood.takes_and_hangs:
            await asyncio.Event().wait()
        whole = http(status, orjson.dumps(said))
        if mood is Mood.takes_and_drips:
            await _drip(whole, writer)
        answer = {
            Mood.takes_and_breaks: http(500, b"{}"),
            Mood.takes_and_says_html: http(200, b"<html>busy</html>", "text/html"),
            Mood.takes_and_says_half: whole[:-5],
            Mood.takes_and_floods: http(status, orjson.dumps(said | FLOOD)),
            Mood.takes_and_hangs_up: b"",
        }.get(mood, whole)
        writer.write(answer)
        await writer.drain()
        return mood not in (Mood.takes_and_says_half, Mood.takes_and_hangs_up)

    def _is_skewed(self, heard: Heard) -> bool:
        if self.clock is None or self.words.said_at is None:
            return False
        return abs(self.words.said_at(heard) - self.clock() // SECOND) > self.words.skew_s


async def _drip(answer: bytes, writer: asyncio.StreamWriter) -> None:
    """Say all but the end byte by byte, for ever as far as anybody waits; each byte comes before one would give up."""
    for byte in answer[:-1]:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.01)
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def cloud(kind: ProviderKind, *moods: Mood, clock: Callable[[], Instant] | None = None) -> AsyncIterator[Fake]:
    """Run the stand-in of a kind of provider."""
    fake = Fake(LANGUAGES[kind], list(moods), clock)
    async with speaking(fake.hold) as url:
        fake.url = url
        yield fake


def _query(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(heard.path).query, keep_blank_values=True))


def _form(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(heard.body.decode(), keep_blank_values=True))


def _signed_by_aliyun(heard: Heard) -> bool:
    given = heard.headers.get("authorization", "")
    names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = DaraRequest()
    request.method, request.pathname, request.query = "POST", urlsplit(heard.path).path, _query(heard)
    request.headers = {name: heard.headers.get(name, "") for name in names}
    digest = hashlib.sha256(heard.body).hexdigest()
    return bool(given == Utils.get_authorization(request, "ACS3-HMAC-SHA256", digest, "LTAI-test", TOKEN.decode()))


def _signed_by_tencent(heard: Heard) -> bool:
    given, seconds = heard.headers.get("authorization", ""), heard.headers.get("x-tc-timestamp", "")
    scope = given.partition("Credential=AKID-test/")[2].partition(",")[0]
    canonical = "\n".join(
        (
            *("POST", "/", "", f"content-type:{heard.headers.get('content-type')}"),
            *(f"host:{heard.headers.get('host')}", "", "content-type;host", hashlib.sha256(heard.body).hexdigest()),
        )
    )
    text = "\n".join(("TC3-HMAC-SHA256", seconds, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    signature = Sign.sign_tc3(TOKEN.decode(), scope.partition("/")[0], "sms", text)
    return given.endswith(f"Signature={signature}")


def _signed_by_twilio(heard: Heard) -> bool:
    return heard.headers.get("authorization") == basic(str(TWILIO["account_sid"]), TOKEN)


def _attempt_reported(heard: Heard) -> str:
    return dict(parse_qsl(urlsplit(_form(heard)["StatusCallback"]).query))["attempt"]


def serial(reference: str) -> str:
    """The provider's own name of what it took."""
    return f"ref{hashlib.sha256(reference.encode()).hexdigest()[:20]}"


def _number(reference: str, code: str = "Ok") -> dict[str, Any]:
    one = {"SerialNo": serial(reference), "Code": code, "SessionContext": reference}
    return {"Response": {"SendStatusSet": [one], "RequestId": "r"}}


def _details(heard: Heard, taken: list[str]) -> Any:
    """All that was taken has been delivered by now."""
    if heard.headers.get("x-acs-action") != "QuerySendDetails":
        return None
    listed = [{"OutId": reference, "SendStatus": 3, "ErrCode": "DELIVERED"} for reference in taken]
    return {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": listed}}


def _statuses(heard: Heard, taken: list[str]) -> Any:
    if heard.headers.get("x-tc-action") != "PullSmsSendStatusByPhoneNumber":
        return None
    listed = [{"SerialNo": serial(one), "SessionContext": one, "ReportStatus": "SUCCESS"} for one in taken]
    return {"Response": {"PullSmsSendStatusSet": listed}}


def _messages(heard: Heard, taken: list[str]) -> Any:
    if heard.body:
        return None
    made = {"status": "delivered", "direction": "outbound-api", "date_created": "Mon, 23 Nov 2026 02:00:01 +0000"}
    return {"messages": [{"sid": serial(one), **made} for one in taken]}


def _aliyuns_time(heard: Heard) -> int:
    return int(datetime.strptime(heard.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%S%z").timestamp())


ALIYUN: dict[str, Any] = {
    "expired": (403, {"Code": "InvalidSecurityToken.Expired"}),
    "said_at": _aliyuns_time,
    "skew_s": 900,
    "skewed": (400, {"Code": "InvalidTimeStamp.Expired"}),
}
"""What both of its services answer."""

LANGUAGES: Mapping[ProviderKind, Words] = {
    aliyun_sms.KIND: Words(
        _signed_by_aliyun,
        lambda heard: _query(heard)["OutId"],
        lambda reference: (200, {"Code": "OK", "BizId": serial(reference)}),
        (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}),
        found=_details,
        **ALIYUN,
    ),
    aliyun_voice.KIND: Words(
        _signed_by_aliyun,
        lambda heard: _query(heard)["OutId"],
        lambda reference: (200, {"Code": "OK", "CallId": serial(reference)}),
        (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}),
        **ALIYUN,
    ),
    tencent_sms.KIND: Words(
        _signed_by_tencent,
        lambda heard: orjson.loads(heard.body)["SessionContext"],
        lambda reference: (200, _number(reference)),
        (200, _number("x", "InvalidParameterValue.IncorrectPhoneNumber")),
        (200, {"Response": {"Error": {"Code": "AuthFailure.TokenFailure"}}}),
        _statuses,
        said_at=lambda heard: int(heard.headers["x-tc-timestamp"]),
        skew_s=300,
        skewed=(200, {"Response": {"Error": {"Code": "AuthFailure.SignatureExpire"}}}),
    ),
    twilio_messages.KIND: Words(
        _signed_by_twilio,
        _attempt_reported,
        lambda reference: (201, {"sid": serial(reference), "status": "queued"}),
        (400, {"code": 21211, "status": 400}),
        (401, {"code": 20003, "status": 401}),
        _messages,
    ),
    twilio_calls.KIND: Words(
        _signed_by_twilio,
        _attempt_reported,
        lambda reference: (201, {"sid": serial(reference), "status": "queued"}),
        (400, {"code": 21211, "status": 400}),
        (401, {"code": 20003, "status": 401}),
    ),
}

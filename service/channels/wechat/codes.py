"""
What the codes of WeChat service accounts and of WeCom mean.

Sources: developers.weixin.qq.com, the service account's codes as the library wechatpy lists them and those of
subscription notices; developer.work.weixin.qq.com/document/path/90313 for WeCom, for which the library has no list of
its own: its client for WeCom knows the same one, so that every code of it has a fate here too. The two share numbers,
not meanings.
"""

from collections.abc import Mapping
from typing import Any

from service.channels.answers import Reader, accepted
from service.channels.clouds.codes import Codes, Ending
from service.core.model import Fate, Outcome
from service.flows.ports import SendResult

STALE = frozenset({40001, 40014, 42001})
"""The access token is not good any more: another one, and once again."""

TAKEN_BEFORE = 45065
"""A service account took it before, under the same id of ours."""

_NOT_OURS = (
    # Media, menus, materials, groups, authorisation by code, components: we call none of it.
    *range(40004, 40013),
    *range(40015, 40033),
    *(40038, 40050, 40051, 40053, 40054, 40055, 40060, 40102, 40118, 40119, 40120, 40121, 40137, 40163),
    *range(41003, 41009),
    *(42002, 42003, 42007, 43001, 43002, 43003, 43100, 44001, 44002, 44003),
    *(45001, 45006, 45007, 45008, 45015, 45026, 45047, 45064, 46001, 46003, 48005, 48006),
    *(61023, 61500, 63002, 65303, 65304, 65305, 65314, 65316, 87009),
)

_BLOCKED = (43004, 43005, 43019, 43101, 48002)
"""Does not follow us, blocked us, used the consent up or took it back, receives nothing of ours."""

OFFICIAL = Codes(
    {
        **{str(code): Fate.permanent for code in _NOT_OURS},
        **{str(code): Fate.opted_out for code in _BLOCKED},
        **{str(code): Fate.invalid_recipient for code in (40003, 41009, 46004)},
        **{
            str(code): Fate.rejected_content
            for code in (
                *(40033, 40035, 40037, 40039, 40048, 40155, 41028, 41029, 41030, 44004, 45002, 45003, 45004, 45005),
                *(45027, 45166, 45168, 47001, 47003, 87014),
            )
        },
        **{
            str(code): Fate.provider_unavailable
            for code in (
                *(40001, 40002, 40013, 40014, 40125, 40164, 40243, 41001, 41002, 41004, 42001),
                *(43107, 48001, 48003, 48004, 48008, 50001, 50002, 50007, 61003, 61004, 61007),
            )
        },
        "-1": Fate.retryable,
        "-1000": Fate.ambiguous,
        "43108": Fate.retryable,
        "45009": Fate.throttled_account,
        "45011": Fate.throttled_account,
        "45065": Fate.accepted,
        "45066": Fate.ambiguous,
        "45067": Fate.permanent,
    }
)
"""What a service account answers to the sending of a message, and to the asking for a token."""

_OFFICIAL_ALONE = (40002, 40037, 40048, 41030, 43019, 43101, 45065, 45067, 48008, 61003, 61007)
"""What speaks of templates, followers and components, which WeCom's messages have none of."""

WECOM = Codes(
    {
        **{str(code): Fate.permanent for code in (*_NOT_OURS, *_OFFICIAL_ALONE)},
        **{str(code): Fate.invalid_recipient for code in (40003, 40031, 40070, 43004, 46004, 60111, 81013)},
        **{
            str(code): Fate.rejected_content
            for code in (
                *(40008, 40033, 40035, 40039, 40063, 40155, 44004, 45002, 45003, 45004, 45005, 45008, 45027, 45032),
                *(45166, 47001, 47003, 87014),
            )
        },
        **{
            str(code): Fate.provider_unavailable
            for code in (
                *(40001, 40013, 40014, 40056, 40082, 40084, 40089, 40091, 40125, 41001, 41002, 41004, 41011, 42001),
                *(45024, 48001, 48002, 48003, 48004, 50001, 50002, 50003, 60011, 60020, 301002, 301007),
            )
        },
        **{
            str(code): Fate.permanent for code in (40032, 40058, 40066, 41009, 43001, 43002, 43003, 44001, 45029, 82001)
        },
        **{str(code): Fate.throttled_account for code in (45009, 45011, 45033)},
        "-1": Fate.retryable,
        "-1000": Fate.ambiguous,
        "6000": Fate.retryable,
    }
)
"""What WeCom answers to the sending of an application's message, and to the asking for a token."""

FINISHED: Mapping[str, Ending] = {
    "success": Ending(Outcome.delivered),
    "failed:user block": Ending(Outcome.undelivered, Fate.opted_out),
    "failed: user block": Ending(Outcome.undelivered, Fate.opted_out),
    "failed: system failed": Ending(Outcome.undelivered),
    "failed:system failed": Ending(Outcome.undelivered),
}
"""`Status` of a template message that was sent; any other is undelivered, and raises an alarm."""


def code_of(told: Mapping[str, Any]) -> int | None:
    """Give the code of an answer; None where it has none."""
    found = told.get("errcode")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def reader(codes: Codes) -> Reader:
    """Give the table of answers to a message."""

    def read(status: int, told: Mapping[str, Any]) -> SendResult | None:
        code = code_of(told)
        if status != 200 or code is None:
            return None
        if code != 0 and not (code == TAKEN_BEFORE and codes is OFFICIAL):
            return codes.result(str(code))
        ref = message_ref(told.get("msgid"))
        return accepted(ref, awaits=ref is not None and codes is OFFICIAL)

    return read


def message_ref(found: object) -> str | None:
    """Give the provider's id of a message; 0, which it gives where it keeps none, is none."""
    ref = str(found) if isinstance(found, int | str) and not isinstance(found, bool) else ""
    return ref if ref not in ("", "0") and len(ref) <= 200 else None

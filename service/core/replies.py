"""
What a short reply asks for: to be left alone, that the number is somebody else's, or to complain.

A stop word counts only when it is the whole message, so that a sentence that merely contains one
stops nothing; the other two are looked for anywhere, for nobody words them alike. Some law names words of
its own (`suppression` rules with `words`): they count for those whom that law protects.
"""

import re
from enum import StrEnum

from .model import Channel, Instant
from .policy import Book, lineage
from .rules.suppression import SuppressionRule
from .wording import dense, plain


class Asks(StrEnum):
    stop = "stop"
    wrong_number = "wrong_number"
    complaint = "complaint"


STOP_WORDS = frozenset(
    {
        *("r", "t", "td", "n", "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("stopcontactingme", "donotcontactme", "dontcontactme", "leavemealone", "removeme", "stoptextingme"),
        *("unsub", "td退订", "退订", "退", "取消订阅", "停止", "停", "不再接收", "拒收", "拒绝", "取消"),
    }
)
"""Whole messages; 回复R and R mean the same."""

_LEAVE_ALONE = re.compile(
    r"(?:不要|别|勿|停止|拒绝)(?:再|继续)?(?:给我|跟我|和我|与我|向我)?"
    r"(?:联系|打扰|骚扰|找|烦|发|打)(?:电话|短信|信息|消息|微信)?(?:给)?(?:我|本人)?了?"
)
"""In so many words, and nothing beside them (GB/T 45251-2025, 5.3.1: whoever refuses is not contacted again)."""
_COURTESY = re.compile(r"\A(?:回复|请|麻烦|please)+|(?:谢谢|again|please|thanks|thankyou)+\Z")

_WRONG_NUMBER = re.compile(r"打错|发错|不认识(这个|此|该)?人|不是(他|她|本人|机主)|换(了)?号|wrong (number|person)")
_COMPLAINT = re.compile(r"投诉|举报|起诉你们|complain|complaint|report you")


def stop_words(book: Book, jurisdictions: tuple[str, ...], channel: Channel, at: Instant) -> frozenset[str]:
    """The words by which the law of these jurisdictions lets a party opt out of a medium, as `asked` reads them."""
    here = {code for given in jurisdictions for code in lineage(given)}
    return frozenset(
        dense(word)
        for pack in book.packs
        if not pack.jurisdictions or not here.isdisjoint(pack.jurisdictions)
        for rule in pack.rules
        if isinstance(rule, SuppressionRule) and _speaks_of(rule, channel) and rule.in_force((rule.zone or "UTC",), at)
        for word in rule.words
    )


def _speaks_of(rule: SuppressionRule, channel: Channel) -> bool:
    return not rule.when.channel or channel in rule.when.channel


def asked(text: str, further: frozenset[str] = frozenset()) -> Asks | None:
    """Read a reply; None: nothing that the gateway acts on. `further` are stop words beside those of everywhere."""
    words = _COURTESY.sub("", dense(text))
    if words in STOP_WORDS or words in further or _LEAVE_ALONE.fullmatch(words):
        return Asks.stop
    folded = plain(text)
    if _WRONG_NUMBER.search(folded):
        return Asks.wrong_number
    return Asks.complaint if _COMPLAINT.search(folded) else None

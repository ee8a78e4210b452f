"""
What a short reply asks for: to be left alone, that the number is somebody else's, to complain, to be called back.

A stop word counts only when it is the whole message, so that a sentence that merely contains one
stops nothing; so does a wish to be called, which opens what is closed. The other two are looked for anywhere, for
nobody words them alike. Some law names words of its own (`suppression` rules with `words`): they count for those
whom that law protects.
"""

import re

from .model import Asks, Channel, Instant
from .policy import Book, lineage
from .rules.suppression import SuppressionRule
from .wording import dense, plain

STOP_WORDS = frozenset(
    {
        *("r", "t", "td", "n", "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"),
        *("leavemealone", "removeme", "unsub", "unsubscribeme", "optmeout", "stopit", "stopstop", "nomore"),
        *(
            "退订",
            "退",
            "取消订阅",
            "停止",
            "停",
            "不再接收",
            "拒收",
            "拒绝",
            "取消",
            "勿扰",
            "退訂",
            "取消訂閱",
            "拒絕",
        ),
        *(f"{letters}{word}" for letters in ("r", "t", "td", "n") for word in ("退订", "退訂")),
    }
)
"""Whole messages; 回复R and R mean the same."""

_LEAVE_ALONE = re.compile(
    r"(?:不要|不用|别|別|勿|停止|拒绝|拒絕)(?:再|继续|繼續)?(?:给我|給我|跟我|和我|与我|與我|向我)?"
    r"(?:联系|聯絡|联络|打扰|打擾|骚扰|騷擾|找|烦|煩|发送?|發送?|打)(?:电话|電話|短信|简讯|簡訊|信息|消息|微信)?(?:给|給)?(?:我|本人)?了?"
    r"|(?:stop|quit)(?:the)?(?:call|text|messag|contact|mail|email|writ|send|phon|bother|harass)(?:ing|s)(?:to)?(?:me)?"
    r"(?:texts|messages|mails|emails)?"
    r"|(?:do|does)?(?:not|nt)(?:ever)?(?:call|text|message|contact|mail|email|writeto|write|phone|bother)(?:me)?"
    r"|nomore(?:calls|texts|messages|mails|emails)"
)
"""In so many words, and nothing beside them (GB/T 45251-2025, 5.3.1: whoever refuses is not contacted again)."""
_COURTESY = re.compile(
    r"\A(?:回复|回覆|请|請|麻烦|麻煩|我要|我想|please)+|(?:谢谢|謝謝|anymore|again|please|thanks|thankyou|now)+\Z"
)

_CALL_BACK = re.compile(
    r"(?:can|could)?(?:you)?(?:callme(?:back)?|callback|givemeacall(?:back)?|ringme(?:back)?)"
    r"|(?:给|給)我(?:回|打)(?:个|個)?(?:电话|電話|电|電)|(?:回|打)(?:个|個)?(?:电话|電話)(?:给|給)我|回(?:个|個)?(?:电话|電話)|回(?:电|電)"
)
_REPLY = re.compile(
    r"(?:contact|write|text|email|message|answer)me(?:back)?|(?:联系|聯絡|联络)我|(?:给|給)我(?:回信|回复|回覆)"
)
"""Both in so many words, and nothing beside them: what else they may mean is for a person to read."""

_WRONG_NUMBER = re.compile(
    r"打错|打錯|发错|發錯|不认识(这个|此|该)?人|不是(他|她|本人|机主)|换(了)?号"
    r"|wrong (number|person)|(not|isn.?t) (him|her)\b"
)
_COMPLAINT = re.compile(r"投诉|投訴|举报|起诉你们|12378|complain|report you")


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


def asked(text: str, further: frozenset[str] = frozenset()) -> Asks:
    """Read a reply. `further` are stop words beside those of everywhere."""
    words = _COURTESY.sub("", dense(text))
    if words in STOP_WORDS or words in further or _LEAVE_ALONE.fullmatch(words):
        return Asks.stop
    folded = plain(text)
    if _WRONG_NUMBER.search(folded):
        return Asks.wrong_number
    if _COMPLAINT.search(folded):
        return Asks.complaint
    if _CALL_BACK.fullmatch(words):
        return Asks.call_back
    return Asks.reply if _REPLY.fullmatch(words) else Asks.free

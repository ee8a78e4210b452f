"""
How people say that they want to be left alone, in a clause that says nothing else.

A word is one by the company it keeps: `退` and single letters only by themselves, for who writes 我要退 may want his
money back; `取消` and `cancel` also with a plea; what can mean nothing else with any wish. Somebody's workplace, family
or other number is never part of it: who wants us to keep away from those did not forbid all contact.
"""

import re

from .courtesy import PARTICLES, PLEADED, SPOKEN, WISHED, tokens
from .wording import dense

BARE = frozenset({"退", "r", "t", "td", "n"})
VAGUE = frozenset({"cancel", "end", "quit", "revoke", "nomore", "取消", "拒绝", "拒絕", "停", "不接收"})
SURE = frozenset(
    {
        *("stop", "stopall", "stopit", "stopthis", "stopthat", "unsubscribe", "unsub", "unsubscribed", "optout"),
        *("leavemealone", "beremoved", "toberemoved", "beleftalone", "tobeleftalone", "donotdisturb"),
        *("停止", "拒收", "勿扰", "勿擾", "免打扰", "免打擾", "取消订阅", "取消訂閱", "退订", "退訂"),
    }
)
"""Whole clauses. More of them is in the patterns below."""

_KEY = r"(?:td|[rtn])"
_LEAVE = r"(?:退订|退訂|退|拒收)"
_KEYED = re.compile(
    rf"(?:退订|退訂|拒收)?请?(?:回复|回覆|回|发送){_KEY}{{1,4}}{_LEAVE}?|{_KEY}{{1,4}}{_LEAVE}|(?:回复|回覆)退"
)
"""What a text tells people to answer, given back whole: 回T退订, R/T退, 拒收请回复R."""

_NEWS = r"(?:催收短信|催收电话|电话|電話|手机|手機|号码|號碼|短信|简讯|簡訊|信息|訊息|消息|微信|邮件|郵件|推送|广告)"
_NOT = r"(?:不要|不用|不必|不需要|别|別|勿|停止|拒绝|拒絕|禁止|不许|不准)"
_STILL = r"(?:再|继续|繼續|总是|老是|一直|天天|每天|来|來)*"
_ME = r"(?:我们|我|本人)"
_THESE = r"(?:你们的|你们|你的|贵公司的|贵公司|所有的|所有|全部|任何|此类|这类|这种|这样的|这些|这个|该|此)*+"
_CHINESE = (
    # 不要再给我发短信了, 别再打我电话了, 不要再联系我, 勿打扰
    rf"{_NOT}{_STILL}(?:(?:给|給|跟|和|与|與|向|对|對){_ME})?"
    r"(?:联系|聯繫|聯絡|联络|打扰|打擾|骚扰|騷擾|找|烦|煩|发送|發送|发|發|推送|打|来电|來電|致电)"
    rf"(?:给|給)?(?:{_ME}的?)?{_THESE}{_NEWS}?(?:(?:给|給|到)?{_ME})?",
    # 不再接收, 拒绝接收短信, 我不想再收到你们的短信
    rf"{_ME}?(?:{_NOT}|不想|不愿意|不愿|不希望|不再)(?:再|想|继续)*(?:收到|接收|接到){_THESE}{_NEWS}?",
    rf"{_ME}?不(?:想|愿|要)再?被(?:打扰|打擾|骚扰|騷擾|联系|聯絡)",
    # 退订短信, 短信退订, 不要短信
    rf"(?:{_THESE}{_NEWS})?(?:全部)?(?:退订|退訂|拒收|取消订阅){_THESE}{_NEWS}?",
    rf"(?:不要|不再|取消|拒绝|停止){_THESE}(?:短信|邮件|推送|简讯|簡訊|郵件|来电)",
)

_MAIL = (
    r"(?:textmessages?|texts?|sms|messages?|messaging|msgs?|e?mails?|phonecalls?|calls?|communications?|notifications?)"
)
_REACH = r"(?:call|text|messag|contact|mail|email|writ|send|phon|ring)"
_ANGER = r"(?:bother|harass|spamm|disturb)"
_ALL = r"(?:these|those|this|the|all|of|your|any|more|further)*+"
_HERE = r"(?:tome)?(?:(?:on|at|to)?(?:this|my)?(?:phonenumber|number|cellphone|phone|cell|mobile|emailaddress|email))?"
_LIST = r"(?:(?:from|off)(?:of)?(?:your|the|this|all|any)?(?:mailing|email|contact|call)?(?:lists?|database|system))"
_ENGLISH = (
    rf"(?:stop|cease){_ALL}(?:{_MAIL}|contact|everything)",
    rf"nomore{_ALL}{_MAIL}",
    rf"(?:stop|quit|cease){_ALL}{_REACH}(?:e|ing|s)?(?:to)?(?:me|us)?{_ALL}{_MAIL}?{_HERE}",
    rf"(?:stop|quit|cease){_ANGER}(?:ing)?(?:me|us)?{_HERE}",
    rf"(?:(?:do|does)?(?:not|nt)|never)(?:ever)?{_REACH}e?(?:to)?(?:me|us)?{_ALL}{_MAIL}?{_HERE}",
    rf"(?:do)?(?:not|nt)(?:ever)?{_ANGER}(?:me|us)",
    rf"i(?:donot|dont|nolonger)(?:wish|want)(?:to(?:receive|get))?{_ALL}{_MAIL}",
    r"i(?:donot|dont|nolonger)(?:wish|want)tobecontacted",
    rf"(?:unsubscribe(?:me)?|(?:i)?opt(?:ing)?(?:me)?out)(?:{_LIST}|(?:from)?{_ALL}{_MAIL}|all)?",
    rf"(?:remove|delete)(?:me|mynumber|myemail(?:address)?){_LIST}?",
    rf"take(?:me|mynumber|myemail(?:address)?){_LIST}",
    rf"(?:to)?be(?:removed|unsubscribed|takenoff){_LIST}",
    r"i?(?:hereby)?(?:revoke|withdraw)(?:my)?consent",
)
_IN_SO_MANY_WORDS = re.compile("|".join((*_CHINESE, *_ENGLISH)))
_REPEATED = re.compile(r"(.+?)\1*")


def refuses(clause: str, further: frozenset[str] = frozenset()) -> bool:
    """True where a short clause says this and nothing beside it; `further` are words to be read like `VAGUE` ones."""
    words = dense(clause)
    said = {words, PLEADED.off(words), WISHED.off(words)}
    said |= {_once(each) for each in said}
    said |= {PARTICLES.off(each) for each in said}
    return any(_IN_SO_MANY_WORDS.fullmatch(each) for each in said) or is_stop_word(clause, further)


def is_stop_word(clause: str, further: frozenset[str] = frozenset()) -> bool:
    """True where a clause is a stop word, said once or over and over."""
    words = dense(clause)
    alone, asked, wished = (_once(layer.off(words)) for layer in (SPOKEN, PLEADED, WISHED))
    vague = VAGUE | further
    if alone in BARE or asked in vague or PARTICLES.off(wished) in SURE or _KEYED.fullmatch(alone):
        return True
    # Beside Latin words a letter is one of its own only if it stands alone: "T, thanks" and never "they".
    told = set(tokens(clause))
    return len(told) == 1 and not told.isdisjoint(BARE | vague | SURE)


def _once(words: str) -> str:
    """What is said over and over is said."""
    found = _REPEATED.fullmatch(words)
    return found[1] if found else words

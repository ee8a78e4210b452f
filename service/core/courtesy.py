"""
What people put around what they mean: greetings, thanks, pleas and wishes, which do not hide it.

In layers, for not every word bears the same company: `GREETED` says nothing at all, `PLEADED` asks, and `WISHED`
says that somebody wants it. All is read letter by letter (`wording.dense`), so that width, case and signs say nothing.
"""

import re
from collections.abc import Iterable

from .wording import dense, plain

_SPOKEN = (
    *("您好", "你好", "你们好", "喂", "亲", "不好意思", "对不起", "對不起", "抱歉", "好的", "拜托", "拜託", "劳驾"),
    *("谢谢你们", "谢谢你", "谢谢您", "谢谢了", "谢谢", "謝謝你", "謝謝您", "謝謝", "多谢", "多謝", "感谢", "感謝"),
)
_LATIN = (
    *("hi", "hello", "hey", "dearsir", "dearmadam", "dearsirs", "dearsirormadam", "goodmorning", "goodday"),
    *("please", "pls", "plz", "kindly", "thanks", "thankyou", "thx", "sorry", "ok", "okay"),
)
_GREETINGS = (*_SPOKEN, *_LATIN)
_PLEAS = (
    *("请你们", "请您", "请你", "请", "請您", "請你", "請", "麻烦你们", "麻烦您", "麻烦你", "麻烦", "麻煩您", "麻煩"),
    *("马上", "立即", "立刻", "现在", "now", "immediately"),
)
_ANSWERING = ("回复", "回覆", "reply")
_WISHES = (
    *("我要求", "我申请", "我需要", "我想要", "我要", "我想", "要求", "申请", "办理", "帮我", "帮忙", "幫我", "给我"),
    *("可不可以", "可以", "可否", "能不能", "能", "以后", "今后", "从今以后", "你们", "您们", "您", "你"),
    *("iwantto", "iwantyouto", "iwanna", "iwouldlike", "iwouldliketo", "iwouldlikeyouto", "idlike", "idliketo"),
    *("iwishto", "ineedto", "ineedyouto", "iaskyouto", "canyou", "couldyou", "wouldyou", "and", "just"),
)
_PARTICLES = (
    *("一下", "下", "了", "吧", "啊", "呀", "啦", "哦", "好吗", "行吗", "可以吗", "吗"),
    *("now", "again", "anymore", "atonce", "immediately", "rightnow"),
)
_TOKENS_OF_COURTESY = frozenset((*_LATIN, "thank", "you", "dear", "sir", "now"))
_APART = re.compile(r"[^\w\s'\u2019]+")
_TOKENS = re.compile(r"[^\W_]+")
_SALUTATION = re.compile(r"(?:(?:dear|hi|hello|hey)\b|尊敬的|亲爱的)[^,:.!?，：。！？]{0,30}[,:，：]")

LINES_MAX = 100
LONGEST = 80
"""Letters and digits of a clause that can still say one thing and nothing else."""


class Layer:
    """Words that say nothing of their own before what is meant, and after it."""

    def __init__(self, before: Iterable[str], after: Iterable[str]) -> None:
        # Possessive: what is polite is never read in two ways, however often it is said.
        self._before = re.compile(f"(?:{_either(before)})*+")
        self._after = re.compile(rf"(?:{_either(after)})++\Z")

    def off(self, words: str) -> str:
        """Take it off these dense words, from both ends; a long clause says more than courtesies."""
        if len(words) > LONGEST:
            return words
        first = self._before.match(words)
        rest = words[first.end() :] if first else words
        last = self._after.search(rest)
        return rest[: last.start()] if last else rest


def _either(words: Iterable[str]) -> str:
    return "|".join(sorted(set(words), key=lambda word: (-len(word), word)))


SPOKEN = Layer(_SPOKEN, _SPOKEN)
"""`GREETED` without Latin words, which run into a Latin letter before or after them."""
GREETED = Layer(_GREETINGS, _GREETINGS)
PLEADED = Layer((*_GREETINGS, *_PLEAS, *_ANSWERING), (*_GREETINGS, *_PLEAS))
WISHED = Layer((*_GREETINGS, *_PLEAS, *_ANSWERING, *_WISHES), (*_GREETINGS, *_PLEAS))
PARTICLES = Layer((), _PARTICLES)
"""What makes a wish softer at its very end, or tells that it is one."""


def clauses(text: str) -> list[str]:
    """Take a text apart at its signs and line breaks; what only greets or thanks is no part of it."""
    parts = (part for line in lines(text) for part in _APART.split(plain(line)))
    return [part for part in parts if GREETED.off(dense(part))]


def lines(text: str) -> list[str]:
    """The lines that say something; a salutation at the end of a line does not."""
    told = (line.strip() for line in text.splitlines()[:LINES_MAX])
    return [line for line in told if GREETED.off(dense(line)) and not _SALUTATION.fullmatch(plain(line))]


def opening(text: str) -> str:
    """The first paragraph that says something."""
    paragraphs = re.split(r"\n[^\S\n]*\n", "\n".join(text.splitlines()[:LINES_MAX]))
    return next((found for found in ("\n".join(lines(each)) for each in paragraphs) if found), "")


def tokens(clause: str) -> list[str]:
    """The words of a clause of Latin script, those of courtesy left out."""
    return [word for word in _TOKENS.findall(plain(clause)) if word not in _TOKENS_OF_COURTESY]

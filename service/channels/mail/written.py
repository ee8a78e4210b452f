"""
What somebody wrote in an e-mail: their own words, without what they quote, how they sign, and what their program adds.

Mail programs introduce what is quoted in their own ways and languages. A line that ends with a colon before quoted
lines is one; others are known by their words, or begin everything that follows. Who has only a subject said it there.
"""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.header import decode_header, make_header
from html import unescape

from .parts import Part, walk

WORDS_MAX = 2000
LINES_MAX = 2000
LINE_MAX = 400
END_MAX = 40
"""Of the second line of an introduction that was folded."""

_WROTE = r"(?:wrote|writes|写道|寫道|schrieb|a écrit|escribió|ha scritto|escreveu)"
_INTRODUCES = re.compile(rf"{_WROTE}.{{0,60}}[:：]\Z", re.IGNORECASE)
_SOMEBODY_SOMETIME = re.compile(r"[<@\d]|\A(?:on|at|am|le|el|il|em)\b|在|于|於", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"[-_*=]{2,}\s*(?:original(?: message| appointment)?|forwarded message|原始邮件|原始郵件|原邮件|邮件原件"
    r"|回复的原邮件|转发邮件信息|转发的邮件|原始訊息|ursprüngliche nachricht|message d'origine)\s*[-_*=:]*"
    r"|_{8,}|-{20,}|--",
    re.IGNORECASE,
)
_FROM = re.compile(r"\W{0,2}(?:from|发件人|寄件者|寄件人|发信人|von|de)\W{0,2}[:：].*", re.IGNORECASE)
_SENT = re.compile(
    r"\W{0,2}(?:sent|date|to|subject|发送时间|发送日期|日期|时间|收件人|主题|寄件日期|傳送時間|收件者|gesendet|envoyé)\W{0,2}[:：].*",
    re.IGNORECASE,
)
_BY_PROGRAM = re.compile(
    r"(?:sent from|sent via|get|发自|發自|发送自|(?:来自|來自|从|從)我的|获取|下载|下載)\W?.{0,20}?"
    r"(?:iphone|ipad|android|galaxy|samsung|huawei|xiaomi|outlook|yahoo|windows|mobile|phone|手机|手機|邮箱|华为|小米).{0,40}",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"\s*(?:re|aw|sv|fw|fwd|回复|答复|回覆|答覆|转发|轉寄)\s*[:：]", re.IGNORECASE)

_TAG = re.compile(r"(<[^<>]*>)")
_NAME = re.compile(r"<(/?)([a-z][a-z0-9]*)", re.IGNORECASE)
_HIDES = frozenset({"style", "script", "head", "title"})
_BREAKS = frozenset({"br", "div", "tr", "li", "hr", "table", "h1", "h2", "h3", "body"})


def own_words(mail: Part) -> str | None:
    """Give what was written; None: nothing was."""
    text = next((each.text for each in _texts(mail, "text/plain") if each.text.strip()), None)
    if text is None:
        text = next((plain_of(each.text) for each in _texts(mail, "text/html")), "")
    said = "\n".join(_own(text.replace("\r\n", "\n").split("\n")[:LINES_MAX])).strip()
    return said[:WORDS_MAX] or _subject(mail)


def _texts(mail: Part, kind: str) -> Iterator[Part]:
    return (each for each in walk(mail) if each.kind == kind and not each.attached)


def _subject(mail: Part) -> str | None:
    """Who answers keeps our subject, who writes anew has one of his own."""
    subject = mail.fields.get("subject", "")[:LINE_MAX]
    try:
        subject = str(make_header(decode_header(subject)))
    except (LookupError, ValueError, MessageError):
        return None
    return None if _ANSWERED.match(subject) else subject.strip() or None


def _own(lines: list[str]) -> Iterator[str]:
    told = [line.strip()[:LINE_MAX] for line in lines]
    for n, line in enumerate(told):
        after = [each for each in told[n + 1 : n + 4] if each]
        if line.startswith(">") or _BY_PROGRAM.fullmatch(line):
            continue
        if _SEPARATOR.fullmatch(line) or (_FROM.fullmatch(line) and any(map(_SENT.fullmatch, after))):
            return
        quotes = any(each.startswith(">") for each in after)
        if _introduces(line, after):
            if not quotes:
                return
            continue
        if not (line.endswith((":", "：")) and after[:1] and after[0].startswith(">")):
            yield line


def _introduces(line: str, after: list[str]) -> bool:
    """Tell the line by which a program says whom it quotes, or the first of two."""
    ends = _INTRODUCES.search(line) or (after and len(after[0]) <= END_MAX and _INTRODUCES.search(after[0]))
    return bool(ends) and _SOMEBODY_SOMETIME.search(line) is not None


def plain_of(html: str) -> str:
    """Read HTML as lines; what stands in a `blockquote` is quoted."""
    first, *commented = html.split("<!--")
    shown = first + "".join(each.partition("-->")[2] for each in commented)
    out: list[str] = []
    hidden, quoted = "", 0
    for n, piece in enumerate(_TAG.split(shown)):
        if n % 2 == 0:
            if not hidden and not quoted:
                out.append(re.sub(r"\s+", " ", unescape(piece)))
            continue
        found = _NAME.match(piece)
        closes, name = (found[1] == "/", found[2].lower()) if found else (False, "")
        if name in _HIDES:
            hidden = "" if closes else hidden or name
        elif name == "blockquote":
            quoted = max(0, quoted - 1) if closes else quoted + 1
            out.append("\n" if closes else "\n>\n")
        elif name == "p":
            out.append("\n\n")
        elif name in _BREAKS:
            hidden = "" if name == "body" else hidden
            out.append("\n")
        if "divRplyFwdMsg" in piece:
            break
    return "".join(out)

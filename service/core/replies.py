"""
What a short reply asks for: to be left alone, that the number is somebody else's, to complain, to be called back.

The first two bar an address, so they count only where they are all that is said: in the whole message, or in its
first paragraph, courtesy left out. A stop word counts as the first line too, for a name or a footer often follows. A
sentence that merely contains such words is `free`, for a person to read. A wish to be called or answered opens what
is closed, so it is the whole message. A complaint bars nothing and is looked for anywhere. Some law names words of
its own (`suppression` rules with `words`): they count for those whom it protects.
"""

import re

from .courtesy import LONGEST, PARTICLES, PLEADED, WISHED, clauses, opening
from .misdirected import misdirected
from .model import Asks, Channel, Instant
from .policy import Book, lineage
from .refusing import is_stop_word, refuses
from .rules.suppression import SuppressionRule
from .wording import dense, plain

CLAUSES_MAX = 8

_COMPLAINT = re.compile(
    r"投诉|投訴|举报|舉報|起诉你们|(?<![\d号])12378(?!\d)"
    r"|(?<![a-z])(?:complain(?:ts?|ed|ing)?|report you)(?![a-z])"
)
_NO_COMPLAINT = re.compile(
    r"(?:不|没|沒|未|无|無|别|取消|撤销|撤回)(?:会|會|想|要|再|有|打算|是|了|的)*+(?:投诉|投訴|举报|舉報)"
    r"|(?<![a-z])(?:no|not|never|without|won't|don't|can't|nothing to)(?: \w+)? complain\w*"
)

_CALL_BACK = re.compile(
    r"(?:can|could)?(?:you)?(?:callme(?:back)?|callback|givemeacall(?:back)?|ringme(?:back)?)"
    r"|(?:给|給)我(?:回|打)(?:个|個)?(?:电话|電話|电|電)|(?:回|打)(?:个|個)?(?:电话|電話)(?:给|給)我|回(?:个|個)?(?:电话|電話)|回(?:电|電)"
)
_REPLY = re.compile(
    r"(?:contact|write|text|email|message|answer)me(?:back)?|(?:联系|聯絡|联络)我|(?:给|給)我(?:回信|回复|回覆)"
)
"""Both in so many words, and nothing beside them: what else they may mean is for a person to read."""


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
    first = opening(text)
    for said in (text, first):
        for parts in ([said], clauses(said)):
            meant = _meant(parts, further)
            if meant is not None:
                return meant
    top = first.partition("\n")[0]
    if top != first and len(dense(top)) <= LONGEST and is_stop_word(top, further):
        return Asks.stop
    left = _NO_COMPLAINT.sub("", plain(text))
    return Asks.complaint if _COMPLAINT.search(left) else _wished(text)


def _meant(parts: list[str], further: frozenset[str]) -> Asks | None:
    """What is meant by clauses that all say one of the two; None where any says something else."""
    if not 1 <= len(parts) <= CLAUSES_MAX or any(len(dense(part)) > LONGEST for part in parts):
        return None
    meant = {_said_by(part, further) for part in parts}
    if None in meant:
        return None
    # Somebody else who wants to be left alone: nobody writes there for that party again, by any medium.
    return Asks.wrong_number if Asks.wrong_number in meant else Asks.stop


def _said_by(clause: str, further: frozenset[str]) -> Asks | None:
    if refuses(clause, further):
        return Asks.stop
    return Asks.wrong_number if misdirected(clause) else None


def _wished(text: str) -> Asks:
    """Who asks for an answer, and for nothing else."""
    words = dense(text)
    said = [PARTICLES.off(each) for each in (words, PLEADED.off(words), WISHED.off(words))]
    if any(map(_CALL_BACK.fullmatch, said)):
        return Asks.call_back
    return Asks.reply if any(map(_REPLY.fullmatch, said)) else Asks.free

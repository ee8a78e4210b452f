"""
Magic recipients: whom one writes to so that the simulator behaves in a certain way.

A telephone +86 199 0000 NNxx, NN from this table and xx anything; an e-mail address or openid that begins
with `magic-<word>`; a letter to a person or a first address line of that name. What stands behind the word
but a hyphen and digits tells people of one kind apart: `magic-stop-001@example.com`. The numbers look made
up and are well-formed; no block of Chinese numbers is set aside for fiction, but the simulator dials nobody.
"""

import re
from enum import StrEnum
from typing import NamedTuple

HOUR = 3600
DAY = 24 * HOUR

LATE_S = {"call": 5 * HOUR, "sms": 73 * HOUR, "wechat": 25 * HOUR, "email": 121 * HOUR, "letter": 31 * DAY}
"""An hour, for letters a day, after the gateway by default stops waiting for a receipt."""


class Manner(StrEnum):
    """How the HTTP call that hands a message over is answered."""

    plain = "plain"
    hang = "hang"
    drop = "drop"
    half = "half"
    drip = "drip"
    wrong_type = "wrong_type"
    huge = "huge"
    error = "error"


class Told(NamedTuple):
    """A receipt: what happened, when (seconds after the message), and when it is told, if later."""

    status: str
    after_s: int
    told_s: int | None = None


class Behaviour(NamedTuple):
    """
    What the simulator does with a message.

    `refusal` is the code it is refused with, `taken` whether the contact is made. A letter is taken from
    the spool and cannot be refused at the door: its refusal is a receipt, and its hand-over never fails.
    """

    number: str
    word: str
    meaning: str
    calls: tuple[Told, ...] = (Told("answered", 8),)
    messages: tuple[Told, ...] = (Told("delivered", 2),)
    letters: tuple[Told, ...] = (Told("posted", 6 * HOUR), Told("delivered", 2 * DAY))
    reply: str | None = None
    twice: bool = False
    late: bool = False
    skew_s: int = 0
    refusal: str | None = None
    refused_as: int = 422
    refused_once: bool = False
    taken: bool = True
    manner: Manner = Manner.plain


_RETURNED = (Told("posted", 6 * HOUR), Told("returned", 5 * DAY))
_REJECTED = (Told("rejected", 1 * HOUR),)
_LATER = 60


def _call(number: str, word: str, meaning: str, status: str, after_s: int = 8) -> Behaviour:
    return Behaviour(number, word, meaning, calls=(Told(status, after_s),))


def _fault(number: str, word: str, meaning: str, manner: Manner, *, taken: bool = True) -> Behaviour:
    return Behaviour(number, word, meaning, manner=manner, taken=taken)


_ALL = (
    Behaviour("00", "delivered", "delivered; a call is a conversation with the right party"),
    Behaviour(
        "01", "read", "delivered, then read; a call is a conversation", messages=(Told("delivered", 2), Told("read", 4))
    ),
    Behaviour("02", "replied", "delivered, and answered 好的，我知道了", reply="好的，我知道了"),
    Behaviour("03", "stop", "delivered, and answered 退订 (STOP)", reply="退订"),
    Behaviour("04", "complaint", "delivered, and answered with a complaint", reply="我要投诉，不要再联系我"),
    _call("10", "busy", "a call finds the line busy; texts are delivered", "busy", 3),
    _call("11", "no-answer", "a call rings out; texts are delivered", "no_answer", 45),
    Behaviour(
        "12",
        "not-in-service",
        "a call finds the number out of service, a text is undelivered, a letter comes back",
        calls=(Told("not_in_service", 3),),
        messages=(Told("undelivered", 5),),
        letters=_RETURNED,
    ),
    _call("13", "voicemail", "a call meets a machine and leaves no message; texts are delivered", "voicemail", 20),
    _call("14", "hung-up", "a call is answered and dropped at once; texts are delivered", "hung_up", 6),
    Behaviour(
        "15",
        "wrong-number",
        "a call reaches a stranger; a text is delivered, and answered 打错了，我不认识这个人",
        calls=(Told("wrong_number", 8),),
        reply="打错了，我不认识这个人",
    ),
    _call("16", "third-party", "a call is answered by somebody else in the house; texts are delivered", "third_party"),
    Behaviour(
        "20",
        "undelivered",
        "taken, then undelivered; a letter comes back; a call finds the number out of service",
        calls=(Told("not_in_service", 3),),
        messages=(Told("undelivered", 30),),
        letters=_RETURNED,
    ),
    Behaviour("21", "lost-receipt", "contacted, and nothing is ever reported", calls=(), messages=(), letters=()),
    Behaviour("22", "duplicate", "delivered, and every receipt comes twice", twice=True),
    Behaviour(
        "23",
        "out-of-order",
        "delivered and read, the later receipt first; a call tells of its ringing last",
        calls=(Told("ringing", 2, told_s=4 * _LATER), Told("answered", 8)),
        messages=(Told("delivered", 2, told_s=20), Told("read", 4)),
        letters=(Told("posted", 6 * HOUR, told_s=3 * DAY), Told("delivered", 2 * DAY)),
    ),
    Behaviour("24", "late", "delivered, and reported after the gateway has stopped waiting", late=True),
    Behaviour(
        "25",
        "lie-delivered",
        "said to be delivered, then to be undelivered; a call answered, then unanswered",
        calls=(Told("answered", 8), Told("no_answer", 4 * _LATER)),
        messages=(Told("delivered", 2), Told("undelivered", 30)),
        letters=(Told("posted", 6 * HOUR), Told("delivered", 2 * DAY), Told("returned", 5 * DAY)),
    ),
    Behaviour(
        "30",
        "refuse",
        "refused for good; a letter by its print house",
        letters=_REJECTED,
        refusal="refused_by_operator",
        taken=False,
    ),
    Behaviour(
        "31",
        "opted-out",
        "refused, for the platform knows that the person opted out",
        letters=_REJECTED,
        refusal="opted_out",
        taken=False,
    ),
    Behaviour(
        "32",
        "throttled",
        "refused each time, for now",
        letters=_REJECTED,
        refusal="throttled",
        refused_as=429,
        taken=False,
    ),
    Behaviour(
        "33",
        "fail-once",
        "a request's first try is certainly not taken, the next is delivered",
        refusal="not_accepted",
        refused_as=503,
        refused_once=True,
    ),
    Behaviour(
        "34",
        "lie-refused",
        "refused for good inside an answer of 200",
        letters=_REJECTED,
        refusal="refused_by_operator",
        refused_as=200,
        taken=False,
    ),
    Behaviour(
        "38",
        "token-expired",
        "a request's first try is refused because our token has expired, the next is delivered",
        refusal="token_expired",
        refused_as=401,
        refused_once=True,
    ),
    Behaviour(
        "39",
        "clock-skew",
        "a request's first try is refused because our clocks differ, the next is delivered; receipts are a day ahead",
        refusal="clock_skew",
        refused_as=403,
        refused_once=True,
        skew_s=DAY,
    ),
    Behaviour(
        "40",
        "hang",
        "contacted, the call is never answered; the receipt comes later",
        messages=(Told("delivered", _LATER),),
        manner=Manner.hang,
    ),
    Behaviour(
        "41",
        "hang-lost",
        "contacted, the call is never answered and nothing is reported; one must ask",
        calls=(),
        messages=(),
        manner=Manner.hang,
    ),
    _fault("42", "hang-untaken", "not contacted, the call is never answered; one must ask", Manner.hang, taken=False),
    _fault("43", "error-after", "contacted, then answered 500", Manner.error),
    _fault("44", "error-before", "answered 500 and not contacted; one must ask", Manner.error, taken=False),
    _fault("45", "drop", "contacted, then the connection is dropped", Manner.drop),
    _fault("46", "half-answer", "contacted, the answer breaks off", Manner.half),
    _fault("47", "slow-drip", "contacted, the answer comes by single bytes", Manner.drip),
    _fault("48", "wrong-type", "contacted, the answer is a page of HTML", Manner.wrong_type),
    _fault("49", "huge", "contacted, the answer is of 1 MB", Manner.huge),
)

MAGIC = {behaviour.word: behaviour for behaviour in _ALL}
"""Every behaviour by its word, in the order of the README's table."""

DELIVERED = MAGIC["delivered"]

_BY_NUMBER = {behaviour.number: behaviour for behaviour in _ALL}
_PHONE = re.compile(r"\+861990000(\d\d)\d\d")
_NAME = re.compile(r"magic-([a-z]+(?:-[a-z]+)*)(?:-\d+)?(?:@.+)?")


def magic_number(word: str, which: int = 1) -> str:
    """Give the telephone number that asks for a behaviour; `which` (0 to 99) tells people of one kind apart."""
    return f"+861990000{MAGIC[word].number}{which:02}"


def magic_of(*names: str | None) -> Behaviour | None:
    """Find the behaviour that an address or a name asks for; None if nothing asks."""
    for name in names:
        if name is None:
            continue
        if phone := _PHONE.fullmatch(name):
            return _BY_NUMBER.get(phone.group(1))
        if magic := _NAME.fullmatch(name.strip().lower()):
            return MAGIC.get(magic.group(1))
    return None

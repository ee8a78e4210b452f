"""
A call as the pieces that are spoken: what whoever picks up may hear, and what only the person meant may hear.

The message's own parts are spoken word for word; beside them stands what a telephone needs. A piece is one sound:
either it was heard to its end, or not.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from service.core.rendering import Message

RIGHT, WRONG, THIRD, STOP = "1", "2", "3", "9"
"""The keys: it is I; wrong number; the person is not here; do not call again."""


class Sound(StrEnum):
    opening = "opening"
    question = "question"
    private = "private"
    limited = "limited"
    goodbye = "goodbye"
    wrong = "wrong"
    third = "third"
    stopped = "stopped"


class Phrases(NamedTuple):
    keys: str
    limited: str
    goodbye: str
    wrong: str
    third: str
    stopped: str


PHRASES: Mapping[str, Phrases] = {
    "zh": Phrases(
        keys="如果您是本人，请按1；如果号码有误，请按2；如果本人不在，请按3；如果不希望再接到来电，请按9。",
        limited="我们有事需要与本人联系，方便时请致电{hotline}。再见。",
        goodbye="感谢您的接听，再见。",
        wrong="很抱歉打扰您，我们会停止拨打并核实号码。再见。",
        third="好的，打扰您了。再见。",
        stopped="好的，我们不会再拨打这个号码。再见。",
    ),
    "en": Phrases(
        keys="If it is you, please press 1. If the number is wrong, press 2. If the person is not here, press 3. "
        "If you do not want to be called again, press 9.",
        limited="We have a message for you. Please call us back on {hotline}. Goodbye.",
        goodbye="Thank you, and goodbye.",
        wrong="We are sorry to have troubled you. We will stop calling this number and check it. Goodbye.",
        third="Thank you, and sorry to have troubled you. Goodbye.",
        stopped="We will not call this number again. Goodbye.",
    ),
}


def phrases(locale: str) -> Phrases:
    """Give the phrases in the language of a locale, else in English."""
    return PHRASES.get(locale.partition("-")[0].lower(), PHRASES["en"])


def spoken(message: Message, hotline: str) -> dict[Sound, str]:
    """What this call may come to say, piece by piece; it begins with the opening, where all notices are."""
    said = phrases(message.locale)
    private = [message.part(name) for name in ("body", "options", "closing")]
    return {
        Sound.opening: message.part("opening"),
        Sound.question: f"{message.part('verification')}\n{said.keys}",
        Sound.private: "\n".join(filter(None, private)),
        Sound.limited: f"{message.part('opening')}\n{said.limited.format(hotline=hotline)}",
        Sound.goodbye: said.goodbye,
        Sound.wrong: said.wrong,
        Sound.third: said.third,
        Sound.stopped: said.stopped,
    }

"""
A call as two scripts: what whoever picks up may hear, and what only the person meant may hear.

The first asks for a key; without it the second is never spoken, so that an answering machine, a child or a colleague
hears the opening and a good-bye. The templates see to it that opening and question say nothing of a debt.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.core.rendering import Message

CONFIRMED, DENIED = "1", "2"
"""The keys."""


class Phrases(NamedTuple):
    """What the telephone itself needs to say, beside the message."""

    keys: str
    denied: str
    goodbye: str


PHRASES: Mapping[str, Phrases] = {
    "zh": Phrases(
        keys="如果您是本人，请按1；如果不是，请按2。",
        denied="很抱歉打扰您，我们会停止拨打并核实号码。再见。",
        goodbye="感谢您的接听，再见。",
    ),
    "en": Phrases(
        keys="If it is you, please press 1. If it is not, please press 2.",
        denied="We are sorry to have troubled you. We will stop calling this number and check it. Goodbye.",
        goodbye="Thank you, and goodbye.",
    ),
}


def phrases(locale: str) -> Phrases:
    """Give the phrases in the language of a locale, else in English."""
    return PHRASES.get(locale.partition("-")[0].lower(), PHRASES["en"])


def in_public(message: Message) -> tuple[str, ...]:
    """What whoever picks up may hear."""
    return (message.part("opening"), message.part("verification"), phrases(message.locale).keys)


def in_private(message: Message) -> tuple[str, ...]:
    """What only the person meant may hear."""
    return tuple(message.part(name) for name in ("body", "options", "closing") if message.part(name))

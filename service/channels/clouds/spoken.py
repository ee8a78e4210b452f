"""
A call as two scripts: what whoever picks up may hear, and what only the person meant may hear.

The first asks for a key; without it the second is never spoken, so that a child or a colleague hears the opening, the
question and a good-bye. The templates see to it that opening and question say nothing of a debt. A machine is asked
nothing: it hears who called and that we ask to be called back, or nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.channels.voice.phrases import phrases as trunk_phrases
from service.core.rendering import Message, Statement

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


def question(message: Message) -> tuple[str, ...]:
    """What whoever picks up is asked once the opening is over."""
    return (message.part("verification"), phrases(message.locale).keys)


def in_private(message: Message) -> tuple[str, ...]:
    """What only the person meant may hear."""
    return tuple(message.part(name) for name in ("body", "options", "closing") if message.part(name))


def for_machines(message: Message, hotline: str, name: str | None) -> tuple[str, ...]:
    """
    What a machine may keep, for whoever listens to it: who called, and the request to call back.

    Nothing, where the opening names the person, or not the institution, or where there is no number to call.
    """
    opening = message.part("opening")
    if not hotline or Statement.institution not in message.states or (name and name in opening):
        return ()
    return (opening, trunk_phrases(message.locale).limited.format(hotline=hotline))

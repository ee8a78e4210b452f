"""Which rules do not stand on a text that was read: counsel looks at these first (decision 0015)."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from .model import Confidence
from .policy import HOUSE, Pack
from .rule import Rule


class Why(StrEnum):
    """
    A draft binds nobody; else it is how the source was read.

    A house value stands where a regulator gives none, or where the figure it follows was not confirmed: it is
    bound to a place, or names an address.
    """

    draft = "draft"
    house_value = "house_value"
    secondary = "secondary"
    unconfirmed = "unconfirmed"


class Unconfirmed(NamedTuple):
    pack: str
    rule: Rule
    why: Why


def unconfirmed(packs: Iterable[Pack]) -> Iterator[Unconfirmed]:
    """Every rule that is a draft, a house value in the place of law, or not read in its own text."""
    for pack in packs:
        for rule in pack.rules:
            if (why := _why(pack, rule)) is not None:
                yield Unconfirmed(pack.id, rule, why)


def _why(pack: Pack, rule: Rule) -> Why | None:
    if pack.draft:
        return Why.draft
    if rule.confidence is not Confidence.primary:
        return Why(rule.confidence.value)
    return Why.house_value if pack.id == HOUSE and (rule.when.jurisdiction or rule.url) else None

"""The gateway as one value: what the door and the beats are handed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from .accept import Answer, Ask
from .callout import Callout
from .kit import Kit
from .ports import Channels, Store, Typesetter


class Accepting(Protocol):
    """Groups concurrent callers into one transaction; a lone failing item answers with its exception."""

    async def submit(self, items: Sequence[Ask]) -> Sequence[Answer | BaseException]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    kit: Kit
    store: Store
    accepting: Accepting
    channels: Channels
    typeset: Typesetter
    callout: Callout

"""
What mail systems answer and report: enhanced status codes (RFC 3463), or the bare reply code where there is none.

The class says for how long: 4 may pass, 5 will not. The rest says what it is about; the longest beginning that is
listed counts. A bare 550 may mean anything, and no address is given up for it.
"""

import re
from collections.abc import Mapping

from service.channels.answers import meant
from service.core.model import Fate
from service.flows.ports import SendResult

_FATES: Mapping[str, Fate] = {
    # The address, or the domain, is none.
    **dict.fromkeys(("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"), Fate.invalid_recipient),
    # This message, whoever it is for: its size, its form, its words.
    **dict.fromkeys(("5.2.3", "5.3.4", "5.6", "5.7"), Fate.rejected_content),
    # We, not the recipient: our sender's address, our right to use the relay.
    **dict.fromkeys(
        ("5.1.7", "5.1.8", "5.7.3", "5.7.8", "5.7.9", "5.7.11", "4.7.0", "4.7.12", "530", "534", "535", "538", "454"),
        Fate.provider_unavailable,
    ),
    **dict.fromkeys(("4.3.1", "4.5.3", "452"), Fate.throttled_account),
    "4": Fate.retryable,
    "5": Fate.permanent,
}

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d)")


def enhanced(text: str) -> str | None:
    """Give the enhanced status code that a text begins with."""
    found = _ENHANCED.match(text.strip())
    return ".".join(str(int(part)) for part in found.groups()) if found else None


def fate_of(status: str) -> Fate | None:
    """What a status stands for; None for one that is no failure."""
    known = [name for name in _FATES if status == name or status.startswith(f"{name}.") or _bare(status, name)]
    return _FATES[max(known, key=len)] if known else None


_NO_RELAY = re.compile(r"relay(ing)? (access )?(denied|not permitted|prohibited)|unable to relay", re.IGNORECASE)
"""How servers say that they carry nothing for us; their status for it, 5.7.1, is that of an unwanted message."""


def refusal(code: int, text: str, *, ours: bool = False) -> SendResult:
    """
    What a reply that refuses means: certainly not taken.

    `ours`: it answers what concerns our account alone, as the sender's address does, so nothing is against the message.
    """
    status = enhanced(text) or str(code)
    fate = fate_of(status) or Fate.permanent
    ours = ours or _NO_RELAY.search(text) is not None
    detail = f"smtp_{status.replace('.', '_')}"
    return meant(Fate.provider_unavailable if ours and fate not in _MAY_PASS else fate, detail)


_MAY_PASS = frozenset({Fate.retryable, Fate.throttled_account})


def _bare(status: str, name: str) -> bool:
    """A bare reply code of three digits belongs to its class."""
    return len(name) == 1 and "." not in status and status.startswith(name)

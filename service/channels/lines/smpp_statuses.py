"""
What a message centre's statuses mean (SMPP 3.4, table 5-2, and 5.0): a negative answer says that it was not taken.

Statuses from 0x400 on are the centre's own; those that were agreed stand in the account's `codes`.
"""

from collections.abc import Mapping

from service.core.model import Fate

STATUSES: Mapping[int, Fate] = {
    0x00: Fate.accepted,
    0x01: Fate.permanent,  # message length
    0x02: Fate.permanent,  # command length
    0x03: Fate.permanent,  # command
    0x04: Fate.provider_unavailable,  # not bound for this
    0x05: Fate.provider_unavailable,  # already bound
    0x06: Fate.permanent,  # priority
    0x07: Fate.permanent,  # registered delivery
    0x08: Fate.retryable,  # system error
    0x0A: Fate.provider_unavailable,  # our source address
    0x0B: Fate.invalid_recipient,  # destination
    0x0C: Fate.permanent,  # message id
    0x0D: Fate.provider_unavailable,  # bind failed
    0x0E: Fate.provider_unavailable,  # password
    0x0F: Fate.provider_unavailable,  # system id
    0x11: Fate.permanent,  # cancel
    0x13: Fate.permanent,  # replace
    0x14: Fate.throttled_account,  # queue full
    0x15: Fate.provider_unavailable,  # service type
    0x33: Fate.permanent,  # number of destinations
    0x34: Fate.permanent,  # distribution list
    0x40: Fate.permanent,  # destination flag
    0x42: Fate.permanent,  # replace
    0x43: Fate.permanent,  # esm class
    0x44: Fate.permanent,  # distribution list
    0x45: Fate.retryable,  # submit failed
    0x48: Fate.provider_unavailable,  # source type of number
    0x49: Fate.provider_unavailable,  # source numbering plan
    0x50: Fate.permanent,  # destination type of number
    0x51: Fate.permanent,  # destination numbering plan
    0x53: Fate.provider_unavailable,  # system type
    0x54: Fate.permanent,  # replace
    0x55: Fate.permanent,  # number of messages
    0x58: Fate.throttled_account,  # too fast
    0x61: Fate.permanent,  # schedule
    0x62: Fate.permanent,  # validity
    0x63: Fate.permanent,  # predefined message
    0x64: Fate.retryable,  # temporary trouble at the receiver
    0x65: Fate.permanent,  # permanent trouble at the receiver
    0x66: Fate.permanent,  # refused by the receiver
    0x67: Fate.permanent,  # query
    0xC0: Fate.permanent,  # optional part
    0xC1: Fate.permanent,  # optional parameter not allowed
    0xC2: Fate.permanent,  # parameter length
    0xC3: Fate.permanent,  # optional parameter missing
    0xC4: Fate.permanent,  # optional parameter value
    0xFE: Fate.permanent,  # delivery failure
    0xFF: Fate.permanent,  # unknown error
    0x100: Fate.provider_unavailable,  # service type not authorised
    0x101: Fate.provider_unavailable,  # prohibited
    0x102: Fate.provider_unavailable,  # service type not available
    0x103: Fate.provider_unavailable,  # service type denied
    0x104: Fate.permanent,  # data coding
    **dict.fromkeys(range(0x105, 0x113), Fate.permanent),  # subunits and broadcasts
}

LOGIN_REFUSED: Mapping[int, str] = {
    0x04: "bind_state",
    0x05: "already_bound",
    0x0D: "bind_failed",
    0x0E: "password",
    0x0F: "system_id",
    0x53: "system_type",
}

"""What a CMPP gateway's results mean, to a message and to a login (CMPP 2.0 and 3.0)."""

from collections.abc import Mapping

from service.core.model import Fate

RESULTS: Mapping[int, Fate] = {
    0: Fate.accepted,
    1: Fate.permanent,
    2: Fate.permanent,
    3: Fate.permanent,
    4: Fate.permanent,
    5: Fate.provider_unavailable,
    6: Fate.permanent,
    7: Fate.permanent,
    8: Fate.throttled_account,
    9: Fate.provider_unavailable,
    10: Fate.provider_unavailable,
    11: Fate.provider_unavailable,
    12: Fate.provider_unavailable,
    13: Fate.invalid_recipient,
}
"""
What the gateway answers to a message: form (1-4, 6), service (7), fee (5), pace (8), account (9-12), number (13).

Larger ones are the gateway's own.
"""

LOGIN_REFUSED = {1: "login_malformed", 2: "source_address", 3: "password", 4: "version"}

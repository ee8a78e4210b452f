"""
What Twilio's codes and states mean, for messages and calls.

Source: the provider's dictionary of errors (twilio.com/docs/api/errors), which its libraries do not carry and which
it splits further from time to time; an unknown code is final and raises an alarm.
"""

from collections.abc import Mapping

from service.core.model import Fate, Outcome

from .codes import Codes, Ending

_REFUSED: Mapping[str, Fate] = {
    # The number cannot be reached this way at all.
    **dict.fromkeys(
        (
            *("21211", "21214", "21217", "21265", "21421", "21614", "21635", "21652", "21656"),
            *("13223", "13224", "13225", "13226", "30005", "30006", "30011"),
        ),
        Fate.invalid_recipient,
    ),
    "21610": Fate.opted_out,
    **dict.fromkeys(
        (
            *("21408", "21602", "21605", "21612", "21617", "21619", "21620", "21621", "21623", "21624", "21654"),
            *("21655", "21658", "30007", "30019", "30034", "12100", "12200", "21218", "21219", "21220"),
        ),
        Fate.rejected_content,
    ),
    **dict.fromkeys(("14107", "20429", "21611", "30001", "10004", "30022", "30023"), Fate.throttled_account),
    **dict.fromkeys(
        (
            *("10001", "10002", "10003", "10005", "20001", "20003", "20005", "20006", "20008", "20403", "20404"),
            *("21210", "21212", "21213", "21215", "21216", "21406", "21603", "21606", "21607", "21608", "21659"),
            *("21660", "21661", "21701", "21702", "21703", "21704", "21705", "30002", "30010", "30032", "30033"),
        ),
        Fate.provider_unavailable,
    ),
    **dict.fromkeys(("21730",), Fate.retryable),
    **dict.fromkeys(("20500", "20503", "30008", "30009", "30017"), Fate.ambiguous),
    **dict.fromkeys(
        (
            *("20002", "20400", "21201", "21202", "21203", "21205", "21206", "21207", "21208", "21209", "21221"),
            *("21604", "21609", "21618", "21626", "21627"),
        ),
        Fate.permanent,
    ),
}

ANSWERS = Codes(_REFUSED)
"""What the service answers; `code` in the body of a 4xx."""

MESSAGE_ERRORS: Mapping[str, Ending] = {
    "21610": Ending(Outcome.undelivered, Fate.opted_out),
    # A telephone that is off or out of reach, or that blocks: no reason to give the number up.
    "30003": Ending(Outcome.undelivered),
    "30004": Ending(Outcome.undelivered),
    "30005": Ending(Outcome.undelivered, Fate.invalid_recipient),
    "30006": Ending(Outcome.undelivered, Fate.invalid_recipient),
    "30007": Ending(Outcome.undelivered),
    "30008": Ending(Outcome.undelivered),
    "30410": Ending(Outcome.undelivered),
    **dict.fromkeys(
        (
            *("30001", "30002", "30009", "30010", "30017", "30019", "30022", "30023", "30032", "30033", "30034"),
            *("30035", "30036", "21408", "21612"),
        ),
        Ending(Outcome.undelivered),
    ),
}
"""Why a message was not delivered. A code that is not listed is undelivered, and raises an alarm."""

MESSAGES: Mapping[str, Outcome] = {
    **dict.fromkeys(("queued", "accepted", "scheduled", "sending", "sent"), Outcome.sent),
    "delivered": Outcome.delivered,
    "read": Outcome.read,
    "undelivered": Outcome.undelivered,
    "failed": Outcome.undelivered,
    "canceled": Outcome.undelivered,
}
"""`MessageStatus`."""

CALLS: Mapping[str, Outcome] = {
    **dict.fromkeys(("queued", "initiated", "ringing", "in-progress"), Outcome.sent),
    # Who answered is told beside it.
    "completed": Outcome.answered_dropped,
    "busy": Outcome.not_connected_busy,
    "no-answer": Outcome.ring_no_answer,
    "failed": Outcome.failed,
    "canceled": Outcome.failed,
}
"""`CallStatus`."""

SIP: Mapping[str, Ending] = {
    "404": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "410": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "484": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "604": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "480": Ending(Outcome.undelivered),
    "603": Ending(Outcome.not_connected_busy),
}
"""Why a call failed, by `SipResponseCode`; any other is a failure of the way there."""

ANSWERED_BY: Mapping[str, Outcome] = {
    # It heard who called and that we ask to be called back, where the account leaves that; else nothing.
    **dict.fromkeys(
        ("machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other"), Outcome.voicemail_message
    ),
    "fax": Outcome.voicemail_no_message,
}
"""`AnsweredBy` of a call that was taken."""


def machine(answered_by: str) -> Outcome | None:
    """What became of a call that a machine took; None: it was a person, or nobody knows."""
    other = Outcome.voicemail_message if answered_by.startswith("machine") else None
    return ANSWERED_BY.get(answered_by, other)

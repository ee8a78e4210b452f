"""
What became of text messages and calls, by Aliyun's codes; its libraries list none, so these are its documentation's.

Sources: help.aliyun.com/document_detail/101347.html of the text message service; document_detail/178344.html and
zh/vms/developer-reference/api-dyvmsapi-2017-05-25-errorcodes of the voice service.
"""

from collections.abc import Mapping

from service.core.model import Fate, Outcome

from .codes import Ending

DELIVERED = "DELIVERED"

RECEIPTS: Mapping[str, Ending] = {
    DELIVERED: Ending(Outcome.delivered),
    # Sent, and no word from the operator since.
    "REQUEST_SUCCESS": Ending(Outcome.sent),
    "MOBILE_IN_BLACK": Ending(Outcome.undelivered, Fate.opted_out),
    "USER_REJECT": Ending(Outcome.undelivered, Fate.opted_out),
    "MOBILE_SEND_LIMIT": Ending(Outcome.undelivered, Fate.throttled_recipient),
    # Not in service, but also switched off or abroad: no reason to give the number up.
    "MOBILE_NOT_ON_SERVICE": Ending(Outcome.undelivered),
    "INVALID_NUMBER": Ending(Outcome.undelivered),
    "MOBILE_ACCOUNT_ABNORMAL": Ending(Outcome.undelivered),
    # Spelled so by the provider.
    "MOBLLE_TERMINAL_ERROR": Ending(Outcome.undelivered),
    "MOBILE_TERMINAL_ERROR": Ending(Outcome.undelivered),
    "CONTENT_KEYWORD": Ending(Outcome.undelivered),
    "CONTENT_ERROR": Ending(Outcome.undelivered),
    "SIGNATURE_BLACKLIST": Ending(Outcome.undelivered),
    "PORT_NOT_REGISTERED": Ending(Outcome.undelivered),
    "PARAMS_ILLEGAL": Ending(Outcome.undelivered),
    "IS_CLOSE": Ending(Outcome.undelivered),
    "NO_ROUTE": Ending(Outcome.undelivered),
    "SP_NOT_BY_INTER_SMS": Ending(Outcome.undelivered),
    "SP_UNKNOWN_ERROR": Ending(Outcome.undelivered),
}
"""What became of a text message. A code that is not listed is undelivered, and raises an alarm."""

CALLS: Mapping[str, Ending] = {
    # Nobody was asked who they are, so an answered call is a conversation with nobody in particular.
    "200000": Ending(Outcome.answered_dropped),
    "200001": Ending(Outcome.answered_dropped),
    "200002": Ending(Outcome.not_connected_busy),
    "200003": Ending(Outcome.ring_no_answer),
    "200004": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    # The carrier, a refusal or the telephone's own blocking: never read as the person's own will.
    "200005": Ending(Outcome.undelivered),
    "200006": Ending(Outcome.failed),
    "200007": Ending(Outcome.undelivered),
    "200008": Ending(Outcome.answered_dropped),
    "200010": Ending(Outcome.undelivered),
    "200011": Ending(Outcome.not_in_service),
    "200104": Ending(Outcome.undelivered),
    "200105": Ending(Outcome.undelivered),
    "200116": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "200117": Ending(Outcome.failed),
    "200118": Ending(Outcome.failed),
    "200119": Ending(Outcome.failed, Fate.throttled_recipient),
    "200121": Ending(Outcome.failed),
    "482": Ending(Outcome.not_in_service, Fate.invalid_recipient),
    "400": Ending(Outcome.failed),
    "500": Ending(Outcome.failed),
    "999999": Ending(Outcome.failed),
}
"""What became of a call. One that is not listed is `unknown`, which counts, and raises an alarm."""

UNDER_WAY = frozenset({"200100", "200101", "200102", "200201", "300000"})
"""Steps of a call that is not over: begun, ringing, answered, hung up but not yet accounted for, a key."""

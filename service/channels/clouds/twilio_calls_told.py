"""What Twilio tells of calls, unasked or asked: how far each has come, and whether it was recorded. Pure."""

from service.channels.answers import json_object
from service.channels.wire import Answer
from service.core.errors import Invalid
from service.core.model import Instant, Outcome
from service.flows.ports import Asked, Receipt, SendResult
from service.flows.providers import Callback

from .codes import Ending, harmless
from .twilio import ATTEMPT, form, instant, only_one, sid
from .twilio_codes import CALLS, SIP, machine

LEAVES = "leaves"
"""Says in the address of reports that a machine would hear a message."""

RECORDED = "completed"
"""`RecordingStatus` of a recording that is there; any other says that there is none."""


def read_receipt(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read how far a call has come."""
    words, told = dict(callback.query), form(callback.body)
    ref, status = told.get("CallSid", ""), told.get("CallStatus", "")
    if not ref or not status:
        raise Invalid("CallSid", "or CallStatus is missing")
    known = _ending(status, told.get("AnsweredBy", ""), told.get("SipResponseCode", ""), leaves=LEAVES in words)
    ending = known or Ending(Outcome.unknown)
    seconds = told.get("CallDuration", "")
    duration = int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) <= 5 else None
    event = f"{ref[:40]}:{harmless(status.replace('-', '_'))}"
    at = instant(told.get("Timestamp")) or now
    return Receipt(provider, event, ending.outcome, at, words.get(ATTEMPT), ref, duration, status[:40], ending.fate)


def read_recording(provider: str, callback: Callback, now: Instant) -> Receipt:
    """Read what became of a recording: its text is the provider's name of it. It says nothing of the call's outcome."""
    told = form(callback.body)
    ref, name, status = told.get("CallSid", ""), told.get("RecordingSid", ""), told.get("RecordingStatus", "")
    if not ref or not name:
        raise Invalid("CallSid", "or RecordingSid is missing")
    event, text = f"{name[:40]}:{harmless(status.replace('-', '_'))}", name[:40] if status == RECORDED else status[:40]
    attempt = dict(callback.query).get(ATTEMPT)
    return Receipt(provider, event, Outcome.unknown, now, attempt, ref, text=text)


def _ending(status: str, answered_by: str, sip: str, *, leaves: bool) -> Ending | None:
    outcome = CALLS.get(status)
    if status == "completed":
        met = machine(answered_by) or Outcome.answered_dropped
        return Ending(met if leaves or met is not Outcome.voicemail_message else Outcome.voicemail_no_message)
    if status == "failed" and sip in SIP:
        return SIP[sip]
    return None if outcome is None else Ending(outcome)


def read_found(answer: Answer, asked: Asked, *, leaves: bool) -> SendResult | None:
    """Read the state of the call that was asked for; of several that might be it, none is."""
    told = json_object(answer) or {}
    found = told if asked.provider_ref else only_one(told.get("calls"), asked.at)
    if answer.status != 200 or found is None or sid(found) is None:
        return None
    ending = _ending(str(found.get("status")), str(found.get("answered_by")), "", leaves=leaves)
    return ending.result(sid(found)) if ending else None

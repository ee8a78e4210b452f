"""What is said in a call by Twilio, which asks: when somebody picks up, and when they press a key. Pure."""

from service.core.model import Instant, Outcome
from service.flows.ports import Receipt, Told
from service.flows.providers import Callback, ProviderAccount, Reply

from .spoken import CONFIRMED, DENIED, phrases
from .twilio import ATTEMPT, form, reporting
from .twilio_codes import machine
from .twiml import Script, asking, last, unseal

SCRIPT = "script"
XML = "text/xml"


def read_call(account: ProviderAccount, callback: Callback, now: Instant) -> Told:
    """Answer what to say: to whoever picked up, and to whoever pressed a key."""
    words, told = dict(callback.query), form(callback.body)
    said = unseal(account.params.auth_token, words.get(ATTEMPT, ""), words[SCRIPT])
    if "Digits" in told:
        return read_key(account.name, said, callback, now)
    if (met := machine(told.get("AnsweredBy", ""))) is not None:
        return _answer(last(said.locale, said.limited if met is Outcome.voicemail_message else ()))
    known = {ATTEMPT: words[ATTEMPT]}
    public = account.params.public_url
    key_to = reporting(account, public, {**known, SCRIPT: words[SCRIPT]})
    return _answer(asking(said, phrases(said.locale).goodbye, key_to, reporting(account, public, known)))


def read_key(provider: str, said: Script, callback: Callback, now: Instant) -> Told:
    """Read the key that was pressed, and answer with what may be said to whoever pressed it."""
    told = form(callback.body)
    attempt, key, ref = dict(callback.query)[ATTEMPT], told["Digits"], told.get("CallSid", "")
    if key not in (CONFIRMED, DENIED):
        return _answer(last(said.locale, [phrases(said.locale).goodbye]))
    outcome = Outcome.conversation_right_party if key == CONFIRMED else Outcome.wrong_number
    receipt = Receipt(provider, f"{ref[:40]}:key_{key}", outcome, now, attempt, ref or None)
    spoken = said.private if key == CONFIRMED else (phrases(said.locale).denied,)
    return _answer(last(said.locale, spoken))._replace(receipts=[receipt])


def _answer(document: bytes) -> Told:
    return Told(reply=Reply(content_type=XML, body=document))

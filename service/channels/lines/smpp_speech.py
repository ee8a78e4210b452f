"""A line that speaks SMPP 3.4 to a message centre: the agreement, and what its statuses and receipts mean."""

import re
from collections.abc import Sequence

from service.channels.answers import accepted, meant, unmapped
from service.core.model import Fate, Instant, Outcome
from service.flows.ports import Dispatch, Inbound, Receipt, Recipient, SendResult, Told

from . import smpp
from .agreements import SmppParams
from .numbers import e164
from .parts import Alphabet, Part, cut
from .replies import by_scheme, mark, read, reply
from .smpp_fields import ALPHANUMERIC, INTERNATIONAL, Address
from .smpp_receipts import STATES, said_in
from .smpp_statuses import LOGIN_REFUSED, STATUSES
from .speech import Answered, Brought, Ended, Garbled, Heard, LetIn, Other
from .stats import is_known, meaning

_CODINGS = {Alphabet.gsm7: 0, Alphabet.ucs2: 8}
_ALPHABETS = {0: Alphabet.gsm7, 1: Alphabet.gsm7, 8: Alphabet.ucs2, 3: Alphabet.latin1}
_LISTED = 0x10
"""Codings below are the protocol's own; those from here on are data coding schemes."""


class SmppSpeech:
    def __init__(self, provider: str, params: SmppParams) -> None:
        self._provider = provider
        self._params = params
        self._alphabet = Alphabet(params.charset)
        self._source = Address(params.number) if params.number.isdigit() else Address(params.number, ALPHANUMERIC, 0)

    def login(self, sequence: int, now: Instant) -> bytes:
        return smpp.bind_transceiver(sequence, self._params.system_id, self._params.password, self._params.system_type)

    def let_in(self, raw: bytes, login: bytes) -> LetIn:
        frame = smpp.parse(raw)
        if frame.command not in (smpp.BIND_TRANSCEIVER_RESP, smpp.GENERIC_NACK):
            raise Garbled("another command before the login")
        return LetIn(LOGIN_REFUSED.get(frame.status, "login_refused") if frame.status else "")

    def parts(self, dispatch: Dispatch) -> Sequence[Part]:
        return cut(dispatch.message.body, dispatch.to.address, self._alphabet, dispatch.attempt)

    def submit(self, sequence: int, to: Recipient, part: Part) -> bytes:
        dest = Address(to.address.removeprefix("+"))
        message = smpp.Submit(
            self._source,
            dest,
            part.content,
            _CODINGS[part.alphabet],
            self._params.service_type,
            joined=part.joined,
            receipt=part.last,
        )
        return smpp.submit_sm(sequence, message)

    def judge(self, answered: Answered) -> SendResult:
        fate = STATUSES.get(answered.code) or self._params.codes.get(str(answered.code))
        if fate is Fate.accepted:
            return accepted(answered.ref)
        word = f"smpp_{answered.code:#x}"
        return meant(fate, word) if fate else unmapped(word)

    def query(self, sequence: int, ref: str) -> bytes | None:
        """Ask for one message by the id it was accepted under, as the answer spelt it."""
        spelt = _decimal_to_hex(ref) if self._params.receipt_ids == "decimal" else ref
        return smpp.query_sm(sequence, spelt, self._source)

    def found(self, answered: Answered) -> SendResult | None:
        """Read what a query told; a message that the centre has forgotten may have been delivered long ago."""
        stat = STATES.get(answered.state or 0)
        if answered.code or stat is None:
            return None
        outcome = meaning(stat, self._params.codes).outcome
        if outcome is Outcome.unknown:
            return None
        return accepted(answered.ref, outcome=outcome, awaits=outcome is Outcome.sent)

    def probe(self, sequence: int) -> bytes:
        return smpp.frame(smpp.ENQUIRE_LINK, sequence)

    def bye(self, sequence: int) -> bytes:
        return smpp.frame(smpp.UNBIND, sequence)

    def hear(self, raw: bytes) -> Heard:
        command, status, sequence, body = smpp.parse(raw)
        match command:
            case smpp.SUBMIT_SM_RESP:
                return Answered(sequence, status, "" if status else self._answered_id(smpp.read_message_id(body)))
            case smpp.QUERY_SM_RESP:
                ref, state = ("", None) if status else smpp.read_query_resp(body)
                return Answered(sequence, status, self._answered_id(ref), state)
            case smpp.GENERIC_NACK:
                # It stands for the answer to a frame of ours that the centre could not read.
                return Answered(sequence, status or smpp.INVALID_COMMAND)
            case smpp.DELIVER_SM:
                taken = smpp.frame(smpp.DELIVER_SM_RESP, sequence, b"\0")
                return Brought(taken, smpp.frame(smpp.DELIVER_SM_RESP, sequence, b"\0", smpp.TEMPORARY_TROUBLE))
            case smpp.UNBIND_RESP:
                return Ended(b"")
            case smpp.ENQUIRE_LINK:
                return Other(smpp.frame(smpp.ENQUIRE_LINK_RESP, sequence))
            case smpp.UNBIND:
                return Ended(smpp.frame(smpp.UNBIND_RESP, sequence))
            case _ if command & smpp.RESPONSE:
                return Other()
            case _:
                return Other(smpp.frame(smpp.GENERIC_NACK, sequence, status=smpp.INVALID_COMMAND))

    def told(self, raw: bytes, at: Instant) -> Told:
        """Read a delivery: a receipt names its message in an optional parameter, or else in its text."""
        told = smpp.read_deliver(smpp.parse(raw).body)
        if not told.receipt:
            return Told(inbound=(self._reply(told, raw, at),))
        said = said_in(told.content)
        ref = (told.extras.get(smpp.RECEIPTED_MESSAGE_ID) or said.get(b"id", b"")).rstrip(b"\0").decode("latin-1")
        state = told.extras.get(smpp.MESSAGE_STATE, b"\0")
        stat = said.get(b"stat", b"").decode("latin-1") or STATES.get(int.from_bytes(state, "big"), "")
        if not ref:
            raise Garbled("a receipt that names no message")
        ref = self._receipted_id(ref)
        meant = meaning(stat, self._params.codes)
        event = f"{ref}:{stat}"
        receipt = Receipt(self._provider, event, meant.outcome, at, provider_ref=ref, text=meant.word, fate=meant.fate)
        return Told(receipts=(receipt,))

    def knows(self, code: str) -> bool:
        return is_known(code, self._params.codes)

    def _reply(self, told: smpp.Deliver, raw: bytes, at: Instant) -> Inbound:
        """A message from a handset; it has no id."""
        number = e164(told.source.value, self._params.home, international=told.source.ton == INTERNATIONAL)
        text = read(told.content, _alphabet(told.coding), joined=told.joined)
        event = mark(self._params.password, raw[smpp.HEADER.size :], at)
        return reply(self._provider, event, number, text, at)

    def _answered_id(self, ref: str) -> str:
        """The id in one spelling; ids that are not of the spelling agreed stay as they are."""
        return _hex_to_decimal(ref) if self._params.receipt_ids == "decimal" else ref

    def _receipted_id(self, ref: str) -> str:
        return _hex_to_decimal(ref) if self._params.receipt_ids == "hex" else ref


def _alphabet(coding: int) -> Alphabet | None:
    return _ALPHABETS.get(coding) if coding < _LISTED else by_scheme(coding)


def _hex_to_decimal(ref: str) -> str:
    return str(int(ref, 16)) if re.fullmatch(r"[0-9A-Fa-f]{1,32}", ref) else ref


def _decimal_to_hex(ref: str) -> str:
    return f"{int(ref):x}" if ref.isascii() and ref.isdigit() else ref

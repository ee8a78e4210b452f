"""
A line that speaks CMPP to a China Mobile gateway or an aggregator: the agreement, and what results mean.

The protocol gives no way to ask for one message (its query counts whole days), so what was lost with a link
stays unknown until its receipt comes.
"""

from collections.abc import Sequence

from service.channels.answers import accepted, meant, unmapped
from service.core.model import Fate, Instant
from service.flows.ports import Dispatch, Inbound, Receipt, Recipient, SendResult, Told

from . import cmpp
from .agreements import CmppParams
from .cmpp import Version
from .cmpp_login import connect, is_gateway, proof_of, read_connect_resp
from .cmpp_results import LOGIN_REFUSED, RESULTS
from .cmpp_times import instant
from .numbers import e164
from .parts import Alphabet, Part, cut
from .replies import by_scheme, mark, read, reply
from .speech import Answered, Brought, Ended, Garbled, Heard, LetIn, Other, Unsendable
from .stats import is_known, meaning

_FORMATS = {Alphabet.ucs2: 8, Alphabet.gbk: 15}
_GBK = frozenset({0, 15})
"""ASCII, 0, is read as GBK, which contains it: gateways are known to mislabel."""

LATER = 9
"""Another error than those of form: the gateway brings it again."""

MAINLAND = "+86"


class CmppSpeech:
    def __init__(self, provider: str, params: CmppParams) -> None:
        self._provider = provider
        self._params = params
        self._version = Version.v30 if params.version == 3 else Version.v20
        self._alphabet = Alphabet(params.charset)

    def login(self, sequence: int, now: Instant) -> bytes:
        return connect(sequence, self._params.source_address, self._params.password, self._version, now)

    def let_in(self, raw: bytes, login: bytes) -> LetIn:
        """Judge the answer: the gateway too must know the password."""
        frame = cmpp.parse(raw)
        if frame.command != cmpp.CONNECT_RESP:
            raise Garbled("another command before the login")
        status, proof, _ = read_connect_resp(frame.body)
        if status:
            return LetIn(LOGIN_REFUSED.get(status, "login_refused"))
        ours = proof_of(login)
        if not is_gateway(proof, status, ours, self._params.password, self._version):
            return LetIn("not_the_gateway")
        return LetIn()

    def parts(self, dispatch: Dispatch) -> Sequence[Part]:
        if not dispatch.to.address.startswith(MAINLAND):
            raise Unsendable("not_a_mainland_number")
        return cut(dispatch.message.body, dispatch.to.address, self._alphabet, dispatch.attempt)

    def submit(self, sequence: int, to: Recipient, part: Part) -> bytes:
        params = self._params
        message = cmpp.Submit(
            params.source_address,
            params.service_id,
            params.number,
            to.address.removeprefix(MAINLAND),
            part.content,
            _FORMATS[part.alphabet],
            part.number,
            part.total,
            receipt=part.last,
        )
        return cmpp.submit(sequence, self._version, message)

    def judge(self, answered: Answered) -> SendResult:
        fate = RESULTS.get(answered.code) or self._params.codes.get(str(answered.code))
        if fate is Fate.accepted:
            return accepted(answered.ref)
        word = f"cmpp_{answered.code}"
        return meant(fate, word) if fate else unmapped(word)

    def query(self, sequence: int, ref: str) -> bytes | None:
        return None

    def found(self, answered: Answered) -> SendResult | None:
        return None

    def probe(self, sequence: int) -> bytes:
        return cmpp.frame(cmpp.ACTIVE_TEST, sequence)

    def bye(self, sequence: int) -> bytes:
        return cmpp.frame(cmpp.TERMINATE, sequence)

    def hear(self, raw: bytes) -> Heard:
        command, sequence, body = cmpp.parse(raw)
        match command:
            case cmpp.SUBMIT_RESP:
                ref, result = cmpp.read_submit_resp(body)
                return Answered(sequence, result, ref)
            case cmpp.DELIVER:
                msg_id = body[:8].hex()
                return Brought(
                    cmpp.deliver_resp(sequence, self._version, msg_id, 0),
                    cmpp.deliver_resp(sequence, self._version, msg_id, LATER),
                )
            case cmpp.TERMINATE_RESP:
                return Ended(b"")
            case cmpp.ACTIVE_TEST:
                return Other(cmpp.frame(cmpp.ACTIVE_TEST_RESP, sequence, b"\0"))
            case cmpp.TERMINATE:
                return Ended(cmpp.frame(cmpp.TERMINATE_RESP, sequence))
            case _:
                return Other()

    def told(self, raw: bytes, at: Instant) -> Told:
        """Read a delivery: a receipt names the message by the id it was accepted under."""
        told = cmpp.read_deliver(cmpp.parse(raw).body, self._version)
        if not told.receipt:
            return Told(inbound=(self._reply(told, raw, at),))
        status = cmpp.read_status(told.content)
        meant = meaning(status.stat, self._params.codes)
        done = min(instant(status.done) or at, at)
        event = f"{status.msg_id}:{status.stat}"
        receipt = Receipt(
            self._provider, event, meant.outcome, done, provider_ref=status.msg_id, text=meant.word, fate=meant.fate
        )
        return Told(receipts=(receipt,))

    def knows(self, code: str) -> bool:
        return is_known(code, self._params.codes)

    def _reply(self, told: cmpp.Deliver, raw: bytes, at: Instant) -> Inbound:
        """A message from a handset. Some gateways give all of them the same id, zero."""
        named = told.msg_id.strip("0")
        event = told.msg_id if named else mark(self._params.password, raw[cmpp.HEADER.size :], at)
        text = read(told.content, _alphabet(told.fmt), joined=told.joined)
        return reply(self._provider, event, e164(told.source, "86"), text, at)


def _alphabet(fmt: int) -> Alphabet | None:
    """The alphabet of a format; what the protocol does not list is UCS-2 of some class, or read by the look of it."""
    if fmt in _GBK:
        return Alphabet.gbk
    return Alphabet.ucs2 if by_scheme(fmt) is Alphabet.ucs2 else None

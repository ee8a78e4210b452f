"""
SMPP 3.4, the protocol of most message centres outside China Mobile: frames as bytes, both ways. Pure.

A frame has a header of 16 bytes, then fields of one byte and texts that end with a zero byte, then optional
parameters (tag, length, value): `smpp_fields`.
"""

import struct
from typing import NamedTuple

from .smpp_fields import Address, Fields, address_of, c_text
from .speech import Garbled

BIND_TRANSCEIVER, BIND_TRANSCEIVER_RESP = 0x09, 0x80000009
SUBMIT_SM, SUBMIT_SM_RESP = 0x04, 0x80000004
DELIVER_SM, DELIVER_SM_RESP = 0x05, 0x80000005
QUERY_SM, QUERY_SM_RESP = 0x03, 0x80000003
UNBIND, UNBIND_RESP = 0x06, 0x80000006
ENQUIRE_LINK, ENQUIRE_LINK_RESP = 0x15, 0x80000015
GENERIC_NACK = 0x80000000
RESPONSE = 0x80000000

INVALID_COMMAND = 0x03
TEMPORARY_TROUBLE = 0x64
"""ESME_RX_T_APPN: the message centre is to bring it again later."""

RECEIPTED_MESSAGE_ID = 0x001E
MESSAGE_STATE = 0x0427
MESSAGE_PAYLOAD = 0x0424

_USER_DATA_HEADER = 0x40
_RECEIPT = 0x04
_TYPE_OF_MESSAGE = 0x3C

HEADER = struct.Struct("!IIII")


class Frame(NamedTuple):
    """One frame taken apart; the repr shows no body."""

    command: int
    status: int
    sequence: int
    body: bytes

    def __repr__(self) -> str:
        return f"<Frame {self.command:#x} {self.status:#x} {self.sequence}>"


class Submit(NamedTuple):
    """One message to one number."""

    source: Address
    dest: Address
    content: bytes
    coding: int
    service_type: str = ""
    joined: bool = False
    receipt: bool = True


class Deliver(NamedTuple):
    """What the message centre brings: a message from a handset, or a receipt if `receipt`. The repr shows nothing."""

    source: Address
    dest: Address
    coding: int
    joined: bool
    receipt: bool
    content: bytes
    extras: dict[int, bytes]

    def __repr__(self) -> str:
        return "<Deliver>"


def frame(command: int, sequence: int, body: bytes = b"", status: int = 0) -> bytes:
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def parse(raw: bytes) -> Frame:
    """Take a whole frame apart, its length included."""
    if len(raw) < HEADER.size:
        raise Garbled("shorter than a header")
    length, command, status, sequence = HEADER.unpack_from(raw)
    if length != len(raw):
        raise Garbled("the length is not the frame's")
    return Frame(command, status, sequence, raw[HEADER.size :])


def bind_transceiver(sequence: int, system_id: str, password: bytes, system_type: str = "") -> bytes:
    texts = c_text(system_id.encode(), 16) + c_text(password, 9) + c_text(system_type.encode(), 13)
    return frame(BIND_TRANSCEIVER, sequence, texts + b"\x34\0\0\0")


def submit_sm(sequence: int, message: Submit) -> bytes:
    if len(message.content) > 254:
        raise Garbled("more than one message holds")
    body = (
        c_text(message.service_type.encode(), 6)
        + address_of(message.source)
        + address_of(message.dest)
        + bytes((_USER_DATA_HEADER if message.joined else 0, 0, 0, 0, 0, message.receipt, 0, message.coding, 0))
        + bytes([len(message.content)])
        + message.content
    )
    return frame(SUBMIT_SM, sequence, body)


def query_sm(sequence: int, message_id: str, source: Address) -> bytes:
    return frame(QUERY_SM, sequence, c_text(message_id.encode(), 65) + address_of(source))


def read_deliver(body: bytes) -> Deliver:
    fields = Fields(body)
    fields.text()
    source, dest = fields.address(), fields.address()
    esm_class = fields.byte()
    fields.skip(2)
    fields.text()
    fields.text()
    fields.skip(2)
    coding = fields.byte()
    fields.skip(1)
    content = fields.take(fields.byte())
    extras = fields.extras()
    return Deliver(
        source,
        dest,
        coding,
        bool(esm_class & _USER_DATA_HEADER),
        esm_class & _TYPE_OF_MESSAGE == _RECEIPT,
        content or extras.get(MESSAGE_PAYLOAD, b""),
        extras,
    )


def read_message_id(body: bytes) -> str:
    """Read the id in an answer to a message; a refusal may come without any."""
    return Fields(body).text() if body else ""


def read_query_resp(body: bytes) -> tuple[str, int]:
    """Give the message's id and its state."""
    fields = Fields(body)
    message_id = fields.text()
    fields.text()
    return message_id, fields.byte()

"""
The Internet Printing Protocol in bytes, as much of it as a letter needs (RFC 8010 and RFC 8011).

Pure: a request is written, an answer is read, and nothing is known of connections.
"""

import struct
from collections.abc import Iterable, Mapping
from enum import IntEnum
from struct import pack, unpack_from
from typing import NamedTuple

from service.core.errors import Invalid

MEDIA_TYPE = "application/ipp"

_VERSION = b"\x01\x01"
_REQUEST_ID = 1
"""One request a connection at a time: nothing is matched by it."""

_OPERATION, _JOB, _END = 0x01, 0x02, 0x03
_FIRST_VALUE_TAG = 0x10

Value = str | int | bool


class Tag(IntEnum):
    """How a value is written."""

    integer = 0x21
    boolean = 0x22
    enum = 0x23
    plain_name = 0x42
    keyword = 0x44
    uri = 0x45
    charset = 0x47
    language = 0x48
    media_type = 0x49


class Operation(IntEnum):
    print_job = 0x0002
    get_job_attributes = 0x0009
    get_jobs = 0x000A


class JobState(IntEnum):
    pending = 3
    held = 4
    processing = 5
    stopped = 6
    canceled = 7
    aborted = 8
    completed = 9


class Attribute(NamedTuple):
    tag: Tag
    name: str
    values: tuple[Value, ...]


class Reply(NamedTuple):
    """`jobs` has the attributes of each job told of, by name; of several values the first."""

    status: int
    jobs: tuple[Mapping[str, Value], ...]

    @property
    def ok(self) -> bool:
        return self.status < 0x0100


def write(
    operation: Operation,
    printer: str,
    attributes: Iterable[Attribute],
    *,
    job: Iterable[Attribute] = (),
    document: bytes = b"",
) -> bytes:
    """Write a request to a printer; `job` says how it is printed, and the document stands behind it all."""
    head = (
        Attribute(Tag.charset, "attributes-charset", ("utf-8",)),
        Attribute(Tag.language, "attributes-natural-language", ("en",)),
        Attribute(Tag.uri, "printer-uri", (printer,)),
    )
    written = b"".join(map(_attribute, (*head, *attributes)))
    how = b"".join(map(_attribute, job))
    start = _VERSION + pack(">HI", operation, _REQUEST_ID)
    return start + bytes([_OPERATION]) + written + (bytes([_JOB]) + how if how else b"") + bytes([_END]) + document


def read(body: bytes) -> Reply:
    """Read an answer; `Invalid` if it is none."""
    try:
        (status,) = unpack_from(">H", body, 2)
        return Reply(status, tuple(_jobs(body)))
    except (struct.error, IndexError, UnicodeDecodeError):
        raise Invalid("answer", "is not IPP") from None


def _attribute(attribute: Attribute) -> bytes:
    """The first value has the attribute's name, each further one none."""
    names = (attribute.name, *[""] * (len(attribute.values) - 1))
    return b"".join(_value(attribute.tag, *each) for each in zip(names, attribute.values, strict=True))


def _value(tag: Tag, name: str, value: Value) -> bytes:
    if isinstance(value, bool):
        plain = bytes([value])
    else:
        plain = pack(">i", value) if isinstance(value, int) else value.encode()
    return bytes([tag]) + pack(">H", len(name)) + name.encode() + pack(">H", len(plain)) + plain


def _jobs(body: bytes) -> Iterable[Mapping[str, Value]]:
    place, found, group = 8, [dict[str, Value]()], _OPERATION
    while (tag := body[place]) != _END:
        place += 1
        if tag < _FIRST_VALUE_TAG:
            group = tag
            if group == _JOB:
                found.append({})
            continue
        name, place = _chunk(body, place)
        value, place = _chunk(body, place)
        if name and group == _JOB:
            found[-1][name.decode()] = _plain(tag, value)
    return found[1:]


def _chunk(body: bytes, place: int) -> tuple[bytes, int]:
    (length,) = unpack_from(">H", body, place)
    end = place + 2 + length
    if end > len(body):
        raise IndexError
    return body[place + 2 : end], end


def _plain(tag: int, value: bytes) -> Value:
    if tag in (Tag.integer, Tag.enum):
        return int(unpack_from(">i", value)[0])
    return bool(value[0]) if tag == Tag.boolean else value.decode("utf-8", "replace")

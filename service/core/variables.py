"""
What a template asks of a request: typed variables, taken strictly or not at all.

A value is refused rather than mended, and a complaint names the field (`variables.amount_due`) and
never the value. Text that could mislead a reader, a telephone or a content rule is refused too: line
breaks, control characters, invisible characters, marks that reverse the reading direction.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .currencies import CURRENCIES, digits_of
from .errors import Invalid

MOST_TEXT = 500
MOST_URL = 300

_PLAUSIBLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.([0-9]{1,3}))?\Z")
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,9})\Z")
_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}\Z")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{1,22}[0-9]\Z")
_URL = re.compile(
    r"https://(?:[a-z0-9][a-z0-9-]{0,62}\.)+[a-z][a-z0-9-]{1,62}(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?\Z"
)

# What `isprintable` refuses although names and other scripts need it: wide and hard blanks, joiners, direction marks.
# Embeddings, overrides and isolates are not among them: with those what is read is not what is written.
_HARMLESS = frozenset("\u00a0\u2002\u2003\u2009\u200c\u200d\u200e\u200f\u202f\u3000")
_UNASSIGNED_PLANES = range(0x20000, 0x40000)  # ideographs newer than this Python's tables


class VariableType(StrEnum):
    """What a value must be; the text it becomes is the locale's affair."""

    text = "text"
    amount = "amount"
    currency = "currency"
    integer = "integer"
    date = "date"
    phone = "phone"
    url = "url"


class Money(NamedTuple):
    """An amount in its currency."""

    amount: Decimal
    currency: str


class VariableSpec(NamedTuple):
    """
    One declared variable.

    An amount names the variable that holds its currency. `least` and `most` bound an integer, `most`
    the length of a text. `example` is a value that would be taken.
    """

    name: str
    type: VariableType
    example: str
    required: bool = True
    currency: str = ""
    least: int = 0
    most: int = MOST_TEXT


Value = str | int | date | Decimal | Money


class Fault(NamedTuple):
    """One complaint about a request: where, why in one word, and why in a sentence."""

    field: str
    reason: str
    detail: str


class RenderingError(Invalid):
    """The request cannot be rendered; `faults` holds every complaint, the first speaks for all."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].field, faults[0].detail)
        self.reason = faults[0].reason
        self.faults = faults


class _Refused(Exception):
    """A value is not taken: reason and detail."""


def bind(specs: Mapping[str, VariableSpec], values: Mapping[str, object]) -> dict[str, Value]:
    """
    Take the request's values as declared; raise one `RenderingError` with every complaint.

    Null is absent, and what is absent and not required is not in the answer.
    """
    faults = [_unknown(name) for name in values if name not in specs]
    bound: dict[str, Value] = {}
    amounts: list[VariableSpec] = []
    for name, spec in specs.items():
        raw = values.get(name)
        if raw is None:
            if spec.required:
                faults.append(Fault(f"variables.{name}", "missing", "the template needs this variable"))
            continue
        try:
            bound[name] = _TAKE[spec.type](raw, spec)
        except _Refused as refused:
            faults.append(Fault(f"variables.{name}", *refused.args))
            continue
        if spec.currency:
            amounts.append(spec)
    for spec in amounts:
        fault = _give_currency(spec, bound)
        if fault and fault.field not in {f.field for f in faults}:
            faults.append(fault)
    if faults:
        raise RenderingError(*faults)
    return bound


def clean(field: str, text: str, most: int = MOST_TEXT) -> str:
    """Take a text that stands outside the variables, such as `party.name`, by the same measure."""
    try:
        return _plain(text, most)
    except _Refused as refused:
        raise RenderingError(Fault(field, *refused.args)) from None


def _unknown(name: str) -> Fault:
    # The name is the caller's own text: it is repeated only where it can be nothing but a name.
    field = f"variables.{name}" if _PLAUSIBLE_NAME.match(name) else "variables"
    return Fault(field, "unknown", "the template declares no variable of this name")


def _give_currency(spec: VariableSpec, bound: dict[str, Value]) -> Fault | None:
    amount, currency = bound[spec.name], bound.get(spec.currency)
    if not isinstance(currency, str) or not isinstance(amount, Decimal):
        return Fault(f"variables.{spec.currency}", "missing", "an amount needs its currency")
    if amount != round(amount, digits_of(currency)):
        return Fault(f"variables.{spec.name}", "format", "more digits after the point than the currency has")
    bound[spec.name] = Money(amount, currency)
    return None


def _text(raw: object, spec: VariableSpec) -> str:
    if not isinstance(raw, str):
        raise _Refused("type", "must be a string")
    return _plain(raw, spec.most)


def _plain(raw: str, most: int) -> str:
    if len(raw) > most:
        raise _Refused("too_long", f"must not be longer than {most} characters")
    if not raw.isprintable() and not all(map(_tolerable, raw)):
        raise _Refused("character", "holds a line break, a control or an invisible character")
    if not raw or raw.isspace():
        raise _Refused("empty", "must not be empty")
    return raw


def _tolerable(c: str) -> bool:
    return c.isprintable() or c in _HARMLESS or ord(c) in _UNASSIGNED_PLANES


def _amount(raw: object, spec: VariableSpec) -> Decimal:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise _Refused("type", 'must be a decimal string such as "1234.56"')
    text = str(raw)
    if not _AMOUNT.match(text):
        raise _Refused("format", 'must be a decimal string such as "1234.56": digits, at most one point, no sign')
    amount = Decimal(text)
    if not amount:
        raise _Refused("range", "must be more than zero")
    return amount


def _currency(raw: object, spec: VariableSpec) -> str:
    if not isinstance(raw, str) or raw not in CURRENCIES:
        raise _Refused("format", "must be a currency code of ISO 4217 such as CNY")
    return raw


def _integer(raw: object, spec: VariableSpec) -> int:
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        raise _Refused("type", "must be an integer")
    if not _INTEGER.match(str(raw)):
        raise _Refused("format", "must be an integer of at most ten digits")
    if not spec.least <= int(raw) <= spec.most:
        raise _Refused("range", f"must be from {spec.least} to {spec.most}")
    return int(raw)


def _date(raw: object, spec: VariableSpec) -> date:
    if not isinstance(raw, str) or not _DATE.match(raw):
        raise _Refused("format", "must be a date such as 2026-11-11")
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise _Refused("format", "must be a day that the calendar has") from None


def _phone(raw: object, spec: VariableSpec) -> str:
    if not isinstance(raw, str) or not _PHONE.match(raw):
        raise _Refused("format", "must be a telephone number: digits, single blanks or hyphens, + in front at most")
    return raw


def _url(raw: object, spec: VariableSpec) -> str:
    if not isinstance(raw, str) or len(raw) > MOST_URL or not _URL.match(raw):
        raise _Refused("format", "must be an https address with a host name, without user or port")
    return raw


_TAKE: Mapping[VariableType, Callable[[object, VariableSpec], Value]] = {
    VariableType.text: _text,
    VariableType.amount: _amount,
    VariableType.currency: _currency,
    VariableType.integer: _integer,
    VariableType.date: _date,
    VariableType.phone: _phone,
    VariableType.url: _url,
}

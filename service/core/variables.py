"""
What a template asks of a request: typed variables, taken strictly or not at all.

A value is refused rather than mended, and a complaint names the field (`variables.amount_due`) and
never the value. Text that could mislead a reader or a telephone is refused too: line breaks,
control characters, marks that reverse the reading direction, halves of characters.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from .errors import Invalid

MOST_TEXT = 500
_PLAUSIBLE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,4}))?\Z", re.ASCII)
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,9})\Z", re.ASCII)
_DATE = re.compile(r"(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_PHONE = re.compile(r"\+?[0-9]{2,5}(?:[ -]?[0-9]{2,8}){0,5}\Z", re.ASCII)
_URL = re.compile(r"https://([a-z0-9](?:[a-z0-9-]{0,62}\.)*[a-z0-9-]{2,63})(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]*)?\Z", re.ASCII)

# Embeddings, overrides and isolates: what is read is then not what is written (CVE-2021-42574).
_TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Blanks and joiners that people's names and other scripts need, though Python calls them unprintable.
_HARMLESS = frozenset("\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2002\u2003\u2009\u202f\u2060\u3000\ufeff")

# ISO 4217, active codes; the minor unit is two digits unless it stands below.
CURRENCIES = frozenset(
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP "
    "CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT "
    "MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR "
    "SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED "
    "VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG".split()
)
_NO_MINOR_UNIT = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split())
_THREE_DIGITS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())


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
    """An amount in its currency; never a float."""

    amount: Decimal
    currency: str


class VariableSpec(NamedTuple):
    """
    One declared variable.

    An amount names the variable that holds its currency. `most` bounds the length of a text and the
    value of an integer; `least` bounds an integer from below. `example` is a value that is taken.
    """

    name: str
    type: VariableType
    example: str
    required: bool = True
    currency: str = ""
    least: int = 0
    most: int = 0
    title: Mapping[str, str] = {}


class Fault(NamedTuple):
    """One complaint about a request: where, in one word why, and in a sentence."""

    field: str
    reason: str
    detail: str


class RenderingError(Invalid):
    """The request cannot be rendered; `faults` holds every complaint, the first stands for all."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].field, faults[0].detail)
        self.reason = faults[0].reason
        self.faults = faults




def digits_of(currency: str) -> int:
    """Give the number of digits after the point that a currency has."""
    return 0 if currency in _NO_MINOR_UNIT else 3 if currency in _THREE_DIGITS else 2

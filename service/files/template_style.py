"""
How a locale writes money, days and spans of time.

Babel gives the locale's data once; what is written for every message is plain formatting, so that a
text message stays a matter of microseconds. Hard and narrow blanks become plain ones: one of them
would turn a whole text message into the wide alphabet.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from babel import Locale
from babel.dates import format_date
from babel.numbers import get_currency_name

from service.core.currencies import digits_of
from service.core.variables import Money

_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " "})


class Style:
    """One locale's way of writing. Babel's `UnknownLocaleError` or `ValueError` for a tag it does not know."""

    def __init__(self, tag: str) -> None:
        # English of no country writes the day before the month's name, which nobody misreads.
        self._locale = Locale.parse("en-GB" if tag == "en" else tag, sep="-")
        self._chinese = self._locale.language == "zh"
        symbols = self._locale.number_symbols["latn"]
        self._marks = str.maketrans({",": symbols["group"].translate(_BLANKS), ".": symbols["decimal"]})
        self._western = self._locale.decimal_formats[None].grouping == (3, 3)
        self.day: Callable[[date], str] = lru_cache(4096)(self._day)
        self._name: Callable[[str], str] = lru_cache(256)(self._currency_name)

    def money(self, money: Money) -> str:
        """Write an amount with the currency's digits: 人民币1,234.56元, or CNY 1,234.56."""
        number = self._number(money)
        if not self._chinese:
            return f"{money.currency} {number}"
        name = self._name(money.currency)
        return f"{name}{number}元" if money.currency == "CNY" else f"{number}{name}"

    def days(self, count: int) -> str:
        """Write a number of days: 12天, 1 day, 12 days; languages without a form of ours get the bare number."""
        if self._chinese:
            return f"{count}天"
        if self._locale.language == "en":
            return f"{count} day" if count == 1 else f"{count} days"
        return str(count)

    def span(self, span: tuple[datetime, datetime]) -> str:
        """Write an appointment, on one day or from one to another."""
        start, end = span
        blank = "" if self._chinese else ", "
        first = f"{self.day(start.date())}{blank}{start:%H:%M}"
        last = f"{end:%H:%M}" if end.date() == start.date() else f"{self.day(end.date())}{blank}{end:%H:%M}"
        return f"{first}至{last}" if self._chinese else f"{first} to {last}"

    def _number(self, money: Money) -> str:
        digits = digits_of(money.currency)
        if self._western:
            return f"{money.amount:,.{digits}f}".translate(self._marks)
        pattern = self._locale.decimal_formats[None]
        written = pattern.apply(money.amount, self._locale, force_frac=(digits, digits))
        return str(written).translate(_BLANKS)

    def _day(self, day: date) -> str:
        return format_date(day, "long", self._locale).translate(_BLANKS)

    def _currency_name(self, code: str) -> str:
        return get_currency_name(code, locale=self._locale)

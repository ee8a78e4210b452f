"""
The bank's book: some three hundred borrowers who are late by 1, 3, 7 or 30 days, and those around them.

Everything follows from a borrower's number, so that the book is the same on every machine and day. Names
are combinations, telephone numbers lie in the simulator's own range, and nobody is dialled.
"""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, NamedTuple

from service.simulator.magic import magic_number

ZONE = "Asia/Shanghai"
BORROWERS = 300
BORROWERS_MIN = 60
"""Enough for every story and some of each stage."""
BORROWERS_MAX = 900
"""As many as have telephone numbers set aside."""

STAGES = (1, 3, 1, 7, 1, 3, 1, 30, 3, 7, 1, 3, 7, 1, 30, 3, 1, 7, 30, 1)
PRODUCTS = ("credit_card", "personal_loan", "farm_loan", "credit_card", "personal_loan")

_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马胡朱郭何林罗高"
_GIVEN = (
    *("秀英", "建国", "桂兰", "志强", "丽华", "德明", "玉梅", "国平", "春燕", "永福"),
    *("淑珍", "海波", "小红", "文斌", "翠花", "长林", "雪梅", "大勇", "凤霞", "金生", "月娥", "卫东", "爱芳"),
)
_VILLAGES = ("上湾村", "下湾村", "石桥村", "柳溪村", "枫林村", "长坪村", "白塘村", "东岭村")

_MAGIC = {
    5: "read", 11: "replied", 17: "busy", 23: "no-answer", 29: "undelivered", 35: "hung-up", 41: "stop",
    47: "voicemail", 53: "not-in-service", 59: "duplicate", 61: "fail-once", 67: "out-of-order",
    71: "refuse", 73: "complaint", 79: "error-after", 83: "wrong-number", 89: "opted-out", 97: "third-party",
}  # fmt: skip
"""How the recipients behave whose number leaves this remainder of a hundred; all others are delivered to."""


class Story(IntEnum):
    """Borrowers with something to tell; the number is the borrower's."""

    lost = 0
    reached = 1
    refused_to_help = 2
    disputed = 3
    deceased = 4
    paying_by_plan = 5
    recycled_number = 6
    works_late = 7
    called_thrice = 8
    written_to = 9
    sleeps_late = 10
    not_told_of_agency = 11
    told_of_agency = 12
    agreed_to_wechat = 13
    never_agreed_to_wechat = 14
    visited = 15
    visited_by_one = 16
    texted_twice = 17
    evening = 18
    late_evening = 19
    by_mail = 20
    guaranteed = 21
    paid_meanwhile = 22
    speaks_english = 23
    robot_called = 24
    named_in_a_text = 25
    threatened = 26


FIRST_ORDINARY = 40
LETTER_POOL = range(27, FIRST_ORDINARY)
"""Borrowers of whom one a day is written to: a letter about one product may follow after seven days at the earliest."""

_STAGE_OF = {
    Story.evening: 3, Story.late_evening: 3, Story.speaks_english: 1, Story.works_late: 7, Story.robot_called: 7,
    Story.agreed_to_wechat: 3, Story.never_agreed_to_wechat: 3, Story.by_mail: 3,
}  # fmt: skip


class Borrower(NamedTuple):
    """One who is late; `mobile` is where the bank reaches the borrower now."""

    number: int
    days_past_due: int

    @property
    def party(self) -> str:
        return f"P-{10001 + self.number}"

    @property
    def account(self) -> str:
        return f"LN-{20001 + self.number}"

    @property
    def name(self) -> str:
        return _name(self.number)

    @property
    def product(self) -> str:
        return "credit_card" if self.number == Story.paying_by_plan else PRODUCTS[self.number % len(PRODUCTS)]

    @property
    def mobile(self) -> str:
        word = _MAGIC.get(self.number % 100) if self.number >= FIRST_ORDINARY else None
        return magic_number(word, self.number // 100) if word else _mobile(5000 + self.number)

    @property
    def old_mobile(self) -> str:
        return _mobile(9900 + self.number % 100)

    @property
    def openid(self) -> str:
        return f"oDemoOpenid_{self.number:012}"

    @property
    def email(self) -> str:
        return f"borrower-{self.number:04}@example.com"

    @property
    def amount(self) -> str:
        return f"{180 + self.number * 137 % 4200 + self.days_past_due * 15}.{self.number * 31 % 100:02}"

    @property
    def total_owed(self) -> str:
        """What is overdue and what is not yet due."""
        return f"{6000 + int(self.amount[:-3])}{self.amount[-3:]}"

    @property
    def place(self) -> dict[str, Any]:
        village = _VILLAGES[self.number % len(_VILLAGES)]
        lines = [f"{village}{self.number % 9 + 1}组{self.number % 80 + 1}号"]
        return {"lines": lines, "city": "示例县", "region": "示例省", "postcode": "000000", "country": "CN"}

    @property
    def wechat(self) -> bool:
        """Whether the borrower agreed to be written to by WeChat."""
        return self.number == Story.agreed_to_wechat or (self.number >= FIRST_ORDINARY and self.number % 4 == 0)

    @property
    def guarantor(self) -> str | None:
        has = self.number == Story.guaranteed or self.number % 4 == 1
        return f"P-{40001 + self.number}" if has else None

    @property
    def contact_person(self) -> str | None:
        has = self.number in (Story.lost, Story.reached, Story.refused_to_help, Story.named_in_a_text)
        return f"P-{50001 + self.number}" if has or self.number % 3 == 2 else None

    @property
    def listed(self) -> list[dict[str, str]]:
        """The parties of the account, with their roles."""
        roles = {"debtor": self.party, "guarantor": self.guarantor, "contact_person": self.contact_person}
        return [{"id": party, "role": role} for role, party in roles.items() if party]


def borrowers(count: int = BORROWERS, *, days: int = 0) -> list[Borrower]:
    """The book as it stands `days` after the first day of the demonstration."""
    return [borrower(number, days) for number in range(count)]


def borrower(number: int, days: int = 0) -> Borrower:
    if number < FIRST_ORDINARY:
        stage = next((late for story, late in _STAGE_OF.items() if story == number), 30)
    else:
        stage = STAGES[number % len(STAGES)]
    return Borrower(number, stage + days)


def person(role: str, of: Borrower) -> Mapping[str, str]:
    """Name and telephone of somebody around a borrower."""
    offset = {"guarantor": 6000, "contact_person": 7000}[role]
    return {"name": _name(of.number + offset), "mobile": _mobile(offset + of.number)}


def _name(number: int) -> str:
    return _SURNAMES[number * 7 % len(_SURNAMES)] + _GIVEN[number % len(_GIVEN)]


def _mobile(last_four: int) -> str:
    """A number of the simulator's range, from the part where every recipient is simply reached."""
    return f"+861990000{last_four:04}"

"""
The single requests of the day, each with what it shows: a channel, a rule that puts off, a rule that refuses.

Half of the refusals are mistakes that systems and people really make: a debt told to a neighbour, a threat in a
free field, an agency that began before the customer knew of it.
"""

from collections.abc import Iterator
from typing import NamedTuple

from .bank import Borrower, Story
from .day import Body, Day
from .past import AGENCY_TOLD, AGENCY_UNTOLD

BANK = "collection"
"""The bank's own collection platform."""


class Told(NamedTuple):
    """A request with what it shows, in two languages; `then` is what a person does next: reports, or cancels."""

    en: str
    zh: str
    body: Body
    client: str = BANK
    report: Body | None = None
    cancelled: bool = False


def stories(day: Day) -> Iterator[Told]:
    """Every story of the day, in the order in which they are posted."""
    yield from _sent(day)
    yield from _carried_out(day)
    yield from _later(day)
    yield from _refused_for_who(day)
    yield from _refused_for_when(day)
    yield from _refused_for_what(day)


def _sent(day: Day) -> Iterator[Told]:
    each = day.book
    yield Told(
        "A text message, in the customer's language",
        "短信，按客户语言发送",
        day.reminder(each[Story.speaks_english], "sms"),
    )
    yield Told(
        "A robot's call: its script says so",
        "智能语音外呼，话术已声明",
        day.reminder(each[Story.robot_called], "call", "call"),
    )
    yield Told(
        "A WeChat message; he agreed to it",
        "微信消息，客户已同意",
        day.reminder(each[Story.agreed_to_wechat], "wechat", "wechat"),
    )
    yield Told("An e-mail", "电子邮件", day.reminder(each[Story.by_mail], "email", "email"))
    yield Told(
        "A registered letter, as PDF to the print house", "挂号信，PDF 交付印制", day.letter(day.letter_to(), "letter")
    )
    yield Told("To the guarantor", "联系保证人", day.to_guarantor(each[Story.guaranteed], "guarantor"))
    yield Told(
        "The debtor is lost: a contact person may be asked to pass on a word",
        "债务人失联，可请联系人代为转告",
        day.relay(each[Story.lost], "relay"),
    )
    yield Told(
        "His new number, after the old one proved to be a stranger's",
        "原号码已易主，改用新号码",
        day.reminder(each[Story.recycled_number], "new-number"),
    )
    yield Told(
        "A service notice to one who pays by a plan",
        "向履行分期协议的客户发送服务通知",
        day.plan(each[Story.paying_by_plan], "plan"),
    )


def _carried_out(day: Day) -> Iterator[Told]:
    promise = {"amount": "500.00", "currency": "CNY", "on": day.days.ago(-7, 0)[:10]}
    talked = {"outcome": "conversation_right_party", "duration_s": 128, "promise": promise, "recording": "rec/0815"}
    yield Told(
        "An agency's call, by a person under a permit; reported",
        "外部机构人工电话，凭许可拨打并回报",
        day.permit_call(day.book[Story.told_of_agency], "agency-call"),
        AGENCY_TOLD,
        report=talked,
    )
    yield Told(
        "A visit by two people under a permit; reported",
        "双人上门，凭许可走访并回报",
        day.visit(day.book[Story.visited], "visit"),
        report={"outcome": "visited_met", "note": "见到本人，商定分期。"},
    )


def _later(day: Day) -> Iterator[Told]:
    each, evening = day.book, day.evening()
    yield Told(
        "Asked for 21:30: after the house's hours",
        "要求 21:30 发送，超出本行联系时间",
        day.reminder(each[Story.evening], "evening", send_after=evening),
    )
    yield Told(
        "Asked for 21:30 by one who agreed to 20:00–22:00",
        "要求 21:30 发送，客户已同意 20:00–22:00",
        day.reminder(each[Story.works_late], "agreed-evening", send_after=evening),
    )
    yield Told(
        "A fourth call today, after the agency's three",
        "外部机构当日已接通三次，第四次呼叫",
        day.permit_call(each[Story.called_thrice], "fourth-call"),
    )
    yield Told(
        "A letter three days after the last", "距上一封信函仅三天", day.letter(each[Story.written_to], "second-letter")
    )
    yield Told(
        "A call to one who asked not to be called before noon",
        "客户要求中午前不要致电",
        day.permit_call(each[Story.sleeps_late], "before-noon"),
    )
    yield Told(
        "Planned for the afternoon; then he paid, and it was cancelled",
        "原定下午发送，客户已还款，撤销",
        day.reminder(each[Story.paid_meanwhile], "cancelled", send_after=day.days.ago(0, 15)),
        cancelled=True,
    )


def _refused_for_who(day: Day) -> Iterator[Told]:
    each = day.book
    yield Told(
        "A contact person, though the debtor answers",
        "债务人可以联系上，却联系其联系人",
        day.relay(each[Story.reached], "shut-gate"),
    )
    yield Told(
        "A contact person who asked to be left alone",
        "联系人已要求不再联系",
        day.relay(each[Story.refused_to_help], "asked-to-stop"),
    )
    yield Told("A disputed account", "账户存在异议", day.reminder(each[Story.disputed], "disputed"))
    yield Told("A borrower who has died", "借款人已去世", day.reminder(each[Story.deceased], "deceased"))
    yield Told(
        "Collection while a plan is kept", "分期协议履行期间催收", day.reminder(each[Story.paying_by_plan], "on-plan")
    )
    recycled = each[Story.recycled_number]
    yield Told("A recycled number", "号码已易主", day.reminder(recycled, "old-number", address=_old_number(recycled)))
    yield Told(
        "WeChat without consent",
        "未经同意的微信",
        day.reminder(each[Story.never_agreed_to_wechat], "wechat-unasked", "wechat"),
    )
    yield Told(
        "An agency that the customer was not told of",
        "委外催收前未告知客户",
        day.permit_call(each[Story.not_told_of_agency], "untold-agency"),
        AGENCY_UNTOLD,
    )


def _refused_for_when(day: Day) -> Iterator[Told]:
    late, texted = day.book[Story.late_evening], day.book[Story.texted_twice]
    yield Told(
        "Asked for 21:30, or not at all",
        "仅限 21:30 发送，不接受顺延",
        day.reminder(late, "only-evening", send_after=day.evening(), if_blocked="refuse"),
    )
    yield Told(
        "A third text today, or not at all",
        "当日第三条短信，不接受顺延",
        day.reminder(texted, "third-text", if_blocked="refuse"),
    )


def _refused_for_what(day: Day) -> Iterator[Told]:
    named = day.book[Story.named_in_a_text]
    yield Told(
        "A free field tells the contact person of the debt",
        "自由文本向联系人透露欠款",
        day.relay(named, "told-of-debt", sought=f"{named.name}（欠款{named.amount}元）"),
    )
    yield Told(
        "A free field threatens",
        "自由文本含威胁用语",
        day.visit(day.book[Story.threatened], "threat", reason="再不还款就通知你单位，后果自负"),
    )
    yield Told("A visit by one person alone", "单人上门", day.visit(day.book[Story.visited_by_one], "alone", people=1))


def _old_number(each: Borrower) -> Body:
    return {"value": each.old_mobile, "kind": "mobile", "provenance": "contract"}

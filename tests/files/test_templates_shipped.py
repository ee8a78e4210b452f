"""What the shipped templates promise, each in every channel and locale it has."""

import os
import re
from pathlib import Path

import pytest

from service.core.model import Channel, PartyRole, Purpose
from service.core.rendering import CARD_LETTER_ITEMS, Reveals, Statement
from tests.files.catalogue import EVERY, US, context, render, shipped, template

GOLDEN = Path(__file__).parents[1] / "golden" / "renderings"
ABOUT_DEBT = re.compile(
    r"欠|逾期|贷款|借款|还款|催收|债|账户|人民币|CNY|[0-9]{3,}\.[0-9]{2}|debt|overdue|loan|repay|owe|arrears|account|payment|due",
    re.IGNORECASE,
)


@pytest.mark.parametrize(("name", "channel", "locale"), EVERY)
def test_each_source_renders_as_its_golden_text(name: str, channel: Channel, locale: str) -> None:
    """After a meant change run once with UPDATE_GOLDEN=1 and read the difference."""
    sent = render(name, channel, locale, facts=context(ai_voice=True, recorded=True))
    shown = "\n".join(f"[{part.name}] {part.heading}".rstrip() + f"\n{part.text}" for part in sent.parts)
    shown += f"\n\n{sent.segments} segments\n" if channel is Channel.sms else "\n"
    file = GOLDEN / f"{name}.{channel}.{locale}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(shown, "utf-8")

    assert file.read_text("utf-8") == shown


def test_no_golden_text_is_left_without_a_source() -> None:
    assert {f"{name}.{channel}.{locale}.txt" for name, channel, locale in EVERY} == {p.name for p in GOLDEN.iterdir()}


@pytest.mark.parametrize(("name", "channel", "locale"), EVERY)
def test_each_says_who_writes_and_whom_to_ask(name: str, channel: Channel, locale: str) -> None:
    sent = render(name, channel, locale)

    assert {Statement.institution, Statement.hotline} <= sent.states
    assert "96588" in sent.body
    assert any(us in sent.body for us in (US.name, US.name_en, US.signature, US.signature_en))


@pytest.mark.parametrize(("name", "channel", "locale"), [each for each in EVERY if each[0] != "locate-relay"])
def test_each_that_asks_for_money_says_how_to_pay(name: str, channel: Channel, locale: str) -> None:
    body = render(name, channel, locale).body

    assert re.search("网点", body) if locale == "zh-CN" else re.search("branch", body)


@pytest.mark.parametrize(("name", "channel", "locale"), EVERY)
def test_each_renders_for_every_role_it_is_meant_for(name: str, channel: Channel, locale: str) -> None:
    roles = template(name).party_roles
    bodies = {role: render(name, channel, locale, facts=context(role)).body for role in roles}

    assert all(not re.search(r"[{}]|None|_Absent", body) for body in bodies.values())


@pytest.mark.parametrize(("name", "channel", "locale"), EVERY)
def test_each_speaks_its_own_language(name: str, channel: Channel, locale: str) -> None:
    body = render(name, channel, locale).body
    han = len(re.findall(r"[\u4e00-\u9fff]", body)) / len(body)

    assert han > 0.5 if locale == "zh-CN" else han < 0.15


@pytest.mark.parametrize(("channel", "locale"), [each[1:] for each in EVERY if each[0] == "locate-relay"])
def test_a_third_person_learns_nothing_of_a_debt(channel: Channel, locale: str) -> None:
    sent = render("locate-relay", channel, locale, facts=context(PartyRole.contact_person, agency="某某催收公司"))

    assert None is ABOUT_DEBT.search(sent.body.replace(US.name, "").replace(US.name_en, ""))
    assert Reveals.institution == sent.reveals
    assert re.search("不再|no more|not trouble you any more", sent.body)


@pytest.mark.parametrize("name", ["overdue-notice", "overdue-reminder", "visit-order", "lawyer-letter"])
def test_a_demand_is_never_a_service_notice(name: str) -> None:
    """A service notice passes an instalment agreement (credit-card rule, article 70) and the caps on collection."""
    assert Purpose.service_notice not in template(name).purposes


def test_only_what_reveals_no_debt_is_meant_for_third_persons() -> None:
    concerned = {PartyRole.debtor, PartyRole.co_debtor, PartyRole.guarantor}
    strangers = {chosen.name for chosen in shipped().list() if chosen.party_roles - concerned}

    assert {"locate-relay"} == strangers
    assert Reveals.institution == template("locate-relay").reveals
    assert {Purpose.locate, Purpose.relay} == template("locate-relay").purposes


@pytest.mark.parametrize(("name", "channel", "locale"), [each for each in EVERY if each[1] is Channel.letter])
def test_each_letter_has_the_seven_items_of_article_69(name: str, channel: Channel, locale: str) -> None:
    sent = render(name, channel, locale)

    assert sent.states >= CARD_LETTER_ITEMS
    assert "张三" in sent.part("holder_and_total")
    assert re.search(r"(人民币|CNY )[0-9,]+\.[0-9]{2}", sent.part("holder_and_total"))
    assert re.search("《|article", sent.part("reason_and_rules"))
    assert "96588" in sent.part("contact")
    assert re.search("章|seal", sent.part("seal"))


@pytest.mark.parametrize(("locale", "said"), [("zh-CN", "不低于人民币1,234.56元"), ("en", "at least CNY 1,234.56")])
def test_a_letter_that_is_not_told_the_total_does_not_call_the_overdue_part_the_total(locale: str, said: str) -> None:
    assert said in render("overdue-notice", Channel.letter, locale, total_owed=None).part("holder_and_total")
    assert said not in render("overdue-notice", Channel.letter, locale).part("holder_and_total")


@pytest.mark.parametrize(("name", "channel", "locale"), [each for each in EVERY if each[1] is Channel.call])
def test_each_call_names_the_caller_and_makes_sure_of_the_person_before_the_matter(
    name: str, channel: Channel, locale: str
) -> None:
    sent = render(name, channel, locale, facts=context(ai_voice=True, recorded=True))
    unnamed = render(name, channel, locale, facts=context(name=None))

    assert ["opening", "verification", "body", "options", "closing"] == [part.name for part in sent.parts]
    assert re.search(f"{US.name}|{US.name_en}", sent.part("opening"))
    assert re.search("人工智能合成|artificial intelligence", sent.part("opening"))
    assert "张三" in sent.part("verification")
    assert "张三" not in unnamed.body
    for part in ("opening", "verification"):
        assert None is re.search(r"欠|逾期|还款|[0-9]{3,}\.[0-9]{2}|overdue|owe|payment", sent.part(part))


@pytest.mark.parametrize(
    ("name", "channel", "locale"), [each for each in EVERY if each[1] in (Channel.email, Channel.wechat)]
)
def test_what_a_locked_screen_shows_tells_nothing(name: str, channel: Channel, locale: str) -> None:
    subject = render(name, channel, locale).subject or ""

    assert subject
    assert None is re.search(r"欠|逾期|还款|贷款|律师|overdue|debt|lawyer|pay|[0-9]{3,}", subject)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_the_visit_order_lists_what_to_carry_and_what_to_report(locale: str) -> None:
    sent = render("visit-order", Channel.visit, locale, facts=context(agency="示例服务公司"))

    assert ["opening", "text", "documents", "conduct", "report"] == [part.name for part in sent.parts]
    assert 5 == len(sent.part("documents").splitlines())
    assert re.search("09:30", sent.part("text"))
    assert None is re.search(r"欠|逾期|overdue|owe", sent.part("opening"))


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_a_reminder_is_a_few_units_and_no_more(locale: str) -> None:
    sent = render("overdue-reminder", Channel.sms, locale, account_tail="123456", amount_due="9999999.99")

    assert sent.segments is not None
    assert sent.segments <= 4

"""Choosing the locale, signing and counting text messages, and what a message shows of itself."""

import pytest

from service.core.errors import Misconfigured
from service.core.model import Channel, PartyRole, Purpose
from service.core.rendering import (
    MOST_CHARACTERS,
    Institution,
    Message,
    Part,
    RenderContext,
    Reveals,
    Template,
    compose,
)
from service.core.segments import SmsRule
from service.core.variables import RenderingError

US = Institution("示例农村商业银行", "96588", "示例农商银行", "Example Rural Commercial Bank", "Example RCB")
TEMPLATE = Template(
    name="reminder",
    version="0" * 64,
    title={"en": "Reminder"},
    purposes=frozenset({Purpose.collection}),
    party_roles=frozenset({PartyRole.debtor}),
    reveals=Reveals.debt,
    locales=("zh-CN", "zh-Hant", "en"),
    sources={Channel.sms: ("zh-CN", "zh-Hant", "en"), Channel.email: ("zh-CN",)},
    variables={},
)


def message(channel: Channel, *parts: Part, locale: str = "zh-CN", rule: SmsRule = SmsRule.cn_flat) -> Message:
    return compose(TEMPLATE, channel, locale, frozenset(), parts, RenderContext(US, sms_rule=rule))


@pytest.mark.parametrize(
    ("wished", "expected"),
    [
        (None, "zh-CN"), ("en", "en"), ("en-GB", "en"), ("EN_us", "en"), ("zh", "zh-CN"), ("zh-HK", "zh-CN"),
        ("zh-Hant-HK", "zh-Hant"), ("zh-hant", "zh-Hant"), ("fr", "zh-CN"), ("x" * 500, "zh-CN"), ("", "zh-CN"),
    ],
)  # fmt: skip
def test_the_nearest_locale_is_chosen(wished: str | None, expected: str) -> None:
    assert expected == TEMPLATE.locale_for(Channel.sms, wished)


def test_a_channel_without_a_text_is_the_callers_fault() -> None:
    with pytest.raises(RenderingError) as caught:
        TEMPLATE.locale_for(Channel.letter, None)

    assert ("template", "channel") == (caught.value.field, caught.value.reason)


def test_a_text_message_bears_its_signature_and_is_counted_with_it() -> None:
    short = message(Channel.sms, Part("text", "", "好" * (70 - len("【示例农商银行】"))))
    longer = message(Channel.sms, Part("text", "", "好" * (71 - len("【示例农商银行】"))))

    assert short.body.startswith("【示例农商银行】好")
    assert (1, 2) == (short.segments, longer.segments)


def test_abroad_the_signature_costs_no_short_alphabet() -> None:
    sent = message(Channel.sms, Part("text", "", "a" * 140), locale="en", rule=SmsRule.international)

    assert sent.body.startswith("Example RCB: a")
    assert 1 == sent.segments


@pytest.mark.parametrize("text", ["【公安局】请还款", "请还款】"])
def test_a_second_signature_is_refused(text: str) -> None:
    with pytest.raises(RenderingError) as caught:
        message(Channel.sms, Part("text", "", text))

    assert "character" == caught.value.reason


@pytest.mark.parametrize("channel", [Channel.sms, Channel.call, Channel.letter])
def test_a_text_longer_than_its_channel_takes_is_refused(channel: Channel) -> None:
    with pytest.raises(RenderingError) as caught:
        message(channel, Part("text", "", "好" * MOST_CHARACTERS[channel] + "好"))

    assert "too_long" == caught.value.reason


def test_the_body_is_what_the_reader_gets_in_order() -> None:
    sent = message(
        Channel.email, Part("subject", "", "通知"), Part("text", "一、", "正文"), Part("html", "", "<p>正文</p>")
    )

    assert "通知\n一、\n正文" == sent.body
    assert ("通知", "<p>正文</p>", "") == (sent.subject, sent.part("html"), sent.part("closing"))
    assert sent.segments is None


def test_the_digest_is_of_the_words_and_of_the_version() -> None:
    once, again = message(Channel.sms, Part("text", "", "甲")), message(Channel.sms, Part("text", "", "甲"))
    other = message(Channel.sms, Part("text", "", "乙"))
    moved = message(Channel.email, Part("subject", "", "甲乙"), Part("text", "", "丙"))
    shifted = message(Channel.email, Part("subject", "", "甲"), Part("text", "", "乙丙"))

    assert once.digest == again.digest
    assert 4 == len({once.digest, other.digest, moved.digest, shifted.digest})


def test_neither_message_nor_context_shows_its_words() -> None:
    sent = message(Channel.sms, Part("text", "", "张三欠款"))

    assert "张三" not in repr(sent)
    assert "张三" not in repr(RenderContext(US, party_name="张三"))


@pytest.mark.parametrize(
    ("field", "context"), [("party.name", {"party_name": "张\x00三"}), ("account.creditor", {"creditor": "银\n行"})]
)
def test_names_from_the_request_are_measured_too(field: str, context: dict[str, str]) -> None:
    with pytest.raises(RenderingError) as caught:
        RenderContext(US, **context)  # type: ignore[arg-type]

    assert field == caught.value.field


@pytest.mark.parametrize(
    "broken",
    [
        ("", "96588", "示例"),
        ("银行", "", "示例"),
        ("银行", "96588", ""),
        ("银行", "96588", "【示例】"),
        ("银行", "96588", "例"),
    ],
)
def test_an_institution_without_name_hotline_or_signature_does_not_start(broken: tuple[str, str, str]) -> None:
    with pytest.raises(Misconfigured):
        Institution(*broken)


def test_a_template_knows_whom_it_suits() -> None:
    assert TEMPLATE.suits(Purpose.collection, PartyRole.debtor)
    assert not TEMPLATE.suits(Purpose.collection, PartyRole.contact_person)
    assert not TEMPLATE.suits(Purpose.solicitation, PartyRole.debtor)

"""Which account carries a message: who may, who does, and who comes next."""

from collections import Counter

import pytest

from service.channels import simulated
from service.channels.answers import accepted, not_taken, refused
from service.channels.lines import cmpp_line, smpp_line
from service.channels.routes import Routes
from service.channels.wechat import official, wecom
from service.core.facts import Window
from service.core.model import DAY, HOUR, SECOND, AddressKind, Channel, Fate, Instant, NoRoute, Purpose
from service.flows.providers import (
    Choice,
    CostClass,
    FiledTemplate,
    FilingState,
    ProviderAccount,
    ProviderKind,
    Secret,
    ServiceHours,
    Tiers,
    Url,
    Wanted,
)
from tests.channels.dispatches import AT
from tests.channels.wechat.accounts import account as chat

PARAMS = simulated.Params(url=Url("http://provider.example"), secret=Secret(b"of sixteen bytes"))
LINE = ProviderKind("line", frozenset({Channel.sms}), simulated.Params, signed=True)
CLOUD = ProviderKind("cloud", frozenset({Channel.sms}), simulated.Params, templated=True, signed=True)
REMINDER = Wanted(Channel.sms, Purpose.collection, "overdue-reminder", "zh-CN", "cr_1")
APPROVED, FILED = FilingState.approved, FilingState.filed


def account(name: str, kind: ProviderKind = simulated.KIND, **more: object) -> ProviderAccount:
    return ProviderAccount(name, kind, PARAMS, frozenset({Channel.sms}))._replace(**more)


def _tried(names: str, over: Instant = AT) -> Wanted:
    """A reminder that failed on these accounts, each of which may be tried again from then on."""
    return REMINDER._replace(tried=dict.fromkeys(names, over))


def routes(*accounts: ProviderAccount, tiers: Tiers | None = None) -> Routes:
    return Routes(accounts, tiers and {Channel.sms: tiers}, signature="示例银行")


def test_the_first_account_carries_and_the_next_one_when_it_failed_for_sure() -> None:
    both = routes(account("a"), account("b"))

    assert both.choose(REMINDER, AT).account == "a"
    assert both.choose(_tried("a"), AT).account == "b"
    assert both.choose(_tried("ab"), AT).account == "a"
    assert [both.another(_tried(tried), AT) for tried in ("", "a", "ab")] == [True, True, False]


def test_an_account_that_failed_is_not_tried_again_before_its_back_off_is_over() -> None:
    both = routes(account("a"), account("b"))
    both.health["b"].ready = lambda: False
    over = Instant(AT + SECOND)

    assert both.choose(_tried("a", over), AT) == Choice(None, over)
    assert both.choose(_tried("a", over), over) == Choice("a")


def test_an_account_that_is_down_is_no_other_to_go_to_and_one_at_its_pace_is() -> None:
    both = routes(account("a"), account("b", per_second=1))
    both.health["b"].ready = lambda: False
    assert not both.another(_tried("a"), AT)

    both.health["b"].ready = lambda: True
    for n in range(9):
        both.choose(_tried("a", Instant(AT + HOUR))._replace(request=f"cr_{n}"), AT)

    assert both.another(_tried("a"), AT)


def test_weights_share_the_load_and_a_request_always_draws_the_same() -> None:
    shared = routes(account("a"), account("b"), tiers=((("a", 3), ("b", 1)),))
    drawn = [shared.choose(REMINDER._replace(request=f"cr_{n}"), AT).account for n in range(2000)]

    assert 1400 < Counter(drawn)["a"] < 1600
    assert drawn == [shared.choose(REMINDER._replace(request=f"cr_{n}"), AT).account for n in range(2000)]


def test_among_accounts_that_share_a_place_the_cheaper_carry_first_and_weights_share_within_a_class() -> None:
    dear, cheap, cheaper = account("a", cost_class=CostClass.high), account("b"), account("c")
    last = account("d", cost_class=CostClass.low)
    shared = routes(dear, cheap, cheaper, last, tiers=((("a", 1000), ("b", 1), ("c", 1)), (("d", 1),)))
    wanted = [REMINDER._replace(request=f"cr_{n}") for n in range(200)]
    drawn = Counter(shared.choose(each, AT).account for each in wanted)
    assert {"b", "c"} == set(drawn) and 60 < drawn["b"] < 140

    for name in ("b", "c"):
        shared.health[name].ready = lambda: False

    assert {"a"} == {shared.choose(each, AT).account for each in wanted}


def test_an_account_may_only_carry_its_purposes() -> None:
    notices = account("a", purposes=frozenset({Purpose.service_notice}))

    assert routes(notices).refusal(REMINDER) is NoRoute.purpose_not_allowed
    assert routes(notices, account("b")).refusal(REMINDER) is None
    assert routes(notices, account("b")).choose(REMINDER, AT).account == "b"


def test_a_template_must_be_filed_approved_and_signed() -> None:
    filing = FiledTemplate("overdue-reminder", "zh-CN", "SMS_1", APPROVED, (), "示例银行")
    filed = account("a", CLOUD, templates=(filing,), signatures={"示例银行": APPROVED})

    assert routes(filed).refusal(REMINDER) is None
    assert routes(filed).refusal(REMINDER._replace(locale="en")) is NoRoute.template_not_filed
    assert routes(filed).refusal(REMINDER._replace(template="other")) is NoRoute.template_not_filed
    assert routes(filed._replace(templates=(filing._replace(state=FILED),))).refusal(REMINDER) is (
        NoRoute.template_not_filed
    )
    assert routes(filed._replace(signatures={"示例银行": FILED})).refusal(REMINDER) is NoRoute.signature_not_filed


def test_a_template_of_which_the_person_allowed_no_more_is_not_sent() -> None:
    filing = FiledTemplate("overdue-reminder", "zh-CN", "T1", APPROVED, (), None)
    filed = account("a", CLOUD, templates=(filing,))
    other = account("b", CLOUD, templates=(filing._replace(code="T2"),))

    assert routes(filed).refusal(REMINDER._replace(spent=frozenset({("a", "T1")}))) is NoRoute.allowance_spent
    assert routes(filed).refusal(REMINDER._replace(spent=frozenset({("a", "T2"), ("b", "T1")}))) is None
    assert routes(filed, other).choose(REMINDER._replace(spent=frozenset({("a", "T1")})), AT).account == "b"


def test_a_colleagues_account_carries_nothing_to_a_debtor() -> None:
    """WeCom beside a service account that may not carry the message: refused by its reason, and not accepted."""
    followers = chat(official.KIND)._replace(name="followers", purposes=frozenset({Purpose.service_notice}))
    both = Routes([chat(wecom.KIND)._replace(name="staff", templates=()), followers])
    debtor = Wanted(Channel.wechat, Purpose.collection, "overdue-reminder", "zh-CN", address=AddressKind.wechat_openid)
    colleague = debtor._replace(address=AddressKind.wecom_user)

    assert NoRoute.purpose_not_allowed is both.refusal(debtor)
    assert "followers" == both.choose(debtor._replace(purpose=Purpose.service_notice), AT).account
    assert "staff" == both.choose(colleague, AT).account
    assert NoRoute.address_not_carried is Routes([followers]).refusal(colleague)


@pytest.mark.parametrize(("country", "carries"), [("CN", "mobile"), ("HK", "abroad"), (None, "abroad")])
def test_an_operators_line_of_the_mainland_carries_nothing_abroad(country: str | None, carries: str) -> None:
    mobile, abroad = account("mobile", cmpp_line.KIND), account("abroad", smpp_line.KIND)
    approved = {"示例银行": APPROVED}
    both = routes(mobile._replace(signatures=approved), abroad._replace(signatures=approved))
    wanted = REMINDER._replace(address=AddressKind.mobile, country=country)

    assert (None, carries) == (both.refusal(wanted), both.choose(wanted, AT).account)
    alone = routes(mobile._replace(signatures=approved)).refusal(wanted)
    assert (None if country == "CN" else NoRoute.address_not_carried) is alone


def test_a_line_carries_our_texts_only_under_the_signature_that_is_filed() -> None:
    assert routes(account("a", LINE, signatures={"示例银行": APPROVED})).refusal(REMINDER) is None
    assert routes(account("a", LINE, signatures={"示例银行": FILED})).refusal(REMINDER) is NoRoute.signature_not_filed
    assert routes(account("a", LINE, signatures={"别家": APPROVED})).refusal(REMINDER) is NoRoute.signature_not_filed


def test_the_reason_is_that_of_the_account_that_came_closest() -> None:
    none = account("a", purposes=frozenset())
    unsigned = account("b", LINE)

    assert routes(none, unsigned).refusal(REMINDER) is NoRoute.signature_not_filed


def test_a_breaker_opens_lets_one_probe_through_and_heals() -> None:
    one = routes(account("a"))
    one.told("a", not_taken("http_401", Fate.provider_unavailable), AT)
    opened = one.choose(REMINDER, AT)
    half = Instant(opened.until or 0)

    assert (opened.account, half) == (None, AT + 30 * SECOND)
    assert one.states(AT) == {"a": "open"}
    assert one.states(half) == {"a": "half_open"}
    assert one.choose(REMINDER, half).account == "a"
    assert one.choose(REMINDER, half).account == "a"  # the same request again is the same probe
    assert one.choose(REMINDER._replace(request="cr_2"), half).account is None
    one.told("a", accepted("ref"), half)
    assert one.states(half) == {"a": "closed"}
    assert one.choose(REMINDER._replace(request="cr_2"), half).account == "a"


def test_a_probe_that_fails_keeps_the_breaker_open_for_longer() -> None:
    one = routes(account("a"))
    one.told("a", not_taken("http_401", Fate.provider_unavailable), AT)
    half = Instant(AT + 30 * SECOND)
    one.choose(REMINDER, half)
    one.told("a", not_taken("unreachable"), half)

    assert one.choose(REMINDER, half).until == half + 60 * SECOND


def test_a_breaker_opens_after_failures_in_a_row_and_not_for_refusals() -> None:
    one = routes(account("a"))
    for _ in range(4):
        one.told("a", not_taken("unreachable"), AT)
    one.told("a", refused("malformed"), AT)
    for _ in range(4):
        one.told("a", not_taken("unreachable"), AT)
    assert one.states(AT) == {"a": "closed"}

    one.told("a", not_taken("unreachable"), AT)
    assert one.states(AT) == {"a": "open"}


def test_a_pace_keeps_everybodys_turn_and_holds_up_no_other_account() -> None:
    paced = routes(account("a", per_second=10))
    turns = [paced.choose(REMINDER._replace(request=f"cr_{n}"), AT) for n in range(40)]
    went = [turn for turn in turns if turn.account]
    waits = [turn.until for turn in turns if turn.until]

    assert len(went) == 11  # a second's worth is saved up
    assert len(set(waits)) == 29
    assert [paced.choose(REMINDER._replace(request=f"cr_{n}"), AT).until for n in range(11, 40)] == waits
    assert max(waits) == AT + 29 * SECOND // 10
    last = REMINDER._replace(request="cr_39")
    assert paced.choose(last, Instant(max(waits))).account == "a"


def test_an_account_at_its_pace_keeps_carrying_its_share_beside_one_without() -> None:
    """Turns are kept only where somebody waits for them: otherwise those who went elsewhere use up its pace."""
    beside = routes(account("a", per_second=10), account("b"), tiers=((("a", 1), ("b", 1)),))
    carried: Counter[str | None] = Counter()
    for second in range(20):
        now = Instant(AT + second * SECOND)
        carried.update(beside.choose(REMINDER._replace(request=f"cr_{second}_{n}"), now).account for n in range(40))

    assert 200 <= carried["a"] <= 211 and carried.total() == 800


def test_a_throttled_account_rests_until_it_says() -> None:
    one = routes(account("a"))
    one.told("a", not_taken("throttled", Fate.throttled_account, Instant(AT + HOUR)), AT)

    assert one.choose(REMINDER, AT).until == AT + HOUR
    assert one.choose(REMINDER, Instant(AT + HOUR)).account == "a"
    assert one.states(AT) == {"a": "closed"}


def test_a_closed_provider_is_waited_for() -> None:
    hours = ServiceHours(Window(0b1111111, 8 * 3600, 9 * 3600), "Asia/Shanghai")
    open_again = Instant(AT - 2 * HOUR + DAY)  # it is ten o'clock

    assert routes(account("a", hours=hours)).choose(REMINDER, AT).until == open_again
    assert routes(account("a", hours=hours)).choose(REMINDER, open_again).account == "a"


def test_a_session_that_is_not_bound_here_is_passed_over() -> None:
    both = routes(account("a"), account("b"))
    both.health["a"].ready = lambda: False

    assert both.choose(REMINDER, AT).account == "b"

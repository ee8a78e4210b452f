"""Verdicts as sentences: with figures, in two languages, and by what authority."""

from typing import Any, get_args, get_type_hints

import pytest

from service.core.chinese import HOLDS, PHRASES, SUPPRESSIONS
from service.core.decide import decide
from service.core.explain import explain, sentence
from service.core.kinds import KINDS
from service.core.lifts import LIFTS, OWN_LIFTS
from service.core.model import Dialing, Effect, HoldKind, Outcome, SuppressionReason
from service.core.rule import Verdict
from tests.core.cases import NOON, contact, facts, shipped, subject


def test_a_sentence_tells_the_figures_of_rule_and_verdict() -> None:
    calls = [contact(NOON - n) for n in (1, 2, 3)]
    decision = decide(shipped(), facts(*calls, of=subject(dialing=Dialing.manual)), NOON)
    verdict = decision.deciding[0]

    said = explain(shipped(), verdict, "en")

    assert said.message.startswith("At most 3 connected calls of 6 seconds or more a debtor and day")
    assert said.message.endswith("3 counted. As far as this rule goes, from the instant given on.")
    assert said.citation == "GB/T 45251-2025, 5.3.2.1 and 5.3.2.2.2"
    assert explain(shipped(), verdict, "zh").message.endswith(
        "合计不超过3次；已计3次。就本规则而言，自所示时刻起即可联系。"
    )


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_rule_has_a_sentence_whatever_its_verdict(language: Any) -> None:
    for rule in (rule for pack in shipped().packs for rule in pack.rules):
        bare = Verdict(rule.id, rule.kind, Effect.deny, "some_reason")
        said = sentence(rule, bare, language)

        assert "{" not in said
        assert said.endswith((".", "。"))


@pytest.mark.parametrize(
    "changed", [{"zones": ()}, {"jurisdictions": ()}, {"jurisdictions": ("IS",)}, {"route": False}], ids=str
)
def test_the_gateways_own_refusals_have_sentences_and_no_citation(changed: dict[str, Any]) -> None:
    verdict = decide(shipped(), facts(**changed), NOON).deciding[0]

    for language in ("en", "zh"):
        said = explain(shipped(), verdict, language)
        assert said.message != verdict.reason
        assert said.citation is None


def test_a_rule_that_left_the_book_speaks_by_its_reason() -> None:
    assert explain(shipped(), Verdict("gone/rule", "cap", Effect.defer, "cap_gone"), "en").message == "cap_gone"


def test_what_was_lifted_says_by_what() -> None:
    lifted = Verdict("house/quiet-hours", "contact_window", Effect.allow, figures={"lifted_by": "house/reply-once"})

    assert explain(shipped(), lifted, "en").message == "Lifted by house/reply-once."


def test_a_verdict_of_a_missing_figure_shows_a_dash() -> None:
    stored = Verdict("house/sms-per-day", "cap", Effect.defer, "cap_sms_day")

    assert "—" in explain(shipped(), stored, "en").message
    assert Outcome.unknown not in explain(shipped(), stored, "en").message


@pytest.mark.parametrize(
    ("rule", "figures", "said"),
    [
        ("house/paused", {"hold": "dispute, hardship"}, "（异议核实、困难认定）"),
        ("house/suppression", {"why": SuppressionReason.refused_by_third_party}, "（第三人拒绝联系）"),
        ("house/suppression", {"why": "suppressed"}, "（已列入不得联系名单）"),
        ("cn-collection/third-party-content", {"found": "debt"}, "发现：债务信息。"),
        (
            "cn-collection/card-letter-items",
            {"missing": "holder_and_total, seal"},
            "欠缺：姓名和欠款总额、银行业务公章。",
        ),
        ("cn-collection/forbidden-words", {"found": "our-own-phrase"}, "发现：our-own-phrase。"),
    ],
)
def test_a_chinese_sentence_has_chinese_words_for_codes(rule: str, figures: dict[str, str], said: str) -> None:
    verdict = Verdict(rule, "any", Effect.deny, "any", figures=figures)

    assert said in explain(shipped(), verdict, "zh").message


def test_an_english_sentence_writes_codes_as_words() -> None:
    book = shipped()
    for rule, figures, said in (
        ("house/suppression", {"why": "opt_out"}, "(opt out)"),
        ("house/legal-state", {"hold": "legal_hold"}, "(legal hold)"),
        ("cn-collection/ai-voice-label", {"missing": "ai_label, seal"}, "Wanting: ai label, seal."),
    ):
        found = book.rule(rule)
        assert found is not None
        verdict = Verdict(rule, found.kind, Effect.deny, "some_reason", figures=figures)
        assert said in sentence(found, verdict, "en")


def test_every_code_that_a_sentence_tells_has_its_chinese_word() -> None:
    phrases = {p.name for pack in shipped().packs for rule in pack.rules for p in getattr(rule, "phrases", ())}

    assert set(HoldKind) == set(HOLDS)
    assert {*SuppressionReason, "suppressed"} == set(SUPPRESSIONS)
    assert phrases <= set(PHRASES)


def test_what_would_lift_a_refusal_is_said_and_an_allowance_says_nothing_of_it() -> None:
    consent = next(rule for pack in shipped().packs for rule in pack.rules if rule.kind == "consent")

    denied = Verdict(consent.id, consent.kind, Effect.deny, "no_consent")
    allowed = Verdict(consent.id, consent.kind, Effect.allow)

    assert explain(shipped(), denied, "en").message.endswith("A consent that is recorded lifts this.")
    assert explain(shipped(), denied, "zh").message.endswith("登记相应的同意后即可解除。")
    assert "lifts this" not in explain(shipped(), allowed, "en").message


def test_what_no_message_from_the_person_lifts_does_not_say_that_one_would() -> None:
    by_court = Verdict("house/suppression", "suppression", Effect.deny, "court_order", figures={"why": "court_order"})
    by_wish = Verdict("house/suppression", "suppression", Effect.deny, "opted_out", figures={"why": "opt_out"})

    assert explain(shipped(), by_court, "en").message.endswith("Mending or lifting what is recorded lifts this.")
    assert "a later message from the person" in explain(shipped(), by_wish, "en").message


_NOTHING_LIFTS = {
    "channel", "party", "stage", "contact_window", "cap", "cooldown", "interval", "preference", "occasion",
    "exemption", "reply_once",
}  # fmt: skip


def test_every_kind_says_what_would_lift_it_but_those_that_wait_or_that_nothing_lifts() -> None:
    kinds = {get_args(get_type_hints(kind)["kind"])[0] for kind in KINDS}

    assert kinds - set(LIFTS) == _NOTHING_LIFTS


def test_the_gateways_own_refusals_say_what_would_lift_them() -> None:
    for reason, lift in OWN_LIFTS.items():
        own = Verdict(f"gateway/{reason.replace('_', '-')}", "gateway", Effect.deny, reason)

        assert explain(shipped(), own, "en").message.endswith(f" {lift.en}")
        assert explain(shipped(), own, "zh").message.endswith(lift.zh)

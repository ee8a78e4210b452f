"""What a text says: however it is spaced, whatever its letters look like, in Chinese and in English."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.case import Case
from service.core.model import Confidence, Effect, Force
from service.core.rule import Explain
from service.core.rules.content import ContentForbidden, ContentRequired, Phrase
from service.core.wording import Lexicon, Wording, _compiled
from tests.core.cases import NOON, facts, subject

SAID: dict[str, Any] = {
    "citation": "a test",
    "force": Force.house,
    "confidence": Confidence.primary,
    "explain": Explain(en="No.", zh="不。"),
}


def finds(text: str, *words: str, patterns: tuple[str, ...] = (), latin: tuple[str, ...] = ()) -> bool:
    return Lexicon(words, patterns, latin).found_in(Wording(text))


@pytest.mark.parametrize(
    "text",
    [
        "您已被列入黑名单。",
        "您已被列入黑 名 单。",
        "黑\u200b名\u200d单",
        "黑-名·单",
        "黑\n名\n单",
        "黑，名，单",
    ],
)
def test_a_chinese_word_is_found_whatever_stands_between(text: str) -> None:
    assert finds(text, "黑名单")


@pytest.mark.parametrize("text", ["Go to JAIL!", "jail", "ｊａｉｌ", "ja\u00adil", "Jail, now", "(jail)", "你会 jail"])
def test_a_latin_word_is_found_in_any_case_and_width(text: str) -> None:
    assert finds(text, "jail")


@pytest.mark.parametrize("text", ["Jailhouse rock", "the jailer", "Ajail", "黑名", ""])
def test_a_word_within_another_is_not_the_word(text: str) -> None:
    assert not finds(text, "jail", "黑名单")


def test_a_later_place_counts_where_an_earlier_one_is_within_another_word() -> None:
    assert finds("The bigjail is no jail", "jail")


def test_words_of_several_parts_are_found_over_line_ends() -> None:
    assert finds("This is an ARREST\n  warrant.", "arrest warrant")


def test_latin_patterns_are_spared_a_text_without_latin_letters() -> None:
    assert not finds("12%", latin=("[0-9]%",))
    assert finds("12% off", latin=("[0-9]%",))
    assert finds("12%", patterns=("[0-9]%",))


@given(st.text(alphabet="黑名单 ,.-，。\u200b", max_size=12))
def test_what_is_found_is_there_once_the_blanks_are_gone(text: str) -> None:
    letters = "".join(letter for letter in text if letter in "黑名单")

    assert finds(text, "黑名单") == ("黑名单" in letters)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert Wording(text).plain == Wording(Wording(text).plain).plain or not text.isascii()


def test_a_verdict_names_the_phrase_and_no_word_of_the_text() -> None:
    rule = ContentForbidden(
        id="t/forbidden", kind="content_forbidden", phrases=(Phrase(name="arrest", patterns=("抓.{0,6}",)),), **SAID
    )

    verdict = rule.judge(Case(facts(of=subject(text="抓张三李四王五"))), NOON)

    assert verdict.effect is Effect.deny
    assert verdict.figures == {"found": "arrest"}


def test_every_wanting_phrase_is_named() -> None:
    phrases = (
        Phrase(name="who", words=("银行",)),
        Phrase(name="where", words=("电话",)),
        Phrase(name="why", words=("因",)),
    )
    rule = ContentRequired(id="t/required", kind="content_required", phrases=phrases, **SAID)

    assert rule.judge(Case(facts(of=subject(text="示例银行"))), NOON).figures == {"missing": "where, why"}


@pytest.mark.parametrize(
    ("institution", "text", "said"),
    [
        ("anywhere", "Good day, this is FAIRVIEW\nlending speaking.", True),
        ("anywhere", "Good day, this is Fair View.", False),
        ("anywhere", "您好，张家 联社来电。", True),
        ("opening", "Fairview Lending: please call.", True),
        ("opening", "Fairview Lending：please call.", True),
        ("opening", "Please call Fairview Lending: now.", False),
    ],
)
def test_the_lender_is_known_by_any_of_its_names(institution: Any, text: str, said: bool) -> None:
    phrase = Phrase(name="who", institution=institution)

    assert phrase.said_in(Wording(text), ("Fairview Lending", "张家联社")) == said


@pytest.mark.parametrize(
    ("pattern", "sought_first"),
    [
        (r"\bsue you\b", r"sue you\b"),
        (r"\b(?:hurt|kill) you\b", r"(?:hurt|kill) you\b"),
        (r"\b[0-9][0-9,.]*\s?(dollars|aud)\b", r"\b[0-9][0-9,.]*\s?(dollars|aud)\b"),
        (r"\b(?:[0-9]+ )?aud\b", r"\b(?:[0-9]+ )?aud\b"),
        (r"discounts?\b", r"discounts?\b"),
    ],
)
def test_a_boundary_is_looked_for_last_where_letters_come_first(pattern: str, sought_first: str) -> None:
    """Each digit of a long number would else be where a number may begin, and the whole text be read from each."""
    loose, whole = _compiled(pattern)

    assert (loose.pattern, whole.pattern) == (sought_first, pattern)

"""Counting and cutting of text messages, held against an independent library and the mainland rule."""

from itertools import pairwise

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from service.core.segments import SmsRule, from_septets, is_gsm, rule_for, split, to_septets, units

GSM = "abcXYZ 0189@£$¥èØø_ΦΓΛΩ!#¤%&¡ÄÖÑÜ§¿äöñüà\n" + "^{}\\[~]|€"
WIDE = GSM + "好人行欠款，。【】" + "😀𠮷" + "`ç"
texts = st.one_of(
    st.text(GSM, max_size=700),
    st.text(WIDE, max_size=400),
    st.builds(lambda a, n, b: a * n + b, st.sampled_from("a€好😀"), st.integers(0, 320), st.text(WIDE, max_size=8)),
)


@given(texts)
def test_international_texts_are_cut_as_the_reference_library_cuts_them(text: str) -> None:
    expected = tuple(part.content for part in smsutil.split(text).parts)

    assert expected == split(text, SmsRule.international)


@given(texts, st.sampled_from(SmsRule))
def test_the_units_of_a_text_are_the_text_and_their_number_is_its_count(text: str, rule: SmsRule) -> None:
    cut = split(text, rule)

    assert text == "".join(cut)
    assert len(cut) == units(text, rule)
    assert len(cut) == 1 or all(cut)


@given(texts, st.sampled_from(SmsRule))
def test_a_unit_fits_the_wire_and_takes_as_much_as_fits(text: str, rule: SmsRule) -> None:
    cut = split(text, rule)
    gsm = rule is SmsRule.international and is_gsm(text)
    most = (160, 153) if gsm else (70, 67)

    def long(piece: str) -> int:
        return len(to_septets(piece)) if gsm else len(piece.encode("utf-16-be", "surrogatepass")) // 2

    assert long(cut[0]) <= most[len(cut) > 1]
    for piece, following in pairwise(cut):
        assert long(following) <= most[1] < long(piece + following[0])


@given(st.text(GSM, max_size=200))
def test_the_alphabet_of_the_networks_is_read_as_it_was_spelled(text: str) -> None:
    assert text == from_septets(to_septets(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("A" * 70, 1),
        ("A" * 71, 2),
        ("A" * 100, 2),
        ("A" * 134, 2),
        ("A" * 135, 3),
        ("好" * 70, 1),
        ("好" * 67 + "A" * 67, 2),
        ("€" * 70, 1),
        ("𠮷" * 35, 1),
        ("𠮷" * 36, 2),
    ],
)
def test_in_mainland_china_every_character_counts_one(text: str, expected: int) -> None:
    assert expected == units(text, SmsRule.cn_flat)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A" * 160, 1),
        ("A" * 161, 2),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("A" * 152 + "€" + "A" * 6, 1),
        ("A" * 152 + "€" + "A" * 7, 2),
        ("好" * 70, 1),
        ("好" * 71, 2),
        ("好" * 66 + "😀" + "好" * 66, 3),
        ("`" * 71, 2),
    ],
)
def test_elsewhere_gsm_characters_pack_and_pairs_are_never_torn(text: str, expected: int) -> None:
    assert expected == units(text, SmsRule.international)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+8613800138000", SmsRule.cn_flat),
        ("+85291234567", SmsRule.international),
        ("+886912345678", SmsRule.international),
        ("+447700900123", SmsRule.international),
    ],
)
def test_only_mainland_numbers_are_counted_flat(number: str, expected: SmsRule) -> None:
    assert expected is rule_for(number)

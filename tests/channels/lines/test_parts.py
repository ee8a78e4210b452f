"""A text as parts: what a handset would show is what was meant, and nothing is torn."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.lines.parts import Alphabet, Part, cut
from service.channels.lines.replies import read
from service.core.segments import rule_for, units

CHINA, ABROAD = "+8613800138000", "+447700900123"
texts = st.text(st.sampled_from("abcXYZ 019@£$€[]{}~|^\\Øà\n好人行欠款，【】😀𠮷`ç"), max_size=500)


def shown(parts: tuple[Part, ...]) -> str:
    """What a handset makes of the parts."""
    return "".join(read(part.content, part.alphabet, joined=part.joined) or "" for part in parts)


@given(texts, st.sampled_from([CHINA, ABROAD]), st.sampled_from([Alphabet.gsm7, Alphabet.ucs2, Alphabet.gbk]))
def test_what_is_shown_is_what_was_meant(text: str, number: str, preferred: Alphabet) -> None:
    parts = cut(text, number, preferred, "a1")

    assert text == shown(parts)
    assert [(part.number, part.total) for part in parts] == [(n + 1, len(parts)) for n in range(len(parts))]


@given(texts, st.sampled_from([CHINA, ABROAD]))
def test_no_part_is_longer_than_the_air_carries(text: str, number: str) -> None:
    for part in cut(text, number, Alphabet.gsm7, "a1"):
        assert len(part.content) <= (160 if part.alphabet is Alphabet.gsm7 else 140)


@given(texts, st.sampled_from([CHINA, ABROAD]))
def test_there_are_as_many_parts_as_units_were_counted(text: str, number: str) -> None:
    assert units(text, rule_for(number)) == len(cut(text, number, Alphabet.gsm7, "a1"))


@given(texts)
def test_each_part_is_whole_by_itself(text: str) -> None:
    for part in cut(text, ABROAD, Alphabet.gsm7, "a1"):
        body = part.content[6:] if part.joined else part.content
        assert not (part.alphabet is Alphabet.gsm7 and body.endswith(b"\x1b"))
        if part.alphabet is Alphabet.ucs2:
            body.decode("utf-16-be")


def test_long_texts_are_joined_by_a_header_that_follows_from_the_attempt() -> None:
    first, second = cut("好" * 71, CHINA, Alphabet.ucs2, "a1")

    assert first.content[:3] == second.content[:3] == bytes((5, 0, 3))
    assert first.content[3] == second.content[3]
    assert (first.content[4:6], second.content[4:6]) == (b"\x02\x01", b"\x02\x02")
    assert len(first.content) == 6 + 134
    assert cut("好" * 71, CHINA, Alphabet.ucs2, "a1") == (first, second)


@pytest.mark.parametrize(
    ("text", "number", "preferred", "alphabet", "content"),
    [
        ("Hi €", ABROAD, Alphabet.gsm7, Alphabet.gsm7, b"Hi \x1be"),
        ("Hi", CHINA, Alphabet.gsm7, Alphabet.ucs2, b"\0H\0i"),
        ("Hi `", ABROAD, Alphabet.gsm7, Alphabet.ucs2, b"\0H\0i\0 \0`"),
        ("还款", CHINA, Alphabet.gbk, Alphabet.gbk, b"\xbb\xb9\xbf\xee"),
        ("款😀", CHINA, Alphabet.gbk, Alphabet.ucs2, b"\x6b\x3e\xd8\x3d\xde\x00"),
    ],
)
def test_an_alphabet_is_left_where_it_cannot_spell_the_text(
    text: str, number: str, preferred: Alphabet, alphabet: Alphabet, content: bytes
) -> None:
    assert cut(text, number, preferred, "a1") == (Part(alphabet, content, 1, 1),)


def test_a_text_of_more_parts_than_can_be_joined_is_refused() -> None:
    with pytest.raises(ValueError, match="255"):
        cut("好" * 67 * 256, CHINA, Alphabet.ucs2, "a1")


@given(st.binary(max_size=140), st.sampled_from(Alphabet), st.booleans())
def test_whatever_comes_in_can_be_read(content: bytes, alphabet: Alphabet, joined: bool) -> None:
    assert len(read(content, alphabet, joined=joined)) <= len(content)


def test_a_part_shows_nothing_of_its_text() -> None:
    assert "<Part 1/1 ucs2>" == repr(cut("还款", CHINA, Alphabet.ucs2, "a1")[0])

"""Which alphabet a coding names, and what is read where none is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.channels.lines.parts import Alphabet
from service.channels.lines.replies import by_scheme, read


@pytest.mark.parametrize(
    ("coding", "alphabet"),
    [
        (0x00, Alphabet.gsm7),
        (0x08, Alphabet.ucs2),
        (0x0C, None),
        (0x10, Alphabet.gsm7),
        (0x13, Alphabet.gsm7),
        (0x14, None),
        (0x18, Alphabet.ucs2),
        (0x1B, Alphabet.ucs2),
        (0x20, None),
        (0x38, None),
        (0x48, Alphabet.ucs2),
        (0x50, Alphabet.gsm7),
        (0x80, None),
        (0xC0, Alphabet.gsm7),
        (0xD8, Alphabet.gsm7),
        (0xE0, Alphabet.ucs2),
        (0xF0, Alphabet.gsm7),
        (0xF4, None),
    ],
)
def test_a_scheme_names_its_alphabet_in_every_class_and_store(coding: int, alphabet: Alphabet | None) -> None:
    assert alphabet is by_scheme(coding)


@pytest.mark.parametrize("text", ["STOP", "Stop!", "TD", "退订", "停止", "取消", "退订T", "拒收，谢谢", "别发了", "Ｔ"])
@pytest.mark.parametrize("codec", ["ascii", "utf-16-be", "gb2312"])
def test_a_wish_whose_alphabet_nobody_names_is_read_by_its_look(text: str, codec: str) -> None:
    if codec == "ascii" and not text.isascii():
        return

    assert text == read(text.encode(codec), None, joined=False)


@given(st.text(st.sampled_from("好人行欠款，不要再发退订停止取消拒收"), max_size=69))
def test_a_sentence_is_read_in_either_chinese_alphabet(words: str) -> None:
    text = f"{words}。"

    assert {text} == {read(text.encode(codec), None, joined=False) for codec in ("utf-16-be", "gb2312")}


@given(st.binary(max_size=140), st.booleans())
def test_no_bytes_break_the_reader(content: bytes, joined: bool) -> None:
    texts = [read(content, alphabet, joined=joined) for alphabet in Alphabet]

    assert None not in texts
    assert read(content, None, joined=joined) in {
        None,
        *_decoded(content[1 + content[0] :] if joined and content else content),
    }


def _decoded(content: bytes) -> list[str]:
    return [content.decode(codec, "replace") for codec in ("ascii", "utf-16-be", "gb2312")]

"""What a policy file's values are, before anybody knows what they mean."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.files import policy_source
from service.files.policy_source import Source


@pytest.mark.parametrize(
    "text",
    ["a: one\n  two\n", "a: >-\n  one\n  two\n", 'a: "one\n  two"\n', "a: 'one\n  two'\n"],
    ids=["plain", "folded", "double", "single"],
)
def test_a_text_over_several_lines_is_one_line_and_nothing_else(text: str) -> None:
    source = Source("f.yaml", text)

    assert source.complaints == []
    assert source.plain == {"a": "one two"}


def test_a_time_of_day_and_a_country_stay_words() -> None:
    assert Source("f.yaml", "a: {from: 21:00, to: 08:00, in: [NO, on]}").plain == {
        "a": {"from": "21:00", "to": "08:00", "in": ["NO", "on"]}
    }


_PIECES = (
    *":-[]{},#|>'\"%@?~`=<.+\\/ \nab10",
    *(
        ": ",
        "- ",
        "\n  ",
        "\n- ",
        "a: ",
        "b: ",
        "\n---\n",
        "...\n",
        "%YAML 1.1\n",
        "0x1f",
        "0o17",
        "1_000",
        "yes",
        "No",
    ),
    *(
        "null",
        "1e3",
        ".inf",
        "2020-01-01",
        "12:30",
        "<<: ",
        "\\u00e9",
        "\\/",
        "中文",
        "，",
        "|\n ",
        "|-\n  ",
        "# c\n",
        "&a ",
        "*a",
    ),
)


def _by_the_reader_of_yaml_1_2(text: str) -> Source:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy_source, "_USUAL", re.compile("(?!)"))
        return Source("f.yaml", text)


def _alike(text: str) -> bool:
    one, other = Source("f.yaml", text), _by_the_reader_of_yaml_1_2(text)
    return (one.plain, one.lines, one.complaints) == (other.plain, other.lines, other.complaints)


@given(st.lists(st.sampled_from(_PIECES), max_size=25).map("".join), st.booleans())
def test_the_quick_reader_takes_nothing_in_another_sense(text: str, in_a_mapping: bool) -> None:
    assert _alike(f"k: {text}\nz: 1\n" if in_a_mapping else text)


@pytest.mark.parametrize(
    "text", ["k: a\tb", "k: >#c", "k: |\n \n  a", "a: 1\n...\n...\n", "a: \u2028b", "{a: 21:00}", "a: &b c"]
)
def test_of_what_the_versions_think_differently_the_reader_of_yaml_1_2_judges(text: str) -> None:
    assert _alike(text)


def test_what_ships_is_read_alike() -> None:
    packs = [file for file in Path("policies").glob("*.yaml") if not file.name.endswith(".cases.yaml")]

    assert packs and all(_alike(file.read_text(encoding="utf-8")) for file in packs)


@pytest.mark.parametrize("text", ["a: " + "[" * 100_000, "a: " + "{b: " * 100_000, "a: " + "[" * 1000 + "]" * 1000])
def test_what_is_nested_too_deeply_ends_no_process(text: str) -> None:
    [complaint] = Source("f.yaml", text).complaints

    assert complaint.message == "is nested too deeply"

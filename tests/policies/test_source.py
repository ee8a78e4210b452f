"""What a policy file's values are, before anybody knows what they mean."""

import pytest

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

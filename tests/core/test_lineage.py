"""Whose law reaches a region."""

import pytest

from service.core.policy import lineage


@pytest.mark.parametrize(
    ("code", "expected"),
    [("CN", ("CN",)), ("US-MA", ("US-MA", "US")), ("CN-XJ", ("CN-XJ", "CN")), ("CN-HK", ("CN-HK", "HK"))],
)
def test_a_region_lies_under_the_law_that_reaches_it(code: str, expected: tuple[str, ...]) -> None:
    assert lineage(code) == expected

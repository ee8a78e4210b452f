"""Which codes name a jurisdiction."""

import pytest

from service.core.jurisdictions import COUNTRIES, is_jurisdiction


def test_iso_3166_names_249_countries() -> None:
    assert len(COUNTRIES) == 249


@pytest.mark.parametrize("code", ["CN", "HK", "US-MA", "US-NYC", "CA-ON", "CN-31", "EU"])
def test_a_country_and_its_parts_are_jurisdictions(code: str) -> None:
    assert is_jurisdiction(code)


@pytest.mark.parametrize("code", ["", "ZZ", "XX", "cn", "CHN", "US-", "US-MASS", "ZZ-1", "CN\n", "US-MA-1", "１"])
def test_anything_else_is_none(code: str) -> None:
    assert not is_jurisdiction(code)

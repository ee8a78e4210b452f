"""The list that counsel looks at first."""

from pathlib import Path

from service.web.policies_shown import UnconfirmedShown

from .front import Web

UNCONFIRMED = "/v1/policies/unconfirmed"


async def test_drafts_house_values_and_secondary_sources_are_listed(bank: Web) -> None:
    answer = await bank.get(UNCONFIRMED)

    said = answer.json()
    UnconfirmedShown.model_validate(said)
    why = {each["rule"]: each["why"] for each in said["rules"]}
    assert {"draft", "house_value", "secondary"} <= set(why.values())
    assert all(each["citation"] for each in said["rules"])
    assert why["house/visit-party"] == "house_value"
    assert "house/quiet-hours" not in why


async def test_a_place_without_a_pack_is_listed(bank: Web, folder: Path) -> None:
    places = (await bank.get(UNCONFIRMED)).json()["places"]
    (folder / "README.md").unlink()

    assert [None] == [each["pack"] for each in places if each["place"] == "Malaysia"]
    assert [] == (await bank.get(UNCONFIRMED)).json()["places"]


async def test_the_list_needs_the_scope_of_policies(bank: Web) -> None:
    assert 403 == (await bank.get(UNCONFIRMED, key=await bank.key("writer", "policy:write"))).status_code

import asyncio
import base64
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from service.core.errors import Misconfigured
from service.core.model import Channel, NoRoute, Purpose
from service.flows.providers import Wanted
from service.settings import Settings, load
from service.wiring import Shelf, open_house, read_shelf
from tests.web.front import HandClock

NOW = "2026-11-23T10:00:00+08:00"


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    return read_shelf(settings(tmp_path_factory.mktemp("shelf")))


@pytest.fixture
def used(tmp_path: Path, shelf: Shelf) -> Path:
    """A store that holds a party's sealed rows, and its key."""
    folder = tmp_path / "used"
    opened(folder, shelf, with_party=True)
    return folder


def settings(folder: Path, **others: str) -> Settings:
    environ: Mapping[str, str] = {"GATEWAY_DATA_DIR": str(folder), **others}
    return load(environ)


def opened(
    folder: Path, shelf: Shelf, *, serving: bool = True, with_party: bool = False, at: str = NOW, **others: str
) -> list[str]:
    """Open the house and shut it again; return the kinds of its entries, in order."""

    async def opening() -> list[str]:
        async with open_house(settings(folder, **others), serving=serving, clock=HandClock(at), shelf=shelf) as house:
            kit, store = house.gateway.kit, house.gateway.store
            if with_party:
                wrapped = kit.vault.wrap(kit.vault.new_party_key(), "p-1")
                row = {"party": "p-1", "id": "P-1", "key_wrapped": wrapped, "time_zones": "[]", "jurisdictions": "[]"}
                rest = {"locale": None, "created_at": kit.clock(), "erased_at": None}
                await store.write(lambda tx: tx.add("parties", [row | rest]))
            return [row["kind"] for row in await store.read(lambda tx: tx.rows("entries", {}, order=["id"]))]

    return asyncio.run(opening())


def test_an_empty_store_gets_a_key_the_shipped_book_and_the_templates(tmp_path: Path, shelf: Shelf) -> None:
    folder = tmp_path / "var"

    kinds = opened(folder, shelf)

    assert "book.activated" == kinds[0] and {"template.published"} == set(kinds[1:])
    assert 0o600 == (folder / "master.key").stat().st_mode & 0o777
    assert 0o700 == folder.stat().st_mode & 0o777


def test_opening_again_changes_nothing(tmp_path: Path, shelf: Shelf) -> None:
    first = opened(tmp_path / "var", shelf)

    assert first == opened(tmp_path / "var", shelf)


def test_rows_without_their_key_refuse_to_start(used: Path, shelf: Shelf) -> None:
    (used / "master.key").unlink()

    with pytest.raises(Misconfigured, match="no master key"):
        opened(used, shelf)
    assert not (used / "master.key").exists()


def test_rows_under_another_key_refuse_to_start(used: Path, shelf: Shelf) -> None:
    (used / "master.key").write_bytes(base64.b64encode(b"x" * 32))

    with pytest.raises(Misconfigured, match="not the one"):
        opened(used, shelf)


def test_a_key_handed_in_as_text_opens_the_same_rows(used: Path, shelf: Shelf) -> None:
    key = (used / "master.key").read_text().strip()
    (used / "master.key").unlink()

    assert opened(used, shelf, GATEWAY_MASTER_KEY=key)


def test_a_clock_behind_the_newest_entry_refuses_to_start(used: Path, shelf: Shelf) -> None:
    with pytest.raises(Misconfigured, match="clock"):
        opened(used, shelf, at="2026-11-22T10:00:00+08:00")


def test_a_second_serving_process_is_refused_and_a_short_verb_is_not(tmp_path: Path, shelf: Shelf) -> None:
    folder = tmp_path / "var"

    async def trying() -> None:
        async with open_house(settings(folder), clock=HandClock(NOW), shelf=shelf):
            async with open_house(settings(folder), serving=False, clock=HandClock(NOW), shelf=shelf):
                pass
            with pytest.raises(Misconfigured, match="serves"):
                async with open_house(settings(folder), clock=HandClock(NOW), shelf=shelf):
                    pass

    asyncio.run(trying())


def test_without_migration_tables_that_are_missing_refuse_to_start(tmp_path: Path, shelf: Shelf) -> None:
    with pytest.raises(Misconfigured, match="migrate"):
        opened(tmp_path / "var", shelf, GATEWAY_MIGRATE="no")


def test_a_template_that_was_changed_stays_renderable_for_whom_it_was_pinned(tmp_path: Path, shelf: Shelf) -> None:
    folder, templates = tmp_path / "var", tmp_path / "templates"
    opened(folder, shelf)
    shutil.copytree(settings(folder).templates_dir, templates)
    source = next(templates.glob("overdue-reminder/sms.en.*"))
    source.write_text(source.read_text().replace("Please pay", "Kindly pay"))
    before = shelf.templates.get("overdue-reminder")
    changed = read_shelf(settings(folder, GATEWAY_TEMPLATES_DIR=str(templates)))
    after = changed.templates.get("overdue-reminder")

    kinds = opened(folder, changed, GATEWAY_TEMPLATES_DIR=str(templates))

    assert before and after and before.version != after.version
    assert "template.published" == kinds[-1]
    assert before == changed.templates.by_digest(before.version)


def test_a_channel_without_a_route_stays_without_one(tmp_path: Path, shelf: Shelf) -> None:
    async def routes() -> tuple[bool, str | None]:
        async with open_house(settings(tmp_path / "var"), clock=HandClock(NOW), shelf=shelf) as house:
            kit = house.gateway.kit
            return kit.routes.simulated, kit.routes.refusal(Wanted(Channel.sms, Purpose.collection))

    assert (False, NoRoute.no_route) == asyncio.run(routes())

"""The verbs `export` and `policy activate`: what they do, and once as processes of their own."""

import asyncio
import os
import sys
from pathlib import Path

import orjson
import pytest

from service.cli.activate import activate_book
from service.cli.differences import as_json, as_lines, compared
from service.cli.export import write_export
from service.cli.replaying import as_lines as replay_lines
from service.cli.replaying import replayed, span_of
from service.core.errors import Invalid, Misconfigured, NotFound
from service.flows.export import Format

from .front import Web, request_body

ROOT = Path(__file__).parents[2]
FUTURE = "2999-01-01T00:00:00+08:00"


async def test_an_export_takes_in_what_was_written_last(web: Web, tmp_path: Path) -> None:
    await web.post("/v1/contact-requests", request_body())
    file = tmp_path / "entries.ndjson"

    written = await write_export(web.house, "somebody", Format.ndjson, -1, file)

    *entries, last = [orjson.loads(line) for line in file.read_bytes().splitlines()]
    assert "request.accepted" == orjson.loads(entries[-1]["body"])["kind"]
    assert {"head": written - 1, "entries": written} == last
    (left,) = await web.rows("entries", kind="audit.exported")
    assert "somebody" == left["actor"]


async def test_an_export_lets_go_of_the_numbering_at_once(web: Web, tmp_path: Path) -> None:
    await write_export(web.house, "somebody", Format.csv, -1, tmp_path / "a.csv")

    lease = (await web.rows("leases", name="numbering"))[0]
    assert lease["until"] <= web.clock()


async def test_an_export_goes_on_after_an_index_in_either_form(web: Web, tmp_path: Path) -> None:
    ndjson = await write_export(web.house, "somebody", Format.ndjson, 1, tmp_path / "a.ndjson")
    csv = await write_export(web.house, "somebody", Format.csv, 1, tmp_path / "a.csv")

    assert ndjson + 1 == csv
    assert 2 == orjson.loads((tmp_path / "a.ndjson").read_bytes().splitlines()[0])["index"]


async def test_an_export_never_touches_a_file_that_is_there(web: Web, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    file.write_text("precious")

    with pytest.raises(Misconfigured):
        await write_export(web.house, "somebody", Format.csv, -1, file)

    assert "precious" == file.read_text()


async def test_an_export_that_is_cut_off_leaves_no_file(
    web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise OSError("the disk is full")

    monkeypatch.setattr("service.flows.export._line", fails)

    with pytest.raises(OSError):
        await write_export(web.house, "somebody", Format.ndjson, -1, tmp_path / "entries.ndjson")

    assert [] == list(tmp_path.glob("entries*"))


async def test_the_command_line_is_one_of_two_principals(web: Web) -> None:
    first = await activate_book(web.house, "command-line", None, FUTURE)
    again = await activate_book(web.house, "command-line", first.sha256, FUTURE)
    body = {"sha256": first.sha256, "effective_at": FUTURE}
    other = await web.post("/v1/policies/activate", body)

    assert (None, None, 200) == (first.second_by, again.second_by, other.status_code)
    assert ("command-line", "bank") == (other.json()["first_by"], other.json()["second_by"])


async def test_what_cannot_be_activated_says_why(web: Web) -> None:
    with pytest.raises(Invalid, match="RFC 3339"):
        await activate_book(web.house, "command-line", None, "2999-01-01")
    with pytest.raises(Invalid, match="past"):
        await activate_book(web.house, "command-line", None, "2001-01-01T00:00:00Z")
    with pytest.raises(NotFound):
        await activate_book(web.house, "command-line", "0" * 64, FUTURE)


async def test_the_verbs_are_processes_that_keep_to_themselves(data_dir: Path) -> None:
    exported, activated = await asyncio.gather(
        _run(data_dir, "export"), _run(data_dir, "policy", "activate", "--effective-at", FUTURE)
    )

    assert [0, 0] == [exported[0], activated[0]], (exported[2], activated[2])
    *entries, last = [orjson.loads(line) for line in exported[1].splitlines()]
    assert len(entries) == last["entries"] > 0
    assert 64 == len(activated[1].strip())
    assert b"a second principal must name the same" in activated[2]


async def _run(data_dir: Path, *verb: str) -> tuple[int | None, bytes, bytes]:
    given = {"GATEWAY_DATA_DIR": str(data_dir), "GATEWAY_PROVIDERS": "simulator"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "service", *verb),
        cwd=ROOT,
        env={**kept, **given},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out, err


async def test_a_folder_is_compared_with_the_book_in_force_and_replayed(
    bank: Web, folder: Path, tmp_path: Path
) -> None:
    text = (folder / "house.yaml").read_text(encoding="utf-8")
    (folder / "house.yaml").write_text(text.replace("limit: 2", "limit: 1"), encoding="utf-8")
    for place in range(2):
        await bank.post("/v1/contact-requests", request_body(reference=f"r-{place}"))
    span = span_of("2026-11-23T00:00:00+08:00", None)

    found = await compared(bank.house, "in-force", str(folder))
    under = await replayed(bank.house, "somebody", str(folder), span)
    own = await replayed(bank.house, "somebody", None, span)

    lines = list(as_lines(found))
    assert "  ~ house/sms-per-day (cap)" in lines and "      limit: 2 -> 1" in lines
    assert ["house"] == [pack["id"] for pack in orjson.loads(as_json(found))["packs"]["changed"]]
    told = list(replay_lines(under, span, "Asia/Shanghai"))
    assert "  allow -> defer: 1" in told
    assert "  house/sms-per-day: stricter 1, milder 0, moved 0" in told
    assert (own.tally.judged, own.tally.clean) == (2, True)
    assert 2 == len(await bank.rows("entries", kind="decision.replayed"))


@pytest.mark.parametrize("name", ["nowhere", "3a7cb81ea4f1", "./policies-of-tomorrow"])
async def test_what_names_no_book_is_told_so(web: Web, name: str) -> None:
    with pytest.raises(NotFound, match="is no folder, and no digest"):
        await compared(web.house, name, "in-force")


def test_a_span_is_of_instants() -> None:
    with pytest.raises(Invalid):
        span_of("yesterday", None)

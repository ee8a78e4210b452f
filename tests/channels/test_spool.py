"""The letter spool: one line a letter, whole, durable and only once."""

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson
import pytest

from service.channels.spool import MANIFEST, Spool, pages
from service.core.errors import Invalid
from service.core.model import DAY, Instant
from tests.channels.dispatches import AT

PDF = b"%PDF-1.7 << /Type /Pages /Kids [1 0 R 2 0 R] /Count 2 >> %%EOF"
DAY_FOLDER = "2025-11-24"

SPOOL_UNTIL_KILLED = """
import itertools, sys
from pathlib import Path
from service.channels.spool import Spool
from service.core.model import Instant
spool = Spool(Path(sys.argv[1]))
for n in itertools.count():
    pdf = b"%PDF" + b"x" * 50_000 + b"%d" % n
    letter = spool.put(f"a{sys.argv[2]}-{n}", "r", Instant(int(sys.argv[3])), "ordinary", pdf)
    sys.stdout.write(f"{letter.attempt}\\n")
    sys.stdout.flush()
"""


def lines(root: Path, day: str = DAY_FOLDER) -> list[dict[str, object]]:
    """What a print house reads: the lines that have their end."""
    return [orjson.loads(line) for line in (root / day / MANIFEST).read_bytes().split(b"\n")[:-1]]


def test_a_letter_is_a_file_and_a_line_that_names_it(tmp_path: Path) -> None:
    letter = Spool(tmp_path).put("a1", "r1", AT, "registered", PDF)

    assert (tmp_path / DAY_FOLDER / "a1.pdf").read_bytes() == PDF
    assert lines(tmp_path) == [letter._asdict()]
    assert letter._asdict() == {
        "attempt": "a1",
        "request": "r1",
        "service": "registered",
        "pages": 2,
        "sha256": hashlib.sha256(PDF).hexdigest(),
        "file": "a1.pdf",
        "simulated": False,
    }


def test_only_the_owner_can_read_letters(tmp_path: Path) -> None:
    Spool(tmp_path / "letters").put("a1", "r1", AT, "ordinary", PDF)
    folder = tmp_path / "letters" / DAY_FOLDER

    assert {path.name: path.stat().st_mode & 0o077 for path in [folder, *folder.iterdir()]} == {
        DAY_FOLDER: 0,
        "a1.pdf": 0,
        MANIFEST: 0,
    }


def test_the_same_attempt_twice_is_one_letter_also_after_a_restart(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    first = spool.put("a1", "r1", AT, "ordinary", PDF)

    assert first == spool.put("a1", "r1", AT, "ordinary", b"set anew")
    assert first == Spool(tmp_path).put("a1", "r1", AT, "ordinary", b"set anew")
    assert lines(tmp_path) == [first._asdict()]
    assert (tmp_path / DAY_FOLDER / "a1.pdf").read_bytes() == PDF


def test_two_processes_in_one_folder_see_each_others_letters(tmp_path: Path) -> None:
    spools = (Spool(tmp_path), Spool(tmp_path))
    with ThreadPoolExecutor(8) as threads:
        put = [threads.submit(spools[n % 2].put, f"a{n % 25}", "r", AT, "ordinary", PDF) for n in range(200)]
        names = {each.result().attempt for each in put}

    assert sorted(names) == sorted(str(line["attempt"]) for line in lines(tmp_path))


def test_a_day_has_its_own_folder_and_a_letter_is_found_on_any_day(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    early = spool.put("a1", "r1", AT, "ordinary", PDF)
    late = spool.put("a2", "r2", Instant(AT + 3 * DAY), "ordinary", PDF)

    assert (spool.find("a1"), spool.find("a2"), spool.find("a3")) == (early, late, None)
    assert lines(tmp_path, "2025-11-27") == [late._asdict()]


def test_a_line_without_its_end_is_not_there_and_is_written_anew(tmp_path: Path) -> None:
    Spool(tmp_path).put("a1", "r1", AT, "ordinary", PDF)
    manifest = tmp_path / DAY_FOLDER / MANIFEST
    with manifest.open("ab") as file:
        file.write(b'{"attempt":"a2","request":"r2","serv')

    spool = Spool(tmp_path)
    found = spool.find("a2")
    spool.put("a2", "r2", AT, "ordinary", PDF)

    assert found is None
    assert [line["attempt"] for line in lines(tmp_path)] == ["a1", "a2"]


def test_a_manifest_that_was_taken_away_begins_anew(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.put("a1", "r1", AT, "ordinary", PDF)
    (tmp_path / DAY_FOLDER / MANIFEST).rename(tmp_path / "taken.jsonl")
    spool.put("a2", "r2", AT, "ordinary", PDF)

    assert [line["attempt"] for line in lines(tmp_path)] == ["a2"]


def test_a_folder_that_cannot_be_made_hands_nothing_over(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    spool = Spool(tmp_path / "file" / "letters")

    with pytest.raises(OSError):
        spool.put("a1", "r1", AT, "ordinary", PDF)
    assert spool.find("a1") is None


@pytest.mark.parametrize("attempt", ["../a1", "a/1", "", ".a1", "a" * 101, "a\n1", "a1\0"])
def test_an_id_that_cannot_name_a_file_is_refused(tmp_path: Path, attempt: str) -> None:
    with pytest.raises(Invalid):
        Spool(tmp_path).put(attempt, "r1", AT, "ordinary", PDF)
    assert list(tmp_path.rglob("*")) == []


def test_after_sudden_death_every_letter_that_was_acknowledged_is_there_and_every_line_has_its_file(
    tmp_path: Path, fault_rounds: int
) -> None:
    acknowledged: set[str] = set()
    for round_ in range(fault_rounds):
        acknowledged |= _spool_and_kill(tmp_path, round_, letters=3 + round_ % 4)

    spooled = lines(tmp_path)
    found = {str(line["attempt"]): (tmp_path / DAY_FOLDER / str(line["file"])).read_bytes() for line in spooled}

    assert acknowledged <= found.keys()
    assert len(spooled) == len(found)
    assert [line for line in spooled if hashlib.sha256(found[str(line["attempt"])]).hexdigest() != line["sha256"]] == []


def _spool_and_kill(root: Path, round_: int, letters: int) -> set[str]:
    """Let another process spool until it has acknowledged some letters, then kill it in the midst of the next."""
    command = [sys.executable, "-c", SPOOL_UNTIL_KILLED, str(root), str(round_), str(AT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = {process.stdout.readline().strip() for _ in range(letters)}
        os.kill(process.pid, signal.SIGKILL)
    return told


def test_pages_are_counted_at_the_root_of_the_tree() -> None:
    assert pages(PDF) == 2
    assert pages(b"<</Count 7/Kids[]/Type/Pages>> <</Type /Pages /Parent 1 0 R /Count 3>>") == 7
    assert pages(b"nothing to see") == 0

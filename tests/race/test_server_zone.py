"""The machine's own time zone has no say; windows open and close at the second."""

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .bodies import text_to
from .front_door import Door

ROOT = Path(__file__).resolve().parents[2]

ZONES = {"UTC0": 0, "CST-8": 8, "EST5EDT,M3.2.0,M11.1.0": -5, "<+14>-14": 14}
"""
UTC, Shanghai, New York and Kiritimati, in words that need no zone files on the machine; hours from UTC in November.
"""


async def answered_in(zone: str, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "tests.race.answers", str(folder)]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env={"PATH": os.defpath, "TZ": zone}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    said, trouble = await process.communicate()
    assert process.returncode == 0, trouble.decode()[-2000:]
    return said.decode().splitlines()


async def test_the_answers_are_the_same_in_any_time_zone_of_the_server(furnished: Path, tmp_path: Path) -> None:
    folders = [Path(shutil.copytree(furnished, tmp_path / str(n))) for n in range(len(ZONES))]

    told = await asyncio.gather(*(answered_in(zone, folder) for zone, folder in zip(ZONES, folders, strict=True)))

    assert [3600 * hours for hours in ZONES.values()] == [int(lines[0]) for lines in told]
    first = told[0][1:]
    assert len(first) > 40
    assert all(first == lines[1:] for lines in told), [
        pair for lines in told for pair in zip(first, lines[1:], strict=False) if pair[0] != pair[1]
    ][:1]


AT_THE_SECOND = {
    ("house", "07:59:59"): ("defer", "2026-11-23T08:00:00+08:00"),
    ("house", "08:00:00"): ("allow", None),
    ("house", "20:59:59"): ("allow", None),
    ("house", "21:00:00"): ("defer", "2026-11-24T08:00:00+08:00"),
    ("cn-collection", "07:59:59"): ("defer", "2026-11-23T08:00:00+08:00"),
    ("cn-collection", "08:00:00"): ("allow", None),
    ("cn-collection", "21:59:59"): ("allow", None),
    ("cn-collection", "22:00:00"): ("defer", "2026-11-24T08:00:00+08:00"),
    ("house cn-collection", "20:59:59"): ("allow", None),
    ("house cn-collection", "21:00:00"): ("defer", "2026-11-24T08:00:00+08:00"),
}


async def test_windows_open_and_close_at_the_second(door: Door) -> None:
    said = {}
    for packs, time in AT_THE_SECOND:
        asked = {"request": text_to(1, "t-1"), "at": f"2026-11-23T{time}+08:00", "packs": packs.split()}
        decision = (await door.post("/v1/decisions", asked)).json()
        said[packs, time] = (decision["effect"], decision["not_before"])

    assert AT_THE_SECOND == said

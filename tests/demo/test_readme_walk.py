"""Every command of the README's walk is run, in a shell, against a gateway that begins as `make demo` does."""

import asyncio
import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from service.demo.house import prepare, serving, settings_for, url_of
from service.demo.page import Page
from service.settings import load
from tests.demo.walk import CURL, commands
from tests.house.source import ROOT, text

README = "README.md"
SHOWN_AT = "http://127.0.0.1:8080"
CUT = "=== cut ==="


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What each block of the walk printed."""
    return asyncio.run(_walk(tmp_path_factory.mktemp("walk")))


async def _walk(folder: Path) -> list[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = settings_for(load({"GATEWAY_PORT": str(port)}), folder / "var" / "demo")
    clock, _ = await prepare(settings)
    blocks = [_until_numbered(block) for block in commands(text(README))]
    script = f"\necho '{CUT}'\n".join(blocks).replace(SHOWN_AT, url_of(settings))
    async with serving(settings, clock, Page(clock, "walk", "en").before, longest_s=0.5):
        walking = await asyncio.create_subprocess_exec(
            *("sh", "-eu", "-c", script),
            cwd=folder,
            env=_environment(folder),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        printed, complained = await walking.communicate()
    assert (0, "") == (walking.returncode, complained.decode())
    return printed.decode().split(f"{CUT}\n")


def _until_numbered(block: str) -> str:
    """A search is asked again until there is something: an entry has its index within a second, and we are quick."""
    if "/search" not in block:
        return block
    return f'while FOUND=$({block}) && [ -z "${{FOUND##*:[],*}}" ]; do sleep 0.1; done\necho "$FOUND"'


def _environment(folder: Path) -> dict[str, str]:
    """The walker's; where curl is not at hand, what stands in for it."""
    path = os.environ["PATH"]
    if shutil.which("curl") is None:
        (folder / "curl").write_text(CURL.format(python=sys.executable))
        (folder / "curl").chmod(0o755)
        path = f"{folder}:{path}"
    return {"PATH": path, "LC_ALL": "C.UTF-8"}


def test_the_walk_is_the_same_in_both_languages() -> None:
    assert commands(text(README)) == commands(text("README.zh-CN.md"))
    assert len(commands(text(README))) >= 10


def test_every_command_of_the_walk_answers_what_the_readme_says(said: list[str]) -> None:
    posted, read, asked, hold, refused, released, cancelled, reported, budget, batch, found, last = _answers(said)

    assert ("queued", "allow", True) == (posted["state"], posted["decision"]["effect"], posted["simulated"])
    assert (posted["id"], "walk-1") == (read["id"], read["reference"])
    assert ("defer", "2026-11-24T08:00:00+08:00") == (asked["effect"], asked["not_before"])
    assert "dispute" == hold["kind"]
    assert ("/problems/refused-by-policy", 403) == (refused["type"], refused["status"])
    assert "本行不作催收（异议核实）" in refused["detail"]
    assert released["id"] == hold["id"]
    assert "cancelled" == cancelled["state"]
    assert ("completed", "conversation_right_party", False) == (
        reported["state"],
        reported["outcome"],
        reported["outside_permit"],
    )
    assert budget
    assert [202] * 3 == [each["status"] for each in batch["results"]]
    assert "walk-2" == refused["reference"] and {refused["id"]} == {each["request"] for each in found["items"]}
    assert last["entries"] == last["head"] + 1


def test_what_the_demonstration_points_to_lies_in_the_readme() -> None:
    assert (ROOT / README).is_file() and (ROOT / "README.zh-CN.md").is_file()


def _answers(said: list[str]) -> list[Any]:
    """The JSON that each block printed; the first block prints nothing."""
    assert "" == said[0].strip()
    return [json.loads(each) for each in said[1:]]

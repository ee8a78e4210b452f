"""The tests' own PostgreSQL: fresh databases, templates built once, and nothing left behind by a killed run."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import asyncpg

from tests import postgres
from tests.house.source import ROOT

SESSION = """
import sys
from tests import postgres
session = postgres.open_session()
server = postgres.obtain(session.folder)
print(session.folder, flush=True)
sys.stdin.read()
"""


def test_two_databases_know_nothing_of_each_other(postgres_server: postgres.Server) -> None:
    with postgres_server.database() as one, postgres_server.database() as other:
        assert _asked(one, "CREATE TABLE t (n int)") is None

        assert _asked(one, "SELECT to_regclass('t')::text") == "t"
        assert _asked(other, "SELECT to_regclass('t')::text") is None


def test_a_template_is_built_once_and_copied(postgres_server: postgres.Server) -> None:
    built: list[str] = []

    def build(url: str) -> None:
        built.append(url)
        _asked(url, "CREATE TABLE t AS SELECT 7 AS n")

    names = {postgres_server.template("house", build) for _ in range(2)}
    with postgres_server.database(names.pop()) as copy:
        assert (7, 1, set()) == (_asked(copy, "SELECT n FROM t"), len(built), names)


def test_the_server_and_its_folder_go_when_their_session_is_killed() -> None:
    own = {name: value for name, value in os.environ.items() if name != "TEST_DATABASE_URL"}
    command = [sys.executable, "-c", SESSION]
    with subprocess.Popen(command, cwd=ROOT, env=own, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        folder = Path(child.stdout.readline().decode().strip())
        assert (folder / "server.json").exists()
        child.kill()

    assert _gone_within(20, folder)


def _asked(url: str, statement: str) -> object:
    answer: list[object] = []

    async def ask() -> None:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        answer.append(await connection.fetchval(statement))
        await connection.close()

    asyncio.run(ask())
    return answer[0]


def _gone_within(seconds: float, folder: Path) -> bool:
    deadline = time.monotonic() + seconds
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not folder.exists()

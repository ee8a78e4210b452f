"""The verbs for keys, tables and backups, run as an operator runs them; the store is real."""

import json
import socket
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from service.__main__ import app


class Operator:
    """Runs verbs on one data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._environment = {"GATEWAY_DATA_DIR": str(folder), "GATEWAY_PROVIDERS": "simulator"}

    def __call__(self, *words: str, **more: str) -> Result:
        return CliRunner().invoke(app, words, env=self._environment | more)

    def entries(self) -> list[dict[str, object]]:
        with sqlite3.connect(self.folder / "gateway.db") as connection:
            return [json.loads(body) for (body,) in connection.execute("SELECT body FROM entries ORDER BY id")]


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    operator = Operator(tmp_path / "var")
    assert operator("migrate").exit_code == 0
    return operator


def create(operator: Operator, client: str, *scopes: str) -> Result:
    words = [word for scope in scopes for word in ("--scope", scope)]
    return operator("key", "create", "--client", client, "--actor-role", "agency", *words)


def test_a_key_is_printed_alone_and_stored_as_its_digest(operator: Operator) -> None:
    made = create(operator, "agency-a", "contact:write", "audit:read")

    [key] = made.stdout.splitlines()
    assert (0, "gw_agency-a_", 43) == (made.exit_code, key[:12], len(key[12:]))
    assert key[12:] not in (operator.folder / "gateway.db").read_bytes().decode("latin-1")
    [entry] = [entry for entry in operator.entries() if entry["kind"] == "key.created"]
    assert ("command-line", ["audit:read", "contact:write"]) == (entry["actor"], entry["scopes"])


def test_every_scope_is_given_by_one_word(operator: Operator) -> None:
    create(operator, "bank", "all")

    listed = operator("key", "list").stdout

    assert all(scope in listed for scope in ("admin", "pii:read", "facts:loosen", "policy:write"))
    assert "in force" in listed


def test_a_second_key_needs_the_first_one_revoked(operator: Operator) -> None:
    create(operator, "bank", "all")

    second = create(operator, "bank", "all")
    revoked = operator("key", "revoke", "bank")
    again = operator("key", "revoke", "bank")
    third = create(operator, "bank", "contact:read")

    assert [2, 0, 0, 0] == [result.exit_code for result in (second, revoked, again, third)]
    assert "revoke it first" in second.stderr
    kinds = [entry["kind"] for entry in operator.entries() if str(entry["kind"]).startswith("key.")]
    assert ["key.created", "key.revoked", "key.created"] == kinds


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("key", "create", "--client", "bank", "--actor-role", "agency", "--scope", "everything"), "no such scope"),
        (("key", "create", "--client", "The Bank", "--actor-role", "agency", "--scope", "all"), "client"),
        (("key", "create", "--client", "bank", "--actor-role", "friend", "--scope", "all"), "actor-role"),
        (("key", "revoke", "nobody"), "no such client"),
        (("worker",), "PostgreSQL"),
        (("nonsense",), "nonsense"),
    ],
)
def test_a_mistake_is_told_in_a_line_and_ends_with_status_two(
    operator: Operator, words: tuple[str, ...], said: str
) -> None:
    result = operator(*words)

    assert (2, "", True) == (result.exit_code, result.stdout, said in result.stderr)


def test_every_complaint_about_the_settings_comes_at_once(operator: Operator) -> None:
    result = operator("key", "list", GATEWAY_PORT="http", GATEWAY_COLOUR="red")

    assert (2, True, True) == (result.exit_code, "GATEWAY_PORT" in result.stderr, "GATEWAY_COLOUR" in result.stderr)
    assert "http" not in result.stderr.replace("GATEWAY_PORT must be a whole number", "")


def test_without_tables_a_verb_says_what_to_do(tmp_path: Path) -> None:
    result = Operator(tmp_path / "new")("key", "list")

    assert (2, True) == (result.exit_code, "migrate" in result.stderr)


def test_a_backup_is_a_store_of_its_own(operator: Operator, tmp_path: Path) -> None:
    create(operator, "bank", "all")
    copy = tmp_path / "copy.db"

    first, second = operator("backup", str(copy)), operator("backup", str(copy))

    assert [0, 2] == [first.exit_code, second.exit_code]
    with sqlite3.connect(copy) as connection:
        assert [("bank",)] == connection.execute("SELECT id FROM clients").fetchall()


def test_a_master_key_is_made_once_and_never_overwritten(tmp_path: Path) -> None:
    operator, file = Operator(tmp_path), tmp_path / "key"

    first, second = operator("key", "master", str(file)), operator("key", "master", str(file))

    assert [0, 2] == [first.exit_code, second.exit_code]
    assert 0o600 == file.stat().st_mode & 0o777


@pytest.mark.parametrize("words", [("migrate",), ("key", "list")])
def test_a_place_that_cannot_be_written_is_told_in_a_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "file"
    file.touch()

    result = Operator(file / "var")(*words)

    assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
    assert str(file) in result.stderr


def test_a_server_that_does_not_listen_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        url = f"postgresql://u:hidden@127.0.0.1:{deaf.getsockname()[1]}/x"
        result = Operator(tmp_path)("migrate", GATEWAY_DATABASE_URL=url)

    assert (2, 1) == (result.exit_code, len(result.stderr.splitlines()))
    assert "hidden" not in result.stderr

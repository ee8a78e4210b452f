"""The verbs of those who write policies and templates."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from service.__main__ import app

ROOT = Path(__file__).parents[1]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, words)
    return result.exit_code, result.output


def test_the_shipped_packs_and_templates_pass() -> None:
    assert run("policy", "lint", str(ROOT / "policies"))[0] == 0
    assert run("policy", "test", str(ROOT / "policies"))[0] == 0
    assert run("template", "lint", str(ROOT / "templates"))[0] == 0


def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "house.yaml").write_text("id: house\nsurprise: 1\n")

    status, said = run("policy", "lint", str(tmp_path))

    assert status == 1
    assert "house.yaml:" in said


def test_a_preview_says_what_a_message_would() -> None:
    words = ("template", "preview", "overdue-reminder", "sms", "--locale", "en", "--folder", str(ROOT / "templates"))

    status, said = run(*words, "--variable", "amount_due=77.70")

    assert status == 0
    assert "77.70" in said


def test_a_preview_names_the_variable_that_is_wrong_and_not_its_value() -> None:
    words = ("template", "preview", "overdue-reminder", "sms", "--folder", str(ROOT / "templates"))

    status, said = run(*words, "--variable", "amount_due=secret")

    assert status == 1
    assert "variables.amount_due" in said
    assert "secret" not in said


def test_schemas_are_written_beside_the_packs_that_are_set_and_what_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEWAY_POLICIES_DIR", str(tmp_path))
    (tmp_path / "file").touch()

    status, said = run("policy", "schema")
    barred, why = run("policy", "schema", str(tmp_path / "file" / "below"))

    assert (0, 3) == (status, len(list((tmp_path / ".schema").iterdir())))
    assert str(tmp_path / ".schema") in said
    assert 2 == barred and "the schemas cannot be written" in why

"""The lock files pin and hash everything, agree with each other and with pyproject.toml, and name no host."""

import re
import tomllib

import pytest

from tests.house.source import ROOT, text, tracked

LOCKS = ("requirements/runtime.txt", "requirements/postgres.txt", "requirements/dev.txt")


def test_no_lock_file_names_a_host() -> None:
    locks = [
        name for name in tracked() if re.search(r"(^|/)(requirements/.*\.txt|.*\.lock|pylock.*|.*-lock\.json)$", name)
    ]

    assert set(LOCKS) <= set(locks)
    assert [name for name in locks if re.search(r"://|index-url|find-links|trusted-host", text(name))] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_release_is_pinned_and_hashed(lock: str) -> None:
    entries = [entry for entry in re.split(r"\n(?=\S)", text(lock)) if not entry.startswith("#")]

    assert [entry for entry in entries if not re.match(r"[a-z0-9-]+==\S+ .*\\\n +--hash=sha256:", entry)] == []


def test_what_runs_is_what_was_tested() -> None:
    runtime, postgres, dev = (_pins(lock) for lock in LOCKS)

    assert runtime.items() <= postgres.items() <= dev.items()


def test_the_locks_hold_what_pyproject_asks_for() -> None:
    project = tomllib.loads(text("pyproject.toml"))["project"]
    extras = project["optional-dependencies"]
    runtime, postgres, dev = (_pins(lock).keys() for lock in LOCKS)

    assert _names(project["dependencies"]) <= runtime
    assert _names(extras["postgres"]) <= postgres
    assert _names(extras["dev"]) <= dev


def test_files_that_would_name_hosts_stay_untracked() -> None:
    ignored = (ROOT / ".gitignore").read_text().splitlines()

    assert {"uv.lock", "pylock*.toml"} <= set(ignored)


def _pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text(lock), re.MULTILINE))


def _names(wanted: list[str]) -> set[str]:
    return {re.split(r"[\[<>=;~! ]", each)[0].lower().replace(".", "-").replace("_", "-") for each in wanted}

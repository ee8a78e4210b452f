"""The container is built from what .dockerignore lets through, and set up by settings that exist."""

import re
from fnmatch import fnmatch

import pytest

from service.settings import settings_table
from tests.house.source import ROOT, text


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml"])
def test_only_settings_that_exist_are_set(file: str) -> None:
    known = {name for name, _, _ in settings_table()}

    assert set(re.findall(r"\bGATEWAY_[A-Z0-9_]+\b", text(file))) - known == set()


def test_what_the_image_copies_is_there_and_not_ignored() -> None:
    lines = re.findall(r"^COPY (?!--from)(.+)$", text("Dockerfile"), re.MULTILINE)
    copied = [name for line in lines for name in line.split()[:-1]]
    let_through = [line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")]

    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert [name for name in copied if not any(fnmatch(name, each) for each in let_through)] == []


def test_the_image_runs_as_a_user_of_its_own_and_installs_by_hash() -> None:
    dockerfile = text("Dockerfile")

    assert re.search(r"^USER 10001:10001$", dockerfile, re.MULTILINE)
    assert "--require-hashes" in dockerfile and "--only-binary :all:" in dockerfile
    assert "HEALTHCHECK" in dockerfile and 'CMD ["python", "-m", "service", "serve"]' in dockerfile

"""The project speaks of itself alone: not of the machine it was written on, not of what it has yet to become."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

from tests.house.source import ROOT, text, tracked

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|TBD)\b|\bplaceholder\b(?!=)", re.IGNORECASE)


def test_no_file_names_a_path_of_this_machine() -> None:
    home = re.compile(r"(?<![\w.])/(?:root|(?:home|Users)/\w+)/")
    own = [str(path) for path in (ROOT, Path.home()) if len(path.parts) > 2]
    own += [name for name in (socket.gethostname(),) if len(name) > 11]

    assert [name for name, words in _readable() if home.search(words) or any(each in words for each in own)] == []


def test_nothing_is_left_for_later() -> None:
    shipped = [(name, words) for name, words in _readable() if name.startswith(("service/", "policies/", "templates/"))]

    assert [f"{name}: {hit.group()}" for name, words in shipped for hit in UNFINISHED.finditer(words)] == []


def test_text_files_are_utf8_with_plain_line_ends() -> None:
    assert [name for name, words in _readable() if "\r\n" in words or "\ufeff" in words] == []


def _readable() -> Iterator[tuple[str, str]]:
    for name in tracked():
        if b"\0" not in (ROOT / name).read_bytes()[:8192]:
            yield name, text(name)

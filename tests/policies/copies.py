"""The policy folder copied for a test that changes it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.core.cases import POLICIES


def copy_policies(to: Path, change: Callable[[str], str] = str, only: str = "*") -> None:
    """Copy packs, cases and calendars, or `only` one pack; `change` rewrites the text of each pack and case file."""
    shutil.copytree(POLICIES / "calendars", to / "calendars")
    for file in POLICIES.glob(f"{only}.yaml"):
        (to / file.name).write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")

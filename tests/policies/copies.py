"""The policy folder copied for a test that changes it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from tests.core.cases import POLICIES


def copy_policies(to: Path, change: Callable[[str], str] = str, cases: str = "*") -> None:
    """Copy packs, calendars and cases, or one pack's `cases`; `change` rewrites the text of packs and cases."""
    shutil.copytree(POLICIES / "calendars", to / "calendars")
    others = {*POLICIES.glob("*.cases.yaml")} - {*POLICIES.glob(f"{cases}.cases.yaml")}
    for file in {*POLICIES.glob("*.yaml")} - others:
        (to / file.name).write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")

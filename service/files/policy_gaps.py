"""The page of packs, `README.md` beside them: place by place, what was confirmed, and where there is no pack."""

from pathlib import Path
from typing import NamedTuple

NONE = "none"


class Gap(NamedTuple):
    """One row of the page; `pack` is None where the place has none, and `open` what is not settled."""

    place: str
    pack: str | None
    open: str


def read_gaps(directory: Path) -> list[Gap]:
    """The rows with something open; none where the folder has no page."""
    page = directory / "README.md"
    if not page.is_file():
        return []
    rows = [
        line.split("|")[1:-1]
        for line in page.read_text(encoding="utf-8", errors="replace").splitlines()
        if line.startswith("| ")
    ]
    cells = [[cell.strip() for cell in row] for row in rows[1:] if len(row) == 4]
    return [Gap(place, None if pack == NONE else pack.strip("`"), said) for place, pack, _, said in cells if said]

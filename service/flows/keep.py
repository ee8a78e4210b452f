"""
Keep a fact once: told again in the same words, it is the one that stands already.

A caller that does not know whether its call arrived simply calls again. What has ended (released,
lifted, withdrawn, deleted) does not stand; the same words after that are a new fact.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from .ports import Row, Tx


class Kept(NamedTuple):
    """The row as it stands; `new` is False where it stood before."""

    row: Row
    new: bool


def keep(
    tx: Tx, table: str, row: Row, *, apart: Collection[str] = (), same: Callable[[Row], bool] = lambda _: True
) -> Kept:
    """
    Insert the row unless an equal one stands.

    Equal is what agrees in every column but `id`, `sealed` and those named `apart`, and passes `same`.
    """
    alike = {name: value for name, value in row.items() if name not in ("id", "sealed", *apart)}
    standing = [found for found in tx.rows(table, alike, order=("id",)) if same(found)]
    if standing:
        return Kept(standing[0], new=False)
    tx.add(table, [row])
    return Kept(row, new=True)

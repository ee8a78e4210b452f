"""
Crowding: how full the windows around a place are, and where the next free place lies.

Places are whole numbers (instants, or days, weeks and months counted on); a window is half-open and may
lie anywhere, so that what is planned for later is looked at as well.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


def fullest(places: Sequence[int], at: int, length: int) -> slice:
    """Which of the ascending places share with `at` the fullest window of a length; a window is half-open."""
    first, end = bisect_right(places, at - length), bisect_left(places, at + length)
    if first < end and max(places[end - 1], at) - min(places[first], at) < length:
        return slice(first, end)
    best = slice(0, 0)
    for last in range(first, end):
        while max(places[last], at) - min(places[first], at) >= length:
            first += 1
        if last - first + 1 > best.stop - best.start:
            best = slice(first, last + 1)
    return best


def free_from(places: Sequence[int], at: int, limit: int, length: int) -> int:
    """
    The first place from `at` on where one more crowds no window of a length beyond the limit.

    Each run of `limit` neighbours bars what would share a window with all of it; runs ascend, so one
    pass is enough.
    """
    for first, last in zip(places, places[limit - 1 :], strict=False):
        if max(last, at) - min(first, at) < length:
            at = first + length
    return at

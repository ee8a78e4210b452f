"""
Where a window envelope shows the sheet in it: what it surely shows, and all that it may ever show.

A sheet slides in its envelope, and a window is cut with a tolerance. The address stands where it is read however the
sheet lies; everything else stands where it is not.
"""

from collections.abc import Mapping
from typing import NamedTuple

from service.flows.ports import Envelope


class Window(NamedTuple):
    """
    In millimetres from the sheet's upper left.

    `left`, `top`, `width` and `height` are what is surely shown; `seen_*` is the edge of what may be. `folds` are
    where the sheet is folded.
    """

    left: float
    top: float
    width: float
    height: float
    seen_left: float
    seen_top: float
    seen_right: float
    seen_bottom: float
    folds: tuple[float, ...]


def _din(top: float, *folds: float) -> Window:
    """
    DIN 5008: 85 mm by 45 mm, 20 mm from the left; form B 45 mm from the top, form A 27 mm.

    The sheet lies close, so 3 mm within are surely shown, and 5 mm around may be.
    """
    left, width, height = 20, 85, 45
    return Window(
        left + 3, top + 3, width - 6, height - 6, left - 5, top - 5, left + width + 5, top + height + 5, folds
    )


def _gb(envelope: tuple[float, float], top: float, *folds: float) -> Window:
    """
    GB/T 22585-2008: 100 mm by 40 mm, 25 mm ± 2 mm from the envelope's left; from its top `top` ± 1.5 mm.

    Read at second hand, and there is a window of 50 mm too: lay the first sheet into an envelope. A folded A4
    sheet is smaller than the envelope, and slides by the difference.
    """
    left, width, height = 25, 100, 40
    slides_x, slides_y = envelope[0] - 210, envelope[1] - folds[0]
    return Window(
        left=left + 2,
        top=top + 1.5,
        width=width - 4 - slides_x,
        height=height - 3 - slides_y,
        seen_left=left - 2 - slides_x,
        seen_top=top - 1.5 - slides_y,
        seen_right=left + 2 + width,
        seen_bottom=top + 1.5 + height,
        folds=folds,
    )


WINDOWS: Mapping[Envelope, Window] = {
    Envelope.din_b: _din(45, 105, 210),
    Envelope.din_a: _din(27, 87, 192),
    Envelope.gb_dl: _gb((220, 110), 30, 99, 198),
    Envelope.gb_c5: _gb((229, 162), 40, 148.5),
}

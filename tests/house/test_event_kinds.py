"""What a client can ask to be told of is what it is told of: a new kind of entry must be one or the other."""

import re
from pathlib import Path

from service.flows.events import EventKind

FLOWS = Path(__file__).parents[2] / "service" / "flows"

NO_EVENTS = {
    *("request.read", "request.unmasked", "interaction.read", "interaction.unmasked", "interaction.recorded"),
    *("receipt.kept", "receipt.kept_aside", "receipt.shown", "receipt.tried_again"),
}
"""They move no request, and no party answered by them."""

_KIND = re.compile(r'"((?:request|attempt|receipt|outcome|order|interaction|permit)\.[a-z_]+)"')
_FIELDS = {"request.text"}


def test_every_kind_of_entry_about_a_request_is_an_event_or_is_known_to_be_none() -> None:
    told = {kind for file in FLOWS.glob("*.py") if file.name != "events.py" for kind in _KIND.findall(file.read_text())}

    assert set(EventKind) == told - NO_EVENTS - _FIELDS
    assert NO_EVENTS <= told

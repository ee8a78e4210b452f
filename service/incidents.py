"""
What nobody foresaw: an incident number for the caller, the traceback for the operator, no value for either.

The message of an exception may quote a row, so only its type is logged, with the places it came through.
"""

import traceback
from secrets import token_hex

import structlog

log = structlog.get_logger()


def incident(error: BaseException) -> str:
    """Log an unforeseen error and return the number under which it stands in the log."""
    number = f"in_{token_hex(6)}"
    log.error("incident.happened", incident=number, error=_name(error), trace=trace_of(error))
    return number


def trace_of(error: BaseException) -> list[str]:
    """Where the error came through, innermost last; of each cause as well. Places alone, no values."""
    places: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(places) < 200:
        frames = traceback.extract_tb(cause.__traceback__)
        places += [_name(cause), *(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return places


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"

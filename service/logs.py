"""
The log: one JSON object a line on standard error, events named `noun.verb`, ids and never values.

Libraries that log by themselves come out in the same form from warnings on; their messages are kept to
the logger's name and the words of the template, for the arguments may quote a row.
"""

import logging
import sys
from typing import Any

import orjson
import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure_logs(level: str) -> None:
    """Set up the log of this process; called once, by `__main__`."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(serializer=_as_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(_Stderr()),  # type: ignore[arg-type]
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Plain()]
    root.setLevel(max(_LEVELS[level], logging.WARNING))
    # A beat that is still busy when the next is due is skipped on purpose: each does whatever is due by then.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


class _Stderr:
    """Standard error as it is when a line is written, for a logger outlives what it was made with."""

    def write(self, line: bytes) -> int:
        return sys.stderr.buffer.write(line)

    def flush(self) -> None:
        sys.stderr.buffer.flush()


class _Plain(logging.Handler):
    """Says where a library complained and in which words, without the values it put into them."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().log(
            record.levelno, "library.said", logger=record.name, template=str(record.msg)[:200], error=error
        )


def _as_json(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from service.incidents import incident
from service.logs import configure_logs

SECRET = "+8613800138000"


@pytest.fixture
def lines(capfdbinary: pytest.CaptureFixture[bytes]) -> Iterator["Lines"]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    configure_logs("info")
    yield Lines(capfdbinary)
    root.handlers[:], _ = before
    root.setLevel(before[1])
    structlog.reset_defaults()


class Lines:
    """What stands in the log by now, a line each."""

    def __init__(self, captured: "pytest.CaptureFixture[bytes]") -> None:
        self._captured = captured

    def read(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self._captured.readouterr().err.splitlines()]


def test_a_line_is_one_object_with_its_event_and_its_time(lines: Lines) -> None:
    structlog.get_logger().info("thing.done", thing="t_1")

    [line] = lines.read()
    assert ("thing.done", "info", "t_1") == (line["event"], line["level"], line["thing"])
    assert str(line["timestamp"]).endswith("Z")


def test_what_is_below_the_level_is_not_written(lines: Lines) -> None:
    structlog.get_logger().debug("thing.seen")
    logging.getLogger("library").info("chatter")

    assert [] == lines.read()


def test_a_library_is_quoted_without_the_values_it_put_in(lines: Lines) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logging.getLogger("library").exception("cannot send to %s", SECRET)

    [line] = lines.read()
    assert ("library.said", "library", "ValueError") == (line["event"], line["logger"], line["error"])
    assert SECRET not in str(line)


def test_an_incident_tells_the_places_of_every_cause_and_no_value(lines: Lines) -> None:
    def fail() -> None:
        try:
            raise KeyError(SECRET)
        except KeyError as cause:
            raise RuntimeError(SECRET) from cause

    with pytest.raises(RuntimeError) as caught:
        fail()
    number = incident(caught.value)

    [line] = lines.read()
    assert (number, "builtins.RuntimeError") == (line["incident"], line["error"])
    assert "builtins.KeyError" in str(line["trace"]) and "test_logs.py" in str(line["trace"])
    assert SECRET not in str(line)

"""One server of the bench as a process of its own: `python -m service.bench.server KIND PORT FOLDER`."""

import asyncio
import sys
from pathlib import Path

import uvloop

from service.core.civil import parse_instant
from service.core.model import Instant
from service.settings import load

from .rivals import bare, obvious, serve

TEN_IN_THE_MORNING = parse_instant("2026-11-23T10:00:00+08:00")


def ten() -> Instant:
    """The clock of the bench stands: no window closes while it measures."""
    return TEN_IN_THE_MORNING


def settings_of(folder: Path, port: int) -> dict[str, str]:
    """Full durability, as shipped; sends are not measured here, so nothing is dispatched."""
    return {
        "GATEWAY_DATA_DIR": str(folder),
        "GATEWAY_PORT": str(port),
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PROVIDERS": "simulator",
        "GATEWAY_WORKERS_INLINE": "no",
        "GATEWAY_LOG_LEVEL": "warning",
    }


def main(kind: str, port: int, folder: Path) -> None:
    if kind == "bare":
        serve(bare(), port)
    elif kind == "obvious":
        serve(obvious(folder / "obvious.db"), port)
    else:
        from service.logs import configure_logs
        from service.serve import serve as serve_gateway

        configure_logs("warning")
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve_gateway(load(settings_of(folder, port)), clock=ten))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))

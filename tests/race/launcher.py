"""
Starts gateways and simulators quickly: all is imported once, and each process is a fork of this one.

    python -m tests.race.launcher

It reads one order a line, in JSON, and answers each with a number:

    {"serve": {"GATEWAY_…": …}, "clock": FILE, "log": FILE}     the pid
    {"simulate": [argument…], "log": FILE}                      the pid
    {"wait": PID} and {"look": PID}                             how it ended; -1000 while it runs

A pid stays its process's until `wait` or `look` has told of the end, so nobody else can be hit by a kill.
When the orders end, so does everything that was started.
"""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, NoReturn

import uvloop

from service import beats
from service.logs import configure_logs
from service.serve import serve
from service.settings import load
from service.simulator import __main__ as simulator_alone
from service.vault.addresses import Numbers
from tests.race.clock import SharedClock

RUNNING = -1000

# Beats come more often than in earnest, so that nobody waits for them.
beats.SWEEP_S, beats.DISPATCH_S = 0.5, 0.25


def main() -> None:
    """Obey until the orders end."""
    Numbers().warm()
    started: set[int] = set()
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order or "look" in order:
            told = _ended(order.get("wait") or order["look"], waiting="wait" in order)
            if told != RUNNING:
                started.discard(order.get("wait") or order["look"])
        else:
            told = _fork(order)
            started.add(told)
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()
    for pid in started:
        os.kill(pid, signal.SIGKILL)


def _ended(pid: int, *, waiting: bool) -> int:
    found, status = os.waitpid(pid, 0 if waiting else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else RUNNING


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(order)
    return pid


def _become(order: dict[str, Any]) -> NoReturn:
    """Be what was ordered, and never return to the launcher's own loop."""
    log = os.open(order["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    status = 1
    try:
        if "simulate" in order:
            sys.argv = ["simulator", *order["simulate"]]
            simulator_alone.main()
        else:
            configure_logs("info")
            clock = SharedClock(Path(order["clock"]))
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                runner.run(serve(load(order["serve"]), clock=clock))
        status = 0
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()

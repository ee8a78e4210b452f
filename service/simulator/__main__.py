"""
The simulator alone: `python -m service.simulator --port 9099 --secret-file FILE --gateway http://127.0.0.1:8080`.

It prints its address and serves until ended. A gateway reaches it by a routes file that names the address
and the same secret.
"""

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from pathlib import Path

from service.simulator.moods import Moods
from service.simulator.provider import Provider
from service.simulator.server import start_simulator


def main() -> None:
    """Read the arguments and serve."""
    parser = argparse.ArgumentParser("python -m service.simulator", description="A provider that contacts nobody.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--name", default="simulator", help="the provider's name in the gateway's routes file")
    parser.add_argument("--gateway", metavar="URL", help="where receipts and replies go; POST /callback sets it later")
    parser.add_argument("--secret-file", type=Path, metavar="FILE", help="the secret that callbacks are signed with")
    parser.add_argument("--state", type=Path, metavar="FILE", help="every contact is appended here, and kept")
    parser.add_argument("--seed", type=int, default=0, help="decides what goes wrong, with --odds")
    parser.add_argument("--odds", action="append", default=[], metavar="WORD=SHARE", help="such as hang=0.05")
    parser.add_argument("--longest", type=float, default=5.0, metavar="SECONDS", help="no receipt takes longer")
    parser.add_argument("--by-hand", action="store_true", help="receipts wait for POST /advance")
    asked = parser.parse_args()
    try:
        odds = {word: float(share) for word, _, share in (each.partition("=") for each in asked.odds)}
        moods = Moods(seed=asked.seed, odds=odds)
        secret = asked.secret_file.read_bytes().strip() if asked.secret_file else secrets.token_bytes(32)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    provider = Provider(longest_s=None if asked.by_hand else asked.longest, journal=asked.state, moods=moods)
    asyncio.run(_serve(provider, secret, asked))


async def _serve(provider: Provider, secret: bytes, asked: argparse.Namespace) -> None:
    ended = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    running = await start_simulator(
        provider, secret=secret, name=asked.name, gateway_url=asked.gateway, host=asked.host, port=asked.port
    )
    sys.stdout.write(f"{running.url}\n")
    sys.stdout.flush()
    async with running:
        with contextlib.suppress(asyncio.CancelledError):
            await ended.wait()


if __name__ == "__main__":
    main()

"""How many letters a second of one core are set, each another, and the memory that it takes; run by itself."""

import asyncio
import os
import resource
import sys
from time import perf_counter, process_time
from typing import NamedTuple

from service.core.model import AddressKind, Channel
from service.core.rendering import Message, Part, Reveals
from service.files.typeset import LetterSetter
from service.flows.ports import Recipient

from .judging import TEXT
from .server import ten

PLACE = '{"city":"苏州市","country":"CN","lines":["示例路%d号"],"postcode":"215000","region":"江苏省"}'


class Setting(NamedTuple):
    """`first_ms` has the typesetter and its typeface loaded."""

    a_second: float
    first_ms: float
    memory_mb: float


async def letters_a_second(letters: int) -> Setting:
    """Set that many in a process of its own."""
    command = [sys.executable, "-m", "service.bench.letters", str(letters)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, stdout=pipe, env={"PATH": os.defpath})
    told, _ = await process.communicate()
    return Setting(*map(float, told.split()))


def measure(letters: int) -> Setting:
    typeset = LetterSetter("Asia/Shanghai")
    started = perf_counter()
    typeset(_message(0), _recipient(0), ten())
    first, busy = perf_counter(), process_time()
    for n in range(1, letters + 1):
        typeset(_message(n), _recipient(n), ten())
    rate = letters / (process_time() - busy)
    return Setting(rate, (first - started) * 1000, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _message(n: int) -> Message:
    parts = (
        Part("salutation", "", "尊敬的客户："),
        Part("opening", "账户情况", f"合同编号{n:06d}。" + TEXT * 8),
        Part("closing", "", "特此通知。"),
        Part("seal", "", "示例农村商业银行\n（盖章）"),
    )
    return Message(
        Channel.letter, "zh-CN", "bench", "", Reveals.debt, frozenset(), "关于账户的通知", "", parts, None, ""
    )


def _recipient(n: int) -> Recipient:
    return Recipient("张三", AddressKind.postal, PLACE % n)


if __name__ == "__main__":
    print(*measure(int(sys.argv[1])))

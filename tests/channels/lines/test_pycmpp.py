"""CMPP 2.0 held against `pycmpp`, in a process of its own: the same bytes, and our test gateway reads them."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from service.channels.lines import cmpp
from service.channels.lines.cmpp import Submit, Version
from service.channels.lines.cmpp_login import connect
from service.channels.lines.cmpp_times import stamp
from service.channels.lines.parts import Alphabet, Part, cut
from tests.channels.dispatches import AT
from tests.channels.lines.ismg import SECRET, SOURCE, Ismg
from tests.peers import pip

TEXTS = ("您好", "A" * 60, "好" * 66 + "😀" + "还款" * 20)
NUMBER = "13800138000"

SCRIPT = """
import json
import sys

import pycmpp.request as request

told = json.loads(sys.stdin.read())
request.CMPP_VERSION = 0x20
request.get_string_time = lambda: told["stamp"]
connect = request.ConnectRequestInstance().create(told["source"], told["secret"])
submits = []
for each in told["messages"]:
    head = bytes.fromhex(each.pop("msg_head"))
    each["msg_head"] = head or None
    submits.append(request.SubmitRequestInstance().create(**each).hex())
print(json.dumps({"connect": connect.hex(), "submits": submits}))
"""


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What pycmpp writes for the same login and the same messages."""
    folder = pip(tmp_path_factory.mktemp("pycmpp"), "pycmpp==2.0.2")
    wanted = {
        "stamp": stamp(AT),
        "source": SOURCE,
        "secret": SECRET.decode(),
        "messages": [_as_pycmpp_wants_it(part) for part in _parts()],
    }
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(wanted),
        env={"PYTHONPATH": str(folder), "PATH": os.environ["PATH"]},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def _parts() -> list[Part]:
    return [part for text in TEXTS for part in cut(text, f"+86{NUMBER}", Alphabet.ucs2, "a1")]


def _as_pycmpp_wants_it(part: Part) -> dict[str, Any]:
    head = part.content[:6] if part.joined else b""
    return {
        "msg_src": SOURCE,
        "msg_content": part.content[len(head) :].decode("utf-16-be"),
        "msg_head": head.hex(),
        "dest_terminal_id": [NUMBER],
        "src_id": "106900001234",
        "service_id": "SVC",
        "registered_delivery": int(part.last),
        "pk_total": part.total,
        "pk_number": part.number,
        "tp_udhi": int(part.joined),
    }


def test_the_login_is_the_same_to_the_byte(frames: dict[str, Any]) -> None:
    theirs = bytes.fromhex(frames["connect"])

    assert theirs == connect(int.from_bytes(theirs[8:12], "big"), SOURCE, SECRET, Version.v20, AT)


def test_each_part_of_each_message_is_the_same_to_the_byte(frames: dict[str, Any]) -> None:
    theirs = [bytes.fromhex(each) for each in frames["submits"]]
    ours = [
        cmpp.submit(
            int.from_bytes(raw[8:12], "big"),
            Version.v20,
            Submit(SOURCE, "SVC", "106900001234", NUMBER, p.content, 8, p.number, p.total, receipt=p.last),
        )
        for raw, p in zip(theirs, _parts(), strict=True)
    ]

    assert theirs == ours


def test_the_gateway_of_our_tests_reads_what_pycmpp_writes(frames: dict[str, Any]) -> None:
    messages = [Ismg().read_submit(1, bytes.fromhex(each)[12:]) for each in frames["submits"]]

    assert [part.content for part in _parts()] == [message.content for message in messages]
    assert {NUMBER} == {message.dest for message in messages}

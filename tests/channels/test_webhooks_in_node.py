"""The official verifier for JavaScript believes what we sign, by both secrets after an exchange, and nothing else."""

import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import orjson

from service.core.model import SECOND, Instant
from service.core.webhooks import secret_text, signed_headers
from tests.peers import npm

SCRIPT = Path(__file__).with_name("verify_webhook.mjs")
NEW, OLD, BODY = b"n" * 32, b"o" * 32, '{"type":"request.refused","data":{"reference":"催收-1"}}'


def call(secret: bytes, *, by: tuple[bytes, ...] = (NEW, OLD), body: str = BODY, ago_s: int = 0, **other: str) -> bytes:
    at = Instant((int(time.time()) - ago_s) * SECOND)
    headers: dict[str, Any] = {**signed_headers(by, "msg_1", at, BODY.encode()), **other}
    return orjson.dumps({"secret": secret_text(secret), "headers": headers, "body": body})


def test_the_official_verifier_of_another_language_believes_our_calls(tmp_path: Path) -> None:
    npm(tmp_path, "standardwebhooks")
    shutil.copy(SCRIPT, tmp_path)
    good = [call(NEW), call(OLD), call(NEW, by=(NEW,))]
    bad = [
        call(OLD, by=(NEW,)),
        call(NEW, body=BODY.replace("refused", "completed")),
        call(NEW, ago_s=3600),
        call(NEW, **{"webhook-id": "msg_2"}),
        call(NEW, **{"webhook-signature": ""}),
    ]

    told = subprocess.run(
        ["node", SCRIPT.name], cwd=tmp_path, input=b"\n".join(good + bad), capture_output=True, check=True, timeout=30
    )

    assert [True] * len(good) + [False] * len(bad) == [orjson.loads(line) for line in told.stdout.splitlines()]

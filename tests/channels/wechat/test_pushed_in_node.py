"""What WeCom's official library for JavaScript seals and signs, we believe and open; we seal nothing ourselves."""

import shutil
import subprocess
from pathlib import Path

import orjson
import pytest

from service.channels.wechat import wecom
from service.channels.wechat.pushed import Seal, aes_key, signature, unseal
from service.core.errors import Invalid, Unauthenticated
from service.core.model import SECOND
from service.flows.providers import Callback
from tests.channels.dispatches import AT
from tests.peers import npm

from .accounts import AES_KEY, CORP, TOKEN, adapter, text

SCRIPT = Path(__file__).with_name("seal_push.mjs")
SECONDS, NONCE = str(AT // SECOND), "a-nonce"
LENGTHS = ["", *("字" * count + "x" * rest for count in (1, 9, 40) for rest in range(32))]
"""Every remainder of the block, with characters of several bytes."""


def seal(folder: Path, *documents: str, owner: str = CORP) -> list[dict[str, str]]:
    agreed = {"token": TOKEN.decode(), "key": AES_KEY.decode(), "owner": owner, "timestamp": SECONDS, "nonce": NONCE}
    lines = b"\n".join(orjson.dumps(agreed | {"document": document}) for document in documents)
    told = subprocess.run(
        ["node", SCRIPT.name], cwd=folder, input=lines, capture_output=True, check=True, timeout=30
    ).stdout
    return [orjson.loads(line) for line in told.splitlines()]


def callback(push: dict[str, str]) -> Callback:
    query = (("msg_signature", push["signature"]), ("timestamp", SECONDS), ("nonce", NONCE))
    return Callback(f"<xml><Encrypt><![CDATA[{push['sealed']}]]></Encrypt></xml>".encode(), query=query)


async def test_what_the_official_library_seals_is_opened_and_nothing_that_is_not_for_us(tmp_path: Path) -> None:
    npm(tmp_path, "@wecom/crypto")
    shutil.copy(SCRIPT, tmp_path)
    written = f"<xml>{text('收到，明早十点去', openid='li.si')}</xml>"
    push, *others = seal(tmp_path, written, *LENGTHS)
    (strange,) = seal(tmp_path, written, owner="ww_another")
    ours = Seal(TOKEN, aes_key(AES_KEY), CORP)

    async with adapter(wecom.KIND) as chat:
        chat.check(callback(push))
        (item,) = chat.read(callback(push)).inbound
        with pytest.raises(Unauthenticated):
            chat.check(callback(push | {"sealed": others[0]["sealed"]}))
        chat.check(callback(strange))
        with pytest.raises(Invalid):
            chat.read(callback(strange))

    assert ("收到，明早十点去", "li.si") == (item.text, item.sender.address)
    assert LENGTHS == [unseal(ours, each["sealed"]).decode() for each in others]
    assert [each["signature"] for each in others] == [
        signature(TOKEN, SECONDS, NONCE, each["sealed"]) for each in others
    ]

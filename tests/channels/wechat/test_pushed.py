"""Pushes: sealed and signed as the provider does it, proven by a library that is not ours."""

import hashlib

import pytest
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from service.channels.wechat import official, wecom
from service.channels.wechat.pushed import aes_key, read_xml, signature
from service.core.errors import Invalid, Unauthenticated
from service.core.model import MINUTE, SECOND, Instant
from service.core.rule import Flawed
from service.flows.providers import Callback
from tests.channels.dispatches import AT

from .accounts import AES_KEY, TOKEN, adapter, event, sealed, sealed_for_wecom, text


async def test_what_the_library_seals_we_take_and_open() -> None:
    callback = sealed(text("您好，我想咨询"))
    async with adapter(official.KIND) as chat:
        chat.check(callback)
        (item,) = chat.read(callback).inbound

    assert ("您好，我想咨询", "23456789012345678", AT) == (item.text, item.event, item.at)


async def test_a_push_to_wecom_is_opened_too() -> None:
    callback = sealed_for_wecom(text("收到", openid="li.si"))
    async with adapter(wecom.KIND) as chat:
        chat.check(callback)
        (item,) = chat.read(callback).inbound

    assert ("收到", "li.si") == (item.text, item.sender.address)


@pytest.mark.parametrize("spoil", ["msg_signature", "timestamp", "nonce"])
async def test_a_push_whose_proof_is_spoiled_is_not_believed(spoil: str) -> None:
    callback = sealed(text("您好"))
    spoiled = tuple((name, "1" if name == spoil else value) for name, value in callback.query)
    async with adapter(official.KIND) as chat:
        with pytest.raises(Unauthenticated):
            chat.check(callback._replace(query=spoiled))


async def test_a_push_whose_body_was_exchanged_is_not_believed() -> None:
    mine, other = sealed(text("您好")), sealed(text("退订"))
    async with adapter(official.KIND) as chat:
        with pytest.raises(Unauthenticated):
            chat.check(mine._replace(body=other.body))


async def test_a_push_from_long_ago_is_not_believed() -> None:
    async with adapter(official.KIND) as chat:
        with pytest.raises(Unauthenticated):
            chat.check(sealed(text("您好"), at=Instant(AT - 10 * MINUTE)))


async def test_a_push_that_is_not_sealed_is_refused() -> None:
    async with adapter(official.KIND) as chat:
        with pytest.raises(Invalid):
            chat.check(Callback(f"<xml>{text('您好')}</xml>".encode()))


async def test_a_push_for_another_account_under_our_key_is_refused() -> None:
    other = sealed(text("您好"), crypto=WeChatCrypto(TOKEN.decode(), AES_KEY.decode(), "wx_another"))
    async with adapter(official.KIND) as chat:
        chat.check(other)
        with pytest.raises(Invalid):
            chat.read(other)


async def test_the_address_is_tried_with_an_echo_that_is_given_back_once_proven() -> None:
    seconds = str(AT // SECOND)
    proof = hashlib.sha1("".join(sorted([TOKEN.decode(), seconds, "n"])).encode()).hexdigest()
    check_signature(TOKEN.decode(), proof, seconds, "n")
    query = (("signature", proof), ("timestamp", seconds), ("nonce", "n"), ("echostr", "4375120948345356249"))
    async with adapter(official.KIND) as chat:
        chat.check(Callback(method="GET", query=query))
        reply = chat.read(Callback(method="GET", query=query)).reply
        with pytest.raises(Unauthenticated):
            chat.check(Callback(method="GET", query=query[1:]))

    assert (200, "text/plain", b"4375120948345356249") == reply


async def test_an_echo_that_is_no_bare_word_is_not_given_back() -> None:
    async with adapter(official.KIND) as chat:
        with pytest.raises(Invalid):
            chat.read(Callback(method="GET", query=(("echostr", "<script> "),)))


async def test_wecom_tries_the_address_with_a_sealed_echo() -> None:
    callback = sealed_for_wecom("")
    echo = read_xml(callback.body).findtext("Encrypt") or ""
    query = (*callback.query, ("echostr", echo))
    async with adapter(wecom.KIND) as chat:
        chat.check(Callback(method="GET", query=query))
        reply = chat.read(Callback(method="GET", query=query)).reply
        with pytest.raises(Unauthenticated):
            chat.check(Callback(method="GET", query=(*callback.query, ("echostr", echo[::-1]))))

    assert b"<xml></xml>" == reply.body


def test_the_signature_is_the_librarys() -> None:
    check_signature("t", signature(b"t", "1763949600", "n"), "1763949600", "n")


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Encrypt>&b;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml/>',
        b"<xml><Encrypt>&undefined;</Encrypt></xml>",
        '<!DOCTYPE x [<!ENTITY a "a">]><xml>&a;</xml>'.encode("utf-16"),
        b"<xml>",
        b"\xff",
        b"",
    ],
)
def test_a_document_with_a_type_or_entities_or_that_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        read_xml(body)


@pytest.mark.parametrize("written", [b"", b"short", AES_KEY + b"A", b"!" * 43])
def test_a_key_that_is_none_is_refused_at_load(written: bytes) -> None:
    with pytest.raises(Flawed):
        aes_key(written)


async def test_events_that_ask_nothing_of_us_tell_nothing() -> None:
    async with adapter(official.KIND) as chat:
        told = [chat.read(sealed(event(name))) for name in ("subscribe", "CLICK", "LOCATION", "brand_new")]

    assert [((), ())] * 4 == [(tuple(each.receipts), tuple(each.inbound)) for each in told]

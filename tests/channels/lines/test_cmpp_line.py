"""A CMPP line against a gateway on loopback: one session, a window, nothing twice, and everything told."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import structlog

from service.channels.adapter import Site
from service.channels.lines.cmpp_line import KIND
from service.channels.lines.cmpp_speech import CmppSpeech
from service.channels.lines.framing import Peer
from service.channels.lines.line import Line
from service.channels.lines.session import Times
from service.core.model import Channel, Fate, Outcome
from service.flows.ports import Asked, SendResult
from service.flows.providers import ProviderAccount
from tests.channels.dispatches import AT, a_dispatch
from tests.channels.lines.cmpp_lines import QUICK, line_to
from tests.channels.lines.gateway import Gateway, bound, told
from tests.channels.lines.ismg import Ismg
from tests.channels.lines.test_cmpp import params, reported


@pytest.fixture(params=[0x20, 0x30], ids=["2.0", "3.0"])
async def ismg(request: pytest.FixtureRequest) -> AsyncIterator[Ismg]:
    async with Ismg(request.param) as peer:
        yield peer


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


async def test_a_message_is_handed_over_and_its_receipt_and_a_reply_come_back(ismg: Ismg, gateway: Gateway) -> None:
    async with line_to(ismg, gateway) as line:
        await bound(line)
        result = await line.send(a_dispatch())
        assert result.provider_ref is not None
        ismg.report(result.provider_ref, "DELIVRD", wide=ismg.version == 0x30)
        ismg.deliver("退订".encode("utf-16-be"), source="13800138000")
        await ismg.until(lambda: len(ismg.acknowledged) == 2)

        (message,) = ismg.messages
        receipts, inbound = told(line, gateway)

    assert (result.fate, result.outcome, result.awaits) == (Fate.accepted, Outcome.sent, True)
    assert (message.dest, message.src_id, message.receipt, message.fmt) == ("13800138000", "106900001234", 1, 8)
    assert "【示例银行】请还款" == message.content.decode("utf-16-be")
    assert [(Outcome.delivered, result.provider_ref)] == [(each.outcome, each.provider_ref) for each in receipts]
    assert [("+8613800138000", "退订")] == [(each.sender and each.sender.address, each.text) for each in inbound]
    assert {0} == {result for _, _, result in ismg.acknowledged}
    assert 1 == ismg.good_byes


async def test_a_long_message_goes_out_part_by_part_and_the_last_one_asks_for_the_receipt(
    ismg: Ismg, gateway: Gateway
) -> None:
    dispatch = a_dispatch()
    text = "好" * 66 + "😀" + "还款" * 40
    dispatch = dispatch._replace(message=dispatch.message._replace(body=text))
    async with line_to(ismg, gateway) as line:
        await bound(line)
        result = await line.send(dispatch)

    assert [(3, 1, 0), (3, 2, 0), (3, 3, 1)] == [(m.pk_total, m.pk_number, m.receipt) for m in ismg.messages]
    assert text == "".join(m.content[6:].decode("utf-16-be") for m in ismg.messages)
    assert {1} == {m.udhi for m in ismg.messages}
    assert result.provider_ref is not None and result.provider_ref.endswith("03")


async def test_the_peer_dies_in_the_middle_of_a_window_and_nothing_is_sent_again(ismg: Ismg, gateway: Gateway) -> None:
    ismg.holding = True
    async with line_to(ismg, gateway, window=16) as line:
        await bound(line)
        sends = [asyncio.create_task(line.send(a_dispatch(attempt=f"a{n}"))) for n in range(20)]
        await ismg.until(lambda: len(ismg.messages) == 16)
        ismg.kill()
        results = await asyncio.gather(*sends)
        ismg.holding = False
        await ismg.until(lambda: ismg.logins == 2)
        await bound(line)
        after = await line.send(a_dispatch(attempt="a99"))

    assert {(Fate.ambiguous, Outcome.unknown): 16, (Fate.retryable, Outcome.failed): 4} == counted(results)
    assert Fate.accepted is after.fate
    assert 17 == len(ismg.messages)


def counted(results: list[SendResult]) -> dict[tuple[Fate, Outcome], int]:
    found: dict[tuple[Fate, Outcome], int] = {}
    for result in results:
        found[result.fate, result.outcome] = found.get((result.fate, result.outcome), 0) + 1
    return found


async def test_no_more_wait_for_an_answer_than_the_window_holds(ismg: Ismg, gateway: Gateway) -> None:
    ismg.holding = True
    async with line_to(ismg, gateway, window=2) as line:
        await bound(line)
        sends = [asyncio.create_task(line.send(a_dispatch(attempt=f"a{n}"))) for n in range(6)]
        await ismg.until(lambda: len(ismg.messages) == 2)
        seen = len(ismg.messages)
        ismg.answer_held()
        results = await asyncio.gather(*sends)

    assert 2 == seen
    assert 6 == len(ismg.messages)
    assert {Fate.accepted} == {result.fate for result in results}


async def test_a_message_that_finds_no_place_in_the_window_was_surely_not_sent(ismg: Ismg, gateway: Gateway) -> None:
    ismg.holding = True
    async with line_to(ismg, gateway, window=1, timeout_s=0.4) as line:
        await bound(line)
        first = asyncio.create_task(line.send(a_dispatch(attempt="a1")))
        await ismg.until(lambda: len(ismg.messages) == 1)
        second = await line.send(a_dispatch(attempt="a2"))
        unanswered = await first

    assert (second.fate, second.detail, second.until) == (Fate.throttled_account, "window_full", AT + 1_000_000)
    assert (unanswered.fate, unanswered.detail) == (Fate.ambiguous, "timeout")
    assert 1 == len(ismg.messages)


async def test_an_answer_that_comes_too_late_still_settles_the_attempt(ismg: Ismg, gateway: Gateway) -> None:
    ismg.holding = True
    async with line_to(ismg, gateway, timeout_s=0.1) as line:
        await bound(line)
        result = await line.send(a_dispatch(attempt="a1"))
        ismg.answer_held()
        await gateway.until(lambda: len(gateway.callbacks) == 1)
        (receipt,), _ = told(line, gateway)

    assert Fate.ambiguous is result.fate
    assert (receipt.attempt, receipt.outcome, receipt.event) == ("a1", Outcome.sent, "late:a1")
    assert receipt.provider_ref is not None


@pytest.mark.parametrize(
    ("code", "outcome", "fate"),
    [
        (13, Outcome.refused_by_provider, Fate.invalid_recipient),
        (99, Outcome.refused_by_provider, None),
        (117, Outcome.refused_by_provider, Fate.opted_out),
        (118, Outcome.refused_by_provider, Fate.throttled_recipient),
        (4, Outcome.refused_by_provider, None),
        (8, Outcome.failed, None),
    ],
)
async def test_a_refusal_that_comes_too_late_says_of_the_recipient_what_one_in_time_does(
    code: int, outcome: Outcome, fate: Fate | None, gateway: Gateway
) -> None:
    codes = {"117": Fate.opted_out, "118": Fate.throttled_recipient}
    with structlog.testing.capture_logs() as logs:
        async with Ismg() as ismg, line_to(ismg, gateway, timeout_s=0.1, codes=codes) as line:
            await bound(line)
            ismg.holding, ismg.results = True, [code]
            await line.send(a_dispatch(attempt="a1"))
            ismg.answer_held()
            await gateway.until(lambda: len(gateway.callbacks) == 1)
            (receipt,), _ = told(line, gateway)

    assert ("a1", outcome, fate) == (receipt.attempt, receipt.outcome, receipt.fate)
    assert (code == 99) is ("provider.unmapped_code" in [each["event"] for each in logs])


@pytest.mark.parametrize(
    ("code", "fate"), [(8, Fate.throttled_account), (13, Fate.invalid_recipient), (9, Fate.provider_unavailable)]
)
async def test_a_refusal_is_told_by_its_table(code: int, fate: Fate, gateway: Gateway) -> None:
    async with Ismg() as ismg:
        ismg.results = [code]
        async with line_to(ismg, gateway) as line:
            await bound(line)
            result = await line.send(a_dispatch())

    assert (result.fate, result.detail) == (fate, f"cmpp_{code}")


async def test_a_part_that_is_throttled_is_tried_again_and_what_stays_incomplete_is_unknown(gateway: Gateway) -> None:
    dispatch = a_dispatch()
    dispatch = dispatch._replace(message=dispatch.message._replace(body="好" * 100))
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        ismg.results = [0, 8, 0]
        completed = await line.send(dispatch)
        ismg.results = [0, 4]
        incomplete = await line.send(dispatch)

    assert Fate.accepted is completed.fate
    assert [1, 2, 2, 1, 2] == [message.pk_number for message in ismg.messages]
    assert (incomplete.fate, incomplete.detail) == (Fate.ambiguous, "cmpp_4")


async def test_what_the_store_does_not_take_is_not_acknowledged_as_taken(ismg: Ismg, gateway: Gateway) -> None:
    async with line_to(ismg, gateway) as line:
        await bound(line)
        gateway.trouble = True
        ismg.report("0" * 16, "DELIVRD")
        await ismg.until(lambda: len(ismg.acknowledged) == 1)
        gateway.trouble = False
        ismg.report("0" * 16, "DELIVRD")
        await ismg.until(lambda: len(ismg.acknowledged) == 2)

    assert [9, 0] == [result for _, _, result in ismg.acknowledged]
    assert 1 == len(gateway.callbacks)


async def test_duplicate_and_reversed_receipts_are_the_same_events_whenever_they_come(
    ismg: Ismg, gateway: Gateway
) -> None:
    async with line_to(ismg, gateway) as line:
        await bound(line)
        for stat in ("DELIVRD", "ACCEPTD", "DELIVRD"):
            ismg.report("00000000000000aa", stat)
        await ismg.until(lambda: len(ismg.acknowledged) == 3)
        receipts, _ = told(line, gateway)

    assert [each.event.partition(":")[2] for each in receipts] == ["DELIVRD", "ACCEPTD", "DELIVRD"]
    assert receipts[0] == receipts[2]


async def test_a_receipt_that_cannot_be_read_spoils_no_other(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        ismg.deliver(b"too short", source="13800138000", receipt=1)
        ismg.deliver(reported("DELIVRD"), source="13800138000", receipt=1)
        await ismg.until(lambda: len(ismg.acknowledged) == 2)
        readable = [callback for callback in gateway.callbacks if len(callback.body) > 140]

    assert 2 == len(gateway.callbacks)
    assert [Outcome.delivered] == [each.outcome for callback in readable for each in line.read(callback).receipts]


async def test_a_code_that_nobody_agreed_on_is_undelivered_and_alarms_with_the_bare_code(gateway: Gateway) -> None:
    with structlog.testing.capture_logs() as logs:
        async with Ismg() as ismg, line_to(ismg, gateway, codes={"MK:0001": Fate.invalid_recipient}) as line:
            await bound(line)
            for stat in ("MK:0001", "XX:0815", "1380013", "DELIVRD"):
                ismg.report("00000000000000aa", stat)
            await ismg.until(lambda: len(ismg.acknowledged) == 4)
            receipts, _ = told(line, gateway)

    assert [Outcome.undelivered] * 3 + [Outcome.delivered] == [each.outcome for each in receipts]
    assert ["XX:0815", "unreadable"] == [each["code"] for each in logs if each["event"] == "line.unknown_code"]


async def test_the_line_stays_down_while_another_process_holds_it(gateway: Gateway) -> None:
    async with Ismg() as ismg:
        gateway.owned = False
        async with line_to(ismg, gateway) as line:
            await gateway.until(lambda: len(gateway.asked) >= 3)
            result = await line.send(a_dispatch())
            logins, owned = ismg.logins, line.owned
            gateway.owned = True
            await bound(line)

    assert (logins, owned, ismg.messages) == (0, False, [])
    assert (result.fate, result.detail) == (Fate.retryable, "line_down")
    assert {"line-a"} == {name.removeprefix("line:") for name in gateway.asked}


async def test_who_loses_the_lease_says_good_bye_and_sends_nothing_more(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        gateway.owned = False
        await bound(line, False)
        result = await line.send(a_dispatch())
        await ismg.until(lambda: ismg.good_byes == 1)

    assert (result.fate, ismg.messages) == (Fate.retryable, [])


async def test_a_gateway_that_refuses_the_login_is_asked_again_and_nothing_is_sent(gateway: Gateway) -> None:
    async with Ismg() as ismg:
        ismg.login_status = 3
        async with line_to(ismg, gateway) as line:
            await ismg.until(lambda: ismg.logins >= 2)
            down, kept = line.ready, line.owned
            ismg.login_status = 0
            await bound(line)

    assert (False, True) == (down, kept)


@pytest.mark.parametrize(
    "peer", [Peer("a..b", 7890), Peer("127.0.0.1", 7890, True, b"\x30\x82\xff\xfe")], ids=["host", "authorities"]
)
async def test_a_line_that_stumbles_over_its_own_account_says_so_and_goes_on_trying(
    peer: Peer, gateway: Gateway
) -> None:
    account = ProviderAccount("line-a", KIND, params(), frozenset({Channel.sms}))
    site = Site(account, lambda: AT, 5, None, Path(), own=gateway.own, hear=gateway.hear)
    line = Line(site, CmppSpeech("line-a", params()), peer, 16, QUICK)
    with structlog.testing.capture_logs() as logs:
        await line.start()
        await gateway.until(lambda: len(gateway.asked) >= 5)
        await line.close()

    said = [(each["event"], each["log_level"]) for each in logs]
    assert 2 <= len(said)
    assert {("line.not_bound", "error")} == set(said)


async def test_a_gateway_that_is_away_is_found_again(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        await ismg.stop_listening()
        ismg.kill()
        await bound(line, False)
        result = await line.send(a_dispatch())
        await ismg.listen_again()
        await bound(line)

    assert (result.fate, result.detail) == (Fate.retryable, "line_down")
    assert 2 == ismg.logins


async def test_a_silent_peer_is_asked_and_then_given_up(gateway: Gateway) -> None:
    times = Times(idle_s=0.05, probe_s=0.1, renew_s=0.02, pause_s=0.01, bye_s=0.1)
    async with Ismg() as ismg, line_to(ismg, gateway, times=times) as line:
        await ismg.until(lambda: ismg.probed >= 3)
        patient = ismg.logins
        ismg.mute = True
        await ismg.until(lambda: ismg.logins >= 2)

    assert 1 == patient
    assert not line.ready


async def test_the_peers_probes_and_good_byes_are_answered(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        ismg.probe()
        await ismg.until(lambda: ismg.probes == 1)
        ismg.say_good_bye()
        await ismg.until(lambda: ismg.logins == 2)
        await bound(line)

    assert (1, 2) == (ismg.probes, ismg.logins)


async def test_a_peer_that_speaks_something_else_is_hung_up_on(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        ismg.send_garbage()
        await ismg.until(lambda: ismg.logins == 2)

    assert [] == ismg.messages


async def test_closing_waits_for_the_answers_that_are_due(gateway: Gateway) -> None:
    async with Ismg() as ismg:
        ismg.holding = True
        async with line_to(ismg, gateway) as line:
            await bound(line)
            send = asyncio.create_task(line.send(a_dispatch()))
            await ismg.until(lambda: len(ismg.messages) == 1)
            closing = asyncio.create_task(line.close())
            await asyncio.sleep(0)
            ismg.answer_held()
            result = await send
            await closing

    assert Fate.accepted is result.fate
    assert 1 == ismg.good_byes


async def test_this_protocol_cannot_be_asked_for_one_message(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)

        assert await line.ask(Asked("a1", Channel.sms, AT, provider_ref="00")) is None


async def test_a_number_abroad_is_refused_here(gateway: Gateway) -> None:
    async with Ismg() as ismg, line_to(ismg, gateway) as line:
        await bound(line)
        result = await line.send(a_dispatch(to="+447700900123"))

    assert (result.fate, result.detail, ismg.messages) == (Fate.permanent, "not_a_mainland_number", [])

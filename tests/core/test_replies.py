"""What a short reply asks for, above all to be left in peace."""

import pytest

from service.core.model import Asks
from service.core.replies import asked


@pytest.mark.parametrize(
    "text",
    [
        *("R", "回复R", " r ", "STOP", "Stop.", "退订", "回复TD", "T", "n", "TD退订", "取消订阅", "停止", "unsub"),
        *(
            "请不要再联系我",
            "不要联系我",
            "请勿打扰",
            "别打扰我！",
            "不要再打电话给我",
            "别再打了",
            "请停止联系",
            "拒绝联系",
            "不要给我发短信",
        ),
        *(
            "please stop",
            "Stop contacting me",
            "Do not contact me",
            "don't contact me again",
            "leave me alone",
            "remove me",
            "Stop calling me",
            "Stop texting me.",
            "STOP sending me messages",
            "Don’t call me",
            "do not text me again",
            "no more texts please",
            "Unsubscribe me",
            "stop it",
            "quit calling",
        ),
        *("ＳＴＯＰ", "'QUIT'", "\u200bSTOP\u00a0", "Stop 🛑", "s t o p", "回复T退订", "R退订", "“退订”"),
        *("我要退订", "退訂", "取消訂閱", "不要再聯絡我", "请停止发送", "别发了", "不用再发了", "勿扰"),
    ],
)
def test_who_asks_to_be_left_alone_is_heard(text: str) -> None:
    assert asked(text) is Asks.stop


@pytest.mark.parametrize(
    "text",
    [
        "我不要紧，明天还",
        "please do not stop the plan",
        "我会转告他",
        "cancel my card",
        "do call me",
        "I did not call",
        "我想还款",
        "我要还钱",
        "N号楼",
        "now",
        "这个月先不要扣款，别打扰我上班时间可以吗",
        "",
        "。",
    ],
)
def test_a_sentence_that_merely_contains_such_words_stops_nothing(text: str) -> None:
    assert asked(text) is Asks.free


@pytest.mark.parametrize(
    "text",
    ["Call me", "call me back please", "Can you call me?", "please ring me now", "给我回电", "请给我回个电话", "回电"],
)
def test_who_asks_to_be_called_back_is_heard(text: str) -> None:
    assert asked(text) is Asks.call_back


@pytest.mark.parametrize("text", ["text me", "Please email me.", "contact me", "请联系我", "请给我回复"])
def test_who_asks_to_be_answered_is_heard(text: str) -> None:
    assert asked(text) is Asks.reply


@pytest.mark.parametrize(
    "text", ["I was told you call me a thief", "don't call me back at work", "他说会给我回电的", "I paid"]
)
def test_a_sentence_that_merely_speaks_of_a_call_asks_for_none(text: str) -> None:
    assert asked(text) not in (Asks.call_back, Asks.reply)


@pytest.mark.parametrize("text", ["你打错了", "我不认识这个人", "Wrong number!", "this is not him"])
def test_somebody_elses_number_is_recognised(text: str) -> None:
    assert asked(text) is Asks.wrong_number

"""What a short reply asks for, above all to be left in peace."""

import pytest

from service.core.replies import Asks, asked


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
        ),
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
        "这个月先不要扣款，别打扰我上班时间可以吗",
        "",
        "。",
    ],
)
def test_a_sentence_that_merely_contains_such_words_stops_nothing(text: str) -> None:
    assert asked(text) is None


@pytest.mark.parametrize("text", ["你打错了", "我不认识这个人", "Wrong number!"])
def test_somebody_elses_number_is_recognised(text: str) -> None:
    assert asked(text) is Asks.wrong_number

"""What a short reply asks for, above all to be left in peace; and what it does not ask for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.core.model import Asks
from service.core.replies import asked


def each(table: str) -> tuple[str, ...]:
    return tuple(text.strip() for line in table.strip().splitlines() for text in line.split("|"))


STOPS = each(
    """
    R | 回复R | STOP | 退订 | 回复TD | T | n | TD | TD退订 | 取消订阅 | 停止 | unsub | 退 | 拒收 | 拒绝
    请不要再联系我 | 不要联系我 | 请勿打扰 | 别打扰我！ | 不要再打电话给我 | 别再打了 | 请停止联系 | 拒绝联系
    不要给我发短信 | 我要退订 | 退訂 | 取消訂閱 | 不要再聯絡我 | 请停止发送 | 别发了 | 不用再发了 | 勿扰 | 退订一下
    您好，退订 | 谢谢，退订 | 回T退订 | 回R | T退 | 帮我退订 | 别再打我电话了 | 别再打电话了 | 不再接收了 | 拒绝接收
    回R/T退 | 回复T退订 | R退订 | 拒收请回复R | 回复退订 | 不要再发 | 不要再发了 | 请帮我退订，谢谢 | 麻烦退订一下
    你好，请不要再给我发短信了，谢谢！ | 以后不要再打电话了 | 你们别再打我手机了 | 能不能别再打了
    可以停止发送短信吗 | 不想再收到你们的短信 | 我不想再收到任何短信了 | 别来烦我 | 不要再来电 | 退订短信 | 短信退订
    全部退订 | 停止推送 | 我要求停止联系我 | 不要短信 | 别打给我 | 请取消 | 退订！别再打了 | please stop
    Stop contacting me | Do not contact me | don't contact me again | leave me alone | remove me | Stop calling me
    Stop texting me. | STOP sending me messages | Don’t call me | do not text me again | no more texts please
    Unsubscribe me | stop it | quit calling | STOP ALL MESSAGES | stop all | STOP ALL | stop stop stop | pls stop
    I want to unsubscribe | Please remove me from your list | take me off your list | opt me out | I opt out
    opt-out | please do not send me any more messages | I would like to opt out
    Hi, please stop texting this number. Thanks | don't text this number | I don't want any more texts
    I no longer wish to receive these messages | STOP!!! STOP!!! | please cancel | stop the calls
    unsubscribe from all emails | Can you please stop calling me | I revoke my consent | do not disturb
    """
)
"""All that is said, and nothing beside it."""

STRANGERS = each(
    """
    打错了 | 你打错了 | 打错电话了 | 您好，打错了，谢谢 | 发错人了 | 找错人了 | 认错人了 | 你们打错电话了吧 | 打錯了
    我不是张三 | 我不是王小明 | 我不是张先生 | 不是本人 | 我不是机主 | 我不是你要找的人 | 这不是张三的号码
    我不认识这个人 | 我不认识他 | 你找的人我不认识 | 不認識這個人 | 这里没有这个人 | 查无此人 | 没有张三这个人
    换号了 | 他换号了 | 已换号 | 机主换号了 | 这号码换人了 | 这个手机号已经换人了 | 这个号码不是他在用了
    打错了,我不认识这个人 | 你打错了我不是张三 | 你好，我不是张三，你打错了 | 打错了，请不要再打了 | wrong number
    Wrong number! | Sorry, wrong number | You have the wrong number | u got the wrong person | this is not him
    This isn't her | not her | not him | I'm not him | I do not know this person | no one by that name
    no longer his number | she changed her number | wrong number, stop texting me
    """
)

ORDINARY = each(
    """
    账单金额打错了 | 你们短信金额发错了 | 可以换号码还款吗 | 我想更换号码绑定的银行卡 | 上次转账打错了账户，怎么办
    这笔钱不是本人借的 | 不是本人借的 | 不是本人操作 | 不是他欠的 | it was not her fault | not her debt | 我要退
    请退 | 请，退 | 我想退 | 我要退款 | 帮我退 | 退款 | 退了 | 我要取消 | 我想取消还款计划 | 取消了
    我不要紧，明天还 | please do not stop the plan | do not stop | 不要退订 | 不要停止 | 取消退订 | 不退订
    我不是老赖 | 我不是骗子 | 我不是故意的 | 我不是不还 | 我不是付清了吗 | 我不是借款人 | 我不是很清楚 | 我不认识你
    我换号了 | 换号 | 换号码 | 我打错了 | 名字打错了 | 弄错了吧 | 你们搞错了 | 这个电话是谁的 | 我是他老婆
    不要打我公司电话 | 不要联系我家人 | 别打给我爸 | 别找我公司 | do not contact my employer | Don't call me at work
    不想打扰你 | 别催了 | 没收到短信 | 怎么退订 | 我拒绝还款 | 下周还，别再打了 | I will pay, then stop calling
    我会转告他 | cancel my card | do call me | I did not call | 我想还款 | 我要还钱 | N号楼 | now
    they | the end | friend | nth | R2D2 | stop payment | stop by tomorrow | end of month | never mind
    I am not sure | this is not fair | not me | wrong amount | don't bother | I don't want to pay | no complaints
    这个月先不要扣款，别打扰我上班时间可以吗 | 我不投诉 | 尾号12378的卡 | 。 | 谢谢 | 好的 | thanks | please | ?!
    """
)

SENTENCES = (
    "这个月工资还没有发下周一我一定还款",
    "上次转账的账户和你们发来的不一样",
    "the amount in your letter is not the amount that I borrowed",
    "I shall pay on Friday as we have agreed",
)

SPRINKLED = st.text(" .,!-~'“”，。！…\u200b\u00a0\ufe0f🛑", max_size=2)


def wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


@pytest.mark.parametrize("text", STOPS)
def test_who_asks_to_be_left_alone_is_heard(text: str) -> None:
    assert asked(text) is Asks.stop


@pytest.mark.parametrize("text", STRANGERS)
def test_somebody_elses_number_is_recognised(text: str) -> None:
    assert asked(text) is Asks.wrong_number


@pytest.mark.parametrize("text", [*ORDINARY, "", "Please do not contact me\nat work"])
def test_a_sentence_that_merely_contains_such_words_is_for_a_person_to_read(text: str) -> None:
    assert asked(text) is Asks.free


@pytest.mark.parametrize("text", ["R, thanks", "T 谢谢", "R thanks", "TD TD", "stop, please stop", "Hello. N"])
def test_a_letter_that_stands_alone_is_one_whatever_is_polite_beside_it(text: str) -> None:
    assert asked(text) is Asks.stop


@pytest.mark.parametrize(
    "text",
    [
        "STOP\n\nZhang San\n13800138000",
        "退订\n张三",
        "您好：\n请停止联系我\n谢谢",
        "Dear Anna,\n\nPlease stop contacting me.\n\nRegards\nZhang San",
        "Hi,\n\nunsubscribe\n\nI have written this twice by now.",
    ],
)
def test_what_the_first_line_says_counts_whatever_stands_below_it(text: str) -> None:
    assert asked(text) is Asks.stop


@pytest.mark.parametrize(
    "text",
    ["我要投诉", "投诉你们，别再打了", "12378", "I will complain", "I'll report you", "再打我就举报", "我要起诉你们"],
)
def test_a_complaint_is_one_wherever_it_stands(text: str) -> None:
    assert asked(text) is Asks.complaint


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


@given(st.sampled_from(STOPS + STRANGERS), st.sampled_from(SENTENCES), st.sampled_from(" ，,。."), st.booleans())
def test_beside_an_ordinary_sentence_nothing_stops_and_no_number_is_wrong(
    said: str, sentence: str, between: str, before: bool
) -> None:
    text = between.join((sentence, said) if before else (said, sentence))

    assert asked(text) is Asks.free


@given(
    st.sampled_from(STOPS + STRANGERS + ORDINARY), SPRINKLED, SPRINKLED, st.sampled_from([str.upper, str.title, wide])
)
def test_width_case_and_signs_around_change_nothing(text: str, before: str, after: str, change) -> None:
    assert asked(before + change(text) + after) is asked(text)


@given(
    st.sampled_from(("退订", "别再打我电话了", "Stop calling me", "unsubscribe", "wrong number", "我不是张三")),
    st.data(),
)
def test_signs_between_its_letters_change_nothing(text: str, data: st.DataObject) -> None:
    sprinkled = "".join(letter + data.draw(SPRINKLED) for letter in text)

    assert asked(sprinkled) is asked(text)


@given(
    st.sampled_from(("退订", "停止", "STOP", "unsubscribe", "别再打了", "don't call me")),
    st.lists(st.sampled_from(("您好，", "hi, ", "谢谢。", "你好", "Hello ")), max_size=2),
    st.lists(st.sampled_from(("请", "麻烦", "please ", "pls ", "帮我", "I want to ")), max_size=2),
    st.lists(st.sampled_from(("谢谢", "，谢谢！", " please", " thanks", "\n", "。")), max_size=3),
    st.integers(1, 3),
)
def test_courtesy_and_repetition_hide_no_stop(
    word: str, greeting: list[str], plea: list[str], after: list[str], times: int
) -> None:
    assert asked("".join((*greeting, *plea, *[word] * times, *after))) is Asks.stop


@given(st.text(max_size=200))
def test_whatever_is_written_asks_for_something_or_nothing(text: str) -> None:
    assert asked(text) in Asks

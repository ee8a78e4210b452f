"""What somebody wrote, as the mail programs of the world send it: a stop is a stop, and what is quoted says nothing."""

import base64

import pytest

from service.channels.mail.reports import read_reply
from service.core.model import Asks
from service.core.replies import asked
from tests.channels.dispatches import AT

KEY = b"k" * 32
HEAD = "From: a@example.com\nTo: b@bank.example\nMessage-ID: <1@x>\n"
PLAIN = "Content-Type: text/plain; charset=utf-8\n"
HTML = "Content-Type: text/html; charset=utf-8\n"
OURS = "尊敬的客户：您好，请于11月30日前还款。退订请点击链接。"
BANK = "Bank <service@bank.example>"
ON_MONDAY = f"On Mon, Nov 30, 2026 at 10:00 AM {BANK}"

PROGRAMS = {
    "gmail": f"STOP\n\n{ON_MONDAY} wrote:\n\n> {OURS}\n",
    "gmail, folded": f"STOP\n\n{ON_MONDAY}\nwrote:\n\n> {OURS}\n",
    "gmail in Chinese": f"退订\n\n示例银行 <service@bank.example> 于2026年11月30日周一 10:00写道：\n\n> {OURS}\n",
    "gmail in German": f"Stop\n\nAm Mo., 30. Nov. 2026 um 10:00 Uhr schrieb {BANK}:\n\n> {OURS}\n",
    "gmail in any language": f"Stop\n\npe., 30. mar. 2026 klo 10.00 {BANK} kirjoitti:\n\n> {OURS}\n",
    "iphone": f"退订\n\n发自我的iPhone\n\n> 在 2026年11月30日，{BANK} 写道：\n>\n> {OURS}\n",
    "iphone in English": f"Stop\n\nSent from my iPhone\n\n> {ON_MONDAY} wrote:\n> {OURS}\n",
    "qq": f'退订\n\n------------------ 原始邮件 ------------------\n发件人: "示例银行" <b@bank.example>;\n\n{OURS}\n',
    "foxmail": f"退订\n\n发件人： 示例银行\n发送时间： 2026-11-30 10:00\n收件人： 张三\n主题： 账户提醒\n{OURS}\n",
    "netease": f'退订\n\nAt 2026-11-30 10:00:00, "示例银行" <service@bank.example> wrote:\n\n{OURS}\n',
    "netease's table": f"退订\n\n---- 回复的原邮件 ----\n| 发件人 | 示例银行 |\n{OURS}\n",
    "outlook": f"Stop\n\n-----Original Message-----\nFrom: Bank <service@bank.example>\nSent: Monday\n\n{OURS}\n",
    "outlook with its rule": f"Stop\n\nGet Outlook for iOS\n{'_' * 32}\nFrom: Bank\nSent: Monday\n{OURS}\n",
    "outlook without": f"Stop\n\nFrom: Bank <b@bank.example>\nSent: Monday, 30 November 2026 10:00\nTo: A\n\n{OURS}\n",
    "a signature": "退订\n-- \n张三\n示例有限公司\n",
    "a name below": "STOP\n\nZhang San\n",
    "below the quotation": f"{ON_MONDAY} wrote:\n> {OURS}\n> \n\nSTOP\n",
    "with courtesy": f"您好，\n\n请退订，谢谢！\n\n张三\n\n在 2026年11月30日 10:00，示例银行 写道：\n> {OURS}\n",
}

PAGES = {
    "a page": "<html><head><title>x</title><style>p {color: red}</style></head><body><div>退订</div></body></html>",
    "gmail": '<div dir="ltr">STOP</div><br><div class="gmail_quote"><div class="gmail_attr">On Mon, Nov 30, 2026 at '
    f"10:00 AM Bank &lt;b@bank.example&gt; wrote:<br></div><blockquote><p>{OURS}</p></blockquote></div>",
    "outlook": '<!--[if mso]><style>x</style><![endif]--><p class="MsoNormal">Stop<o:p>&nbsp;</o:p></p><hr>'
    f'<div id="divRplyFwdMsg"><b>From:</b> Bank<br><b>Sent:</b> Monday</div><div>{OURS}</div>',
    "qq": f"<div>退订</div><div><br></div><div>------&nbsp;原始邮件&nbsp;------</div><div>{OURS}</div>",
    "iphone": f"<div>退订<br><br>发自我的 iPhone</div><blockquote>在 2026年，示例银行 写道：<br>{OURS}</blockquote>",
}


def words(raw: str | bytes) -> str:
    """What is read from an e-mail; nothing is as good as no word."""
    (said,) = read_reply("mail", KEY, raw if isinstance(raw, bytes) else raw.encode(), AT).inbound
    return said.text or ""


@pytest.mark.parametrize("body", PROGRAMS.values(), ids=PROGRAMS)
def test_a_stop_is_a_stop_as_mail_programs_write_answers(body: str) -> None:
    assert Asks.stop is asked(words(HEAD + PLAIN + "\n" + body))


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_reply_that_has_html_alone_has_words(page: str) -> None:
    assert Asks.stop is asked(words(HEAD + HTML + "\n" + page))


@pytest.mark.parametrize("charset", ["gb2312", "gb18030", "utf-8"])
def test_a_stop_is_read_from_within_parts_in_the_charset_of_its_writer(charset: str) -> None:
    encoded = base64.encodebytes("退订\n\n发自我的手机".encode(charset)).decode()
    part = f"Content-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: base64\n\n{encoded}"
    inner = f"Content-Type: multipart/alternative; boundary=in\n\n--in\n{part}\n--in\n{HTML}\n<p>x</p>\n--in--\n"

    assert "退订" == words(f"{HEAD}Content-Type: multipart/mixed; boundary=out\n\n--out\n{inner}\n--out--\n")


def test_an_empty_text_beside_a_page_says_what_the_page_says() -> None:
    parts = f"--b\n{PLAIN}\n \n--b\n{HTML}\n<p>退订</p>\n--b--\n"

    assert "退订" == words(f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n{parts}")


def test_who_writes_nothing_but_a_subject_has_said_it_there() -> None:
    anew = words(HEAD + "Subject: =?utf-8?b?6YCA6K6i?=\n\n\n")
    answered = [words(f"{HEAD}Subject: {subject}\n\n\n") for subject in ("Re: STOP", "回复：退订", "", "=?x?b?a?=")]

    assert "退订" == anew
    assert ["", "", ""] == answered[:3]


@pytest.mark.parametrize(
    "body",
    [
        f"我下周还款。\n\n在 2026年11月30日，10:00，示例银行 <b@bank.example> 写道：\n> {OURS}\n",
        "从我的账户扣款不对，请查一下",
        "发自内心地感谢你们",
        "下载不了你们的app",
        "Please do not contact me\nat work, but at home.\n",
        "From: where do you have my address?\nI never gave it to you.",
        "On this I wrote to you twice: I will pay on Friday",
        "> 退订",
        "<p>退订</p>",
    ],
)
def test_what_else_people_write_is_whole_and_stops_nothing(body: str) -> None:
    said = words(HEAD + PLAIN + "\n" + body)

    assert Asks.free is asked(said)
    assert body.startswith(">") or said.partition("\n")[0] == body.partition("\n")[0]


def test_what_we_wrote_is_not_taken_for_the_answer() -> None:
    told = words(HEAD + PLAIN + f"\n好的\n\n示例银行 <b@bank.example> 于2026年11月30日周一 10:00写道：\n\n> {OURS}")

    assert "好的" == told

"""
How people say that a number or an address is not the one of whom we want, in a clause that says nothing else.

It bars the address and takes earlier contacts out of the count, so nothing is guessed: what was borrowed by somebody
else, what was written wrongly, and who wants to change his own number say nothing of whose number it is. A name is
one only with a common family name and characters that names are made of: 我不是老赖 is no case of mistaken identity.
"""

import re

from .courtesy import GREETED, PLEADED
from .wording import dense

_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑梁谢宋唐韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁沈姚卢姜崔钟谭陆汪范廖石贾韦夏"
    "邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵严覃武戴莫孔汤傅高"
    "張劉陳楊黃趙吳馬鄭羅謝韓馮鄧蕭葉蘇呂盧鍾譚陸賈韋鄒嚴"
)
_NO_NAME = (
    "的了吗呢吧啊是不还借欠没有人说要想会能个这那钱款贷你我他她它们什么怎在就都也很太上下时候"
    "老赖骗子利兴管额末序便被把给跟必"
)
_NAME = (
    rf"(?:(?:欧阳|上官|司马|诸葛|司徒|歐陽|[{_SURNAMES}])(?:(?![{_NO_NAME}])[\u4e00-\u9fff]){{1,2}}"
    rf"|[{_SURNAMES}](?:先生|女士|小姐|太太))"
)
_SOUGHT = r"(?:你们|您|你)?(?:要找|想找|找|要联系|说)的(?:那个|这个)?人"
_HE = rf"(?:他|她|这个人|那个人|這個人|那個人|此人|该人|{_SOUGHT}|{_NAME})"
_YOU = r"(?:(?:你们|您们|你|您|贵公司|应该|可能|肯定|一定|好像|都|是|已经|又)*+)"
_HERE = (
    r"(?:我这里|我这边|我这|这里|这边|本机|(?:这个|这|此|该)(?:手机号码|手机号|手机|号码|号|电话)"
    r"|号码|手机号|手机|电话|这)"
)
_NOT = r"(?:并不是|並不是|不是|不叫)"
_NUMBER = r"(?:手机号码|电话号码|手机号|号码|號碼|电话|電話|手机|号|號)"
_CHINESE = (
    # 你打错了, 打错电话了, 找错人了; 弄错 and 搞错 may be said of an amount, so only of people and numbers
    rf"{_YOU}(?:打|拨|撥|发|發|找|认|認|联系|通知|送|寄|加)(?:错|錯)(?:人|{_NUMBER})?",
    rf"{_YOU}(?:弄|搞)(?:错|錯)(?:人|{_NUMBER})",
    # 我不是张三, 不是本人, 这不是他的号码
    rf"(?:我是|我|{_HERE})?{_NOT}(?:本人|机主|機主|{_HE}(?:本人)?)",
    rf"{_HERE}?(?:已经)?{_NOT}{_HE}(?:的|在用|用)(?:{_NUMBER})?",
    rf"(?:我们|我)?(?:{_HERE})?(?:没有|沒有|没|查无|查無|无|無){_HE}(?:这个人)?",
    # 我不认识这个人
    rf"(?:我们|我|本人)?(?:根本|真的|都|也|并|完全)*+(?:不认识|不認識|唔識)(?:叫)?{_HE}(?:这个人)?",
    rf"{_HE}(?:我们|我|本人)?(?:根本|真的|都|也|并|完全)*+(?:不认识|不認識)",
    # 换号了, 他换号码了, 这号码换人了
    rf"(?:机主|原机主|{_HE})?(?:已经|已|早就|早)*+(?:换|換)了?{_NUMBER}",
    rf"{_HERE}?(?:已经|已|早就|早)*+(?:换|換)(?:人|机主|主人|主|用户)(?:用)?",
)
_DONE = r"(?:了|啦|吧|啊|呀|哦|哈|的)*+"
"""At the end of what is said; 换号 without it is a wish, not news."""

_WRONG = r"(?:the|a)?wrong(?:number|person|guy|man|woman|lady|phonenumber|phone|contact)"
_IT_IS_NOT = r"(?:(?:this|that|it|thats|its)?(?:isnot|isnt|not)|i(?:am|m)not|(?:i|it)aint)"
_THEM = r"(?:him|her|hisnumber|hernumber|hisphone|herphone|theirnumber|th(?:is|at)person|the(?:right)?person)"
_SOMEONE = (
    r"(?:him|her|th(?:is|at)(?:person|guy|man|woman)|whothat(?:is)?|the(?:person|man|woman)|any(?:one|body)bythatname)"
)
_SUPPOSE = r"(?:ithink|iguess|ibelieve|imafraid|iamafraid|looks?like)*+"
_LATIN = (
    rf"{_SUPPOSE}(?:(?:you|u)?(?:have|ve|got|havegot|vegot|musthave|mustvegot)?|(?:this|it|that)(?:is|s))?{_WRONG}",
    rf"{_SUPPOSE}(?:you|u)(?:are|re|r|have|ve)?(?:calling|texting|emailing|dialing|contacting|called|texted|emailed"
    rf"|dialed|dialled|reached|contacted){_WRONG}",
    rf"{_IT_IS_NOT}{_THEM}(?:you(?:are|re)?(?:lookingfor|want|need|seek|seeking|tryingtoreach))?(?:anymore)?",
    rf"i(?:dont|donot)know{_SOMEONE}",
    r"(?:thereis|theres)?no(?:one|body)?(?:here)?bythatname(?:here|liveshere)?",
    r"(?:this|it)?(?:is)?nolonger(?:his|her|their)(?:number|phone)(?:anymore)?",
    r"(?:he|she|they)(?:has|have|s)?changed(?:his|her|their)?number",
    r"thisnumber(?:has)?(?:changedowners?|changedhands|anewowner|belongstosomeoneelse)",
)
_SAYS_SO = re.compile(f"(?:(?:{'|'.join(_CHINESE)}){_DONE}){{1,4}}|(?:{'|'.join(_LATIN)})")
_A_WISH = re.compile(rf"(?:换|換){_NUMBER}")


def misdirected(clause: str) -> bool:
    """True where a short clause says this and nothing beside it."""
    words = dense(clause)
    said = (words, GREETED.off(words), PLEADED.off(words))
    return any(_SAYS_SO.fullmatch(each) and not _A_WISH.fullmatch(each) for each in said)

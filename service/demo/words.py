"""What the demonstration says itself, in English and Chinese; sentences about rules come from the gateway."""

from typing import NamedTuple


class Words(NamedTuple):
    title: str
    about: str
    clock: str
    borrowers: str
    standing: str
    past: str
    posting: str
    settling: str
    by_channel: str
    channel: str
    asked: str
    states: dict[str, str]
    by_permit: str
    stories: str
    what: str
    became: str
    why: str
    put_off: str
    planned_for: str
    all_allow: str
    refused_in_batch: str
    times: str
    rule: str
    proof: str
    entry: str
    at: str
    who: str
    kind: str
    said: str
    yours: str
    page: str
    ready: str
    openapi: str
    key: str
    letters: str
    try_it: str
    more: str
    end: str
    port_taken: str


ENGLISH = Words(
    title="Contact Gateway: a demonstration",
    about="A fictional bank, {bank}, and one of its days: {count} borrowers who are late. Everything goes in through "
    "the HTTP API. The simulator stands for every provider: nobody is contacted, and answers say simulated: true.",
    clock="The clock began at {start}, whatever the hour is here, and goes on as time does.",
    borrowers="borrowers, accounts and their parties",
    standing="consents, holds, notices, wishes",
    past="contacts of the past week",
    posting="the day's requests",
    settling="sent, and their receipts",
    by_channel="The day by channel",
    channel="channel",
    asked="asked",
    states={},
    by_permit="under a permit",
    stories="Requests that show something, and what became of them",
    what="what was asked",
    became="what became of it",
    why="why, and by what rule",
    put_off="put off to {until}",
    planned_for="planned for {until}",
    all_allow="{count} rules, all allow",
    refused_in_batch="Refused in the batches",
    times="times",
    rule="rule",
    proof="What its entries prove: {what}",
    entry="entry",
    at="at",
    who="who",
    kind="what happened",
    said="what it says",
    yours="Now yours",
    page="this page",
    ready="ready?",
    openapi="the API",
    key="a key",
    letters="letters, as PDF",
    try_it="why was this one refused?",
    more="README.md goes on from here. Ctrl-C ends it; what happened stays in {folder}, and another run begins on "
    "the next morning.",
    end="Ended. What happened stays in {folder}.",
    port_taken="Port {wanted} is taken: serving on {port} instead.",
)

CHINESE = Words(
    title="触达网关：演示",
    about="虚构银行“{bank}”的一天：{count} 名逾期借款人。全部数据经 HTTP API 录入。各通道均由模拟器代替："
    "不会联系任何人，每个应答都带有 simulated: true。",
    clock="时钟从 {start} 开始（与本机时间无关），此后按真实时间前进。",
    borrowers="借款人、账户及其当事人",
    standing="同意、停催状态、告知、偏好",
    past="过去一周的联系记录",
    posting="当日的联系请求",
    settling="发送并收到回执",
    by_channel="当日各渠道情况",
    channel="渠道",
    asked="请求",
    states={
        "completed": "已完成", "scheduled": "待发送", "queued": "排队中", "dispatching": "执行中", "sent": "已发出",
        "failed": "失败", "unknown": "结果不明", "refused": "已拒绝", "cancelled": "已撤销", "expired": "已过期",
    },
    by_permit="凭许可执行",
    stories="有代表性的请求及其结果",
    what="请求",
    became="结果",
    why="原因与依据",
    put_off="顺延至 {until}",
    planned_for="定于 {until}",
    all_allow="{count} 条规则均允许",
    refused_in_batch="批量请求中被拒绝的",
    times="次数",
    rule="规则",
    proof="审计记录为证：{what}",
    entry="记录号",
    at="时间",
    who="操作者",
    kind="事件",
    said="内容",
    yours="请您一试",
    page="演示页",
    ready="就绪检查",
    openapi="接口文档",
    key="密钥",
    letters="信函 PDF",
    try_it="这条为何被拒绝？",
    more="后续请看 README.zh-CN.md。按 Ctrl-C 结束；数据保存在 {folder}，再次运行时从次日上午开始。",
    end="已结束。数据保存在 {folder}。",
    port_taken="端口 {wanted} 已被占用，改用 {port}。",
)  # fmt: skip

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}

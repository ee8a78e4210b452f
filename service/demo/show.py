"""What the demonstration shows: tables of what was sent, put off and refused and why, and the entries that prove it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from service.core.civil import format_instant
from service.core.model import Channel, Instant, State

from .bank import ZONE
from .day import Body
from .seed import Posted, Run
from .words import Words

_COLOURS = {
    "completed": "green", "scheduled": "yellow", "queued": "yellow", "dispatching": "cyan", "sent": "cyan",
    "failed": "red", "unknown": "magenta", "refused": "red", "cancelled": "bright_black", "expired": "bright_black",
}  # fmt: skip
_STRICT = ("allow", "advise", "defer", "deny")


class Links(NamedTuple):
    """Where things are, and a key that opens them."""

    url: str
    key: str
    key_file: str
    letters: str
    folder: str


def opening(words: Words, bank: str, count: int, start: Instant) -> RenderableType:
    about = words.about.format(bank=bank, count=count)
    return Panel(
        f"{about}\n{words.clock.format(start=format_instant(start, ZONE))}", title=words.title, box=box.ROUNDED
    )


class Proof(NamedTuple):
    """A story and its entries."""

    posted: Posted
    entries: list[Body]


def report(
    words: Words, run: Run, found: Mapping[str, Body], proofs: list[Proof], language: str
) -> list[RenderableType]:
    """All the tables, in the order in which one would ask."""
    return [
        _by_channel(words, found),
        _stories(words, run.stories, found, language),
        _refused(words, run.batch),
        *(_proof(words, each.entries, _said(each.posted, language)) for each in proofs),
    ]


def closing(words: Words, links: Links, refused: Posted) -> list[RenderableType]:
    """Where to go on: the addresses, and a line that works as it stands."""
    table = Table.grid(padding=(0, 2))
    for name, value in (
        (words.page, f"{links.url}/"),
        (words.ready, f"{links.url}/readyz"),
        (words.openapi, f"{links.url}/openapi.json"),
        (words.key, links.key_file),
        (words.letters, links.letters),
    ):
        table.add_row(name, Text(value, style="bold"))
    question = f"{links.url}/v1/contact-requests/{refused.answer['id']}"
    return [
        Text(words.yours, style="bold"),
        table,
        Text(f"\n{words.try_it}"),
        Text(f"curl -sS '{question}' -H 'Authorization: Bearer {links.key}'", style="bold"),
        Text(f"\n{words.more.format(folder=links.folder)}"),
    ]


def _by_channel(words: Words, found: Mapping[str, Body]) -> Table:
    counted = Counter((row["channel"], row["state"]) for row in found.values())
    states = [state for state in State if any(known == state for _, known in counted)]
    table = _table(words.by_channel)
    table.add_column(words.channel)
    table.add_column(words.asked, justify="right")
    for state in states:
        table.add_column(Text(words.states.get(state, state), style=_COLOURS[state]), justify="right")
    for channel in Channel:
        row = [counted[channel, state] for state in states]
        table.add_row(channel, str(sum(row)), *(str(count or "") for count in row))
    return table


def _stories(words: Words, stories: list[Posted], found: Mapping[str, Body], language: str) -> Table:
    table = _table(words.stories)
    table.add_column(words.what, ratio=3, overflow="fold")
    table.add_column(words.channel)
    table.add_column(words.became, ratio=2)
    table.add_column(words.why, ratio=6, overflow="fold")
    last = None
    for posted in stories:
        row = found[posted.answer["id"]]
        kind = _kind(posted.answer["decision"], row["state"])
        if last not in (None, kind):
            table.add_section()
        last = kind
        became, why = _became(words, posted.answer, row["state"]), _why(words, posted.answer["decision"])
        table.add_row(_said(posted, language), posted.told.body["channel"], became, why)
    return table


def _kind(decision: Body, state: str) -> str:
    return "refused" if state == State.refused else decision["effect"]


def _became(words: Words, answer: Body, state: str) -> Text:
    text = Text(words.states.get(state, state), style=_COLOURS[state])
    if state == State.scheduled:
        form = words.put_off if answer["decision"]["effect"] == "defer" else words.planned_for
        text.append("\n" + form.format(until=_moment(answer["send_at"])))
    if "permit" in answer:
        text.append(f"\n{words.by_permit}")
    return text


def _why(words: Words, decision: Body) -> str:
    """The sentences of the strictest rules, with rule and source; where all allowed, how many there were."""
    worst = max((_STRICT.index(verdict["effect"]) for verdict in decision["verdicts"]), default=0)
    if worst == 0:
        return f"[bright_black]{words.all_allow.format(count=len(decision['verdicts']))}[/]"
    spoke = [verdict for verdict in decision["verdicts"] if _STRICT.index(verdict["effect"]) == worst]
    return "\n".join(_verdict(verdict) for verdict in spoke)


def _verdict(verdict: Body) -> str:
    source = f" · {escape(verdict['citation'])}" if verdict["citation"] else ""
    return f"{escape(verdict['message'])}\n[bright_black]{verdict['rule']}{source}[/]"


def _refused(words: Words, batch: list[Body]) -> Table:
    table = _table(words.refused_in_batch)
    table.add_column(words.times, justify="right")
    table.add_column(words.why, overflow="fold")
    why = Counter(_why(words, answer["decision"]) for answer in batch if answer["status"] == 403)
    for reason, count in why.most_common():
        table.add_row(str(count), reason)
    return table


def _proof(words: Words, entries: list[Body], what: str) -> Table:
    table = _table(words.proof.format(what=what))
    for name in (words.entry, words.at, words.who, words.kind, words.said):
        table.add_column(name, overflow="fold")
    table.add_column("SHA-256")
    for each in entries:
        state = Text(each["state"] or "", style=_COLOURS.get(each["state"] or "", ""))
        said = Text(", ").join([state, *(Text(detail) for detail in _details(each))])
        table.add_row(
            str(each["index"]), each["local"][11:23], each["actor"], each["kind"], said, each["sha256"][:12] + "…"
        )
    return table


def _details(each: Body) -> Iterator[str]:
    if each["effect"]:
        yield f"decision: {each['effect']}"
    yield from each["rules"]
    for name in ("send_at", "outcome", "provider_ref"):
        if each["details"].get(name):
            yield f"{name}: {each['details'][name]}"


def _said(posted: Posted, language: str) -> str:
    return posted.told.zh if language == "zh" else posted.told.en


def _moment(instant: str) -> str:
    return f"{instant[5:10]} {instant[11:16]}"


def _table(title: str, **more: Any) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, expand=True, **more)

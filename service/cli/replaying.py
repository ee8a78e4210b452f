"""What the verbs `replay` and `policy replay` do and say; progress goes to standard error."""

from collections.abc import Iterator
from typing import Any

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from service.core.civil import parse_instant
from service.core.errors import Invalid
from service.core.model import Instant
from service.flows.replay import Replayed, Span, Tally, record_replay, replay
from service.flows.sweep import number
from service.web.replay_views import replay_json
from service.wiring import House

from .differences import book_named


def span_of(since: str | None, until: str | None) -> Span:
    """The span of two instants as they are typed; Invalid where one is none."""
    return Span(_instant("since", since), _instant("until", until))


async def replayed(house: House, actor: str, name: str | None, span: Span) -> Replayed:
    """Replay the decisions of a span under a book, or each under its own; leaves an entry."""
    kit, store = house.gateway.kit, house.gateway.store
    book = await book_named(house, name) if name else None
    # What was written last has no index yet where nobody serves; the lease ends at once.
    while await store.write(lambda tx: number(tx, house.owner, kit.clock(), 0)):
        pass
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("entries", total=None)

        def tell(done: int, all_of_it: int, tally: Tally) -> None:
            progress.update(task, completed=done, total=all_of_it, description=f"{tally.judged} decisions, entries")

        done = await replay(kit, store, span, book, tell=tell)
    await store.write(lambda tx: record_replay(kit, tx, actor, span, done))
    return done


def as_json(done: Replayed, span: Span, zone: str) -> str:
    return orjson.dumps(replay_json(done, span, zone), option=orjson.OPT_INDENT_2).decode()


def as_lines(done: Replayed, span: Span, zone: str) -> Iterator[str]:
    """The report for people: figures first, then rules, then examples by id."""
    told = replay_json(done, span, zone)
    yield f"under {told['book']['label']}" if told["book"] else "each under its own book"
    yield f"{told['judged']} decisions judged again: {told['changed']} changed, {told['regrounded']} for other reasons"
    yield from _skipped(told)
    for each in told["outcomes"]:
        yield f"  {each['was']} -> {each['would']}: {each['count']}"
    for each in told["rules"]:
        yield f"  {each['rule']}: stricter {each['stricter']}, milder {each['milder']}, moved {each['moved']}"
    if told["not_in_force"]:
        yield f"not in force at the time: {', '.join(told['not_in_force'])}"
    for each in told["examples"]:
        rules = ", ".join(f"{rule['rule']} {rule['was']} -> {rule['would']}" for rule in each["rules"])
        yield f"  {each['request']} {each['at']} {_effect(each['was'])} -> {_effect(each['would'])} ({rules})"


def _skipped(told: dict[str, Any]) -> Iterator[str]:
    skipped = told["skipped"]
    if skipped["erased"]:
        yield f"{skipped['erased']} skipped: {skipped['erased_parties']} parties were erased"
    if skipped["unreadable"]:
        yield f"{skipped['unreadable']} could not be read: facts or book are not as they were written"
    if told["shallow"]:
        yield f"{told['shallow']} judged from facts that reach less far back than this book would read"


def _effect(told: dict[str, Any]) -> str:
    """A refusal may name an hour too: the first at which it would not have been one, but for its expiry."""
    return f"{told['effect']}, not before {told['not_before']}" if told["not_before"] else str(told["effect"])


def _instant(field: str, text: str | None) -> Instant | None:
    try:
        return None if text is None else parse_instant(text)
    except ValueError as wrong:
        raise Invalid(field, str(wrong)) from None
